"""Cases of link, stations, telemetry and control: requests that the business rules accept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, Step, step
from tests.cases.completed import completed, execution, in_order
from tests.cases.worlds import DISPATCH, NOW, OPERATOR, SECRET, SUPERVISOR
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    BackfillQuery,
    CommandAck,
    CommandQuery,
    ConnectorStatusInfo,
    ControlCurve,
    ControlPoint,
    Heartbeat,
    InformationObject,
    RecallReceipt,
    RecallRequest,
    ServiceQuery,
    StationInfo,
    StationQuery,
    StationStatusQuery,
    TelemetryBatch,
    TelemetryQuery,
    TimeQuery,
    TokenRequest,
)
from vgigw.objects.enumerations import DirectionCapability, PolarityMode, Scene, UnitProfile
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandKind,
    ConnectorStatus,
    ControlQuantity,
    Priority,
    ReportMode,
    TriggerType,
)
from vgigw.operations import Operation
from vgigw.testing.fleet import Fleet


def station(draw: Draw) -> StationInfo:
    """2.0(12) holds: no charger and no connector stands twice in it."""
    drawn: StationInfo = draw(objects_of(StationInfo))
    devices = tuple(
        replace(
            device,
            equipment_id=f"{place}{device.equipment_id}"[:23],
            connector_infos=tuple(
                replace(each, connector_id=f"{place}{at}{each.connector_id}"[:26])
                for at, each in enumerate(device.connector_infos)
            ),
        )
        for place, device in enumerate(drawn.equipment_infos)
    )
    return replace(drawn, operator_id=OPERATOR, aggregator_id=None, equipment_infos=devices)


def batch(draw: Draw, modes: tuple[ReportMode, ...]) -> TelemetryBatch:
    """PLT-7.7a, PLT-9.5, PLT-9.6c hold: as many numbers as records, none later than sent."""
    drawn: TelemetryBatch = draw(objects_of(TelemetryBatch))
    present = len(drawn.records)
    first = min(drawn.seq_from, 2**62)
    return replace(
        drawn,
        seq_from=first,
        seq_to=first + present - 1,
        report_mode=draw(st.sampled_from(modes)),
        unit_profile=UnitProfile.KW,
        actual_count=present,
        expected_count=max(drawn.expected_count, present),
        period_sec=None if drawn.period_sec is None else min(drawn.period_sec, 30),
        send_time=max(record.data_time for record in drawn.records),
    )


def power(draw: Draw, target: StationInfo) -> Decimal:
    """A consumption within the rating of a station, signed by its polarity. PLT-7.4b."""
    most = int(target.max_charge_power * 1000)
    consumed = Decimal(draw(st.integers(0, most))).scaleb(-3)
    return consumed if polarity_of(target) is PolarityMode.LOAD else consumed * -1 or consumed


def curve(draw: Draw, target: StationInfo) -> ControlCurve:
    """PLT-8.5a, PLT-8.8a, PLT-6.3a and JES-6.1.5 hold: steps without gap, deadlines in the future,
    targets within the rating, no floor below 20 %."""
    drawn: ControlCurve = draw(objects_of(ControlCurve))
    interval = draw(st.sampled_from((1, 5, 15)))
    at, points = drawn.points[0].start_time.replace(year=2032), []
    for point in drawn.points:
        end = at + timedelta(minutes=interval * draw(st.integers(1, 8)))
        asked = power(draw, target)
        points.append(replace(point, start_time=at, end_time=end, target_power=asked))
        at = end
    floor = drawn.soc_floor
    return replace(
        drawn,
        resource_id=target.station_id,
        aggregator_id=OPERATOR,
        polarity_mode=polarity_of(target),
        interval_min=interval,
        points=tuple(points),
        soc_floor=None if floor is None else max(floor, Decimal("20.0")),
        supersedes_command_id=None,
        issued_by=DISPATCH,
        issue_time=min(drawn.issue_time, NOW),
        ack_deadline=NOW + timedelta(seconds=draw(st.integers(1, 3600))),
        valid_until=NOW + timedelta(seconds=draw(st.integers(1, 3600))),
    )


def ack(draw: Draw, command: ControlCurve, **fixed: Any) -> CommandAck:
    party = draw(st.sampled_from((None, OPERATOR)))
    any_ack: CommandAck = draw(objects_of(CommandAck))
    drawn = replace(any_ack, command_id=command.command_id, ack_party=party)
    if command.command_kind is CommandKind.CONTROL and drawn.ack_result is AckResult.OPTED_OUT:
        drawn = replace(drawn, ack_result=AckResult.REFUSED)  # VGI-5.5
    drawn = replace(drawn, ack_time=min(drawn.ack_time, command.ack_deadline), **fixed)
    return completed(draw, drawn, command)


def recall(draw: Draw, stored: TelemetryBatch) -> RecallRequest:
    drawn: RecallRequest = draw(objects_of(RecallRequest))
    first = draw(st.integers(max(stored.seq_from - 3, 1), stored.seq_to))
    by_sequence = replace(
        drawn,
        requester_id=DISPATCH,
        stream_id=stored.stream_id,
        seq_from=first,
        seq_to=draw(st.integers(first, stored.seq_to + 3)),
        time_from=None,
        time_to=None,
        point_types=(),
    )
    times = [record.data_time for record in stored.records]
    kept = [each for each in times if NOW - timedelta(days=1000) < each <= NOW]
    start = draw(st.sampled_from(kept or [NOW]))
    by_time = replace(
        by_sequence,
        seq_from=None,
        seq_to=None,
        time_from=start,
        time_to=start + timedelta(milliseconds=1),
    )
    return draw(st.sampled_from((by_sequence, by_time)))  # type: ignore[no-any-return]


def _link(operation: Operation, draw: Draw) -> Case:
    requests: dict[str, st.SearchStrategy[Any]] = {
        ops.QUERY_TOKEN.name: st.one_of(
            objects_of(TokenRequest),
            st.just(TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)),
        ),
        ops.QUERY_SERVICES.name: objects_of(ServiceQuery),
        ops.QUERY_TIME.name: objects_of(TimeQuery),
        ops.HEARTBEAT.name: objects_of(Heartbeat),
    }
    return Case((), step(OPERATOR, operation, draw(requests[operation.name])))


def _archives(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    if operation is ops.PUSH_ARCHIVE:
        return Case((), push)
    drawn_state: ConnectorStatusInfo = draw(objects_of(ConnectorStatusInfo))
    state = replace(
        drawn_state,
        operator_id=draw(st.sampled_from((None, OPERATOR))),
        connector_id=held.equipment_infos[0].connector_infos[0].connector_id,
    )
    if state.status is ConnectorStatus.FAULT:
        state = replace(state, fault_code=state.fault_code or "E1")  # Section 2.2: needed when 255.
    told = step(OPERATOR, ops.PUSH_DEVICE_STATE, state)
    if operation is ops.PUSH_DEVICE_STATE:
        return Case((push,), told)
    if operation is ops.QUERY_STATION_STATUS:
        drawn: StationStatusQuery = draw(objects_of(StationStatusQuery))
        query = replace(drawn, station_ids=(held.station_id, *drawn.station_ids))
        return Case((push, told), step(SUPERVISOR, operation, query))
    return Case((push,), step(SUPERVISOR, operation, draw(objects_of(StationQuery))))


def _telemetry(operation: Operation, draw: Draw) -> Case:
    live = (ReportMode.CHANGE, ReportMode.FULL)
    if operation in (ops.UPLOAD_TELEMETRY, ops.BACKFILL_DATA):
        modes = live if operation is ops.UPLOAD_TELEMETRY else (ReportMode.BACKFILL,)
        return Case((), step(OPERATOR, operation, batch(draw, modes)))
    stored = batch(draw, live)
    upload = step(OPERATOR, ops.UPLOAD_TELEMETRY, stored)
    asked = step(DISPATCH, ops.RECALL_DATA, recall(draw, stored))
    if operation is ops.RECALL_DATA:
        return Case((upload,), asked)
    if operation is ops.QUERY_BACKFILL:
        return Case((upload, asked), Step(DISPATCH, operation, _job))
    wanted = tuple(record.object_id for record in stored.records)
    query: TelemetryQuery = draw(objects_of(TelemetryQuery))
    query = in_order(in_order(query, "time_from", "time_to"), "seq_from", "seq_to")
    found = replace(query, object_ids=wanted, stream_id=stored.stream_id, page_no=1)
    found = replace(found, seq_from=None, seq_to=None, time_from=None, time_to=None)
    return Case((upload,), step(DISPATCH, operation, draw(st.sampled_from((query, found)))))


def _job(replies: list[InformationObject]) -> InformationObject:
    receipt = replies[-1]
    assert isinstance(receipt, RecallReceipt)
    return BackfillQuery(job_id=receipt.job_id)


def _control(operation: Operation, draw: Draw) -> Case:
    held = station(draw)
    command = curve(draw, held)
    push = step(OPERATOR, ops.PUSH_ARCHIVE, held)
    issue = step(DISPATCH, ops.ISSUE_CONTROL, command)
    if operation is ops.ISSUE_CONTROL:
        return Case((push,), issue)
    if operation is ops.ACK_CONTROL:
        return Case((push, issue), step(OPERATOR, operation, ack(draw, command)))
    accepted = ack(draw, command, ack_result=AckResult.ACCEPTED)
    decided = step(OPERATOR, ops.ACK_CONTROL, accepted)
    report = step(OPERATOR, ops.REPORT_EXECUTION, execution(draw, command))
    if operation is ops.REPORT_EXECUTION:
        return Case((push, issue, decided), report)
    query = step(DISPATCH, operation, CommandQuery(command_id=command.command_id))
    return Case((push, issue, decided, report), query)


CASES: dict[str, Builder] = {
    **{row.name: _link for row in (ops.QUERY_TOKEN, ops.QUERY_SERVICES, ops.QUERY_TIME)},
    ops.HEARTBEAT.name: _link,
    **{row.name: _archives for row in (ops.PUSH_ARCHIVE, ops.PUSH_DEVICE_STATE)},
    **{row.name: _archives for row in (ops.QUERY_STATION_STATUS, ops.QUERY_STATIONS_INFO)},
    **{row.name: _telemetry for row in (ops.UPLOAD_TELEMETRY, ops.BACKFILL_DATA)},
    **{row.name: _telemetry for row in (ops.QUERY_TELEMETRY, ops.RECALL_DATA)},
    ops.QUERY_BACKFILL.name: _telemetry,
    **{row.name: _control for row in (ops.ISSUE_CONTROL, ops.ACK_CONTROL)},
    **{row.name: _control for row in (ops.REPORT_EXECUTION, ops.QUERY_CONTROL)},
}

CHANGED: dict[str, Change] = {
    "PushArchive": {"station_name": "of another name"},
    "UploadTelemetry": {"source_id": "another source"},
    "BackfillData": {"source_id": "another source"},
    "PushDeviceState": {"connector_id": "another connector"},
    "IssueControl": {"service_item": "another item"},
    "AckControl": {"accepted_power": Decimal("-1.234")},
    "ReportExecution": {"delay_sec": Decimal("99999.9")},
    "RecallData": {"rate_limit": 999_999},
}


def a_station() -> StationInfo:
    """One station without a surprise, of 60 kW."""
    found: StationInfo = next(iter(Fleet(1, OPERATOR, 1, 2).archives(NOW)))
    return replace(found, version=1, aggregator_id=None, max_charge_power=Decimal("60.000"))


def polarity_of(target: StationInfo) -> PolarityMode:
    """PLT-7.4b: who can discharge has generation polarity."""
    both = DirectionCapability.BIDIRECTIONAL
    discharges = any(each.direction_capability is both for each in target.equipment_infos)
    return PolarityMode.GENERATION if discharges else PolarityMode.LOAD


def a_curve(target: StationInfo) -> ControlCurve:
    """A command of one hour for a station."""
    hour = ControlPoint(
        start_time=NOW, end_time=NOW + timedelta(hours=1), target_power=Decimal("60.000")
    )
    return ControlCurve(
        command_id="K1",
        resource_id=target.station_id,
        aggregator_id=OPERATOR,
        scene=Scene(1),
        service_item="PEAK",
        command_kind=CommandKind.CONTROL,
        trigger_type=TriggerType.DISPATCH,
        priority=Priority(0),
        control_quantity=ControlQuantity(1),
        polarity_mode=polarity_of(target),
        interval_min=15,
        points=(hour,),
        ack_deadline=NOW + timedelta(seconds=30),
        valid_until=NOW + timedelta(hours=1),
        version=1,
        issued_by=DISPATCH,
        issue_time=NOW,
        origin_signature="x",
    )
