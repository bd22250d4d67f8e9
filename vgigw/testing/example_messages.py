"""An example message of every operation as it stands on the wire, sealed by the real couriers and
answered by the real doors: the files of ``examples/messages``.

The same bytes on every run: the story has one moment, one token, one nonce and the published
example secrets, and each operation has a courier of its own, whose first Seq is 0001.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from vgigw.codec.example import moment
from vgigw.codec.example_exchange import carried, party_of, request_of, response_of, roles_of
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope import cec102
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest, encoded_path
from vgigw.operations import PUBLISHED, Operation, Role
from vgigw.ports import Courier, Door, Peer, Protection
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier

FOLDER: Final = "examples/messages"
FILES: Final = tuple(
    f"{which}.{ending}"
    for which in ("request", "response")
    for ending in ("soap.xml", "rest.http", "cec102.json")
)
"""The files of one operation, below a folder of its name; see :func:`files_of`."""

SECRET: Final = "1234567890abcdef"  # noqa: S105 - the published example, for examples only
SECRETS: Final = Secrets.of(
    operator_secret=SECRET, data_secret=SECRET, data_secret_iv=SECRET, sig_secret=SECRET
)
TOKEN: Final = "example-access-token"  # noqa: S105 - an example
NONCE: Final = "example-nonce"
SUITE: Final = SUITES["tcec102"]
HOST: Final = "gateway.example"
PREFIXES: Final = {"soap": "/soap", "rest": "/vgi/v1", "cec102": "/evcs/v1"}


class Exchange(NamedTuple):
    """One request and its answer on one door; ``path`` of the request is whole, and decoded."""

    request: WireRequest
    answer: WireAnswer


def example_messages() -> dict[str, bytes]:
    """Content of each file by its path below the top of a checkout."""
    found: dict[str, bytes] = {}
    for row in PUBLISHED:
        soap, rest = exchange("soap", row), exchange("rest", row)
        contents = {
            "request.soap.xml": soap.request.body + b"\n",
            "request.rest.http": _http_request(rest.request),
            "response.soap.xml": soap.answer.body + b"\n",
            "response.rest.http": _http_answer(rest.answer),
        }
        if row.cec102:
            sealed = exchange("cec102", row)
            contents["request.cec102.json"] = _sealed_request(sealed.request)
            contents["response.cec102.json"] = _sealed_answer(sealed.answer)
        for name in files_of(row):
            found[f"{FOLDER}/{row.name}/{name}"] = contents[name]
    return found


def files_of(operation: Operation) -> tuple[str, ...]:
    """The files of ``operation``: none of T/CEC 102 where that has no name for it."""
    return tuple(name for name in FILES if operation.cec102 or "cec102" not in name)


def exchange(door: str, operation: Operation) -> Exchange:
    """The example of ``operation`` on ``door``: ``soap``, ``rest`` or ``cec102``.

    Of one that carries another, the example is that other one's, encrypted.
    """
    caller, callee = roles_of(operation)
    inside = carried(operation)
    base = f"https://{HOST}{PREFIXES[door]}"
    courier = _courier(door, caller)
    token = TOKEN if inside.needs_token else None
    protection = Protection.MESSAGE if operation.carries else Protection.TRANSPORT
    called = known(callee, door, protection)
    sealed, _ = courier.seal(called, base, inside, request_of(inside), token, moment())
    whole = PREFIXES[door] + sealed.path
    request = msgspec.structs.replace(sealed, path=whole, transport=Transport.LOOPBACK)
    return Exchange(request, _answered(door_of(door, callee), request, caller, inside))


def known(role: Role, door: str = "cec102", protection: Protection = Protection.TRANSPORT) -> Peer:
    """The party of ``role`` as the others know it: the example secrets both ways."""
    return Peer(
        operator_id=party_of(role),
        role=role,
        doors=frozenset(PREFIXES),
        suite=SUITE.name,
        protection=protection,
        inbound=SECRETS,
        outbound=SECRETS,
        door=door,
    )


def door_of(door: str, role: Role) -> Door:
    """The door of the party of ``role``."""
    match door:
        case "soap":
            return SoapDoor(party_of(role), SUITES)
        case "rest":
            return RestDoor(party_of(role))
    return Cec102Door(party_of(role), SUITES)


def _courier(door: str, role: Role) -> Courier:
    match door:
        case "soap":
            return SoapCourier(party_of(role), role, SUITES)
        case "rest":
            return RestCourier(party_of(role), nonce=lambda: NONCE)
    return Cec102Courier(party_of(role), SUITES)


def _answered(door: Door, request: WireRequest, caller: Role, operation: Operation) -> WireAnswer:
    claim = door.read(request)
    door.verify(claim, known(caller))
    return door.answer(claim, known(caller), response_of(operation), moment())


def _http_request(request: WireRequest) -> bytes:
    query = f"?{request.query}" if request.query else ""
    target = f"{encoded_path(request.path)}{query}"
    start = f"{request.method} {target} HTTP/1.1"
    return _http(start, {"host": HOST, **request.headers}, request.body)


def _http_answer(answer: WireAnswer) -> bytes:
    return _http(f"HTTP/1.1 {answer.status} OK", answer.headers, answer.body)


def _http(start: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [start, *(f"{name.title()}: {value}" for name, value in headers.items())]
    return "\n".join(lines).encode() + (b"\n\n" + body if body else b"") + b"\n"


def _sealed_request(request: WireRequest) -> bytes:
    envelope = cec102.read_request(request.body)
    return _document(
        ("method", request.method),
        ("path", request.path),
        ("headers", dict(request.headers)),
        ("clear", _clear(envelope.data)),
        ("sealed", msgspec.Raw(request.body)),
    )


def _sealed_answer(answer: WireAnswer) -> bytes:
    sealed = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    return _document(
        ("status", answer.status),
        ("headers", dict(answer.headers)),
        ("clear", _clear(msgspec.json.decode(sealed["Data"], type=str))),
        ("sealed", msgspec.Raw(answer.body)),
    )


def _clear(data: str) -> msgspec.Raw:
    return msgspec.Raw(cec102.open_data(data, SUITE, SECRETS))


def _document(*members: tuple[str, object]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(dict(members)), indent=2) + b"\n"
