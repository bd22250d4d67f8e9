"""Example messages: real, valid in every spelling, deterministic, none missing, none left over."""

from __future__ import annotations

import hashlib
import json as builtin_json
import os
import subprocess
import sys
from collections.abc import Mapping
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import msgspec
import pytest
from lxml import etree

from tests.stores.fresh import fresh_store
from vgigw.codec.example import moment
from vgigw.codec.example_exchange import party_of, request_of, response_of, roles_of
from vgigw.codec.shape import Kind, shape_of
from vgigw.crypto.suite import SUITES
from vgigw.envelope import cec102, soap
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import NotGenuine
from vgigw.gateway import Gateway
from vgigw.objects import InformationObject
from vgigw.operations import OPERATIONS, PUBLISHED, Operation, Role
from vgigw.ports import Call, Courier, Duties, Identity, Transaction, token_digest
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.example_messages import (
    FILES,
    FOLDER,
    NONCE,
    PREFIXES,
    SECRET,
    SECRETS,
    SUITE,
    TOKEN,
    door_of,
    example_messages,
    exchange,
    files_of,
    known,
)
from vgigw.testing.loopback import FakeClock, LoopbackSender

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("soap", "rest", "cec102")
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
each_door = pytest.mark.parametrize("door", DOORS)


def held(row: Operation, name: str) -> bytes:
    return (ROOT / FOLDER / row.name / name).read_bytes()


def parsed_http(content: bytes) -> tuple[str, dict[str, str], bytes]:
    """First line, header fields by lower-case name, and body of a file."""
    start, _, rest = content.removesuffix(b"\n").partition(b"\n")
    head, _, body = rest.partition(b"\n\n")
    fields = BytesParser().parsebytes(head).items()
    return start.decode(), {name.lower(): value for name, value in fields}, body


def request_in_file(row: Operation, door: str) -> WireRequest:
    """The request as it stands in its file, ready for a door."""
    how: dict[str, Any]
    if door == "soap":
        action = f'"{soap.action_of(row)}"'
        how = {
            "method": "POST",
            "path": exchange(door, row).request.path,
            "headers": {"content-type": "text/xml; charset=utf-8", "soapaction": action},
            "body": held(row, "request.soap.xml"),
        }
    elif door == "rest":
        start, headers, body = parsed_http(held(row, "request.rest.http"))
        method, target, _ = start.split(" ")
        path, _, query = target.partition("?")
        how = {"method": method, "path": unquote(path), "query": query, "headers": headers}
        how["body"] = body
    else:
        document = builtin_json.loads(held(row, "request.cec102.json"))
        how = {name: document[name] for name in ("method", "path", "headers")}
        how["body"] = builtin_json.dumps(document["sealed"]).encode()
    return WireRequest(**how, transport=Transport.LOOPBACK)


def answer_in_file(row: Operation, door: str) -> WireAnswer:
    if door == "soap":
        return WireAnswer(status=200, body=held(row, "response.soap.xml"))
    if door == "rest":
        start, headers, body = parsed_http(held(row, "response.rest.http"))
        return WireAnswer(status=int(start.split(" ")[1]), headers=headers, body=body)
    document = builtin_json.loads(held(row, "response.cec102.json"))
    body = builtin_json.dumps(document["sealed"]).encode()
    return WireAnswer(status=document["status"], headers=document["headers"], body=body)


def gateway_of(row: Operation, seen: list[InformationObject]) -> Gateway:
    """The gateway that is called, with one handler, which tells what it saw."""
    caller, callee = roles_of(row)

    def answer(call: Call, tx: Transaction) -> InformationObject:
        seen.append(call.request)
        return response_of(row)

    peer = known(caller)
    identity = Identity(operator_id=party_of(callee), role=callee, peers={peer.operator_id: peer})
    gateway = Gateway(
        identity=identity,
        store=fresh_store(),
        duties=Duties(handlers={row.name: answer}),
        couriers={},
        sender=LoopbackSender(FakeClock(moment())),
    )
    until = moment().replace(year=2027)
    gateway.store.write(lambda tx: tx.keep_token(token_digest(TOKEN), peer.operator_id, until))
    return gateway


