"""Plain objects of market and settlement, without a surprise, and what lies in an outbox."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.first import a_curve, a_station
from tests.cases.worlds import AGGREGATOR, DISPATCH, EXCHANGE, NOW, OPERATOR, World
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    Appeal,
    AssessmentIndex,
    AssessmentResult,
    ClearedSegment,
    ClearingResult,
    Declaration,
    DeclarationSegment,
    DistributionShare,
    EnergyStatement,
    InformationObject,
    ReconcileRequest,
    ReconcileTotals,
    SettlementStatement,
)
from vgigw.objects.assessment import SanctionKind
from vgigw.objects.market import ClearState, RegulationDirection
from vgigw.objects.settlement_enumerations import (
    ReconcileState,
    SettlementCycle,
    ShareLevel,
    StatementState,
    VerifySource,
)
from vgigw.operations import Operation

TRADED = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)
"""Where the trade date begins in Beijing."""
HOUR = timedelta(hours=1)
TEN = Decimal(10)
SITE = replace(a_station(), max_charge_power=Decimal(40))
"""The station of ``OPERATOR`` that is traded."""


def a_declaration(version: int = 1, **changes: Any) -> Declaration:
    """Ten and twenty kW more of the station of ``OPERATOR``, for one hour, gate in an hour."""
    plain = Declaration(
        declaration_id="D1",
        aggregator_id=OPERATOR,
        resource_id=SITE.station_id,
        market_id="M1",
        service_item="PEAK",
        trade_date=TRADED,
        trade_start=MIDNIGHT + 10 * HOUR,
        trade_end=MIDNIGHT + 11 * HOUR,
        direction=RegulationDirection.UP,
        segments=(
            DeclarationSegment(seg_no=1, quantity=TEN, price=Decimal("0.3")),
            DeclarationSegment(seg_no=2, quantity=2 * TEN, price=Decimal("0.4")),
        ),
        gate_time=NOW + HOUR,
        submit_time=NOW,
        version=version,
    )
    return replace(plain, **changes)


def a_clearing(clearing_id: str = "C1", **changes: Any) -> ClearingResult:
    """Twelve kW of the plain declaration in its first half hour."""
    plain = ClearingResult(
        clearing_id=clearing_id,
        declaration_id="D1",
        aggregator_id=OPERATOR,
        resource_id=SITE.station_id,
        clear_state=ClearState.PARTIAL,
        cleared_segments=(
            ClearedSegment(
                start_time=MIDNIGHT + 10 * HOUR,
                end_time=MIDNIGHT + 10 * HOUR + HOUR / 2,
                quantity=Decimal(12),
                price=Decimal("0.35"),
            ),
        ),
        publish_time=NOW,
    )
    return replace(plain, **changes)


def an_assessment(assessment_id: str = "A1", **changes: Any) -> AssessmentResult:
    """Of the command ``K1``; appeals within a day."""
    plain = AssessmentResult(
        assessment_id=assessment_id,
        command_id="K1",
        aggregator_id=OPERATOR,
        resource_id=SITE.station_id,
        rule_id="R1",
        rule_version="1",
        indices=(AssessmentIndex(name="MAE", value=Decimal(1), formula_ref="JES-A.5"),),
        qualified=True,
        penalty_amount=Decimal("3.00"),
        sanction=SanctionKind.NONE,
        appeal_deadline=NOW + 24 * HOUR,
    )
    return replace(plain, **changes)


def an_appeal(**changes: Any) -> Appeal:
    plain = Appeal(assessment_id="A1", appeal_party=OPERATOR, text="not so", appeal_time=NOW)
    return replace(plain, **changes)


def an_energy_statement(version: int = 1, **changes: Any) -> EnergyStatement:
    """Of the day after tomorrow's eve: the whole trade date."""
    plain = EnergyStatement(
        statement_id="E1",
        aggregator_id=OPERATOR,
        settlement_cycle=SettlementCycle.DAILY,
        period_start=MIDNIGHT,
        period_end=MIDNIGHT + 24 * HOUR,
        charge_energy=Decimal("100.1"),
        discharge_energy=Decimal("40.2"),
        adjust_energy=Decimal("33.333"),
        verify_rule_id="V1",
        verify_source=VerifySource.METER,
        state=StatementState.ISSUED,
        version=version,
    )
    return replace(plain, **changes)


