"""Every operation is called by zeep from the WSDL alone, over HTTP, and answers. ACC-7.6, PLT-7.1c.

Expected is what the same gateway answers to the same object without HTTP and without zeep.
"""

from __future__ import annotations

import functools
import itertools
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zeep
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases import WALKED, cases
from tests.cases.case import Step
from tests.cases.worlds import NOW, ROLES, SECRET, SECRETS, TRACE_ID
from vgigw.codec import published, xml
from vgigw.codec.json import encode
from vgigw.crypto.suite import SUITES
from vgigw.objects import InformationObject, ServiceList, Token
from vgigw.operations import OPERATIONS, Operation, Role
from vgigw.senders.zeep_header import MessageHeaderPlugin
from vgigw.testing.gateway_process import free_port
from vgigw.testing.simulators.zeep_values import from_zeep, to_zeep

pytest.importorskip("granian")

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("11", "12")
NORTH = {Role.DISPATCH, Role.EXCHANGE, Role.SUPERVISOR}
ONE = settings(
    max_examples=1,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TRACED = {
    "OperatorID": "000000000", "TimeStamp": "20261121160000", "Seq": "0001", "Sig": "-",
    "TraceID": TRACE_ID,
}  # fmt: skip
"""A block as zeep wants one that the contract requires; the plugin keeps the TraceID of it."""

_SERVE = """
import sys
from granian import Granian
from granian.constants import Interfaces
Granian("tests.doors.soap_host:application", address="127.0.0.1", port=int(sys.argv[1]),
        interface=Interfaces.WSGI, blocking_threads=1, websockets=False, log_enabled=False,
        factory=True).serve()
"""


def face_for(caller: Role, callee: Role, operation: Operation) -> str:
    """Where a party looks: its own face, or the platform that of whom it calls, or the common."""
    if operation.faces == ("common",):
        return "common"
    looking = callee if caller is Role.PLATFORM else caller
    return "dispatch" if looking in NORTH else "aggregator"


def test_every_row_is_on_the_face_where_its_caller_looks() -> None:
    looked_at = 0
    for row in OPERATIONS:
        for direction in row.directions:
            for caller, callee in itertools.product(direction.callers, direction.callees):
                if caller is not callee or caller is not Role.PLATFORM:
                    assert face_for(caller, callee, row) in row.faces, (row.name, caller, callee)
                    looked_at += 1
    assert looked_at > len(OPERATIONS)


@functools.cache
def client(source: str) -> Any:
    """A strict client; its service is bound to an address for each call."""
    make: Any = zeep.Client  # ships no types
    return make(source, settings=zeep.Settings(strict=True, xml_huge_tree=False))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server process of its own."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(port)], cwd=ROOT) as process:
        try:
            for _ in range(300):
                assert process.poll() is None
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).close()
                except OSError:
                    time.sleep(0.1)
                else:
                    break
            else:
                pytest.fail("the server did not become ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


_worlds = itertools.count(1)


class Foreign:
    """Parties with nothing but zeep, in a world of their own; ``served`` is whom they call."""

    def __init__(self, server: str, served: str, version: str) -> None:
        self._served, self._version = served, version
        self.url = f"{server}/{next(_worlds)}/{served}"
        self._server = server
        self._tokens: dict[str, str] = {}

    def call(self, party: str, operation: Operation, request: InformationObject) -> Any:
        """What zeep makes of the answer's Body."""
        face = face_for(ROLES[party], ROLES[self._served], operation)
        made = self._client(face)
        made.plugins = [
            MessageHeaderPlugin(
                party, SECRETS, SUITES["tcec102"], lambda: self._token(party),
                peer_id=self._served, clock=lambda: NOW,
            )
        ]  # fmt: skip
        binding = f"{{{xml.NAMESPACE}}}Vgi{face.title()}Soap{self._version}"
        service = made.create_service(binding, f"{self.url}/soap/{face}")
        wrapper = made.get_element(f"{{{xml.NAMESPACE}}}{operation.name}")
        ((name, declared),) = wrapper.type.elements
        return service[operation.name](
            **{name: declared.type(**to_zeep(request))}, _soapheaders={"MessageHeader": TRACED}
        )

    def act(self, to: str, operation: Operation, request: InformationObject) -> None:
        told = {"to": to, "operation": operation.name, "request": json.loads(encode(request))}
        body = json.dumps(told).encode()
        asked = urllib.request.Request(f"{self.url}/act", body, method="POST")
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 204

    def taken(self, steps: tuple[Step, ...]) -> list[InformationObject]:
        replies: list[InformationObject] = []
        for party, operation, asked, to in steps:
            request = asked(replies)
            if to is not None:
                self.act(to, operation, request)
            else:
                replies.append(from_zeep(operation.response, self.call(party, operation, request)))
        return replies

    def _client(self, face: str) -> Any:
        """SOAP 1.1 from what is served, SOAP 1.2 from the file: both must do alone."""
        if self._version == "12":
            return client(str(published.files() / "wsdl" / f"{face}.wsdl"))
        return client(f"{self._server}/0/{self._served}/soap/{face}?wsdl")

    def _token(self, party: str) -> str:
        if party not in self._tokens:
            asked = {"OperatorID": party, "OperatorSecret": SECRET}
            common = self._client("common")
            common.plugins, mine = (
                [
                    MessageHeaderPlugin(
                        party, SECRETS, SUITES["tcec102"], lambda: None, clock=lambda: NOW
                    )
                ],
                common.plugins,
            )
            binding = f"{{{xml.NAMESPACE}}}VgiCommonSoap{self._version}"
            service = common.create_service(binding, f"{self.url}/soap/common")
            found = service.QueryToken(TokenRequest=asked).body.Token
            common.plugins = mine
            self._tokens[party] = str(found.AccessToken)
        return self._tokens[party]


def comparable(reply: InformationObject) -> InformationObject:
    """Without what differs: nobody can give the same token twice, and a world tells no suites."""
    if isinstance(reply, Token) and reply.access_token:
        return replace(reply, access_token="x" * len(reply.access_token))
    return replace(reply, suites=()) if isinstance(reply, ServiceList) else reply


@pytest.mark.parametrize("version", VERSIONS, ids=["SOAP 1.1", "SOAP 1.2"])
@pytest.mark.parametrize("operation", WALKED, ids=lambda row: row.name)
@ONE
@given(data=st.data())
def test_zeep_calls_it_from_the_wsdl_alone_and_reads_the_answer(
    operation: Operation, version: str, server: str, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    party, _, asked, _ = case.last
    world, replies = case.prepared("soap")
    expected = world.call("soap", party, operation, asked(replies))

    foreign = Foreign(server, case.served, version)
    found = foreign.call(party, operation, asked(foreign.taken(case.before)))

    reply = from_zeep(operation.response, found)
    assert comparable(reply) == comparable(expected)
