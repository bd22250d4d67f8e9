"""What a vehicle must hold, and where it stops discharging. VGI-D, JES-5.1.2, JES-6.1.5."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.worlds import NOW
from tests.handlers.test_vehicles import a_command, a_consent, a_vehicle
from vgigw.errors import InvalidObject, NoConsent, SocFloor
from vgigw.objects import PolarityMode
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.vehicles import DataSource, PreferenceInfo, WillingnessPoint
from vgigw.rules import command
from vgigw.rules.vehicle import check_vehicle

PERCENT = st.integers(0, 1000).map(lambda tenths: Decimal(tenths).scaleb(-1))
KW = st.none() | st.integers(0, 300).map(lambda tenths: Decimal(tenths).scaleb(-1))
DISCHARGE = a_command("5.000", polarity_mode=PolarityMode.GENERATION)
ABLE = a_vehicle(rated_discharge_power=Decimal("7.0"), selected_service=SupportedService.V2G)


def faults(**changes: Any) -> list[str]:
    with pytest.raises(InvalidObject) as refused:
        check_vehicle(a_vehicle(**changes), NOW)
    return [each.path for each in refused.value.details]


@given(KW, KW)
def test_a_lower_limit_does_not_exceed_its_upper_one_vgi_d_7(
    least: Decimal | None, most: Decimal | None
) -> None:
    limits: dict[str, Any] = {"min_discharge_power": least, "max_discharge_power": most}
    if least is not None and most is not None and least > most:
        assert faults(**limits) == ["/MinDischargePower"]
    else:
        check_vehicle(a_vehicle(**limits), NOW)


@given(st.integers(-3, 3))
def test_a_vehicle_leaves_later_than_now_vgi_d_5(seconds: int) -> None:
    leaves = NOW + timedelta(seconds=seconds)
    if seconds > 0:
        check_vehicle(a_vehicle(departure_time=leaves), NOW)
    else:
        assert faults(departure_time=leaves) == ["/DepartureTime"]


def test_who_chose_to_discharge_can_do_so_jes_5_1_2a() -> None:
    assert faults(selected_service=SupportedService.V2G) == ["/RatedDischargePower"]
    check_vehicle(ABLE, NOW)


def test_weights_and_willingness_fit_together_jes_5_1_2c() -> None:
    points = tuple(WillingnessPoint(soc=Decimal(50), probability=Decimal(1)) for _ in range(2))
    wrong = PreferenceInfo(
        distance_weight=Decimal("0.6"),
        price_weight=Decimal("0.5"),
        charge_willingness_curve=points,
        data_source=DataSource.SURVEY,
    )
    assert faults(preference=wrong) == [
        "/Preference/PriceWeight",
        "/Preference/ChargeWillingnessCurve/1/SOC",
    ]


@given(PERCENT, PERCENT, st.none() | st.integers(200, 1000))
def test_a_vehicle_at_its_floor_is_not_told_to_discharge_jes_6_1_5(
    charge: Decimal, own: Decimal, asked: int | None
) -> None:
    """The user may raise the floor, never lower it below 20 % by himself. Q26."""
    named = None if asked is None else Decimal(asked).scaleb(-1)
    vehicle = replace(ABLE, soc_floor=own, initial_soc=charge)
    curve = replace(DISCHARGE, soc_floor=named)
    if charge <= max(own, named or Decimal(20), Decimal(20)):
        with pytest.raises(SocFloor):
            command.check_vehicle(curve, vehicle, a_consent(), NOW)
    else:
        command.check_vehicle(curve, vehicle, a_consent(), NOW)


@given(PERCENT)
def test_a_floor_that_an_override_lowers_holds_only_as_far_as_the_user_lets_it_jes_6_1_5(
    own: Decimal,
) -> None:
    """The override itself needs a reason, which the rule of commands holds."""
    vehicle = replace(ABLE, soc_floor=own, initial_soc=Decimal(15))
    curve = replace(DISCHARGE, soc_floor=Decimal(10))
    if own > 20:
        with pytest.raises(SocFloor):
            command.check_vehicle(curve, vehicle, a_consent(), NOW)
    else:
        command.check_vehicle(curve, vehicle, a_consent(), NOW)


def test_a_vehicle_whose_user_did_not_choose_v2g_is_not_discharged_vgi_d_1() -> None:
    other = replace(ABLE, selected_service=SupportedService.ORDERED_CHARGE)
    with pytest.raises(NoConsent):
        command.check_vehicle(DISCHARGE, other, a_consent(), NOW)
