"""The simulated fleet: same by seed, physical, valid as objects, obedient to a control curve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from vgigw.codec.json import validated
from vgigw.errors import UnknownObject
from vgigw.objects.control import ControlCurve, ControlPoint
from vgigw.objects.enumerations import (
    DirectionCapability,
    EquipmentType,
    ObjectKind,
    PolarityMode,
    Scene,
    StationType,
)
from vgigw.objects.operating_enumerations import (
    CommandKind,
    ConnectorStatus,
    ControlQuantity,
    ExecState,
    Priority,
    TriggerType,
)
from vgigw.testing.fleet import Fleet, batches

OPERATOR = "123456789"
EVENING = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday, 18:00 in Beijing
QUARTER = timedelta(minutes=15)


def small(seed: int = 1) -> Fleet:
    return Fleet(seed, OPERATOR, stations=6, connectors=80)


def busiest(fleet: Fleet, at: datetime) -> tuple[str, float]:
    """The station that draws most, and how much."""
    found = {each: fleet.station_record(each, at).charge_power or 0.0 for each in fleet.sites}
    best = max(found, key=lambda each: found[each])
    assert found[best] > 0
    return best, found[best]


def curve(fleet: Fleet, resource: str, targets: list[float], start: datetime) -> ControlCurve:
    points = tuple(
        ControlPoint(
            start_time=start + QUARTER * place,
            end_time=start + QUARTER * (place + 1),
            target_power=Decimal(str(round(target, 3))),
        )
        for place, target in enumerate(targets)
    )
    return ControlCurve(
        command_id="CMD-1",
        resource_id=resource,
        aggregator_id=OPERATOR,
        scene=Scene.PEAK,
        service_item="PEAK",
        command_kind=CommandKind.CONTROL,
        trigger_type=TriggerType.DISPATCH,
        priority=Priority.NORMAL,
        control_quantity=ControlQuantity.POWER_LIMIT,
        polarity_mode=fleet.polarity(resource),
        interval_min=15,
        points=points,
        ack_deadline=start,
        valid_until=start + timedelta(hours=3),
        version=1,
        issued_by=OPERATOR,
        issue_time=start,
        origin_signature="c2ln",
    )


def test_same_seed_same_fleet_other_seed_another() -> None:
    one, two, other = small(), small(), small(2)
    assert one.archives(EVENING) == two.archives(EVENING) != other.archives(EVENING)
    assert one.records(EVENING) == two.records(EVENING) != other.records(EVENING)


def test_state_does_not_depend_on_how_often_it_is_read() -> None:
    often, once = small(), small()
    once.records(EVENING)
    for minute in range(0, 180, 7):
        often.records(EVENING + timedelta(minutes=minute, seconds=13))
    end = EVENING + timedelta(hours=3)
    for left, right in zip(often.records(end), once.records(end), strict=True):
        assert left.active_power == pytest.approx(right.active_power, abs=0.002)
        assert left.charge_energy is not None
        assert right.charge_energy is not None
        assert abs(left.charge_energy - right.charge_energy) <= Decimal("0.001")


@pytest.mark.parametrize(("stations", "connectors"), [(40, 400), (1, 1), (7, 7), (2, 198)])
def test_archives_are_valid_and_counts_exact_acc_6_2(stations: int, connectors: int) -> None:
    archives = Fleet(3, OPERATOR, stations, connectors).archives(EVENING)
    ids = [
        connector.connector_id
        for station in archives
        for equipment in station.equipment_infos
        for connector in equipment.connector_infos
    ]
    assert len(archives) == len({station.station_id for station in archives}) == stations
    assert len(ids) == len(set(ids)) == connectors
    assert all(validated(station) == station for station in archives)


def test_too_many_or_too_few_connectors_are_refused() -> None:
    for connectors in (3, 397):
        with pytest.raises(ValueError, match="each station"):
            Fleet(1, OPERATOR, 4, connectors)


def test_archives_mix_sites_currents_and_directions() -> None:
    archives = Fleet(3, OPERATOR).archives(EVENING)
    equipment = [each for station in archives for each in station.equipment_infos]
    assert {s.station_type for s in archives} == {
        StationType.PUBLIC,
        StationType.PRIVATE,
        StationType.OTHER,
    }
    assert {each.equipment_type for each in equipment} == {EquipmentType.AC, EquipmentType.DC}
    assert {each.direction_capability for each in equipment} == set(DirectionCapability)
    assert {station.area_code[:4] for station in archives} == {"3301"}


def test_records_are_valid_physical_and_in_one_polarity_plt_7_4() -> None:
    fleet = Fleet(4, OPERATOR)
    seen: set[ConnectorStatus] = set()
    for hour in range(0, 24, 6):
        records = fleet.records(EVENING + timedelta(hours=hour))
        assert [each.object_id for each in records] == list(fleet.posts)
        for record in records:
            assert validated(record) == record
            assert record.soc is None or 0 <= record.soc <= 100
            rated = fleet.posts[record.object_id].power_kw
            assert (record.charge_power or 0.0) <= rated
            net = (record.charge_power or 0.0) - (record.discharge_power or 0.0)
            load = fleet.polarity(record.object_id) is PolarityMode.LOAD
            assert (record.active_power or 0.0) == (net if load else -net)
        seen |= set(fleet.statuses(EVENING + timedelta(hours=hour)).values())
    assert {ConnectorStatus.IDLE, ConnectorStatus.CHARGING, ConnectorStatus.OCCUPIED} <= seen


def test_power_stays_within_vehicle_and_falls_above_80_percent() -> None:
    fleet = Fleet(4, OPERATOR)
    tapered = 0
    for step in range(24):
        fleet.records(EVENING + timedelta(minutes=20 * step))
        for connector in fleet._connectors.values():
            session = connector.plugged
            if session is None or session.outage:
                assert connector.net_kw == 0
                continue
            assert connector.net_kw <= min(session.limit_kw, connector.rated_kw)
            assert connector.soc <= session.soc_target + 1e-9 <= 100
            if connector.soc > 90 and connector.net_kw:
                assert connector.net_kw <= 0.56 * session.limit_kw
                tapered += 1
    assert tapered


def test_meter_readings_never_fall_and_match_the_power() -> None:
    fleet = small()
    before = {each.object_id: each for each in fleet.records(EVENING)}
    drawn_kwh = Decimal(0)
    for step in range(1, 61):
        now = {r.object_id: r for r in fleet.records(EVENING + timedelta(minutes=step))}
        for key, record in now.items():
            rise = (record.charge_energy or Decimal(0)) - (before[key].charge_energy or Decimal(0))
            most_kwh = Decimal(str(fleet.posts[key].power_kw)) / 60
            assert 0 <= rise <= most_kwh + Decimal("0.002")
            drawn_kwh += rise
        before = now
    assert drawn_kwh > 10


def test_fleet_starts_in_the_middle_of_sessions_and_time_only_rises() -> None:
    fleet = Fleet(5, OPERATOR)
    fleet.records(EVENING)
    starts = [c.plugged.start_s for c in fleet._connectors.values() if c.plugged]
    assert len(starts) > 40
    assert min(starts) < EVENING.timestamp() - 20 * 3600
    with pytest.raises(ValueError, match="forward"):
        fleet.records(EVENING - timedelta(milliseconds=1))


def test_station_record_is_the_sum_of_its_connectors_plt_9_5() -> None:
    fleet = small()
    records = fleet.records(EVENING)
    for station_id in fleet.sites:
        total = validated(fleet.station_record(station_id, EVENING))
        own = [each for each in records if each.object_id.startswith(station_id)]
        assert total.object_kind is ObjectKind.STATION
        assert total.charge_power == pytest.approx(sum(e.charge_power or 0 for e in own))
        assert total.charge_energy == sum(e.charge_energy or 0 for e in own)
        assert total.charging_count == sum(e.charging_count or 0 for e in own)
    with pytest.raises(UnknownObject):
        fleet.station_record("nowhere", EVENING)


@pytest.mark.parametrize("seed", [2, 4])  # a charge-only station, one that can discharge
def test_a_limit_is_obeyed_and_the_report_adds_up_jes_6_5_3(seed: int) -> None:
    fleet, twin = small(seed), small(seed)
    station, natural_kw = busiest(fleet, EVENING)
    sign = 1 if fleet.polarity(station) is PolarityMode.LOAD else -1
    targets = [sign * natural_kw * share for share in (0.5, 0.3)]
    command = validated(curve(fleet, station, targets, EVENING))
    fleet.follow(command)
    twin.records(EVENING)
    for second in range(30, 1800, 30):
        at = EVENING + timedelta(seconds=second)
        limit_kw = natural_kw * (0.5 if second < 900 + 30 else 0.3)
        record = fleet.station_record(station, at)
        assert (record.charge_power or 0.0) <= limit_kw + 0.1
    until = EVENING + 2 * QUARTER
    report = validated(fleet.execution(command, until))

    def consumed(which: Fleet) -> Decimal:
        start = small(seed).station_record(station, EVENING).charge_energy or Decimal(0)
        return (which.station_record(station, until).charge_energy or Decimal(0)) - start

    actual_kwh = sum(sign * point.power / 4 for point in report.actual_points)
    assert abs(actual_kwh - consumed(fleet)) < Decimal("0.02")
    assert abs(report.response_quantity - (consumed(twin) - consumed(fleet))) < Decimal("0.05")
    assert report.exec_state is ExecState.DONE
    assert report.response_quantity > 0
    assert Decimal(2) <= report.delay_sec <= Decimal(20)
    assert report.response_accuracy == 100
    assert len(report.actual_points) == 2


def test_a_limit_is_lifted_at_its_end() -> None:
    fleet, free = small(4), small(4)
    station, _ = busiest(fleet, EVENING)
    fleet.apply_limit(station, 0.0, EVENING, EVENING + QUARTER)
    held = fleet.station_record(station, EVENING + QUARTER - timedelta(seconds=1))
    after = fleet.station_record(station, EVENING + QUARTER + timedelta(seconds=1))
    usual = free.station_record(station, EVENING + QUARTER + timedelta(seconds=1))
    assert held.charge_power == 0
    assert (after.charge_power or 0.0) >= (usual.charge_power or 0.0) > 0


def test_v2g_delivers_on_demand_and_only_then_plt_7_4b() -> None:
    fleet = Fleet(6, OPERATOR)
    before = fleet.station_record(fleet.resource_id, EVENING)
    assert before.discharge_power == 0
    assert (before.active_power or 0.0) < 0
    fleet.apply_limit(fleet.resource_id, 25.0, EVENING, EVENING + QUARTER)
    during = fleet.station_record(fleet.resource_id, EVENING + timedelta(minutes=5))
    assert during.active_power == during.discharge_power == pytest.approx(25.0, abs=0.1)
    assert during.charge_power == 0
    states = fleet.statuses(EVENING + timedelta(minutes=5))
    delivering = {k for k, state in states.items() if state is ConnectorStatus.DISCHARGING}
    assert delivering
    assert all(fleet.posts[each].discharge_kw for each in delivering)
    end = fleet.station_record(fleet.resource_id, EVENING + QUARTER)
    assert (end.discharge_energy or 0) > (before.discharge_energy or 0)


def test_execution_of_what_was_never_applied_is_refused() -> None:
    fleet = small()
    station, _ = busiest(fleet, EVENING)
    with pytest.raises(UnknownObject):
        fleet.execution(curve(fleet, station, [0.0], EVENING), EVENING + QUARTER)


@pytest.mark.parametrize("size", [1, 37, 5000])
def test_batches_have_right_counts_numbers_and_polarity_plt_9_6c(size: int) -> None:
    fleet = small()
    records = fleet.records(EVENING)
    cut = batches(records, "S-1", 101, OPERATOR, EVENING, size)
    following = 101
    for batch in cut:
        assert validated(batch) == batch
        assert batch.seq_from == following
        following = batch.seq_to + 1
        assert following - batch.seq_from == batch.actual_count == len(batch.records) <= size
        assert {fleet.polarity(r.object_id) for r in batch.records} == {batch.polarity_mode}
    assert following == 101 + len(records)
    assert sorted(r.object_id for b in cut for r in b.records) == sorted(fleet.posts)
    assert len({batch.batch_id for batch in cut}) == len(cut)
    with pytest.raises(ValueError, match="size"):
        batches(records, "S-1", 1, OPERATOR, EVENING, 0)
