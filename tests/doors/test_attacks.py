"""Attacks that a stranger or a replayer can mount without any key of ours. F75, F81."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from tests.cases.first import a_station
from tests.cases.worlds import NOW, OPERATOR, PLATFORM, SECRET, SECRETS, World
from tests.doors.sealing import Sender, by_cec102, by_soap
from vgigw import operations as ops
from vgigw.codec import json as canonical
from vgigw.crypto.suite import SUITES
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope import cec102
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.handlers.keeping import object_of
from vgigw.objects import StationInfo, Token, TokenRequest

_HEADER = (
    '<MessageHeader xmlns="urn:vgigw:v1"><OperatorID>999999999</OperatorID>'
    "<TimeStamp>20261121103000</TimeStamp><Seq>0001</Seq><Sig>AA</Sig>{}</MessageHeader>"
)
_ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
    "<e:Header>{}</e:Header><e:Body>{}</e:Body></e:Envelope>"
)
_EMPTY = '<QueryTime xmlns="urn:vgigw:v1"/>'


def _sender(world: World) -> Sender:
    asked = TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)
    token = world.call("cec102", OPERATOR, ops.QUERY_TOKEN, asked)
    assert isinstance(token, Token)
    return Sender(OPERATOR, token.access_token)


def _tell(world: World, request: WireRequest, seconds: float) -> cec102.Reply:
    at = NOW + timedelta(seconds=seconds)
    answer = world.served.receive(Cec102Door(PLATFORM, SUITES), request, at)
    return cec102.open_reply(SUITES["tcec102"], SECRETS, answer.body)


def _unversioned(sender: Sender, name: str) -> WireRequest:
    document = json.loads(canonical.encode(a_station())) | {"StationName": name}
    for assumed in ("Version", "UpdateTime"):
        del document[assumed]
    return by_cec102(sender, "notification_stationInfo", json.dumps(document).encode())


def test_f81_a_replay_does_not_bring_an_older_archive_back() -> None:
    world = World()
    sender = _sender(world)
    older, newer = _unversioned(sender, "older"), _unversioned(sender, "newer")
    first = _tell(world, older, 0)
    _tell(world, newer, 1)

    again = _tell(world, older, 2)

    held = world.served.store.read(lambda view: view.documents("StationInfo"))
    names = [object_of(StationInfo, document.payload).station_name for document in held]
    assert (names, again) == (["newer"], first)


def test_card_6_a_repeat_of_a_classic_state_push_gets_the_original_answer() -> None:
    world, station = World(), a_station()
    world.call("cec102", OPERATOR, ops.PUSH_ARCHIVE, station)
    connector_id = station.equipment_infos[0].connector_infos[0].connector_id
    state = {"ConnectorStatusInfo": {"ConnectorID": connector_id, "Status": 1}}
    pushed = json.dumps(state).encode()
    request = by_cec102(_sender(world), "notification_stationStatus", pushed)
    first = _tell(world, request, 0)

    assert (_tell(world, request, 1), first.ret) == (first, 0)


def _soap(payload: str, header: str = "") -> WireAnswer:
    stranger = by_soap(Sender(OPERATOR), ops.QUERY_TIME, _EMPTY.encode())
    body = _ENVELOPE.format(_HEADER.format(header), payload).encode()
    request = msgspec.structs.replace(stranger, body=body)
    return World().served.receive(SoapDoor("100000001", SUITES), request, NOW)


_ATTRIBUTES = " ".join(f'a{number}="1"' for number in range(5_000))
_NAMESPACES = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(500))


@pytest.mark.parametrize(
    ("payload", "header"),
    [
        (f'<QueryTime xmlns="urn:vgigw:v1" {_ATTRIBUTES}/>', ""),
        (f'<QueryTime xmlns="urn:vgigw:v1" {_NAMESPACES}/>', ""),
        (_EMPTY, "<X/>" * 5_000),
        ('<QueryTime xmlns="urn:vgigw:v1" xmlns:p="relative"><p:x/></QueryTime>', ""),
    ],
    ids=["attributes", "namespaces", "header", "relative namespace"],
)
def test_f75_what_makes_canonical_form_dear_is_refused_before_it(payload: str, header: str) -> None:
    answer = _soap(payload, header)

    assert b"<Ret>4003</Ret>" in answer.body
    assert answer.status == 400


@pytest.mark.parametrize(
    "payload",
    [
        (
            b'<QueryTime xmlns="urn:vgigw:v1">text<TimeQuery><T1>2026-11-21T08:00:00Z</T1>'
            b"</TimeQuery></QueryTime>"
        ),
        (
            b'<QueryTime xmlns="urn:vgigw:v1" more="1"><TimeQuery><T1>2026-11-21T08:00:00Z</T1>'
            b"</TimeQuery></QueryTime>"
        ),
    ],
    ids=["text", "attribute"],
)
def test_a_wrapper_holds_its_object_and_nothing_else(payload: bytes) -> None:
    world = World()
    request = by_soap(_sender(world), ops.QUERY_TIME, payload)

    answer = world.served.receive(SoapDoor("100000001", SUITES), request, NOW)

    assert b"<Ret>4003</Ret>" in answer.body
