"""Statistics of a station: its sessions day by day, each once, of whoever may see it. VGI-T6."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.charged import HOUR, a_status, an_order, energy
from tests.cases.first import a_station
from tests.cases.trading import call, faults, refusal
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
    World,
)
from tests.doors.dialect_host import CITY, CITY_TOKEN, SHEVCS, STRICT, Host
from vgigw import operations as ops
from vgigw.codec import cec102_json
from vgigw.objects import (
    ChargeOrder,
    ChargeStatus,
    SessionState,
    StationInfo,
    StationStatsInfo,
    StationStatsQuery,
)
from vgigw.rules.session import RETAINED_DAYS

STATION = a_station()
CONNECTORS = [c.connector_id for e in STATION.equipment_infos for c in e.connector_infos]
FIRST, SECOND = CONNECTORS[:2]
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
ORDER, STATUS, STATS = ops.PUSH_CHARGE_ORDER, ops.PUSH_CHARGE_STATUS, ops.QUERY_STATION_STATS


@pytest.fixture
def world() -> World:
    world = World()
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    return world


def a_query(first: date = TODAY, last: date = TODAY, **changes: Any) -> StationStatsQuery:
    plain = StationStatsQuery(station_id=STATION.station_id, start_time=first, end_time=last)
    return replace(plain, **changes)


def stats(world: World, *days: date, party: str = SUPERVISOR, **asked: Any) -> StationStatsInfo:
    found: StationStatsInfo = call(world, party, STATS, a_query(*days, **asked)).station_stats
    return found


def status(number: int, text: str, **changes: Any) -> ChargeStatus:
    plain: dict[str, Any] = {"connector_id": FIRST, "total_power": energy(text)}
    return a_status(start_charge_seq=str(number), **plain | changes)


def order(number: int, text: str, **changes: Any) -> ChargeOrder:
    plain: dict[str, Any] = {"connector_id": FIRST, "total_power": energy(text)}
    return an_order(start_charge_seq=str(number), **plain | changes)


def charged(found: StationStatsInfo) -> dict[str, Decimal]:
    """Energies by connector, of those that charged."""
    return {
        each.connector_id: each.connector_electricity
        for device in found.equipment_stats_infos
        for each in device.connector_stats_infos
        if each.connector_electricity
    }


def test_vgi_t6_sessions_are_summed_by_connector_and_device(world: World) -> None:
    call(world, OPERATOR, STATUS, status(1, "10"))
    call(world, OPERATOR, ORDER, order(2, "5"))
    call(world, OPERATOR, ORDER, order(3, "1", connector_id=SECOND))

    found = stats(world)

    assert charged(found) == {FIRST: Decimal("15.0"), SECOND: Decimal("1.0")}
    assert found.station_electricity == Decimal("16.0")
    devices = [each.equipment_electricity for each in found.equipment_stats_infos]
    assert sum(devices) == Decimal("16.0")
    assert [each.equipment_id for each in found.equipment_stats_infos] == [
        each.equipment_id for each in STATION.equipment_infos
    ]
    assert found.session_count == 2  # the first goes on


def test_vgi_t6_a_session_counts_once_by_its_order_else_by_its_newest_status(world: World) -> None:
    call(world, OPERATOR, STATUS, status(1, "10", end_time=NOW - HOUR, start_time=NOW - 2 * HOUR))
    assert stats(world).station_electricity == Decimal("10.0")
    call(world, OPERATOR, STATUS, status(1, "12"))
    late = status(1, "11", end_time=NOW - HOUR / 2)
    call(world, OPERATOR, STATUS, late)
    assert stats(world).station_electricity == Decimal("12.0")
    call(world, OPERATOR, ORDER, order(1, "13"))
    assert stats(world).station_electricity == Decimal("13.0")
    ended = status(1, "14", end_time=NOW + timedelta(minutes=1))
    call(world, OPERATOR, STATUS, replace(ended, start_charge_seq_stat=SessionState.ENDED))
    found = stats(world)
    assert (found.station_electricity, found.session_count) == (Decimal("13.0"), 1)


def test_vgi_t6_an_order_counts_once_also_when_its_answer_is_forgotten(world: World) -> None:
    call(world, OPERATOR, ORDER, order(1, "10"))
    world.clock.move_to(NOW + 8 * DAY)
    world.served.do_chores(world.clock.now())
    call(world, OPERATOR, ORDER, order(1, "10"))
    found = stats(world)
    assert (found.station_electricity, found.session_count) == (Decimal("10.0"), 1)


@settings(max_examples=15)
@given(st.permutations(range(4)))
def test_vgi_t6_the_order_in_which_they_come_makes_no_difference(places: list[int]) -> None:
    world = World()
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    yesterday = {"start_time": NOW - DAY - HOUR, "end_time": NOW - DAY}
    acts: list[Any] = [
        (STATUS, status(1, "10", **yesterday)),
        (STATUS, status(1, "12")),
        (STATUS, status(2, "3", **yesterday)),
        (ORDER, order(2, "4")),
    ]
    for place in places:
        call(world, OPERATOR, *acts[place])
    assert stats(world).station_electricity == Decimal("16.0")
    assert stats(world, TODAY - DAY, TODAY - DAY).station_electricity == Decimal("0.0")


def test_vgi_t6_days_are_whole_inclusive_and_in_beijing(world: World) -> None:
    midnight = NOW.replace(hour=16) - DAY  # 00:00 of the 21st in Beijing
    for number, (text, ended) in enumerate(
        [("1", midnight - timedelta(seconds=1)), ("2", midnight), ("4", NOW)]
    ):
        told = order(number, text, start_time=midnight - HOUR, end_time=ended)
        call(world, OPERATOR, ORDER, told)
    assert stats(world).station_electricity == Decimal("6.0")
    assert stats(world, TODAY - DAY, TODAY - DAY).station_electricity == Decimal("1.0")
    assert stats(world, TODAY - DAY, TODAY).station_electricity == Decimal("7.0")
    found = stats(world, TODAY - 400 * DAY, TODAY + 5 * DAY)
    assert (found.station_electricity, found.session_count) == (Decimal("7.0"), 3)


def test_102_each_figure_is_rounded_for_itself_half_up(world: World) -> None:
    call(world, OPERATOR, ORDER, order(1, "0.05"))
    call(world, OPERATOR, ORDER, order(2, "0.04", connector_id=SECOND))
    found = stats(world)
    assert charged(found) == {FIRST: Decimal("0.1")}
    assert found.station_electricity == Decimal("0.1")


def test_jes_6_5_2a_discharge_is_told_apart_and_where_a_session_told_it(world: World) -> None:
    call(world, OPERATOR, ORDER, order(1, "10"))
    assert stats(world).station_discharge_electricity is None
    call(world, OPERATOR, ORDER, order(2, "5", total_discharge_power=energy("4.25")))
    call(world, OPERATOR, ORDER, order(3, "1", connector_id=SECOND))
    found = stats(world)
    assert found.station_electricity == Decimal("16.0")
    assert found.station_discharge_electricity == Decimal("4.3")
    by_connector = {
        each.connector_id: each.connector_discharge_electricity
        for device in found.equipment_stats_infos
        for each in device.connector_stats_infos
    }
    assert (by_connector[FIRST], by_connector[SECOND]) == (Decimal("4.3"), None)


def test_vgi_t6_a_connector_of_another_station_counts_there(world: World) -> None:
    call(world, OPERATOR, ORDER, order(1, "10", connector_id="of-none"))
    call(world, OTHER, ORDER, order(2, "10"))
    assert stats(world).station_electricity == Decimal("0.0")


@pytest.mark.parametrize("member", ["total_power", "total_discharge_power"])
def test_102_sums_that_no_figure_has_room_for_are_4302(world: World, member: str) -> None:
    for number in (1, 2):
        ended = {"start_time": NOW - DAY * number, "end_time": NOW - DAY * number}
        told: dict[str, Any] = {"total_power": energy("1"), member: energy("6e11")}
        call(world, OPERATOR, ORDER, order(number, "0", **ended | told))
    assert refusal(world, SUPERVISOR, STATS, a_query(TODAY - 2 * DAY)) == 4302
    assert stats(world, TODAY - DAY, TODAY).station_electricity >= 1


# What is not told ---------------------------------------------------------------------------


def test_plt_9_3b_days_that_are_not_retained_are_4503(world: World) -> None:
    oldest = TODAY - RETAINED_DAYS * DAY
    assert stats(world, oldest, TODAY).start_time == oldest
    assert refusal(world, SUPERVISOR, STATS, a_query(oldest - DAY)) == 4503


def test_102_days_out_of_order_are_4004(world: World) -> None:
    assert faults(world, SUPERVISOR, STATS, a_query(TODAY, TODAY - DAY)) == ["/EndTime"]


def test_102_a_station_that_nobody_has_is_4201(world: World) -> None:
    assert refusal(world, SUPERVISOR, STATS, a_query(station_id="none")) == 4201
    assert refusal(world, SUPERVISOR, STATS, a_query(owner_id=OTHER)) == 4201


def test_plt_8_12_a_station_that_nobody_may_see_has_no_age() -> None:
    """Not even whether its days are retained."""
    world = World(OPERATOR)
    world.act(PLATFORM, ops.PUSH_ARCHIVE, STATION)
    foreign = replace(STATION, station_id="theirs", operator_id=OTHER)
    call(world, OTHER, ops.PUSH_ARCHIVE, foreign)
    old = date(2000, 1, 1)
    assert refusal(world, PLATFORM, STATS, a_query(old, station_id="theirs")) == 4201
    assert refusal(world, PLATFORM, STATS, a_query(old)) == 4503


def test_102_a_station_of_several_operators_is_asked_for_by_its_owner(world: World) -> None:
    call(world, OTHER, ops.PUSH_ARCHIVE, replace(STATION, operator_id=OTHER))
    call(world, OPERATOR, ORDER, order(1, "10"))
    call(world, OTHER, ORDER, order(1, "7"))
    assert faults(world, SUPERVISOR, STATS, a_query()) == ["/OwnerID"]
    for owner, told in ((OPERATOR, "10.0"), (OTHER, "7.0")):
        assert stats(world, owner_id=owner).station_electricity == Decimal(told)


def test_acc_5_2_who_is_no_supervisor_may_not_ask_a_platform(world: World) -> None:
    assert refusal(world, DISPATCH, STATS, a_query()) == 4301
    assert refusal(world, OPERATOR, STATS, a_query()) == 4301


def test_102_what_the_aggregator_told_counts_where_the_operator_told_nothing(world: World) -> None:
    held = replace(STATION, version=2, aggregator_id=AGGREGATOR)
    call(world, OPERATOR, ops.PUSH_ARCHIVE, held)
    yesterday = {"start_time": NOW - DAY - HOUR, "end_time": NOW - DAY}
    call(world, AGGREGATOR, ORDER, order(1, "10"))
    call(world, AGGREGATOR, ORDER, order(2, "5", **yesterday))
    call(world, OPERATOR, ORDER, order(1, "9"))
    assert stats(world).station_electricity == Decimal("9.0")
    assert stats(world, TODAY - DAY, TODAY).station_electricity == Decimal("14.0")


def test_102_an_operator_counts_its_own_sessions_for_platform_and_supervisor() -> None:
    world = World(OPERATOR)
    world.act(PLATFORM, ops.PUSH_ARCHIVE, STATION)
    world.act(PLATFORM, STATUS, status(1, "10"))
    world.act(OTHER, STATUS, status(1, "10"))
    world.act(PLATFORM, ORDER, order(1, "11"))
    for party in (PLATFORM, SUPERVISOR, OTHER):
        assert stats(world, party=party).station_electricity == Decimal("11.0")


# A city asks for charge and discharge apart -------------------------------------------------


class Counting(Host):
    """A platform that counts by itself."""

    def _handlers(self) -> list[Any]:
        return []


def test_a_city_is_told_what_its_sessions_charged_and_discharged() -> None:
    host = Counting()
    for told, request in (
        (ops.PUSH_ARCHIVE, replace(STATION, operator_id=STRICT)),
        (ORDER, order(1, "10", total_discharge_power=energy("4.2"))),
        (ORDER, order(2, "1.5")),
    ):
        path = f"/evcs/v1/{told.cec102[0]}"
        assert host.post(STRICT, path, as_told(request)).ret == 0

    asked = {"StationID": STATION.station_id, "StartTime": "2026-11-20", "EndTime": "2026-11-21"}
    found = {
        kind: host.post(
            CITY, f"{SHEVCS}/query_station_{kind}_stats", asked, token_path=CITY_TOKEN
        ).data["StationStats"]
        for kind in ("charge", "discharge")
    }

    assert found["charge"]["StationChargeElectricity"] == 11.5
    assert found["discharge"]["StationDischargeElectricity"] == 4.2
    (device, *_) = found["discharge"]["EquipmentDischargeStatsInfos"]
    assert device["ConnectorDischargeStatsInfos"][0]["ConnectorDischargeElectricity"] == 4.2
    assert "Discharge" not in repr(found["charge"])
    assert "ChargeElectricity" not in repr(found["discharge"])


def as_told(request: StationInfo | ChargeOrder) -> Any:
    """What stands in Data."""
    return msgspec.json.decode(cec102_json.encode(request))
