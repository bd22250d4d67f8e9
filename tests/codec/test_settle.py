"""Settling: one spelling of each instant, decimal and zero. 2.0(2), 2.0(4), ACC-4.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.codec import json
from vgigw.codec.settle import quantised, settle, settle_text, utc_instant
from vgigw.errors import InvalidObject
from vgigw.objects import ControlPoint, InformationObject, OperatingRecord, TimeQuery, member
from vgigw.objects.values import Instant, KilowattMagnitude, Measured

T0 = datetime(2026, 11, 20, 16, tzinfo=UTC)
FIRST = datetime(1970, 1, 2)  # noqa: DTZ001 - without offset, as a peer may write it
LAST = datetime(2199, 12, 30)  # noqa: DTZ001


def record(**members: object) -> OperatingRecord:
    kept: dict[str, object] = {"data_time": T0, **members}
    return OperatingRecord(object_kind=3, object_id="E1", quality=0, **kept)  # type: ignore[arg-type]


def faults(obj: InformationObject) -> list[tuple[str, str]]:
    with pytest.raises(InvalidObject) as caught:
        settle(obj)
    return [(detail.path, detail.code) for detail in caught.value.details]


@given(st.datetimes(FIRST, LAST), st.integers(-840, 840))
def test_every_offset_becomes_utc_and_none_is_beijing_2_0_2(naive: datetime, shift: int) -> None:
    naive = naive.replace(microsecond=naive.microsecond // 1000 * 1000)
    zone = timezone(timedelta(minutes=shift))
    beijing = TimeQuery(t1=naive)
    settle(beijing)
    assert beijing.t1 == naive.replace(tzinfo=timezone(timedelta(hours=8)))
    shifted = TimeQuery(t1=naive.replace(tzinfo=zone))
    settle(shifted)
    assert shifted.t1 == naive.replace(tzinfo=zone)
    assert beijing.t1.tzinfo is shifted.t1.tzinfo is UTC


def test_utc_is_left_as_it_is() -> None:
    query = TimeQuery(t1=T0)
    settle(query)
    assert query.t1 is T0


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (T0 + timedelta(microseconds=1), "resolution"),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "out_of_range"),
        (datetime(2200, 1, 1, tzinfo=UTC), "out_of_range"),
        (datetime(1970, 1, 1, 7, 59, 59), "out_of_range"),  # noqa: DTZ001 - Beijing time
        (datetime.min, "out_of_range"),  # noqa: DTZ901 - the calendar's edge
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-8))), "out_of_range"),
    ],
)
def test_an_instant_outside_the_contract_is_refused(instant: datetime, code: str) -> None:
    assert faults(TimeQuery(t1=instant)) == [("/T1", code)]


def test_the_first_and_the_last_instant_are_taken() -> None:
    for edge in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, tzinfo=UTC)):
        settle(TimeQuery(t1=edge))
    settle(TimeQuery(t1=datetime(1970, 1, 1, 8)))  # noqa: DTZ001 - Beijing time


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [("7.3", "7.300"), ("7.3000000", "7.300"), ("-0.0", "0.000"), ("-0.000", "0.000"),
     ("1E+2", "100.000"), ("0", "0.000"), ("1000000000000", "1000000000000.000")],
)  # fmt: skip
def test_a_decimal_gets_exactly_its_places_2_0_4(given_as: str, kept: str) -> None:
    settled = record(charge_energy=Decimal(given_as))
    settle(settled)
    assert str(settled.charge_energy) == kept


@pytest.mark.parametrize(
    ("value", "code"),
    [("7.3001", "resolution"), ("1E-999999", "resolution"), ("-0.001", "out_of_range"),
     ("1000000000000.001", "out_of_range"), ("1E+999999", "out_of_range"),
     ("NaN", "out_of_range"), ("sNaN", "out_of_range"), ("Infinity", "out_of_range"),
     ("-Infinity", "out_of_range")],
)  # fmt: skip
def test_a_decimal_outside_its_limits_is_refused(value: str, code: str) -> None:
    assert faults(record(charge_energy=Decimal(value))) == [("/ChargeEnergy", code)]


def test_an_open_lower_limit_excludes_the_limit() -> None:
    class Rated(InformationObject):
        power: Annotated[Decimal, msgspec.Meta(extra={"places": 1, "gt": 0})] = member(
            "Power", "功率", "Power."
        )

    assert faults(Rated(power=Decimal("0.0"))) == [("/Power", "out_of_range")]
    settle(Rated(power=Decimal("0.1")))


def test_the_decimal_context_of_the_host_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 3
        settled = record(charge_energy=Decimal("123456.7"))
        settle(settled)
    assert str(settled.charge_energy) == "123456.700"


def test_a_negative_zero_measured_is_zero_and_nan_is_refused() -> None:
    settled = record(active_power=-0.0, raw={"a": -0.0})
    settle(settled)
    assert str(settled.active_power) == "0.0"
    assert str(settled.raw) == "{'a': 0.0}"
    assert faults(record(active_power=float("nan"), raw={"a": float("nan")})) == [
        ("/ActivePower", "out_of_range"),
        ("/Raw/a", "out_of_range"),
    ]


def test_all_faults_are_collected_deep_inside() -> None:
    class Curve(InformationObject):
        points: tuple[ControlPoint, ...] = member("Points", "点", "Points.")

    good = ControlPoint(start_time=T0, end_time=T0, target_power=Decimal(1))
    bad = ControlPoint(
        start_time=T0 + timedelta(microseconds=5), end_time=T0, target_power=Decimal("0.0001")
    )
    assert faults(Curve(points=(good, bad))) == [
        ("/Points/1/StartTime", "resolution"),
        ("/Points/1/TargetPower", "resolution"),
    ]


def test_lists_of_values_of_an_integrators_object_are_settled_too() -> None:
    class Own(InformationObject):
        times: tuple[Instant, ...] = member("Times", "时间", "Times.", default=())
        powers: tuple[KilowattMagnitude, ...] = member("Powers", "功率", "Powers.", default=())
        values: tuple[Measured, ...] = member("Values", "值", "Values.", default=())

    own = Own(times=(datetime(2026, 11, 21),), powers=(Decimal("1.5"),), values=(-0.0, 1.0))  # noqa: DTZ001 - Beijing time
    settle(own)
    assert own.times == (T0,)
    assert str(own.powers) == "(Decimal('1.500'),)"
    assert str(own.values) == "(0.0, 1.0)"
    assert faults(Own(powers=(Decimal(1), Decimal(-1)))) == [("/Powers/1", "out_of_range")]


@given(st.decimals(allow_nan=True, allow_infinity=True), st.integers(0, 6))
def test_quantising_never_changes_a_value(value: Decimal, places: int) -> None:
    exact = quantised(value, places)
    if exact is not None:
        assert exact == value
        assert exact.as_tuple().exponent == -places


@pytest.mark.parametrize("hours", [-14, -8, 8, 14])
@pytest.mark.parametrize("edge", [datetime.min, datetime.max])  # noqa: DTZ901 - the edges
def test_an_instant_that_utc_cannot_hold_is_none(edge: datetime, hours: int) -> None:
    value = edge.replace(tzinfo=timezone(timedelta(hours=hours)))
    beyond = (hours > 0) == (edge.year == 1)
    assert utc_instant(value) == (None if beyond else value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_measurement_without_limits_must_still_be_finite(value: float) -> None:
    class Free(InformationObject):
        value: float = member("Value", "值", "Value.")

    assert faults(Free(value=value)) == [("/Value", "out_of_range")]
    settle(Free(value=1e300))
    with pytest.raises(InvalidObject):
        json.decode(Free, b'{"Value":1e999}')


@pytest.mark.parametrize(
    "character", ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"]
)
def test_characters_that_xml_cannot_carry_are_refused_in_text_and_keys(character: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        settle_text(
            msgspec.structs.replace(record(raw={f"a{character}": 1.0}), object_id=character)
        )
    assert [detail.code for detail in caught.value.details] == ["character", "character"]


@pytest.mark.parametrize(
    "character", ["\t", "\n", "\r", "\x7f", "\x85", "\ud7ff", "\ue000", "\ufffd", "😀"]
)
def test_all_other_characters_are_taken(character: str) -> None:
    settle_text(msgspec.structs.replace(record(), object_id=character))
