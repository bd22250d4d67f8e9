"""Money to the cent: compensation, net amount, graded shares. PLT-6.7, JES-6.5.4a, JES-A.10."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.trading import MIDNIGHT, a_settlement, an_energy_statement
from tests.cases.worlds import AGGREGATOR, OPERATOR
from vgigw.errors import InvalidObject
from vgigw.objects import SettlementStatement
from vgigw.objects.settlement_enumerations import InvoiceState, ShareLevel
from vgigw.rules.settlement import (
    CENT,
    check_energy,
    check_part,
    check_settlement,
    check_whole,
    compensation_of,
    distribute,
    part_for,
)

amounts = st.integers(-(10**14), 10**14).map(lambda cents: Decimal(cents).scaleb(-2))
parts = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=12).map(
    lambda found: [
        Decimal(each * 1_000_000 // max(sum(found), 1_000_000)).scaleb(-6) for each in found
    ]
)


@given(amounts, parts, st.data())
def test_q33_shares_sum_to_the_cent_and_each_is_less_than_a_cent_off(
    net: Decimal, ratios: list[Decimal], data: st.DataObject
) -> None:
    rest_to = data.draw(st.integers(0, len(ratios) - 1))
    shares = distribute(net, ratios, rest_to)
    assert sum(shares, Decimal(0)) == net
    rest = 1 - sum(map(Fraction, ratios))
    for place, (share, ratio) in enumerate(zip(shares, ratios, strict=True)):
        exact = Fraction(net) * (Fraction(ratio) + (rest if place == rest_to else 0))
        assert abs(Fraction(share) - exact) < Fraction(CENT)
        assert share.as_tuple().exponent == -2


@given(amounts, parts)
def test_q33_the_larger_remainder_never_gets_less(net: Decimal, ratios: list[Decimal]) -> None:
    shares = distribute(net, ratios)
    cents = [abs(Fraction(net)) * 100 * Fraction(ratio) for ratio in ratios]
    cents[0] += abs(Fraction(net)) * 100 * (1 - sum(map(Fraction, ratios)))
    given_more = [abs(share) * 100 > int(exact) for share, exact in zip(shares, cents, strict=True)]
    remainders = [exact - int(exact) for exact in cents]
    lucky = [r for r, more in zip(remainders, given_more, strict=True) if more]
    others = [r for r, more in zip(remainders, given_more, strict=True) if not more]
    assert not lucky or not others or min(lucky) >= max(others)


def test_q33_of_equal_remainders_the_aggregator_comes_first() -> None:
    third = Decimal("0.333333")
    half = Decimal("0.5")
    assert distribute(Decimal("0.01"), [half, half], 1) == [Decimal("0.00"), CENT]
    assert distribute(Decimal("-0.01"), [half, half], 1) == [Decimal("0.00"), -CENT]
    assert distribute(Decimal("100.00"), [third, third, third], 2) == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]


@pytest.mark.parametrize(
    ("net", "ratios"),
    [("1.00", ["0.6", "0.6"]), ("1.00", ["1.1", "-0.1"]), ("0.001", ["1"])],
)
def test_what_cannot_be_distributed_is_no_distribution(net: str, ratios: list[str]) -> None:
    with pytest.raises(ValueError, match="distributed"):
        distribute(Decimal(net), [Decimal(each) for each in ratios])


@pytest.mark.parametrize(
    ("price", "energy", "pay"),
    [
        ("3.5", "2.0", "7.00"),
        ("1", "0.005", "0.01"),
        ("1", "0.015", "0.02"),
        ("-1", "0.005", "-0.01"),
    ],
)
def test_jes_a_10_pay_is_rounded_once_half_up(price: str, energy: str, pay: str) -> None:
    assert compensation_of(Decimal(price), Decimal(energy)) == Decimal(pay)


def test_jes_a_10_the_largest_product_is_exact() -> None:
    price, energy = Decimal("999999999999.9999"), Decimal("999999999999.995")
    exact = Fraction(price) * Fraction(energy)
    assert abs(Fraction(compensation_of(price, energy)) - exact) <= Fraction(1, 200)


def paths(statement: SettlementStatement) -> list[str]:
    with pytest.raises(InvalidObject) as refused:
        check_settlement(statement)
    return [detail.path for detail in refused.value.details]


def test_plt_6_7_the_plain_settlement_holds() -> None:
    check_settlement(a_settlement())
    check_whole(a_settlement())


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"compensation_amount": Decimal("10.01")}, ["/CompensationAmount", "/NetAmount"]),
        ({"unit_price": Decimal("0.3001")}, []),
        ({"unit_price": Decimal("0.3002")}, ["/CompensationAmount"]),
        ({"penalty_amount": Decimal("1.01")}, ["/NetAmount"]),
        ({"net_amount": Decimal("8.99")}, ["/NetAmount", "/Shares"]),
        ({"period_end": MIDNIGHT}, ["/PeriodEnd"]),
        ({"period_end": MIDNIGHT + timedelta(days=367)}, ["/PeriodEnd"]),
    ],
)
def test_plt_6_7_each_figure_follows_from_the_others(
    changes: dict[str, Any], found: list[str]
) -> None:
    statement = a_settlement(**changes)
    if found:
        assert paths(statement) == found
    else:
        check_settlement(statement)


def test_jes_6_5_4a_a_cent_more_or_less_is_refused() -> None:
    first, *others = a_settlement().shares
    for cent in (CENT, -CENT):
        shares = (replace(first, amount=first.amount + cent), *others)
        assert paths(a_settlement(shares=shares)) == ["/Shares"]
        with pytest.raises(InvalidObject):
            check_whole(a_settlement(shares=shares))


def test_jes_6_5_4a_nobody_has_two_shares_of_one_level_and_level_1_is_the_aggregators() -> None:
    shares = a_settlement().shares
    assert paths(a_settlement(shares=(*shares, replace(shares[1], amount=Decimal(0))))) == [
        "/Shares/3/PartyID"
    ]
    foreign = replace(shares[0], party_id=OPERATOR)
    assert paths(a_settlement(shares=(foreign, *shares[1:]))) == ["/Shares/0/PartyID"]


def test_jes_6_5_4a_a_part_holds_one_party_only() -> None:
    whole = a_settlement(
        invoice_no="I1", invoice_url="https://x", invoice_state=InvoiceState.ISSUED
    )
    part = part_for(whole, OPERATOR)
    assert part.shares == (whole.shares[1],)
    assert (part.invoice_no, part.invoice_url, part.invoice_state) == (None, None, None)
    assert part.net_amount == whole.net_amount
    check_settlement(part)
    check_part(part)
    with pytest.raises(InvalidObject):
        check_part(whole)
    with pytest.raises(InvalidObject):
        check_whole(part)


def test_plt_6_6_an_energy_statement_has_a_period() -> None:
    check_energy(an_energy_statement())
    with pytest.raises(InvalidObject):
        check_energy(an_energy_statement(period_end=MIDNIGHT))


def test_jes_6_5_4a_three_levels() -> None:
    assert {share.level for share in a_settlement().shares} == set(ShareLevel)
    assert a_settlement().shares[0].party_id == AGGREGATOR
