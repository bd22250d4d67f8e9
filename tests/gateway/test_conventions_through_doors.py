"""A dispatch in MW and generation polarity, an operator in kW and load, a platform between them.

What each of them says on the wire is written out by hand; what is stored is one form. Q1, Q2, Q27,
Q39, PLT-7.4. The parties themselves are gateways that take their numbers as they are, as foreign
systems do: only the platform knows the conventions.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    curve,
    kept,
    record,
    ret_of,
    station,
)
from vgigw.codec.convention import Convention
from vgigw.codec.convention_stamps import CurveStamp
from vgigw.errors import PeerAnswerInvalid, PeerRefused
from vgigw.objects import (
    CommandAck,
    CommandQuery,
    CommandStatus,
    ControlCurve,
    DirectionCapability,
    ExecutionReport,
    PolarityMode,
    RecallRequest,
    TelemetryBatch,
)
from vgigw.objects.archives import StationPage, StationQuery
from vgigw.objects.control import ActualPoint
from vgigw.objects.enumerations import CoordinateSystem, UnitProfile
from vgigw.objects.operating_enumerations import (
    AckResult,
    CommandState,
    ControlQuantity,
    ExecState,
    RecallCause,
    ReportMode,
)
from vgigw.objects.telemetry import TelemetryPage, TelemetryQuery
from vgigw.operations import (
    ACK_CONTROL,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    QUERY_CONTROL,
    QUERY_STATIONS_INFO,
    QUERY_TELEMETRY,
    RECALL_DATA,
    REPORT_EXECUTION,
    UPLOAD_TELEMETRY,
)

LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION
IN_MW = Convention(power_unit=UnitProfile.MW, polarity=GENERATION)
IN_KW = Convention(polarity=LOAD)
STEP = timedelta(minutes=15)


def trio_of(door: str, *, dispatch: Convention = IN_MW, operator: Convention = IN_KW) -> Trio:
    made = Trio(
        door,
        platform_sees={
            DISPATCH: {"convention": dispatch},
            OPERATOR: {"convention": operator},
        },
    )
    made.call(OPERATOR, PUSH_ARCHIVE, site())
    return made


def site(*, both_ways: bool = False, **changes: Any) -> Any:
    """``ST1``, which can only charge, or also discharge; with 500 kW."""
    rated = {"max_charge_power": Decimal(500), "max_discharge_power": Decimal(500)}
    plain = station(**rated | changes)
    if not both_ways:
        return plain
    chargers = tuple(
        replace(each, direction_capability=DirectionCapability.BIDIRECTIONAL)
        for each in plain.equipment_infos
    )
    return replace(plain, equipment_infos=chargers, version=2)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return trio_of(request.param)


def asked(
    power: str = "-0.100", polarity: PolarityMode = GENERATION, **changes: Any
) -> ControlCurve:
    """A curve as the dispatch writes it: MW, delivery positive."""
    point = replace(curve().points[0], target_power=Decimal(power))
    return curve(polarity_mode=polarity, points=(point,), **changes)


def curve_at(trio: Trio, party: str) -> ControlCurve:
    (document,) = trio.stores[party].read(lambda view: view.documents("ControlCurve"))
    found: ControlCurve = kept(ControlCurve, document.payload)
    return found


def said(found: ControlCurve) -> tuple[PolarityMode, str]:
    return found.polarity_mode, str(found.points[0].target_power)


def test_q39_q1_a_command_in_mw_and_generation_reaches_an_operator_in_kw_and_load(
    trio: Trio,
) -> None:
    """Charge with 100 kW: -0.1 MW says the one, +100 kW the other, and so it is kept."""
    trio.call(DISPATCH, ISSUE_CONTROL, asked(tolerance=Decimal("0.002")))
    trio.tick()
    for party in (PLATFORM, OPERATOR):
        assert said(curve_at(trio, party)) == (LOAD, "100.000")
        assert str(curve_at(trio, party).tolerance) == "2.000"


def test_plt_7_4b_a_dual_resource_is_kept_in_generation_and_told_in_load(trio: Trio) -> None:
    """Discharge with 300 kW: +0.3 MW, inside +300 kW, to the operator -300 kW."""
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    trio.call(DISPATCH, ISSUE_CONTROL, asked("0.300"))
    trio.tick()
    assert said(curve_at(trio, PLATFORM)) == (GENERATION, "300.000")
    assert said(curve_at(trio, OPERATOR)) == (LOAD, "-300.000")


def test_q39_q1_acknowledgement_report_and_status_walk_back_in_mw_and_generation(
    trio: Trio,
) -> None:
    trio.call(DISPATCH, ISSUE_CONTROL, asked())
    trio.tick()
    trio.operator.send(PLATFORM, ACK_CONTROL, ack("60"), trio.now)
    trio.operator.send(PLATFORM, REPORT_EXECUTION, report("59"), trio.now)
    trio.tick(2)
    (held,) = kept_at(trio, PLATFORM, CommandAck)
    assert str(held.accepted_power) == "60.000"
    (told,) = kept_at(trio, DISPATCH, CommandAck)
    assert str(told.accepted_power) == "-0.060"
    (carried_out,) = kept_at(trio, PLATFORM, ExecutionReport)
    assert str(carried_out.actual_points[0].power) == "59.000"
    (reported,) = kept_at(trio, DISPATCH, ExecutionReport)
    assert str(reported.actual_points[0].power) == "-0.059"
    assert str(reported.mean_abs_error) == "0.001"
    status: CommandStatus = trio.call(DISPATCH, QUERY_CONTROL, CommandQuery(command_id="CMD1"))
    assert status.state is CommandState.EXECUTING
    assert said(status.command) == (GENERATION, "-0.100")
    assert [str(each.accepted_power) for each in status.acks] == ["-0.060"]
    assert [str(each.actual_points[0].power) for each in status.reports] == ["-0.059"]
    seen: CommandStatus = trio.call(OPERATOR, QUERY_CONTROL, CommandQuery(command_id="CMD1"))
    assert said(seen.command) == (LOAD, "100.000")
    assert [str(each.accepted_power) for each in seen.acks] == ["60.000"]


def test_plt_7_4b_the_answers_of_a_dual_resource_turn_on_the_way_in(trio: Trio) -> None:
    """The operator speaks load throughout: -300 kW accepted is 300 kW delivered."""
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    trio.call(DISPATCH, ISSUE_CONTROL, asked("0.300"))
    trio.tick()
    trio.operator.send(PLATFORM, ACK_CONTROL, ack("-250"), trio.now)
    trio.operator.send(PLATFORM, REPORT_EXECUTION, report("-240"), trio.now)
    trio.tick(2)
    assert [str(a.accepted_power) for a in kept_at(trio, PLATFORM, CommandAck)] == ["250.000"]
    assert [str(a.accepted_power) for a in kept_at(trio, DISPATCH, CommandAck)] == ["0.250"]
    (told,) = kept_at(trio, DISPATCH, ExecutionReport)
    assert str(told.actual_points[0].power) == "0.240"


def ack(accepted: str) -> CommandAck:
    return CommandAck(
        command_id="CMD1",
        ack_result=AckResult.PARTLY,
        accepted_power=Decimal(accepted),
        ack_time=NOW,
    )


def report(power: str) -> ExecutionReport:
    return ExecutionReport(
        command_id="CMD1",
        report_id="REP1",
        exec_state=ExecState.EXECUTING,
        actual_start_time=NOW,
        actual_end_time=NOW + STEP,
        response_quantity=Decimal(25),
        response_accuracy=Decimal(99),
        mean_abs_error=Decimal("1.400"),
        delay_sec=Decimal(2),
        actual_points=(ActualPoint(start_time=NOW, end_time=NOW + STEP, power=Decimal(power)),),
    )


def kept_at(trio: Trio, party: str, cls: type[Any]) -> list[Any]:
    found = trio.stores[party].read(lambda view: view.documents(cls.__name__))
    return [kept(cls, document.payload) for document in found]


@pytest.mark.parametrize("polarity", [LOAD, GENERATION])
def test_plt_7_4c_a_header_that_contradicts_the_profile_is_4402(
    trio: Trio, polarity: PolarityMode
) -> None:
    if polarity is GENERATION:
        trio.call(DISPATCH, ISSUE_CONTROL, asked("-0.1", polarity))
        return
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, ISSUE_CONTROL, asked("0.1", polarity))
    assert refused.value.code == 4402
    assert trio.stores[PLATFORM].read(lambda view: view.documents("ControlCurve")) == []


def test_plt_7_4c_without_a_profile_the_archive_still_decides(trio: Trio) -> None:
    plain = trio_of(trio.door, dispatch=Convention(), operator=Convention())
    with pytest.raises(PeerRefused) as refused:
        plain.call(DISPATCH, ISSUE_CONTROL, asked("-100"))
    assert refused.value.code == 4402
    plain.call(DISPATCH, ISSUE_CONTROL, asked("100", LOAD))
    plain.tick()
    assert said(curve_at(plain, OPERATOR)) == (LOAD, "100.000")


@pytest.mark.parametrize("both_ways", [False, True])
def test_an_upper_limit_is_turned_neither_on_the_way_in_nor_on_the_way_out(
    trio: Trio, both_ways: bool
) -> None:
    """The issuer speaks generation, the carrier load: whatever the archive says, one must turn."""
    if both_ways:
        trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    limit = asked("-0.1", control_quantity=ControlQuantity.POWER_LIMIT)
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, ISSUE_CONTROL, limit)
    assert (refused.value.code, [d.path for d in refused.value.details]) == (
        4402,
        ["/ControlQuantity"],
    )
    assert trio.stores[PLATFORM].read(lambda view: view.documents("ControlCurve")) == []
    assert trio.letters(PLATFORM) == []


def test_card_6_a_repeat_in_mw_is_a_repeat(trio: Trio) -> None:
    first = trio.call(DISPATCH, ISSUE_CONTROL, asked())
    assert trio.call(DISPATCH, ISSUE_CONTROL, asked()) == first
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, ISSUE_CONTROL, asked("-0.101"))
    assert refused.value.code == 4202


@pytest.mark.parametrize("door", list(BASES))
def test_q39_six_places_of_mw_are_read_on_every_door(door: str) -> None:
    trio = trio_of(door)
    token = trio.token(DISPATCH)
    fine = trio.sealed(ISSUE_CONTROL, asked("-0.123456"), token, party=DISPATCH)
    assert ret_of(trio.give(fine)) == 0
    assert said(curve_at(trio, PLATFORM)) == (LOAD, "123.456")


@pytest.mark.parametrize("door", list(BASES))
def test_q39_what_would_have_to_be_rounded_is_refused(door: str) -> None:
    trio = trio_of(door)
    finer = asked("-0.1234567")
    wire = trio.sealed(ISSUE_CONTROL, finer, trio.token(DISPATCH), party=DISPATCH)
    assert ret_of(trio.give(wire)) == 4004


@pytest.mark.parametrize("door", list(BASES))
def test_q39_others_have_no_more_places_than_before(door: str) -> None:
    trio = trio_of(door, dispatch=Convention())
    fine = trio.sealed(ISSUE_CONTROL, asked("0.1234", LOAD), trio.token(DISPATCH), party=DISPATCH)
    assert ret_of(trio.give(fine)) == 4004


# --- telemetry -------------------------------------------------------------------------------


def test_plt_7_4_telemetry_goes_up_in_mw_and_generation_and_is_kept_as_it_was(trio: Trio) -> None:
    """500 kW of charging: -0.5 MW to the dispatch, in the header too."""
    own = batch(1, 1, records=(record(1, active_power=500.0, up_capability=10.0),))
    wire = overheard(trio, PLATFORM)
    trio.platform.send(DISPATCH, UPLOAD_TELEMETRY, replace(own, source_id=PLATFORM), trio.now)
    trio.tick()
    held = rows(trio, PLATFORM)
    assert (held.unit_profile, held.polarity_mode) == (UnitProfile.KW, LOAD)
    assert held.records[0].active_power == 500.0
    told = next(obj for obj in wire if isinstance(obj, TelemetryBatch))
    assert (told.unit_profile, told.polarity_mode) == (UnitProfile.MW, GENERATION)
    assert told.records[0].active_power == -0.5
    assert rows(trio, DISPATCH).records[0].active_power == -500.0
    assert (told.records[0].up_capability, told.records[0].down_capability) == (None, 0.01)


class Overheard:
    """A courier that tells what it was given to seal and what it opened, word for word."""

    def __init__(self, courier: Any, heard: list[Any]) -> None:
        self._courier = courier
        self._heard = heard
        self.name = courier.name

    def seal(self, peer: Any, base: str, operation: Any, request: Any, *rest: Any) -> Any:
        self._heard.append(request)
        return self._courier.seal(peer, base, operation, request, *rest)

    def open(self, *given: Any) -> Any:
        self._heard.append(self._courier.open(*given))
        return self._heard[-1]


def overheard(trio: Trio, party: str) -> list[Any]:
    """What ``party`` says and is answered on the wire, from now on."""
    heard: list[Any] = []
    couriers: Any = trio.gateways[party]._exchanges._couriers
    couriers[trio.door] = Overheard(couriers[trio.door], heard)
    return heard


def rows(trio: Trio, party: str) -> TelemetryBatch:
    (row,) = trio.stores[party].read(lambda view: view.rows(stream=STREAM))
    found: TelemetryBatch = kept(TelemetryBatch, row.payload)
    return found


def test_plt_7_4_a_batch_that_says_mw_is_kept_in_kw_whoever_sent_it(trio: Trio) -> None:
    said_mw = batch(1, 1, unit_profile=UnitProfile.MW, records=(record(1, active_power=0.0005),))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, said_mw)
    assert rows(trio, PLATFORM).unit_profile is UnitProfile.KW
    assert rows(trio, PLATFORM).records[0].active_power == 0.5


def test_plt_7_4_a_page_of_records_is_in_the_convention_of_who_asks(trio: Trio) -> None:
    """A page has no header; the records under it were sent in both polarities."""
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1, records=(record(1, active_power=500.0),)))
    other = trio_of(trio.door, operator=Convention())
    other.stores[PLATFORM] = trio.stores[PLATFORM]
    other.restart(PLATFORM)
    dual = batch(2, 2, polarity_mode=GENERATION, records=(record(2, active_power=300.0),))
    other.call(OPERATOR, UPLOAD_TELEMETRY, dual)
    wanted = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=2)
    page: TelemetryPage = trio.call(DISPATCH, QUERY_TELEMETRY, wanted)
    assert [each.active_power for each in page.records] == [-0.5, 0.3]


# --- time stamps and places ------------------------------------------------------------------


@pytest.mark.parametrize(("stamp", "first"), [(CurveStamp.BEGIN, 0), (CurveStamp.END, 15)])
def test_q27_a_curve_of_stamps_is_kept_and_told_with_its_steps(
    trio: Trio, stamp: CurveStamp, first: int
) -> None:
    """From a dispatch that stamps the end 00:15 to an operator that stamps the begin."""
    plain = trio_of(
        trio.door,
        dispatch=Convention(curve_stamp=stamp),
        operator=Convention(curve_stamp=CurveStamp.BEGIN),
    )
    at = [NOW + timedelta(minutes=first + n * 15) for n in range(4)]
    shaped = tuple(
        replace(curve().points[0], start_time=t, end_time=t, target_power=Decimal(n))
        for n, t in enumerate(at)
    )
    plain.call(DISPATCH, ISSUE_CONTROL, curve(points=shaped, valid_until=NOW + 5 * STEP))
    held = curve_at(plain, PLATFORM)
    assert [p.start_time for p in held.points] == [NOW + n * STEP for n in range(4)]
    assert [p.end_time for p in held.points] == [NOW + (n + 1) * STEP for n in range(4)]
    letter = plain.letters(PLATFORM)[0]
    assert kept(ControlCurve, letter.payload) == held
    wire = overheard(plain, PLATFORM)
    plain.tick()
    told = next(obj for obj in wire if isinstance(obj, ControlCurve))
    assert [p.start_time for p in told.points] == [p.start_time for p in held.points]
    assert [p.end_time for p in told.points] == [p.start_time for p in held.points]


def test_a_command_that_its_carrier_cannot_be_told_is_refused_at_once(trio: Trio) -> None:
    """Seven minutes at once are no step of a quarter of an hour."""
    plain = trio_of(
        trio.door, dispatch=Convention(), operator=Convention(curve_stamp=CurveStamp.END)
    )
    point = replace(curve().points[0], end_time=NOW + timedelta(minutes=7))
    with pytest.raises(PeerRefused) as refused:
        plain.call(DISPATCH, ISSUE_CONTROL, curve(points=(point,)))
    assert (refused.value.code, [d.path for d in refused.value.details]) == (
        4004,
        ["/Points/0/EndTime"],
    )


def test_positions_are_kept_in_gcj_02_and_told_in_wgs_84(trio: Trio) -> None:
    wgs_84 = Convention(coordinates=CoordinateSystem.WGS_84)
    plain = trio_of(trio.door, dispatch=wgs_84, operator=wgs_84)
    place: dict[str, Any] = {
        "station_lng": Decimal("121.527211"),
        "station_lat": Decimal("31.177428"),
        "coord_sys": None,
    }
    plain.call(OPERATOR, PUSH_ARCHIVE, site(version=3, **place))
    (held,) = kept_at(plain, PLATFORM, type(site()))
    assert held.coord_sys is CoordinateSystem.GCJ_02
    assert (str(held.station_lng), str(held.station_lat)) == ("121.531542", "31.175304")
    wire = overheard(plain, DISPATCH)
    plain.call(DISPATCH, QUERY_STATIONS_INFO, StationQuery())
    told = next(obj for obj in wire if isinstance(obj, StationPage)).station_infos[0]
    assert told.coord_sys is CoordinateSystem.WGS_84
    assert abs(told.station_lng - place["station_lng"]) <= Decimal("0.000001")
    assert abs(told.station_lat - place["station_lat"]) <= Decimal("0.000001")


# --- what cannot be said ---------------------------------------------------------------------


def test_an_answer_that_cannot_be_said_is_our_fault_and_not_the_peers(trio: Trio) -> None:
    """A charger of 0.3 kW, whose rating must be above zero, has none in whole thousandths of MW."""
    small = tuple(replace(each, power=Decimal("0.3")) for each in site().equipment_infos)
    trio.call(OPERATOR, PUSH_ARCHIVE, replace(site(), equipment_infos=small, version=3))
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, QUERY_STATIONS_INFO, StationQuery())
    assert refused.value.code == 500
    assert refused.value.details == ()


def test_q39_a_station_is_told_in_mw_on_every_door(trio: Trio) -> None:
    with IN_MW.reading():
        page: Any = trio.call(DISPATCH, QUERY_STATIONS_INFO, StationQuery())
    (told,) = page.station_infos
    kilowatts = station().equipment_infos[0].power
    assert told.equipment_infos[0].power * 1000 == kilowatts


def test_an_answer_that_contradicts_the_profile_is_no_answer(trio: Trio) -> None:
    """A platform that always speaks generation shows a command in load: nobody knows what it is."""
    plain = Trio(trio.door)
    plain.call(OPERATOR, PUSH_ARCHIVE, site())
    plain.call(DISPATCH, ISSUE_CONTROL, curve())
    seen = plain.dispatch.identity.peers[PLATFORM]
    changed = {PLATFORM: replace(seen, convention=Convention(polarity=GENERATION))}
    plain.dispatch.identity.peers.update(changed)  # type: ignore[attr-defined]
    with pytest.raises(PeerAnswerInvalid):
        plain.call(DISPATCH, QUERY_CONTROL, CommandQuery(command_id="CMD1"))


def test_what_was_verified_is_what_is_decoded_and_what_is_stored_is_one_form() -> None:
    """One command on three doors, in two conventions: the same document."""
    documents = set()
    for door in BASES:
        for convention, said_so in ((IN_MW, asked("-0.1")), (Convention(), asked("100", LOAD))):
            trio = trio_of(door, dispatch=convention)
            trio.call(DISPATCH, ISSUE_CONTROL, said_so)
            (held,) = trio.stores[PLATFORM].read(lambda view: view.documents("ControlCurve"))
            documents.add((held.digest, msgspec.json.encode(kept(ControlCurve, held.payload))))
    assert len(documents) == 1


def test_recalled_records_are_told_in_the_convention_of_who_recalls(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1, records=(record(1, active_power=500.0),)))
    wanted = RecallRequest(
        recall_id="R1",
        requester_id=DISPATCH,
        stream_id=STREAM,
        seq_from=1,
        seq_to=1,
        cause=RecallCause.PEER_RECALL,
    )
    trio.call(DISPATCH, RECALL_DATA, wanted)
    wire = overheard(trio, PLATFORM)
    trio.tick(3, step_s=1)
    told = next(obj for obj in wire if isinstance(obj, TelemetryBatch))
    assert told.report_mode is ReportMode.RECALL
    assert (told.polarity_mode, told.unit_profile) == (GENERATION, UnitProfile.MW)
    assert told.records[0].active_power == -0.5


@pytest.mark.parametrize("door", ["rest", "cec102"])
def test_where_everybody_writes_mw_nobody_inside_notices(door: str) -> None:
    """Both ends of every link have the profile: the answers are read with six places, too."""
    in_mw = {"convention": Convention(power_unit=UnitProfile.MW)}
    trio = Trio(door, peer_changes=in_mw)
    wire = overheard(trio, DISPATCH)
    trio.call(OPERATOR, PUSH_ARCHIVE, site())
    trio.call(DISPATCH, ISSUE_CONTROL, asked("123", LOAD))
    trio.tick()
    sent = replace(report("122"), response_quantity=Decimal("25.400"))
    trio.operator.send(PLATFORM, REPORT_EXECUTION, sent, trio.now)
    trio.tick(2)
    status: CommandStatus = trio.call(DISPATCH, QUERY_CONTROL, CommandQuery(command_id="CMD1"))
    assert said(status.command) == (LOAD, "123.000")
    assert [str(each.response_quantity) for each in status.reports] == ["25.400"]
    assert str(wire[-1].reports[0].response_quantity) == "0.025400"
    assert said(curve_at(trio, OPERATOR)) == (LOAD, "123.000")
