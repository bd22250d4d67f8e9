"""Archives and states: versions rise, history stays, each operator its own. ACC-7.1, ACC-7.3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.registers import CONNECTORS, STATION
from tests.cases.worlds import AGGREGATOR as WORLD_AGGREGATOR
from tests.cases.worlds import OPERATOR as WORLD_OPERATOR
from tests.cases.worlds import OTHER as WORLD_OTHER
from tests.cases.worlds import World
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, kept, station
from vgigw.codec import json
from vgigw.errors import InvalidObject, PeerRefused
from vgigw.handlers import builtin
from vgigw.objects import (
    ConnectorStatusInfo,
    StationInfo,
    StationPage,
    StationQuery,
    StationStatusList,
    StationStatusQuery,
)
from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.operations import (
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    QUERY_STATION_STATUS,
    QUERY_STATIONS_INFO,
    Role,
)
from vgigw.ports import Call

AGGREGATOR = OTHER


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def push(trio: Trio, pushed: StationInfo, party: str = OPERATOR) -> None:
    trio.call(party, PUSH_ARCHIVE, pushed)


def refusal(trio: Trio, pushed: StationInfo, party: str = OPERATOR) -> int:
    with pytest.raises(PeerRefused) as refused:
        push(trio, pushed, party)
    return refused.value.code


def page(trio: Trio, **asked: Any) -> StationPage:
    found: StationPage = trio.call(OPERATOR, QUERY_STATIONS_INFO, StationQuery(**asked))
    return found


def names(trio: Trio) -> list[tuple[int, str]]:
    history = trio.stores[PLATFORM].read(lambda v: v.history("StationInfo", OPERATOR, "ST1"))
    return [(held.version, kept(StationInfo, held.payload).station_name) for held in history]


def test_plt_6_9_versions_only_rise(trio: Trio) -> None:
    push(trio, station(version=5))
    assert refusal(trio, station(version=4, station_name="older")) == 4204
    assert page(trio).station_infos == (station(version=5),)


def test_plt_6_9_an_equal_version_from_another_sender_with_other_content_is_4204(
    trio: Trio,
) -> None:
    shared = station(version=5, aggregator_id=AGGREGATOR)
    push(trio, shared)
    assert refusal(trio, replace(shared, station_name="other"), AGGREGATOR) == 4204
    push(trio, shared, AGGREGATOR)  # equal content is no conflict
    assert page(trio).item_size == 1


def test_acc_7_1_history_is_kept(trio: Trio) -> None:
    for version, name in ((1, "one"), (2, "two"), (7, "seven")):
        push(trio, station(version=version, station_name=name))
    assert names(trio) == [(1, "one"), (2, "two"), (7, "seven")]
    assert page(trio).station_infos[0].station_name == "seven"


def test_plt_6_9_the_station_of_another_operator_is_4301(trio: Trio) -> None:
    assert refusal(trio, station(), OTHER) == 4301
    assert page(trio).item_size == 0


def test_plt_6_9_the_aggregator_that_its_operator_named_may_push_it(trio: Trio) -> None:
    push(trio, station(aggregator_id=AGGREGATOR))
    push(trio, station(version=2, aggregator_id=AGGREGATOR), AGGREGATOR)
    assert page(trio).station_infos[0].version == 2


def test_plt_6_9_nobody_makes_itself_the_aggregator_of_a_station(trio: Trio) -> None:
    claimed = station(version=2, aggregator_id=OTHER)
    assert refusal(trio, claimed, OTHER) == 4301
    push(trio, station())
    assert refusal(trio, claimed, OTHER) == 4301
    push(trio, station(version=2, aggregator_id=AGGREGATOR))
    assert refusal(trio, station(version=3, aggregator_id="999999999"), AGGREGATOR) == 4301
    assert page(trio).station_infos == (station(version=2, aggregator_id=AGGREGATOR),)


def test_acc_7_7_pages_hold_every_station_once(trio: Trio) -> None:
    for number in range(7):
        push(trio, station(f"ST{number}"))
    pages = [page(trio, page_no=number, page_size=3) for number in (1, 2, 3, 4)]
    assert [(p.page_no, p.page_count, p.item_size) for p in pages] == [
        (number, 3, 7) for number in (1, 2, 3, 4)
    ]
    found = [s.station_id for p in pages for s in p.station_infos]
    assert found == [f"ST{number}" for number in range(7)]


def test_acc_7_7_a_page_has_ten_where_nothing_is_said(trio: Trio) -> None:
    for number in range(11):
        push(trio, station(f"ST{number:02d}"))
    assert len(page(trio).station_infos) == 10
    assert len(page(trio, page_no=2).station_infos) == 1


def test_acc_7_7_last_query_time_gives_what_changed_since(trio: Trio) -> None:
    push(trio, station("OLD"))
    push(trio, station("CHANGED"))
    asked_at = trio.wait(10)
    trio.wait(10)
    push(trio, station("CHANGED", version=2))
    push(trio, station("NEW"))
    found = page(trio, last_query_time=asked_at)
    assert [s.station_id for s in found.station_infos] == ["CHANGED", "NEW"]
    assert found.item_size == 2


def event(event_id: str, status: ConnectorStatus, after_s: float) -> ConnectorStatusInfo:
    connector = station().equipment_infos[0].connector_infos[0]
    return ConnectorStatusInfo(
        event_id=event_id,
        connector_id=connector.connector_id,
        status=status,
        change_time=NOW + timedelta(seconds=after_s),
        fault_code="E0001" if status is ConnectorStatus.FAULT else None,
    )


def states(trio: Trio, *station_ids: str) -> StationStatusList:
    """As a supervisor sees them: the platform's own handler, without a way there."""
    identity = trio.platform.identity
    peer = replace(identity.peers[OTHER], role=Role.SUPERVISOR)
    query = StationStatusQuery(station_ids=station_ids)
    canonical = json.encode(query)
    call = Call(
        peer=peer,
        operation=QUERY_STATION_STATUS,
        request=query,
        canonical=canonical,
        packed=b"",
        digest=json.digest(canonical),
        door="rest",
        guard="",
        now=trio.now,
        trace_id="t",
    )
    handler = builtin(identity).handlers[QUERY_STATION_STATUS.name]
    found = trio.stores[PLATFORM].write(lambda tx: handler(call, tx))
    assert isinstance(found, StationStatusList)
    return found


