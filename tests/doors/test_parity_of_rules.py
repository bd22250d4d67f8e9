"""A rule that is broken is told alike on every door: one violation for every row of the checks.

And for every code of the business rules: the same code and the same details by SOAP, REST and
T/CEC 102, and nothing is kept. CARD-12.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from tests.cases.case import Case, Step, step
from tests.cases.first import a_station
from tests.cases.worlds import DOORS, NOW, OPERATOR
from tests.doors.sealing import Refused
from tests.doors.test_parity import a_command, on_every_door, refused
from tests.doors.test_parity_of_refusals import caller_of, served_by
from vgigw import objects as o
from vgigw import operations as ops
from vgigw.codec.example_exchange import request_of
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.operating_enumerations import AckResult, CommandKind
from vgigw.operations import OPERATIONS, Operation
from vgigw.rules.checks import CHECKS

HOUR = timedelta(hours=1)


class Broken(NamedTuple):
    """What is changed in the example of an object, the code, and the first path told."""

    changes: dict[str, Any]
    code: int
    path: str


def first(name: str, cls: type[o.InformationObject], **changes: Any) -> Any:
    """A list of which the first item of the example has ``changes``."""
    example: Any = request_of(asking(cls))
    return (replace(getattr(example, name)[0], **changes), *getattr(example, name)[1:])


def asking(cls: type[o.InformationObject]) -> Operation:
    """The operation whose request is of ``cls``."""
    return next(row for row in OPERATIONS if row.request is cls)


def backwards(start: str, end: str, wire: str) -> Broken:
    return Broken({start: NOW, end: NOW - HOUR}, 4004, f"/{wire}")


def beyond_order(name: str, cls: type[o.InformationObject], path: str, code: int = 4004) -> Broken:
    """The first item of a list ends an hour before it starts."""
    item = getattr(request_of(asking(cls)), name)[0]
    return Broken({name: first(name, cls, end_time=item.start_time - HOUR)}, code, path)


BROKEN: dict[type[o.InformationObject], Broken] = {
    o.FileAck: Broken({"file_name": "../away"}, 4004, "/FileName"),
    o.FileManifest: Broken({"hash": "none"}, 4004, "/Hash"),
    o.KeyRecord: backwards("not_before", "not_after", "NotAfter"),
    o.SupplyScheme: Broken({"step_min": 20}, 4405, "/StepMin"),
    o.ControlCurve: Broken({"soc_floor": Decimal("10.0")}, 4404, "/SOCFloor"),
    o.CommandAck: Broken({"ack_result": AckResult.REFUSED}, 4004, "/AcceptedPower"),
    o.ExecutionReport: backwards("actual_start_time", "actual_end_time", "ActualEndTime"),
    o.PlanCurve: Broken({"interval_min": 7}, 4405, "/IntervalMin"),
    o.AdjustCapability: Broken({"data_time": NOW + HOUR}, 4401, "/DataTime"),
    o.DREvent: beyond_order("intervals", o.DREvent, "/Intervals/0/EndTime", 4405),
    o.TelemetryBatch: Broken({"actual_count": 7}, 4004, "/ActualCount"),
    o.Declaration: backwards("trade_start", "trade_end", "TradeEnd"),
    o.ClearingResult: Broken({"cleared_segments": ()}, 4004, "/ClearedSegments"),
    o.EnergyStatement: backwards("period_start", "period_end", "PeriodEnd"),
    o.SettlementStatement: Broken({"net_amount": Decimal("1.23")}, 4004, "/NetAmount"),
    o.StationInfo: Broken(
        {"equipment_infos": 2 * first("equipment_infos", o.StationInfo)},
        4004,
        "/EquipmentInfos/1/EquipmentID",
    ),
    o.OperatorInfo: Broken({"operator_uscid": "1" * 18}, 4004, "/OperatorUSCID"),
    o.LoadDevice: Broken({"min_power": Decimal("61.000")}, 4004, "/MaxPower"),
    o.LedgerQuery: Broken({"root": None}, 4004, "/Root"),
    o.AggregateResource: Broken({"polarity_mode": PolarityMode.LOAD}, 4402, "/PolarityMode"),
    o.GridNode: Broken({"from_bus_id": "B1"}, 4004, "/FromBusID"),
    o.GridParameter: backwards("valid_from", "valid_to", "ValidTo"),
    o.GridTraceQuery: Broken({"node_id": "N1"}, 4004, "/EquipmentID"),
    o.VehicleInfo: Broken({"departure_time": NOW - HOUR}, 4004, "/DepartureTime"),
    o.ConsentInfo: backwards("granted_at", "valid_to", "ValidTo"),
    o.PolicyNotice: backwards("effective_from", "effective_to", "EffectiveTo"),
    o.PriceSignal: beyond_order("price_points", o.PriceSignal, "/PricePoints/0/EndTime", 4405),
    o.MaintenanceApplication: Broken(
        {"work_start": NOW, "work_end": NOW + HOUR}, 4406, "/WorkStart"
    ),
    o.AccessApplication: Broken({"state": o.ApplicationState.APPROVED}, 4203, "/State"),
    o.Sanction: Broken({"sanction_kind": o.SanctionKind.REMOVE}, 4004, "/AccessState"),
    o.OutageRecord: backwards("outage_start", "outage_end", "OutageEnd"),
    o.ChargeStatus: backwards("start_time", "end_time", "EndTime"),
    o.StartChargeResult: Broken({"start_time": NOW + HOUR}, 4004, "/StartTime"),
    o.ChargeOrder: backwards("start_time", "end_time", "EndTime"),
    o.OrderCheck: Broken({"order_count": 7}, 4004, "/OrderCount"),
    o.StationStatsQuery: Broken({"end_time": (NOW - 24 * HOUR).date()}, 4004, "/EndTime"),
    o.AssessmentResult: Broken(
        {
            "outage_attribution": (
                o.OutageShare(outage_id="O1", start=NOW, end=NOW - HOUR, party=OPERATOR),
            )
        },
        4004,
        "/OutageAttribution/0/End",
    ),
    o.TelemetryQuery: backwards("time_from", "time_to", "TimeTo"),
    o.RecallRequest: backwards("time_from", "time_to", "TimeTo"),
    o.AlarmQuery: backwards("time_from", "time_to", "TimeTo"),
    o.AuditQuery: backwards("time_from", "time_to", "TimeTo"),
    o.IncomeQuery: backwards("period_start", "period_end", "PeriodEnd"),
    o.EvaluationQuery: backwards("period_start", "period_end", "PeriodEnd"),
}
"""One violation of each row of the checks."""


def test_every_row_of_the_checks_is_broken_here() -> None:
    assert BROKEN.keys() == CHECKS.keys()


@pytest.mark.parametrize("cls", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_rule_is_told_alike_card_12(cls: type[o.InformationObject]) -> None:
    operation, (changes, code, path) = asking(cls), BROKEN[cls]
    served = served_by(operation)
    last = step(caller_of(operation, served), operation, replace(request_of(operation), **changes))
    found = []
    for door in DOORS:
        world, _ = Case((), last, served).prepared(door)
        kept = world.kept()
        found.append(refused(world, door, last.party, operation, last.asked([])))
        assert world.kept() == kept
    told: Refused = found[0]
    assert (told.ret, path in [detail[0] for detail in told.details]) == (code, True), told
    assert found == [told] * 3


def issued(**changes: Any) -> tuple[tuple[Step, ...], Step]:
    push, issue = a_command(**changes)
    return (push,), issue


def opted_out() -> tuple[tuple[Step, ...], Step]:
    push, issue = a_command(command_kind=CommandKind.CONTROL)
    told = o.CommandAck(command_id="K1", ack_result=AckResult.OPTED_OUT, ack_time=NOW)
    return (push, issue), step(OPERATOR, ops.ACK_CONTROL, told)


def partly() -> tuple[tuple[Step, ...], Step]:
    push, issue = a_command()
    told = o.CommandAck(
        command_id="K1",
        ack_result=AckResult.PARTLY,
        accepted_power=Decimal("60.001"),
        ack_time=NOW,
    )
    return (push, issue), step(OPERATOR, ops.ACK_CONTROL, told)


def too_much() -> Any:
    curve: Any = a_command()[1].asked([])
    return (replace(curve.points[0], target_power=Decimal("60.001")),)


def a_trip() -> tuple[tuple[Step, ...], Step]:
    row = ops.PUSH_TRIP
    return (), step(caller_of(row, served_by(row)), row, request_of(row))


other_polarity = {1: PolarityMode.GENERATION, 2: PolarityMode.LOAD}[
    a_command()[1].asked([]).polarity_mode.value  # type: ignore[attr-defined]
]
older = replace(a_station(), version=0)
CODES: dict[int, tuple[tuple[Step, ...], Step]] = {
    4004: partly(),
    4201: issued(resource_id="nobody's"),
    4203: opted_out(),
    4204: (
        (step(OPERATOR, ops.PUSH_ARCHIVE, a_station()),),
        step(OPERATOR, ops.PUSH_ARCHIVE, older),
    ),
    4402: issued(polarity_mode=other_polarity),
    4403: issued(points=too_much()),
    4404: issued(soc_floor=Decimal("19.9")),
    4405: issued(interval_min=7),
    4406: issued(valid_until=NOW),
    4407: a_trip(),
}
"""4401 stands among the broken rules above: nothing but a report of ability is refused with it."""


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_a_business_rule_is_told_alike_card_12(code: int) -> None:
    before, last = CODES[code]
    assert on_every_door(before, last).ret == code


def test_acc_7_3_the_code_of_a_fault_is_asked_of_whoever_has_a_word_for_it() -> None:
    """T/CEC 102 has no member for it: the only rule of content that depends on the door."""
    station = a_station()
    connector = station.equipment_infos[0].connector_infos[0].connector_id
    fault = o.ConnectorStatusInfo(
        event_id="E1", connector_id=connector, status=o.ConnectorStatus.FAULT, change_time=NOW
    )
    push = step(OPERATOR, ops.PUSH_ARCHIVE, station)
    last = step(OPERATOR, ops.PUSH_DEVICE_STATE, fault)
    for door in ("rest", "soap"):
        world, _ = Case((push,), last).prepared(door)
        told = refused(world, door, OPERATOR, ops.PUSH_DEVICE_STATE, fault)
        assert (told.ret, [detail[:2] for detail in told.details]) == (
            4004,
            [("/FaultCode", "required")],
        )
    world, _ = Case((push,), last).prepared("cec102")
    world.call("cec102", OPERATOR, ops.PUSH_DEVICE_STATE, fault)
