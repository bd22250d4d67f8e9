"""What T/CEC 102 tells again in a new envelope is known again, without a version or an event's
identifier that would say so. 2.0(17), PLT-6.9, ACC-7.3."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.first import a_station
from tests.cases.worlds import NOW, OPERATOR, SECRET, SECRETS, World
from tests.doors.sealing import Sender, by_cec102
from vgigw import operations as ops
from vgigw.codec import json as canonical
from vgigw.crypto.suite import SUITES
from vgigw.doors.cec102.door import Cec102Door
from vgigw.envelope import cec102
from vgigw.errors import PeerRefused
from vgigw.handlers.archive import EVENTS_TAKEN
from vgigw.handlers.keeping import object_of
from vgigw.objects import ConnectorStatusInfo, StationInfo, Token, TokenRequest

_STATION = "notification_stationInfo"
_STATE = "notification_stationStatus"
_AT = "2026-11-21 18:29:00"


class Classic:
    """An operator that speaks T/CEC 102 as it was written in 2016, a second later each time."""

    def __init__(self) -> None:
        self.world = World()
        asked = TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)
        token = self.world.call("cec102", OPERATOR, ops.QUERY_TOKEN, asked)
        assert isinstance(token, Token)
        self._sender = Sender(OPERATOR, token.access_token)
        self._at = NOW
        self._door = Cec102Door(SUITES)

    def tell(self, name: str, document: dict[str, Any]) -> dict[str, Any]:
        """The answer to ``document`` in an envelope of its own."""
        self._at += timedelta(seconds=1)
        sender = self._sender._replace(now=self._at)
        request = by_cec102(sender, name, json.dumps(document).encode())
        answer = self.world.served.receive(self._door, request, self._at)
        reply = cec102.open_reply(SUITES["tcec102"], SECRETS, answer.body)
        assert reply.ret == 0
        told: dict[str, Any] = json.loads(reply.plaintext)
        return told

    def stations(self) -> list[StationInfo]:
        """Every version of the station that is kept."""
        station = a_station()
        found = self.world.served.store.read(
            lambda view: view.history("StationInfo", OPERATOR, station.station_id)
        )
        return [object_of(StationInfo, each.payload) for each in found]

    def states(self) -> list[ConnectorStatusInfo]:
        """Every event of the connector that is kept."""
        found = self.world.served.store.read(
            lambda view: view.history("ConnectorStatusInfo", OPERATOR, CONNECTOR)
        )
        return [object_of(ConnectorStatusInfo, each.payload) for each in found]

    def taken(self) -> int:
        return self.world.served.store.read(lambda view: view.counter(EVENTS_TAKEN))


CONNECTOR = a_station().equipment_infos[0].connector_infos[0].connector_id


@pytest.fixture
def classic() -> Classic:
    return Classic()


def unversioned(**changes: Any) -> dict[str, Any]:
    document = json.loads(canonical.encode(a_station())) | changes
    for assumed in ("Version", "UpdateTime"):
        del document[assumed]
    return document


def state(status: int, **more: Any) -> dict[str, Any]:
    return {"ConnectorStatusInfo": {"ConnectorID": CONNECTOR, "Status": status} | more}


def test_plt_6_9_an_archive_told_again_without_version_keeps_its_version(classic: Classic) -> None:
    answers = [classic.tell(_STATION, unversioned()) for _ in range(3)]
    assert answers == [{"Status": 0, "Version": 1}] * 3
    assert [each.version for each in classic.stations()] == [1]


def test_plt_6_9_a_changed_archive_without_version_is_the_next_version(classic: Classic) -> None:
    names = ("first", "second", "second", "first")
    told = [classic.tell(_STATION, unversioned(StationName=name))["Version"] for name in names]
    assert told == [1, 2, 2, 3]
    kept = [(each.version, each.station_name) for each in classic.stations()]
    assert kept == [(1, "first"), (2, "second"), (3, "first")]


def test_plt_6_9_a_version_that_is_told_rises_above_the_assumed_ones(classic: Classic) -> None:
    classic.tell(_STATION, unversioned())
    world = classic.world
    second = replace(a_station(), version=2, station_name="second")
    for door in ("rest", "soap"):
        world.call(door, OPERATOR, ops.PUSH_ARCHIVE, second)
    with pytest.raises(PeerRefused) as refused:
        world.call("rest", OPERATOR, ops.PUSH_ARCHIVE, replace(a_station(), version=1))
    assert refused.value.code in (4202, 4204)
    assert classic.tell(_STATION, unversioned(StationName="second"))["Version"] == 2
    assert classic.tell(_STATION, unversioned(StationName="third"))["Version"] == 3


def test_plt_6_9_what_is_assumed_inside_counts_for_no_change(classic: Classic) -> None:
    """A charger that nobody said the direction of is not one that lost its own."""
    first = a_station()
    document = unversioned()
    classic.world.call("rest", OPERATOR, ops.PUSH_ARCHIVE, first)
    for equipment in document["EquipmentInfos"]:
        del equipment["DirectionCapability"]
    del document["RatedCapacity"]
    assert classic.tell(_STATION, document)["Version"] == first.version
    assert classic.stations() == [first]


@pytest.mark.parametrize("at", [{}, {"ChangeTime": _AT}])
def test_acc_7_3_a_state_told_again_is_the_same_event(classic: Classic, at: dict[str, Any]) -> None:
    classic.tell(_STATION, unversioned())
    answers = [classic.tell(_STATE, state(1, **at)) for _ in range(3)]
    assert answers == [{"Status": 0}] * 3
    assert (len(classic.states()), classic.taken()) == (1, 1)


def test_acc_7_3_a_state_that_came_back_is_an_event_of_its_own(classic: Classic) -> None:
    classic.tell(_STATION, unversioned())
    for status in (1, 3, 3, 1):
        classic.tell(_STATE, state(status))
    assert [int(each.status) for each in classic.states()] == [1, 3, 1]


def test_acc_7_3_an_event_told_again_late_is_found_behind_newer_ones(classic: Classic) -> None:
    classic.tell(_STATION, unversioned())
    classic.tell(_STATE, state(1, ChangeTime=_AT))
    classic.tell(_STATE, state(3, ChangeTime="2026-11-21 18:29:30"))
    classic.tell(_STATE, state(1, ChangeTime=_AT))
    assert [int(each.status) for each in classic.states()] == [1, 3]


def test_acc_7_3_other_measurements_of_a_state_are_kept(classic: Classic) -> None:
    classic.tell(_STATION, unversioned())
    for amperes in (10, 20):
        classic.tell(_STATE, state(3, ChangeTime=_AT, CurrentA=amperes))
    assert [each.current_a for each in classic.states()] == [10, 20]


def test_acc_7_3_events_with_identifiers_of_their_own_are_two(classic: Classic) -> None:
    classic.tell(_STATION, unversioned())
    for name in ("one", "two"):
        classic.tell(_STATE, state(3, ChangeTime=_AT, EventID=name))
    assert len(classic.states()) == 2