def without_times(cls: type[InformationObject], document: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` in the canonical times: T/CEC 102 writes those of Beijing."""
    found = dict(document)
    for member in shape_of(cls).members:
        value = found.get(member.wire)
        if value is None:
            continue
        if member.kind is Kind.INSTANT:
            found[member.wire] = f"{value.replace(' ', 'T')}+08:00"
        elif member.of is not None:
            of = member.of
            many = [without_times(of, each) for each in (value if member.many else [value])]
            found[member.wire] = many if member.many else many[0]
    return found


def test_none_is_missing_none_is_left_over_and_none_has_drifted() -> None:
    wanted = example_messages()
    assert set(wanted) == {
        f"{FOLDER}/{row.name}/{name}" for row in PUBLISHED for name in files_of(row)
    }
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / FOLDER).glob("*/*")}
    assert there == set(wanted)
    for name, content in wanted.items():
        assert (ROOT / name).read_bytes() == content, name


def test_they_are_the_same_bytes_in_every_process() -> None:
    program = (
        "import hashlib; from vgigw.testing.example_messages import example_messages;"
        "print(hashlib.sha256(b''.join(example_messages().values())).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    here = hashlib.sha256(b"".join(example_messages().values())).hexdigest()
    assert done.stdout.strip() == here, done.stderr


@each_operation
def test_soap_bodies_are_valid_by_the_published_schema(row: Operation) -> None:
    schema = etree.XMLSchema(etree.parse(ROOT / "schemas" / "vgigw.xsd"))
    for name, element in (("request", row.name), ("response", f"{row.name}Response")):
        envelope = etree.fromstring(held(row, f"{name}.soap.xml"))
        assert [child.tag for child in envelope] == [f"{SOAP}Header", f"{SOAP}Body"]
        (header,), (payload,) = envelope
        for part in (header, payload):
            schema.assertValid(etree.fromstring(etree.tostring(part)))
        assert etree.QName(payload).localname == element


@each_operation
def test_rest_and_cec102_bodies_are_valid_by_the_published_schemas(row: Operation) -> None:
    for which, cls in (("request", row.request), ("response", row.response)):
        schema = ROOT / "schemas" / f"{cls.__name__}.schema.json"
        checker = jsonschema.Draft202012Validator(builtin_json.loads(schema.read_bytes()))
        _, _, body = parsed_http(held(row, f"{which}.rest.http"))
        if which == "response" or not row.bodiless:
            checker.validate(builtin_json.loads(body))
        clear = builtin_json.loads(held(row, f"{which}.cec102.json"))["clear"]
        if which == "request" and row.cec102_wrapper is not None:
            clear = clear[row.cec102_wrapper]
        checker.validate(without_times(cls, clear))


@each_operation
def test_a_sealed_envelope_opens_with_the_example_secrets_and_holds_what_is_clear(
    row: Operation,
) -> None:
    asked, answered = (
        msgspec.json.decode(held(row, f"{which}.cec102.json")) for which in ("request", "response")
    )
    envelope = cec102.read_request(msgspec.json.encode(asked["sealed"]))
    cec102.verify(SUITE, SECRETS, cec102.signed_text(envelope), envelope.sig)
    plaintext = cec102.open_data(envelope.data, SUITE, SECRETS)
    assert msgspec.json.decode(plaintext) == asked["clear"]
    reply = cec102.open_reply(SUITE, SECRETS, msgspec.json.encode(answered["sealed"]))
    assert (reply.ret, msgspec.json.decode(reply.plaintext)) == (0, answered["clear"])


@each_door
@each_operation
def test_a_request_through_a_gateway_is_the_example_and_its_answer_that_of_the_file(
    row: Operation, door: str
) -> None:
    seen: list[InformationObject] = []
    gateway = gateway_of(row, seen)
    opened_by = door_of(door, roles_of(row)[1])

    answer = gateway.receive(opened_by, request_in_file(row, door), moment())

    assert seen == [request_of(row)], answer.body
    assert answer.status == 200
    in_file = answer_in_file(row, door)
    if door == "cec102":
        assert msgspec.json.decode(answer.body) == msgspec.json.decode(in_file.body)
    else:
        assert answer.body == in_file.body.removesuffix(b"\n")
    if door == "rest":
        assert {**answer.headers} == {**in_file.headers}


@each_door
@each_operation
def test_the_caller_reads_the_answer_of_the_file(row: Operation, door: str) -> None:
    caller, callee = roles_of(row)
    couriers: dict[str, Courier] = {
        "soap": SoapCourier(party_of(caller), caller, SUITES),
        "rest": RestCourier(party_of(caller), nonce=lambda: NONCE),
        "cec102": Cec102Courier(party_of(caller), SUITES),
    }
    base = f"https://gateway.example{PREFIXES[door]}"
    token = TOKEN if row.needs_token else None
    peer = known(callee, door)
    _, sent = couriers[door].seal(peer, base, row, request_of(row), token, moment())
    assert couriers[door].open(peer, row, sent, answer_in_file(row, door)) == response_of(row)


@each_door
def test_a_changed_example_is_not_genuine(door: str) -> None:
    row = next(row for row in OPERATIONS if row.name == "PushArchive")
    request = request_in_file(row, door)
    changed = request.body.replace("江宁".encode(), "江北".encode())
    if door == "cec102":
        changed = request.body.replace(b'"Seq": "0001"', b'"Seq": "0002"')
    assert changed != request.body
    opened_by = door_of(door, Role.PLATFORM)
    claim = opened_by.read(msgspec.structs.replace(request, body=changed))
    with pytest.raises(NotGenuine):
        opened_by.verify(claim, known(Role.OPERATOR))


def test_the_readme_tells_moment_parties_and_secrets() -> None:
    text = (ROOT / FOLDER / "README.md").read_text("utf-8")
    for role in Role:
        assert f"| `{party_of(role)}` |" in text
    for told in (SECRET, TOKEN, NONCE, f"{moment():%H:%M:%S} UTC", f"{moment():%Y-%m-%d}"):
        assert told in text
    assert all(f"`{name}`" in text for name in FILES)
    assert SUITE.name in text
