"""Figures compared exactly, and the states of a reconciliation. JES-6.5.4c."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.trading import a_claim, a_settlement, an_energy_statement
from vgigw.codec import json
from vgigw.errors import IllegalState
from vgigw.objects import Difference, ReconcileItem
from vgigw.objects.settlement_enumerations import ReconcileState
from vgigw.rules.reconciliation import Behind, ReconcileEvent, advance, differences

NOTHING = Decimal(0)
TABLE = {
    (ReconcileState.OPEN, ReconcileEvent.AGREE): ReconcileState.EQUAL,
    (ReconcileState.OPEN, ReconcileEvent.DIFFER): ReconcileState.DIFFERS,
    (ReconcileState.EQUAL, ReconcileEvent.AGREE): ReconcileState.EQUAL,
    (ReconcileState.EQUAL, ReconcileEvent.DIFFER): None,
    (ReconcileState.DIFFERS, ReconcileEvent.AGREE): ReconcileState.EQUAL,
    (ReconcileState.DIFFERS, ReconcileEvent.DIFFER): ReconcileState.DISPUTED,
    (ReconcileState.DISPUTED, ReconcileEvent.AGREE): ReconcileState.EQUAL,
    (ReconcileState.DISPUTED, ReconcileEvent.DIFFER): ReconcileState.DISPUTED,
    **{(state, ReconcileEvent.REISSUE): ReconcileState.OPEN for state in ReconcileState},
}


@pytest.mark.parametrize(("state", "event"), list(product(ReconcileState, ReconcileEvent)))
def test_jes_6_5_4c_every_step_of_a_reconciliation(
    state: ReconcileState, event: ReconcileEvent
) -> None:
    after = TABLE[state, event]
    if after is None:
        with pytest.raises(IllegalState):
            advance(state, event)
    else:
        assert advance(state, event) is after


def found(behind: dict[str, Behind] | None = None, **claimed: Any) -> tuple[Difference, ...]:
    claim = a_claim(**claimed)
    return differences(claim, a_settlement(), an_energy_statement(), behind or {})


def test_jes_6_5_4c_equal_figures_have_no_difference() -> None:
    assert found() == ()
    assert found(charge_energy=Decimal("100.100"), discharge_energy=Decimal("40.2")) == ()


@pytest.mark.parametrize(
    ("member", "figure", "held"),
    [
        ("charge_energy", "ChargeEnergy", "100.1"),
        ("discharge_energy", "DischargeEnergy", "40.2"),
        ("adjust_energy", "AdjustEnergy", "33.333"),
        ("compensation_amount", "CompensationAmount", "10.00"),
        ("penalty_amount", "PenaltyAmount", "1.00"),
        ("net_amount", "NetAmount", "9.00"),
    ],
)
@given(thousandths=st.integers(1, 10**9))
def test_jes_6_5_4c_each_figure_that_differs_is_told_with_both_values(
    member: str, figure: str, held: str, thousandths: int
) -> None:
    value = Decimal(held) + Decimal(thousandths).scaleb(-3)
    expected = Difference(figure=figure, statement_value=Decimal(held), claimed_value=value)
    claimed: dict[str, Any] = {member: value}
    assert found(**claimed) == (expected,)


def test_plt_6_6_a_figure_that_nothing_is_held_for_is_not_equal() -> None:
    (told,) = differences(a_claim(charge_energy=Decimal(1)), a_settlement(), None, {})
    assert (told.figure, told.statement_value, told.claimed_value) == (
        "ChargeEnergy",
        None,
        Decimal(1),
    )


def item(item_id: str, energy: str, pay: str, fee: str) -> ReconcileItem:
    return ReconcileItem(
        item_id=item_id,
        adjust_energy=Decimal(energy),
        compensation_amount=Decimal(pay),
        penalty_amount=Decimal(fee),
    )


def test_jes_6_5_4c_items_are_compared_with_what_lies_behind_them() -> None:
    items = (item("K1", "30.000", "9.00", "1.00"), item("K2", "3.333", "1.00", "0.00"))
    behind = {"K1": Behind(Decimal(30), Decimal(1)), "K2": Behind(Decimal("3.333"), NOTHING)}
    assert found(behind, items=items) == ()

    other = {"K1": Behind(Decimal(31), Decimal(1)), "K2": Behind(None, Decimal(2))}
    told = [(d.item_id, d.figure, d.statement_value) for d in found(other, items=items)]
    assert told == [
        ("K1", "AdjustEnergy", Decimal(31)),
        ("K1", "CompensationAmount", Decimal("9.30")),
        ("K2", "AdjustEnergy", None),
        ("K2", "PenaltyAmount", Decimal(2)),
    ]


def test_jes_6_5_4c_an_item_that_does_not_exist_and_items_that_do_not_sum() -> None:
    told = [(d.item_id, d.figure) for d in found(items=(item("K9", "33.333", "10.00", "1.00"),))]
    assert told == [("K9", "AdjustEnergy")]
    behind = {"K1": Behind(Decimal(30), NOTHING)}
    told = [(d.item_id, d.figure) for d in found(behind, items=(item("K1", "30", "9.00", "0"),))]
    assert told == [(None, "AdjustEnergy"), (None, "PenaltyAmount")]


def test_a_sum_that_no_message_can_hold_is_left_out_of_an_answer_that_is_valid() -> None:
    most = ReconcileItem(
        item_id="A",
        adjust_energy=Decimal(10**12),
        compensation_amount=NOTHING,
        penalty_amount=Decimal(1),
    )
    items = (most, replace(most, item_id="B"))
    told = found(items=items)
    (summed,) = [each for each in told if each.item_id is None and each.figure == "AdjustEnergy"]
    assert (summed.statement_value, summed.claimed_value) == (Decimal("33.333"), None)
    assert summed.reason == "a value is larger than a message can hold"
    for each in told:
        json.validated(each)


def test_no_more_differences_than_an_answer_holds() -> None:
    items = tuple(item(f"K{n}", "1", "1", "1") for n in range(5000))
    assert len(found(items=items)) == 5000