def present(trio: Trio) -> list[ConnectorStatus]:
    return [
        state.status
        for found in states(trio, "ST1").station_status_infos
        for state in found.connector_status_infos
    ]


def test_acc_7_3_a_late_event_does_not_overwrite_a_newer_one(trio: Trio) -> None:
    push(trio, station())
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E2", ConnectorStatus.FAULT, 2))
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E1", ConnectorStatus.IDLE, 1))
    assert present(trio) == [ConnectorStatus.FAULT]
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E3", ConnectorStatus.CHARGING, 3))
    assert present(trio) == [ConnectorStatus.CHARGING]


def test_acc_7_3_every_event_is_kept_even_two_of_one_millisecond(trio: Trio) -> None:
    push(trio, station())
    for number in range(5):
        trio.call(OPERATOR, PUSH_DEVICE_STATE, event(f"E{number}", ConnectorStatus.IDLE, 1))
    assert kept_events(trio) == [f"E{number}" for number in range(5)]


def test_acc_7_3_late_events_of_one_millisecond_are_kept_before_the_newest(trio: Trio) -> None:
    push(trio, station())
    for name, after_s in (("E1", 1), ("E9", 9), ("E2", 1), ("E3", 1), ("E0", 0)):
        trio.call(OPERATOR, PUSH_DEVICE_STATE, event(name, ConnectorStatus.IDLE, after_s))
    assert kept_events(trio) == ["E0", "E1", "E2", "E3", "E9"]


def test_acc_7_3_an_event_whose_answer_is_forgotten_is_kept_once(trio: Trio) -> None:
    push(trio, station())
    early, late = event("E1", ConnectorStatus.IDLE, 1), event("E2", ConnectorStatus.IDLE, 2)
    for each in (early, late):
        trio.call(OPERATOR, PUSH_DEVICE_STATE, each)
    sent = len(trio.letters(PLATFORM))
    for each in (early, late):
        forget_answer(trio, each)
        trio.call(OPERATOR, PUSH_DEVICE_STATE, each)
    assert (kept_events(trio), len(trio.letters(PLATFORM))) == (["E1", "E2"], sent)


def forget_answer(trio: Trio, told: ConnectorStatusInfo) -> None:
    key = PUSH_DEVICE_STATE.key_of(told)
    trio.stores[PLATFORM].write(lambda tx: tx.erase_answer(OPERATOR, PUSH_DEVICE_STATE.name, key))


