"""What a resource can do, reports of it, and what is asked of it. PLT-8.4, PLT-6.3a, ACC-G.1."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_curve import NOW, curve
from vgigw.errors import CurveRefused, OutsideCapability, PolarityMismatch, QualityRefused
from vgigw.objects import AdjustCapability, ControlCurve, PolarityMode
from vgigw.objects.capability import CapabilityBasis, CapabilityPoint
from vgigw.objects.operating_enumerations import ControlQuantity, RunState
from vgigw.rules.capability import (
    FRESH,
    Reach,
    asks_to_discharge,
    check_capability,
    check_claim,
    check_reach,
)
from vgigw.rules.polarity import flipped

LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION
RATED = Reach(Decimal(-60), Decimal(120))
CHARGES = Reach(Decimal(0), Decimal(120))
powers = st.integers(-200_000, 200_000).map(lambda watts: Decimal(watts).scaleb(-3))


def asked(power_kw: Any, polarity: PolarityMode = LOAD, **changes: Any) -> ControlCurve:
    made = curve(5, [(0, 5)], polarity_mode=polarity, **changes)
    point = made.points[0]
    moved = type(point)(
        start_time=point.start_time, end_time=point.end_time, target_power=Decimal(power_kw)
    )
    return curve(5, [(0, 5)], **{"polarity_mode": polarity, **changes, "points": (moved,)})


def report(power_kw: Any, up: Any, down: Any, **changes: Any) -> AdjustCapability:
    members: dict[str, Any] = {
        "capability_id": "A1",
        "resource_id": "R1",
        "data_time": NOW,
        "run_state": RunState.RUNNING,
        "active_power": Decimal(power_kw),
        "up_capability": Decimal(up),
        "down_capability": Decimal(down),
        "up_rate": Decimal(1),
        "down_rate": Decimal(1),
        "up_duration": 30,
        "down_duration": 30,
        "capability_basis": CapabilityBasis.REPORTED_SIGN,
    }
    return AdjustCapability(**members | changes)


def allowed(
    made: ControlCurve,
    rated: Reach = RATED,
    present: AdjustCapability | None = None,
    after: timedelta = timedelta(0),
) -> bool:
    try:
        check_reach(made, rated, present, NOW + after)
    except OutsideCapability:
        return False
    return True


@given(powers)
def test_plt_6_3a_a_target_is_within_the_rating(power_kw: Decimal) -> None:
    assert allowed(asked(power_kw)) is (-60 <= power_kw <= 120)


@given(powers, st.sampled_from([*ControlQuantity]))
def test_plt_7_4b_a_target_means_the_same_in_either_polarity(
    power_kw: Decimal, quantity: ControlQuantity
) -> None:
    if quantity.mirrored is None:
        return  # A limit cannot be said in the other polarity.
    made = asked(power_kw, control_quantity=quantity)
    assert allowed(made) is allowed(flipped(made))
    assert asks_to_discharge(made) is asks_to_discharge(flipped(made))


def test_plt_6_3a_every_segment_that_is_beyond_is_named() -> None:
    made = curve(5, [(0, 5), (5, 10), (10, 15)])  # -12.5 kW each
    with pytest.raises(OutsideCapability) as refused:
        check_reach(made, CHARGES, None, NOW)
    assert refused.value.ret == 4403
    paths = [detail.path for detail in refused.value.details]
    assert paths == [f"/Points/{place}/TargetPower" for place in range(3)]


def test_acc_g_1_who_cannot_discharge_is_not_asked_to() -> None:
    assert asks_to_discharge(asked("-0.001"))
    assert asks_to_discharge(asked("0.001", GENERATION))
    assert not asks_to_discharge(asked(0))
    assert not allowed(asked("-0.001"), CHARGES)
    assert allowed(asked("-0.001"))


LIMIT = {"control_quantity": ControlQuantity.POWER_LIMIT}


@pytest.mark.parametrize(
    ("power_kw", "polarity", "fits"),
    [
        (500, LOAD, True),  # limits nothing
        (-60, LOAD, True),
        (-61, LOAD, False),  # cannot be kept
        (500, GENERATION, True),
        (-120, GENERATION, True),
        (-121, GENERATION, False),
    ],
)
def test_vgi_d_10_a_limit_is_refused_only_where_it_cannot_be_kept(
    power_kw: int, polarity: PolarityMode, fits: bool
) -> None:
    assert allowed(asked(power_kw, polarity, **LIMIT)) is fits


def test_what_is_no_power_is_not_held_against_a_power() -> None:
    assert allowed(asked(9999, control_quantity=ControlQuantity.PRICE))
    assert not asks_to_discharge(asked(-9999, control_quantity=ControlQuantity.REACTIVE_POWER))


@pytest.mark.parametrize(
    ("basis", "polarity", "low", "high"),
    [
        (CapabilityBasis.REPORTED_SIGN, LOAD, 40, 80),
        (CapabilityBasis.LOAD_INCREASE, LOAD, 40, 80),
        (CapabilityBasis.GENERATION_INCREASE, LOAD, 20, 60),
        (CapabilityBasis.REPORTED_SIGN, GENERATION, 20, 60),
        (CapabilityBasis.LOAD_INCREASE, GENERATION, 40, 80),
        (CapabilityBasis.GENERATION_INCREASE, GENERATION, 20, 60),
    ],
)
def test_q2_up_means_what_the_basis_says(
    basis: CapabilityBasis, polarity: PolarityMode, low: int, high: int
) -> None:
    """It consumes 50 kW, can do 30 up and 10 down."""
    sign = 1 if polarity is LOAD else -1
    present = report(50 * sign, 30, 10, capability_basis=basis)
    for net, fits in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
        assert allowed(asked(net * sign, polarity), RATED, present) is fits


def test_plt_8_4_only_a_fresh_report_bounds() -> None:
    present = report(50, 0, 0)
    assert not allowed(asked(51), RATED, present, FRESH)
    assert allowed(asked(51), RATED, present, FRESH + timedelta(milliseconds=1))


def test_plt_8_4_an_ability_bounds_what_begins_while_it_lasts() -> None:
    present = report(50, 0, 0, data_time=NOW - timedelta(minutes=4), up_duration=3)
    assert allowed(asked(51), RATED, present, -timedelta(minutes=2)) is False
    ended = report(50, 0, 0, data_time=NOW - timedelta(minutes=5), up_duration=3)
    assert allowed(asked(51), RATED, ended)
    assert not allowed(asked(49), RATED, ended)  # the ability down still lasts


@pytest.mark.parametrize("state", RunState)
def test_plt_8_4_who_is_faulty_or_left_has_no_ability(state: RunState) -> None:
    check_capability(report(0, 0, 0, run_state=state), NOW)
    claim = report(0, 1, 2, run_state=state)
    if state not in (RunState.FAULT, RunState.EXIT):
        check_capability(claim, NOW)
        return
    with pytest.raises(QualityRefused) as refused:
        check_capability(claim, NOW)
    assert [d.path for d in refused.value.details] == ["/UpCapability", "/DownCapability"]


def test_plt_6_8d4_a_report_of_the_future_is_refused() -> None:
    check_capability(report(0, 0, 0, data_time=NOW + timedelta(seconds=5)), NOW)
    with pytest.raises(QualityRefused):
        check_capability(report(0, 0, 0, data_time=NOW + timedelta(seconds=6)), NOW)


def forecast(*hours: tuple[float, float]) -> tuple[CapabilityPoint, ...]:
    return tuple(
        CapabilityPoint(
            start_time=NOW + timedelta(hours=start),
            end_time=NOW + timedelta(hours=end),
            up=Decimal(1),
            down=Decimal(1),
        )
        for start, end in hours
    )


def test_jes_6_2_1c_a_forecast_has_no_gap_and_is_at_most_a_day_long() -> None:
    check_capability(report(0, 0, 0, capability_curve=forecast((0, 1), (1, 24))), NOW)
    for wrong in (forecast((0, 1), (2, 3)), forecast((0, 1), (1, 24.5)), forecast((1, 1))):
        with pytest.raises(CurveRefused):
            check_capability(report(0, 0, 0, capability_curve=wrong), NOW)


def test_vgi_d_14_nobody_claims_more_than_is_rated() -> None:
    check_claim(report(50, 70, 110), LOAD, RATED)
    check_claim(report(-50, 110, 70), GENERATION, RATED)
    for wrong, paths in (
        (report(50, "70.001", 0), ["/UpCapability"]),
        (report(50, 0, "110.001"), ["/DownCapability"]),
        (report(50, 71, 111), ["/UpCapability", "/DownCapability"]),
    ):
        with pytest.raises(OutsideCapability) as refused:
            check_claim(wrong, LOAD, RATED)
        assert [detail.path for detail in refused.value.details] == paths
    check_claim(report("120.4", 0, 0), LOAD, RATED)  # measured, not claimed


def test_plt_7_4a_a_load_does_not_deliver() -> None:
    with pytest.raises(PolarityMismatch):
        check_claim(report("-0.001", 0, 0), LOAD, RATED)
    check_claim(report("-0.001", 0, 0), GENERATION, RATED)
