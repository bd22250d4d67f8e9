"""Two parties' figures of one settlement, compared exactly, and where that leads to. JES-6.5.4c.

The table: figures that are equal end the reconciliation; figures that still differ in a further
round are in dispute; a new version of the statement opens it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from vgigw.objects import (
    Difference,
    EnergyStatement,
    ReconcileItem,
    ReconcileRequest,
    SettlementStatement,
)
from vgigw.objects.settlement import MAX_DIFFERENCES
from vgigw.objects.settlement_enumerations import ReconcileState
from vgigw.objects.values import DECIMAL_LIMIT
from vgigw.rules.settlement import compensation_of
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
          agree  differ    reissue
OPEN      EQUAL  DIFFERS   =
EQUAL     =      x         OPEN
DIFFERS   EQUAL  DISPUTED  OPEN
DISPUTED  EQUAL  =         OPEN
"""
_NOT_BEHIND: Final = "nothing is held behind the statement"
_ITEMS: Final = "the items do not sum to the statement"
_TOO_MUCH: Final = "a value is larger than a message can hold"


class ReconcileEvent(StrEnum):
    """What a round brought, in the order of the table's columns."""

    AGREE = "agreed on"
    DIFFER = "disagreed on"
    REISSUE = "issued anew"


class Behind(NamedTuple):
    """What lies behind one item of a statement: energy reported in kWh (None where nobody
    reported), and the assessment fees in CNY."""

    adjust_energy: Decimal | None
    penalty_amount: Decimal


def advance(state: ReconcileState, event: ReconcileEvent) -> ReconcileState:
    """The state after ``event``; raises as :meth:`Transitions.advance`."""
    return _RECONCILIATION.advance(state, event)


def differences(
    request: ReconcileRequest,
    statement: SettlementStatement,
    energy: EnergyStatement | None,
    behind: Mapping[str, Behind],
) -> tuple[Difference, ...]:
    """Every figure that is not exactly equal; the first 5000. JES-6.5.4c.

    ``energy`` is the energy statement behind ``statement``, ``behind`` what is known by ItemID.
    """
    return tuple(islice(_differences(request, statement, energy, behind), MAX_DIFFERENCES))


def _differences(
    request: ReconcileRequest,
    statement: SettlementStatement,
    energy: EnergyStatement | None,
    behind: Mapping[str, Behind],
) -> Iterator[Difference]:
    totals = request.totals
    charged, discharged = totals.charge_energy, totals.discharge_energy
    if charged is not None:
        held = energy.charge_energy if energy else None
        yield from _compared(None, "ChargeEnergy", held, charged)
    if discharged is not None:
        held = energy.discharge_energy if energy else None
        yield from _compared(None, "DischargeEnergy", held, discharged)
    for figure, value, claimed in (
        ("AdjustEnergy", statement.adjust_energy, totals.adjust_energy),
        ("CompensationAmount", statement.compensation_amount, totals.compensation_amount),
        ("PenaltyAmount", statement.penalty_amount, totals.penalty_amount),
        ("NetAmount", statement.net_amount, totals.net_amount),
    ):
        yield from _compared(None, figure, value, claimed)
    if request.items:
        yield from _sums(request, statement)
    for item in request.items:
        yield from _item(item, statement, behind.get(item.item_id))


def _sums(request: ReconcileRequest, statement: SettlementStatement) -> Iterator[Difference]:
    """Energies and fees of items are exact, so that they sum; a compensation is rounded for each
    item and once for the total. Q33."""
    energy = sum((each.adjust_energy for each in request.items), Decimal(0))
    penalty = sum((each.penalty_amount for each in request.items), Decimal(0))
    yield from _compared(None, "AdjustEnergy", statement.adjust_energy, energy, _ITEMS)
    yield from _compared(None, "PenaltyAmount", statement.penalty_amount, penalty, _ITEMS)


def _item(
    item: ReconcileItem, statement: SettlementStatement, held: Behind | None
) -> Iterator[Difference]:
    if held is None:
        yield from _compared(item.item_id, "AdjustEnergy", None, item.adjust_energy)
        return
    energy = held.adjust_energy
    yield from _compared(item.item_id, "AdjustEnergy", energy, item.adjust_energy)
    if energy is not None:
        owed = compensation_of(statement.unit_price, energy)
        yield from _compared(item.item_id, "CompensationAmount", owed, item.compensation_amount)
    yield from _compared(item.item_id, "PenaltyAmount", held.penalty_amount, item.penalty_amount)


def _compared(
    item_id: str | None,
    figure: str,
    held: Decimal | None,
    claimed: Decimal,
    reason: str | None = None,
) -> Iterator[Difference]:
    if held == claimed:
        return
    told, of_it = _sayable(held), _sayable(claimed)
    too_much = told != held or of_it != claimed
    yield Difference(
        item_id=item_id,
        figure=figure,
        statement_value=told,
        claimed_value=of_it,
        reason=_NOT_BEHIND if held is None else _TOO_MUCH if too_much else reason,
    )


def _sayable(value: Decimal | None) -> Decimal | None:
    """A sum may be larger than any number that a message holds: the answer then leaves it out."""
    return value if value is not None and abs(value) <= DECIMAL_LIMIT else None


_RECONCILIATION: Final = Transitions("reconciliation", ReconcileState, ReconcileEvent, _TABLE)