def a_settlement(
    version: int = 1, aggregator: str = AGGREGATOR, **changes: Any
) -> SettlementStatement:
    """33.333 kWh at 0.3 CNY/kWh less 1.00 CNY: 9.00 CNY, for aggregator, operator and user."""
    parts = (
        (ShareLevel.AGGREGATOR, aggregator, "0.2", "1.80"),
        (ShareLevel.OPERATOR, OPERATOR, "0.5", "4.50"),
        (ShareLevel.USER, "V1", "0.3", "2.70"),
    )
    plain = SettlementStatement(
        statement_id="S1",
        energy_statement_id="E1",
        aggregator_id=aggregator,
        settlement_cycle=SettlementCycle.DAILY,
        period_start=MIDNIGHT,
        period_end=MIDNIGHT + 24 * HOUR,
        adjust_energy=Decimal("33.333"),
        unit_price=Decimal("0.3"),
        compensation_amount=Decimal("10.00"),
        penalty_amount=Decimal("1.00"),
        net_amount=Decimal("9.00"),
        shares=tuple(
            DistributionShare(
                level=level,
                party_id=party,
                ratio=Decimal(ratio),
                amount=Decimal(amount),
                account_ref=f"****{party[-2:]}",
            )
            for level, party, ratio, amount in parts
        ),
        reconcile_state=ReconcileState.OPEN,
        state=StatementState.ISSUED,
        version=version,
    )
    return replace(plain, **changes)


def a_claim(round_no: int = 1, **changes: Any) -> ReconcileRequest:
    """The figures of the plain settlement, but for ``changes`` of its totals."""
    totals = ReconcileTotals(
        adjust_energy=Decimal("33.333"),
        compensation_amount=Decimal("10.00"),
        penalty_amount=Decimal("1.00"),
        net_amount=Decimal("9.00"),
    )
    items = changes.pop("items", ())
    totals = replace(totals, **changes)
    return ReconcileRequest(statement_id="S1", round_no=round_no, totals=totals, items=items)


def call(world: World, party: str, operation: Operation, request: InformationObject) -> Any:
    return world.call("rest", party, operation, request)


def refusal(world: World, party: str, operation: Operation, request: InformationObject) -> int:
    """The code of the refusal, which leaves nothing behind."""
    kept = world.kept()
    with pytest.raises(PeerRefused) as refused:
        call(world, party, operation, request)
    assert world.kept() == kept
    return refused.value.code


def faults(world: World, party: str, operation: Operation, request: InformationObject) -> list[str]:
    """The paths of a refusal as 4004."""
    with pytest.raises(PeerRefused) as refused:
        call(world, party, operation, request)
    assert refused.value.code == 4004
    return [detail.path for detail in refused.value.details]


def sent(world: World, *operations: Operation) -> list[tuple[str, InformationObject]]:
    """Destination and content of every letter of ``operations``."""
    rows = {row.name: row for row in operations}
    letters = world.served.store.read(lambda view: view.letters())
    return [
        (each.destination, object_of(rows[each.operation].request, each.payload))
        for each in letters
        if each.operation in rows
    ]


def declared(world: World, **changes: Any) -> None:
    """A station of ``OPERATOR``, and the plain declaration of it."""
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    call(world, OPERATOR, ops.SUBMIT_DECLARATION, a_declaration(**changes))


def cleared(world: World, **changes: Any) -> None:
    call(world, EXCHANGE, ops.PUBLISH_CLEARING, a_clearing(**changes))


def commanded(world: World) -> None:
    """A station of ``OPERATOR``, and the command ``K1`` for it from ``DISPATCH``."""
    call(world, OPERATOR, ops.PUSH_ARCHIVE, SITE)
    command = a_curve(SITE)
    points = tuple(replace(each, target_power=3 * TEN) for each in command.points)
    call(world, DISPATCH, ops.ISSUE_CONTROL, replace(command, points=points))