def kept_events(trio: Trio) -> list[str]:
    connector_id = event("", ConnectorStatus.IDLE, 0).connector_id
    history = trio.stores[PLATFORM].read(
        lambda v: v.history("ConnectorStatusInfo", OPERATOR, connector_id)
    )
    return [held.group for held in history]


def test_acc_7_3_a_state_goes_to_dispatch_at_once_and_says_whose_it_is(trio: Trio) -> None:
    push(trio, station())
    told = event("E1", ConnectorStatus.FAULT, 1)
    trio.call(OPERATOR, PUSH_DEVICE_STATE, told)
    (letter,) = trio.letters(PLATFORM)
    assert (letter.destination, letter.next_at) == (DISPATCH, trio.now)
    assert kept(ConnectorStatusInfo, letter.payload) == replace(told, operator_id=OPERATOR)


def test_acc_7_3_an_aggregator_says_whose_connector_where_several_have_it() -> None:
    world = World()
    for operator in (WORLD_OPERATOR, WORLD_OTHER):
        archive = replace(STATION, operator_id=operator, aggregator_id=WORLD_AGGREGATOR)
        world.call("rest", operator, PUSH_ARCHIVE, archive)
    told = replace(event("E1", ConnectorStatus.FAULT, 1), connector_id=CONNECTORS[0])
    with pytest.raises(PeerRefused) as refused:
        world.call("rest", WORLD_AGGREGATOR, PUSH_DEVICE_STATE, told)
    assert refused.value.code == 4201
    named = replace(told, operator_id=WORLD_OTHER)
    world.call("rest", WORLD_AGGREGATOR, PUSH_DEVICE_STATE, named)
    (held,) = world.served.store.read(lambda v: v.documents("ConnectorStatusInfo"))
    assert (held.owner, held.key) == (WORLD_OTHER, CONNECTORS[0])
    world.call("rest", WORLD_OTHER, PUSH_DEVICE_STATE, replace(told, event_id="E2"))
    assert [h.owner for h in world.served.store.read(lambda v: v.documents(held.kind))] == [
        WORLD_OTHER
    ]


def test_acc_7_3_an_operator_cannot_change_the_state_of_anothers_connector(trio: Trio) -> None:
    push(trio, station())
    with pytest.raises(PeerRefused) as refused:
        trio.call(OTHER, PUSH_DEVICE_STATE, event("E1", ConnectorStatus.FAULT, 2))
    assert (refused.value.code, present(trio)) == (4201, [])


def test_acc_7_3_a_state_of_a_connector_that_no_archive_has_is_4201(trio: Trio) -> None:
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E1", ConnectorStatus.FAULT, 2))
    assert refused.value.code == 4201
    push(trio, station())
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E1", ConnectorStatus.FAULT, 2))
    assert present(trio) == [ConnectorStatus.FAULT]


def test_acc_7_8_fifty_stations_in_one_question_and_unknown_ones_left_out() -> None:
    trio = Trio()
    for number in range(45):
        push(trio, station(f"ST{number}"))
    found = states(trio, *(f"ST{number}" for number in range(50)))
    assert found.total == 45
    assert [s.station_id for s in found.station_status_infos] == [f"ST{n}" for n in range(45)]


def test_acc_7_8_a_station_asked_for_twice_is_answered_once() -> None:
    trio = Trio()
    push(trio, station())
    assert states(trio, "ST1", "ST1").total == 1


@pytest.mark.parametrize("door", list(BASES))
def test_acc_7_8_fifty_one_are_refused_before_they_are_sent(door: str) -> None:
    trio = Trio(door)
    asked = StationStatusQuery(station_ids=tuple(f"ST{n}" for n in range(51)))
    with pytest.raises(InvalidObject):
        trio.call(PLATFORM, QUERY_STATION_STATUS, asked, to=OPERATOR)


@pytest.mark.parametrize("door", list(BASES))
def test_acc_7_8_the_platform_asks_an_operator_for_fifty(door: str) -> None:
    trio = Trio(door)
    asked = StationStatusQuery(station_ids=tuple(f"ST{n}" for n in range(50)))
    found = trio.call(PLATFORM, QUERY_STATION_STATUS, asked, to=OPERATOR)
    assert found == StationStatusList(total=0)
