"""Cases of market, assessment, settlement, reconciliation, income and evaluation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, Step, act, step
from tests.cases.completed import in_order
from tests.cases.first import a_station, curve
from tests.cases.worlds import AGGREGATOR, DISPATCH, EXCHANGE, NOW, OEM, OPERATOR, SUPERVISOR
from tests.cases.worlds import PLATFORM as OURS
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    Appeal,
    AssessmentResult,
    ClearingResult,
    Declaration,
    DistributionShare,
    EnergyStatement,
    EvaluationQuery,
    IncomeQuery,
    InvoiceQuery,
    ReconcileRequest,
    ReconcileTotals,
    SettlementStatement,
    StationInfo,
)
from vgigw.objects.evaluation import SubjectKind
from vgigw.objects.market import ClearState, QuantityUnit
from vgigw.objects.settlement_enumerations import ShareLevel, StatementState
from vgigw.operations import Operation
from vgigw.rules.settlement import compensation_of, distribute


def declaration(draw: Draw, target: StationInfo) -> Declaration:
    """PLT-7.8b holds: prices rise or fall, delivery is on its day, the gate is open."""
    drawn: Declaration = draw(objects_of(Declaration))
    day = date(2027, 1, 1) + timedelta(days=draw(st.integers(0, 3000)))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    start = draw(st.integers(0, 23 * 60))
    minutes = draw(st.integers(60, 24 * 60 - start))
    prices = sorted((each.price for each in drawn.segments), reverse=draw(st.booleans()))
    most = int(target.max_charge_power) // len(drawn.segments)
    segments = tuple(
        replace(each, seg_no=place, price=price, quantity=Decimal(draw(st.integers(-most, most))))
        for place, (each, price) in enumerate(zip(drawn.segments, prices, strict=True), start=1)
    )
    gate = NOW + timedelta(seconds=draw(st.integers(0, 86400)))
    return replace(
        drawn,
        aggregator_id=OPERATOR,
        resource_id=target.station_id,
        trade_date=day,
        trade_start=midnight + timedelta(minutes=start),
        trade_end=midnight + timedelta(minutes=start + minutes),
        segments=segments,
        gate_time=gate,
        submit_time=min(drawn.submit_time, gate),
    )


def clearing(draw: Draw, declared: Declaration) -> ClearingResult:
    """PLT-7.8c holds: what is cleared was declared."""
    drawn: ClearingResult = draw(objects_of(ClearingResult))
    state = draw(st.sampled_from(ClearState))
    quantity = declared.segments[0].quantity
    at, segments = declared.trade_start, []
    for each in drawn.cleared_segments or draw(
        objects_of(ClearingResult).map(lambda found: found.cleared_segments[:1])
    ):
        end = at + timedelta(minutes=30)
        part = quantity / draw(st.sampled_from((2, 4)))
        segments.append(replace(each, start_time=at, end_time=end, quantity=part))
        at = end
    if not segments:
        state = ClearState.NONE
    return replace(
        drawn,
        declaration_id=declared.declaration_id,
        aggregator_id=declared.aggregator_id,
        resource_id=declared.resource_id,
        market_id=draw(st.sampled_from((None, declared.market_id))),
        trade_date=draw(st.sampled_from((None, declared.trade_date))),
        direction=draw(st.sampled_from((None, declared.direction))),
        quantity_unit=declared.quantity_unit or draw(st.sampled_from((None, QuantityUnit.KW))),
        clear_state=state,
        cleared_segments=() if state is ClearState.NONE else tuple(segments),
    )


def energy(draw: Draw) -> EnergyStatement:
    drawn: EnergyStatement = draw(objects_of(EnergyStatement))
    return replace(drawn, aggregator_id=OPERATOR, **_period(draw))


def settlement(draw: Draw, aggregator: str) -> SettlementStatement:
    """PLT-6.7 and JES-6.5.4a hold: amounts follow from each other, shares sum to the cent."""
    drawn: SettlementStatement = draw(objects_of(SettlementStatement))
    small = Decimal(draw(st.integers(0, 10**9))).scaleb(-3)
    price = Decimal(draw(st.integers(-(10**5), 10**5))).scaleb(-4)
    owed = compensation_of(price, small)
    fee = Decimal(draw(st.integers(0, 10**8))).scaleb(-2)
    parties = (
        (ShareLevel.AGGREGATOR, aggregator),
        (ShareLevel.OPERATOR, OPERATOR),
        (ShareLevel.USER, "V1"),
        (ShareLevel.USER, OEM),
    )
    ratios = [Decimal(draw(st.integers(0, 250_000))).scaleb(-6) for _ in parties]
    amounts = distribute(owed - fee, ratios)
    shares = tuple(
        replace(draw(objects_of(DistributionShare)), level=level, party_id=party, ratio=r, amount=a)
        for (level, party), r, a in zip(parties, ratios, amounts, strict=True)
    )
    return replace(
        drawn,
        aggregator_id=aggregator,
        adjust_energy=small,
        unit_price=price,
        compensation_amount=owed,
        penalty_amount=fee,
        net_amount=owed - fee,
        shares=shares,
        **_period(draw),
    )


def _period(draw: Draw) -> dict[str, Any]:
    start = NOW - timedelta(hours=draw(st.integers(1, 1000)))
    return {"period_start": start, "period_end": start + timedelta(hours=draw(st.integers(1, 800)))}


def _market(operation: Operation, draw: Draw) -> Case:
    target = a_station()
    push = step(OPERATOR, ops.PUSH_ARCHIVE, target)
    declared = declaration(draw, target)
    submit = step(OPERATOR, ops.SUBMIT_DECLARATION, declared)
    if operation is ops.SUBMIT_DECLARATION:
        return Case((push,), submit)
    return Case((push, submit), step(EXCHANGE, operation, clearing(draw, declared)))


def _assessment(operation: Operation, draw: Draw) -> Case:
    target = a_station()
    command = curve(draw, target)
    before: tuple[Step, ...] = (
        step(OPERATOR, ops.PUSH_ARCHIVE, target),
        step(DISPATCH, ops.ISSUE_CONTROL, command),
    )
    drawn: AssessmentResult = draw(objects_of(AssessmentResult))
    result = replace(
        drawn,
        command_id=command.command_id,
        aggregator_id=OPERATOR,
        resource_id=target.station_id,
        appeal_deadline=draw(st.sampled_from((None, NOW + timedelta(days=3)))),
        outage_attribution=tuple(
            replace(each, start=NOW, end=NOW + timedelta(hours=1))
            for each in drawn.outage_attribution
        ),
    )
    publish = step(DISPATCH, ops.PUBLISH_ASSESSMENT, result)
    if operation is ops.PUBLISH_ASSESSMENT:
        return Case(before, publish)
    appeal: Appeal = draw(objects_of(Appeal))
    appeal = replace(appeal, assessment_id=result.assessment_id, appeal_party=OPERATOR)
    return Case((*before, publish), step(OPERATOR, operation, appeal))


def _statements(operation: Operation, draw: Draw) -> Case:
    if operation is ops.PUBLISH_ENERGY_STATEMENT:
        party = draw(st.sampled_from((DISPATCH, EXCHANGE, SUPERVISOR)))
        return Case((), step(party, operation, energy(draw)))
    if operation is ops.PUBLISH_SETTLEMENT:
        told = step(OURS, operation, settlement(draw, AGGREGATOR))
        return Case((), told, served=AGGREGATOR)
    number = draw(objects_of(InvoiceQuery)).invoice_no
    state = draw(st.sampled_from([each for each in StatementState if each.name != "FINAL"]))
    settled = replace(settlement(draw, AGGREGATOR), state=state, invoice_no=number)
    published = act(AGGREGATOR, ops.PUBLISH_SETTLEMENT, settled)
    asked: Any = InvoiceQuery(invoice_no=number)
    if operation is ops.QUERY_INVOICE:
        return Case((published,), step(AGGREGATOR, operation, asked))
    if operation is ops.QUERY_INCOME:
        party = draw(st.sampled_from((AGGREGATOR, OPERATOR, OEM)))
        drawn: IncomeQuery = draw(objects_of(IncomeQuery))
        drawn = in_order(drawn, "period_start", "period_end")
        asked = replace(drawn, party_id=draw(st.sampled_from((None, party))))
        return Case((published,), step(party, operation, asked))
    request: ReconcileRequest = draw(objects_of(ReconcileRequest))
    if draw(st.booleans()):
        names = ("adjust_energy", "compensation_amount", "penalty_amount", "net_amount")
        equal = {name: getattr(settled, name) for name in names}
        totals = replace(request.totals, charge_energy=None, discharge_energy=None, **equal)
        request = replace(request, totals=totals, items=())
    asked = replace(request, statement_id=settled.statement_id)
    return Case((published,), step(AGGREGATOR, operation, asked))


def _evaluation(operation: Operation, draw: Draw) -> Case:
    target = a_station()
    drawn: EvaluationQuery = draw(objects_of(EvaluationQuery))
    kind = draw(st.sampled_from(SubjectKind))
    subject = target.station_id if kind is SubjectKind.RESOURCE else OPERATOR
    asked = replace(drawn, subject_kind=kind, subject_id=subject, **_period(draw))
    party = draw(st.sampled_from((OPERATOR, DISPATCH, SUPERVISOR)))
    return Case((step(OPERATOR, ops.PUSH_ARCHIVE, target),), step(party, operation, asked))


CASES: dict[str, Builder] = {
    **{row.name: _market for row in (ops.SUBMIT_DECLARATION, ops.PUBLISH_CLEARING)},
    **{row.name: _assessment for row in (ops.PUBLISH_ASSESSMENT, ops.SUBMIT_APPEAL)},
    **{row.name: _statements for row in (ops.PUBLISH_ENERGY_STATEMENT, ops.PUBLISH_SETTLEMENT)},
    **{row.name: _statements for row in (ops.RECONCILE, ops.QUERY_INCOME, ops.QUERY_INVOICE)},
    ops.QUERY_EVALUATION.name: _evaluation,
}

_CENT = Decimal("0.01")
A_CLAIM = ReconcileTotals(
    adjust_energy=Decimal("0.001"),
    compensation_amount=_CENT,
    penalty_amount=_CENT,
    net_amount=_CENT,
)

CHANGED: dict[str, Change] = {
    "SubmitDeclaration": {"service_item": "another item"},
    "PublishClearing": {"resource_id": "another resource"},
    "PublishAssessment": {"rule_id": "another rule"},
    "SubmitAppeal": {"text": "in other words, again"},
    "PublishEnergyStatement": {"verify_rule_id": "another rule"},
    "PublishSettlement": {"energy_statement_id": "another statement"},
    "Reconcile": {"totals": A_CLAIM},
}
