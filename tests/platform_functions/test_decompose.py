"""A command split by rated power: exact, in proportion, in each part's polarity. PLT-6.3a."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.rules.test_curve import curve
from vgigw.errors import OutsideCapability, PolarityMismatch
from vgigw.objects import ControlCurve, PolarityMode
from vgigw.objects.control import Fallback
from vgigw.objects.operating_enumerations import ControlQuantity, FallbackMode
from vgigw.platform_functions import plain
from vgigw.platform_functions.decompose import split
from vgigw.ports import Part, View
from vgigw.rules.polarity import net_consumption_kw

NOWHERE = cast(View, None)
"""The plain default looks at nothing but what it is handed."""
UNIT = Decimal("0.001")
ratings = st.integers(0, 500_000).map(lambda watts: Decimal(watts).scaleb(-3))
amounts = st.integers(-900_000, 900_000).map(lambda watts: Decimal(watts).scaleb(-3))


def part(name: str, charge: Any, discharge: Any = 0) -> Part:
    discharges = Decimal(discharge) > 0
    return Part(
        resource_id=name,
        owner="123456789",
        polarity=PolarityMode.GENERATION if discharges else PolarityMode.LOAD,
        rated_charge_kw=Decimal(charge),
        rated_discharge_kw=Decimal(discharge),
    )


def whole(*powers_kw: Any, polarity: PolarityMode = PolarityMode.LOAD, **more: Any) -> ControlCurve:
    made = curve(5, [(5 * at, 5 * at + 5) for at in range(len(powers_kw))], **more)
    points = tuple(
        replace(point, target_power=Decimal(power))
        for point, power in zip(made.points, powers_kw, strict=True)
    )
    return replace(made, points=points, polarity_mode=polarity)


def nets(commands: Sequence[ControlCurve], place: int = 0) -> list[Decimal]:
    return [net_consumption_kw(c.points[place].target_power, c.polarity_mode) for c in commands]


def decomposed(made: ControlCurve, *parts: Part) -> tuple[ControlCurve, ...]:
    return plain().decompose(made, parts, NOWHERE)


@given(amount=amounts, weights=st.lists(ratings, min_size=1, max_size=12))
def test_plt_6_3a_shares_are_exact_in_proportion_and_never_beyond_a_unit(
    amount: Decimal, weights: list[Decimal]
) -> None:
    whole_weight = sum(weights)
    if not whole_weight:
        if amount:
            with pytest.raises(ValueError, match="nobody"):
                split(amount, weights, 3)
        return
    shares = split(amount, weights, 3)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - amount * weight / whole_weight) < UNIT
        assert share * amount >= 0
        assert share == share.quantize(UNIT)
        if abs(amount) <= whole_weight:
            assert abs(share) <= weight


def test_jes_6_5_2b_what_is_left_goes_to_the_largest_fraction_first() -> None:
    assert split(Decimal("1.000"), [Decimal(1)] * 3, 3) == (
        Decimal("0.334"),
        Decimal("0.333"),
        Decimal("0.333"),
    )
    assert split(Decimal("-0.002"), [Decimal(1), Decimal(3)], 3) == (
        Decimal("-0.001"),
        Decimal("-0.001"),
    )
    assert split(Decimal("0.001"), [Decimal(1), Decimal(3)], 3) == (Decimal(0), UNIT)


@given(
    powers=st.lists(amounts, min_size=1, max_size=3),
    rated=st.lists(st.tuples(ratings, ratings), min_size=1, max_size=6),
    polarity=st.sampled_from(PolarityMode),
)
def test_plt_6_3a_the_parts_sum_up_to_the_whole_at_every_segment(
    powers: list[Decimal], rated: list[tuple[Decimal, Decimal]], polarity: PolarityMode
) -> None:
    parts = [part(f"S{n}", charge, discharge) for n, (charge, discharge) in enumerate(rated)]
    made = whole(*powers, polarity=polarity)
    wanted = [net_consumption_kw(power, polarity) for power in powers]
    charge, discharge = (sum(column, Decimal(0)) for column in zip(*rated, strict=True))
    if any((net > 0 and not charge) or (net < 0 and not discharge) for net in wanted):
        with pytest.raises(OutsideCapability):
            decomposed(made, *parts)
        return
    commands = decomposed(made, *parts)
    for place, net in enumerate(wanted):
        assert sum(nets(commands, place)) == net
    assert [each.polarity_mode for each in commands] == [each.polarity for each in parts]


def test_acc_g_1_who_cannot_discharge_is_told_zero_while_the_whole_delivers() -> None:
    made = whole(90, polarity=PolarityMode.GENERATION)
    commands = decomposed(made, part("A", 100), part("B", 100, 60), part("C", 50, 30))
    assert nets(commands) == [0, -60, -30]


def test_plt_6_3a_a_part_names_whole_owner_and_resource_and_keeps_the_rest() -> None:
    made = whole(30, version=4, supersedes_command_id="OLD")
    first, second = decomposed(made, part("A", 1), part("B", 2))
    assert (first.parent_command_id, first.resource_id) == (made.command_id, "A")
    assert (first.aggregator_id, first.issued_by) == ("123456789", made.aggregator_id)
    assert (first.version, first.supersedes_command_id) == (4, None)
    assert first.ack_deadline == made.ack_deadline
    assert len({first.command_id, second.command_id, made.command_id}) == 3
    again = decomposed(made, part("A", 1), part("B", 2))
    assert again == (first, second)
    newer = decomposed(replace(made, version=5), part("A", 1))
    assert newer[0].command_id != first.command_id


def test_what_is_a_sum_is_split_and_what_is_not_is_not() -> None:
    made = whole(
        30,
        tolerance=Decimal(3),
        ramp_limit=Decimal(6),
        load_limit=Decimal(90),
        fallback=Fallback(mode=FallbackMode.DEFAULT_LIMIT, power=Decimal(9), hold_min=5),
    )
    point = replace(
        made.points[0], target_reactive=Decimal(3), power_factor=Decimal("0.95"), price=Decimal(1)
    )
    first, second = decomposed(replace(made, points=(point,)), part("A", 10), part("B", 20))
    assert (first.tolerance, second.tolerance) == (Decimal(1), Decimal(2))
    assert (first.ramp_limit, second.ramp_limit) == (Decimal(2), Decimal(4))
    assert (first.load_limit, second.load_limit) == (Decimal(30), Decimal(60))
    assert first.fallback == Fallback(
        mode=FallbackMode.DEFAULT_LIMIT, power=Decimal("3.000"), hold_min=5
    )
    assert [c.points[0].target_reactive for c in (first, second)] == [1, 2]
    assert {c.points[0].power_factor for c in (first, second)} == {Decimal("0.95")}
    assert {c.points[0].price for c in (first, second)} == {Decimal(1)}


def test_plt_7_4b_a_limit_is_not_said_in_the_other_polarity() -> None:
    limit = whole(30, control_quantity=ControlQuantity.POWER_LIMIT)
    assert len(decomposed(limit, part("A", 10))) == 1
    with pytest.raises(PolarityMismatch):
        decomposed(limit, part("A", 10), part("B", 10, 10))
