"""One convention inside: units, positions and time stamps, in and out. 2.0(3), 2.0(4), Q27, Q39."""

from __future__ import annotations

import decimal
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.strategies import objects_of
from tests.trio import batch, curve, record, station
from vgigw.codec import json, xml, xsd
from vgigw.codec.convention import INSIDE, Convention, inward, outward
from vgigw.codec.convention_gcj02 import to_gcj02, to_wgs84
from vgigw.codec.convention_stamps import CurveStamp
from vgigw.codec.example import example
from vgigw.codec.shape import Kind, shape_of
from vgigw.errors import Detail, InvalidObject
from vgigw.objects import OBJECTS, InformationObject
from vgigw.objects.archives import StationPage
from vgigw.objects.control import ControlCurve, ControlPoint
from vgigw.objects.enumerations import CoordinateSystem, UnitProfile
from vgigw.objects.market import DeclarationSegment
from vgigw.objects.resources import AggregateResource
from vgigw.objects.stations import StationInfo
from vgigw.objects.values import ENERGY_UNITS, POWER_UNITS
from vgigw.objects.vehicles import Position, VehicleInfo

MW = Convention(power_unit=UnitProfile.MW)
WGS = Convention(coordinates=CoordinateSystem.WGS_84)
BEGIN = Convention(curve_stamp=CurveStamp.BEGIN)
END = Convention(curve_stamp=CurveStamp.END)
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
STEP = timedelta(minutes=15)
MILLIONTH = Decimal("0.000001")
THOUSANDTHS = {"kW": "MW", "kvar": "Mvar", "kVA": "MVA", "kWh": "MWh", "kW/min": "MW/min"}
VEHICLE = example(VehicleInfo)
RESOURCE = example(AggregateResource)
NUMBERS = [
    (cls, member)
    for cls in OBJECTS
    for member in shape_of(cls).members
    if member.kind in (Kind.DECIMAL, Kind.FLOAT) and not member.many
]


def point(start: datetime, end: datetime, power: str = "100.000") -> ControlPoint:
    return ControlPoint(start_time=start, end_time=end, target_power=Decimal(power))


def read(convention: Convention, obj: InformationObject, **members: Any) -> Any:
    """``obj`` with ``members`` of its JSON in place, as a JSON door and the corridor read it."""
    document = json.parse(json.encode(obj)) | members
    data = msgspec.json.Encoder(decimal_format="number").encode(document)
    with convention.reading():
        decoded = json.decode(type(obj), data)
    return inward(decoded, convention)


def faults(convention: Convention, obj: InformationObject, **members: Any) -> list[Detail]:
    with pytest.raises(InvalidObject) as refused:
        read(convention, obj, **members)
    return list(refused.value.details)


# --- units -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "member"), NUMBERS, ids=[f"{cls.__name__}.{m.wire}" for cls, m in NUMBERS]
)
def test_q39_a_member_scales_by_its_declared_unit_and_by_nothing_else(
    cls: type[InformationObject], member: Any
) -> None:
    """A price per kWh, a percentage, a voltage, an energy per km are the same in MW."""
    made = _example(cls, member)
    scaled = getattr(outward(made, MW), member.attribute)
    factor = 1000 if member.unit in (*THOUSANDTHS, "kW or kWh") else 1
    assert scaled * factor == getattr(made, member.attribute) != 0
    back = inward(outward(made, MW), MW)
    assert getattr(back, member.attribute) == getattr(made, member.attribute)


def _example(cls: type[InformationObject], member: Any) -> Any:
    """An object of ``cls`` whose ``member`` is a thousand or, where that is too much, the most."""
    value: Any = min(1000, member.le or 1000)
    if member.kind is Kind.DECIMAL:
        value = Decimal(value).quantize(Decimal(1).scaleb(-member.places))
    return replace(example(cls), **{member.attribute: value})


def test_q39_the_units_that_scale_are_those_of_power_and_energy() -> None:
    units = {m.unit for cls in OBJECTS for m in shape_of(cls).members if m.unit is not None}
    assert {unit for unit in units if unit[0] == "k"} == {
        *POWER_UNITS,
        *ENERGY_UNITS,
        "kWh/km",
        "km/h",
    }


def test_q39_a_curve_in_mw_is_a_curve_in_kw() -> None:
    asked = curve(
        points=(replace(point(NOW, NOW + STEP, "0.123"), price=Decimal("0.5000")),),
        tolerance=Decimal("0.002"),
        ramp_limit=Decimal("0.010"),
        load_limit=Decimal("1.500"),
    )
    found = inward(json.validated(asked), MW)
    assert str(found.points[0].target_power) == "123.000"
    assert str(found.points[0].price) == "0.5000"
    assert str(found.tolerance) == "2.000"
    assert str(found.ramp_limit) == "10.000"
    assert str(found.load_limit) == "1500.000"
    assert outward(found, MW) == asked


def test_plt_7_4_a_batch_that_says_mw_is_in_mw_whatever_the_profile() -> None:
    said = batch(1, 1, unit_profile=UnitProfile.MW, records=(record(1, active_power=0.5),))
    for convention in (INSIDE, MW, END):
        found = inward(said, convention)
        assert found.unit_profile is UnitProfile.KW
        assert found.records[0].active_power == 500.0
    in_kw = batch(1, 1, records=(record(1, active_power=500.0),))
    assert inward(in_kw, MW) == in_kw


def test_plt_7_4_what_a_peer_in_mw_gets_says_mw_and_what_one_in_kw_gets_says_kw() -> None:
    held = batch(
        1, 1, records=(record(1, active_power=500.0, raw={"ActivePower": 7.0, "SOC": 9.0}),)
    )
    told = outward(held, MW)
    assert told.unit_profile is UnitProfile.MW
    assert told.records[0].active_power == 0.5
    assert told.records[0].raw == {"ActivePower": 0.007, "SOC": 9.0}
    assert outward(told, MW) == told
    assert outward(told, INSIDE) == held


def test_a_measurement_scales_by_its_digits() -> None:
    said = batch(1, 1, unit_profile=UnitProfile.MW, records=(record(1, active_power=0.0007),))
    assert inward(said, INSIDE).records[0].active_power == 0.7


def test_jes_6_5_2b_a_power_is_told_to_one_kw_rounded_half_even() -> None:
    for held, told in (("0.500", "0.000"), ("1.500", "0.002"), ("2.500", "0.002"), ("-0.400", "0")):
        scaled = outward(point(NOW, NOW + STEP, held), MW).target_power
        assert str(scaled) == str(Decimal(told).quantize(Decimal("0.001")))


def test_jes_6_5_2a_an_energy_keeps_its_resolution() -> None:
    held = record(1, charge_energy=Decimal("12345.678"))
    told = outward(held, MW)
    assert str(told.charge_energy) == "12.345678"
    assert b"<ChargeEnergy>12.345678</ChargeEnergy>" in xml.write(told)


@pytest.mark.parametrize("held", ["7.0", "160.0"])
def test_a_device_is_told_as_what_it_is(held: str) -> None:
    """With the one decimal place of its rating, 7 kW would be no MW and 160 kW would be 200."""
    charger = station().equipment_infos[0]
    rated = replace(charger, power=Decimal(held), connector_infos=())
    told = outward(rated, MW)
    assert told.power * 1000 == Decimal(held)
    assert f"<Power>{told.power}</Power>".encode() in xml.write(told)


def test_what_must_be_more_than_nothing_is_not_rounded_to_nothing() -> None:
    held = replace(station().equipment_infos[0], power=Decimal("0.3"))
    with pytest.raises(InvalidObject) as refused:
        outward(held, MW)
    assert [detail.path for detail in refused.value.details] == ["/Power"]


def test_q39_more_places_of_mw_are_read_where_they_are_places_of_kw() -> None:
    fine = {"TargetPower": Decimal("0.123456")}
    found = read(MW, point(NOW, NOW + STEP), **fine)
    assert str(found.target_power) == "123.456"
    assert [d.code for d in faults(INSIDE, point(NOW, NOW + STEP), **fine)] == ["resolution"]


def test_q39_nothing_is_rounded_on_the_way_in() -> None:
    finer = {"TargetPower": Decimal("0.1234567"), "Price": Decimal("0.12345")}
    found = faults(MW, point(NOW, NOW + STEP), **finer)
    assert [(d.path, d.code) for d in found] == [
        ("/Price", "resolution"),
        ("/TargetPower", "resolution"),
    ]
    assert "6" in found[1].message
    assert [d.path for d in faults(MW, VEHICLE, RatedChargePower=Decimal("0.00712"))] == [
        "/RatedChargePower"
    ]
    assert str(read(MW, VEHICLE, RatedChargePower=Decimal("0.0071")).rated_charge_power) == "7.1"


def test_only_what_is_wrong_is_said_of_a_message_in_mw() -> None:
    found = faults(MW, point(NOW, NOW + STEP), TargetPower=Decimal("0.123456"), StartTime="never")
    assert [detail.path for detail in found] == ["/StartTime"]


def test_a_batch_in_kw_of_a_peer_in_mw_has_no_more_places_than_any_other() -> None:
    held = batch(1, 1, records=(record(1, charge_energy=Decimal("1.000")),))
    document = json.parse(json.encode(held))
    document["Records"][0]["ChargeEnergy"] = Decimal("1.0001")
    assert [d.path for d in faults(MW, held, Records=document["Records"])] == [
        "/Records/0/ChargeEnergy"
    ]


def test_limits_hold_inside() -> None:
    """0.002 MW is a fine number and 2 kW no smallest step."""
    found = faults(MW, RESOURCE, MinControlUnit=Decimal("0.002"))
    assert [(d.path, d.code) for d in found] == [("/MinControlUnit", "out_of_range")]
    assert str(read(MW, RESOURCE, MinControlUnit=Decimal("0.001")).min_control_unit) == "1.000"
    too_much = batch(1, 1, unit_profile=UnitProfile.MW, records=(record(1, active_power=1e11),))
    with pytest.raises(InvalidObject) as refused:
        inward(too_much, INSIDE)
    assert [d.path for d in refused.value.details] == ["/Records/0/ActivePower"]
    raw = batch(1, 1, unit_profile=UnitProfile.MW, records=(record(1, raw={"ActivePower": 1e11}),))
    with pytest.raises(InvalidObject):
        inward(raw, INSIDE)


def test_a_declared_quantity_of_energy_is_not_rounded() -> None:
    segment = DeclarationSegment(seg_no=1, quantity=Decimal("25.400"), price=Decimal("0.5000"))
    assert str(outward(segment, MW).quantity) == "0.025400"


def test_a_host_with_short_decimals_gets_the_same() -> None:
    long = Decimal("123456789012.345")
    with decimal.localcontext(prec=3):
        told = outward(point(NOW, NOW + STEP, str(long)), MW).target_power
        back = inward(point(NOW, NOW + STEP, "123456789.012"), MW).target_power
    assert str(told) == "123456789.012"
    assert str(back) == "123456789012.000"


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_q39_told_in_mw_and_read_again_it_is_what_it_was(
    cls: type[InformationObject], data: st.DataObject
) -> None:
    held = inward(json.validated(_whole(data.draw(objects_of(cls)))), INSIDE)
    try:
        told = outward(held, MW)
    except InvalidObject:
        assume(False)
        raise
    with MW.reading():
        wire = json.decode(cls, json.encode(told))
        by_xml = xsd.accept(cls, xml.parse(xml.write(told)))
    assert inward(wire, MW) == held
    assert inward(by_xml, MW) == held


def _whole(obj: InformationObject) -> Any:
    """``obj`` with powers in whole kW, and measurements of twelve digits that kW can hold."""
    changes: dict[str, Any] = {}
    for member in shape_of(type(obj)).members:
        value = getattr(obj, member.attribute)
        if value is None:
            continue
        if member.of is not None:
            inner = tuple(map(_whole, value if member.many else (value,)))
            changes[member.attribute] = inner if member.many else inner[0]
        elif member.kind is Kind.DECIMAL and member.unit in POWER_UNITS:
            floor = value.to_integral_value(decimal.ROUND_FLOOR)
            changes[member.attribute] = floor if member.gt is None or floor else Decimal(1)
        elif member.kind is Kind.FLOAT and member.unit in POWER_UNITS:
            changes[member.attribute] = _digits(value)
        elif member.by_wire:
            changes[member.attribute] = {name: _digits(each) for name, each in value.items()}
    if getattr(obj, "unit_profile", None) is not None:
        changes["unit_profile"] = UnitProfile.KW
    return replace(obj, **changes)


def _digits(value: float) -> float:
    return float(f"{value:.12g}") if abs(value) > 1e-200 else 0.0


# --- positions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
    ids=["Shanghai", "Shenzhen", "Beijing"],
)
def test_the_shift_is_the_one_that_is_publicly_known(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    """Places that the test suites of ``eviltransform`` name."""
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-9)
    assert to_wgs84(*gcj02) == pytest.approx(wgs84, abs=1e-8)


@given(st.floats(73, 137), st.floats(1.5, 55))
def test_a_position_comes_back_within_a_millionth_of_a_degree(east: float, north: float) -> None:
    lng, lat = Decimal(repr(east)).quantize(MILLIONTH), Decimal(repr(north)).quantize(MILLIONTH)
    held = Position(lng=lng, lat=lat)
    back = inward(outward(held, WGS), WGS)
    assert abs(back.lng - lng) <= MILLIONTH
    assert abs(back.lat - lat) <= MILLIONTH


@given(st.floats(-180, 71) | st.floats(138, 180), st.floats(-90, 90))
def test_outside_china_there_is_no_shift(east: float, north: float) -> None:
    assert to_gcj02(east, north) == (east, north) == to_wgs84(east, north)


def test_a_station_says_in_which_system_it_is_or_is_in_that_of_the_profile() -> None:
    gcj02 = sited()
    told = outward(gcj02, WGS)
    assert told.coord_sys is CoordinateSystem.WGS_84
    assert 300 < metres(gcj02, told) < 900
    assert told.equipment_infos[0].equipment_lng != gcj02.equipment_infos[0].equipment_lng
    assert told.equipment_infos[1:] == gcj02.equipment_infos[1:]
    for convention in (WGS, INSIDE):
        back = inward(told, convention)
        assert back.coord_sys is CoordinateSystem.GCJ_02
        assert metres(back, gcj02) < 0.2
    silent = inward(replace(told, coord_sys=None), WGS)
    assert silent == inward(told, WGS)
    assert inward(gcj02, WGS) == gcj02
    assert inward(replace(gcj02, coord_sys=None), INSIDE) == replace(gcj02, coord_sys=None)
    page = StationPage(page_no=1, page_count=1, item_size=1, station_infos=(gcj02,))
    assert outward(page, WGS).station_infos == (told,)


def test_cgcs2000_is_taken_for_wgs_84() -> None:
    told = replace(outward(sited(), WGS), coord_sys=CoordinateSystem.CGCS2000)
    assert outward(told, WGS) == told
    assert metres(inward(told, INSIDE), sited()) < 0.2


def test_half_a_position_is_no_place_and_not_guessed() -> None:
    half = replace(sited().equipment_infos[0], equipment_lat=None)
    held = sited(equipment_infos=(half,))
    assert outward(held, WGS).equipment_infos[0].equipment_lng is None
    assert inward(held, INSIDE) is held


def sited(**changes: Any) -> StationInfo:
    """A station near Shanghai, its first device with a place of its own."""
    place = {"equipment_lng": Decimal("121.531542"), "equipment_lat": Decimal("31.175304")}
    chargers = station().equipment_infos
    plain = station(
        station_lng=Decimal("121.531542"),
        station_lat=Decimal("31.175304"),
        coord_sys=CoordinateSystem.GCJ_02,
        equipment_infos=(
            replace(chargers[0], **place),
            *(replace(each, equipment_lng=None, equipment_lat=None) for each in chargers[1:]),
        ),
    )
    return replace(plain, **changes)


def metres(one: StationInfo, other: StationInfo) -> float:
    east = float(one.station_lng - other.station_lng) * 95_000
    north = float(one.station_lat - other.station_lat) * 111_000
    return math.hypot(east, north)


# --- time stamps of curves -------------------------------------------------------------------


def steps(*times: tuple[int, int]) -> ControlCurve:
    """A curve whose points last from and to so many minutes after eight."""
    minute = timedelta(minutes=1)
    points = (
        point(NOW + a * minute, NOW + b * minute, f"{n}.000") for n, (a, b) in enumerate(times)
    )
    return curve(points=tuple(points))


def minutes(curve: ControlCurve) -> list[tuple[int, int]]:
    return [
        (
            int((p.start_time - NOW).total_seconds()) // 60,
            int((p.end_time - NOW).total_seconds()) // 60,
        )
        for p in curve.points
    ]


def test_q27_a_stamp_at_the_begin_is_followed_by_its_step_and_one_at_the_end_comes_after() -> None:
    stamped = steps((0, 0), (15, 15))
    assert minutes(inward(stamped, BEGIN)) == [(0, 15), (15, 30)]
    assert minutes(inward(stamped, END)) == [(-15, 0), (0, 15)]
    assert inward(stamped, INSIDE) is stamped


def test_q27_a_start_that_is_not_the_end_is_no_stamp() -> None:
    assert minutes(inward(steps((0, 30), (30, 30)), BEGIN)) == [(0, 30), (30, 45)]


def test_q27_written_the_same_way_one_stamp_a_step() -> None:
    held = steps((0, 15), (15, 45))
    assert minutes(outward(held, BEGIN)) == [(0, 0), (15, 15), (30, 30)]
    assert minutes(outward(held, END)) == [(15, 15), (30, 30), (45, 45)]
    assert [p.target_power for p in outward(held, END).points] == [0, 1, 1]
    assert outward(held, INSIDE) is held


@given(st.lists(st.integers(0, 3), min_size=1, max_size=96), st.sampled_from([BEGIN, END]))
def test_q27_a_curve_of_single_steps_comes_back(powers: list[int], convention: Convention) -> None:
    held = curve(
        points=tuple(
            point(NOW + n * STEP, NOW + (n + 1) * STEP, f"{power}.000")
            for n, power in enumerate(powers)
        )
    )
    told = outward(held, convention)
    assert all(p.start_time == p.end_time for p in told.points)
    assert inward(told, convention) == held


@pytest.mark.parametrize("length_min", [7, 20, 0])
def test_what_a_stamp_cannot_say_is_not_said(length_min: int) -> None:
    with pytest.raises(InvalidObject) as refused:
        outward(steps((0, length_min)), END)
    assert [detail.path for detail in refused.value.details] == ["/Points/0/EndTime"]


def test_more_steps_than_a_curve_may_have_are_refused() -> None:
    with pytest.raises(InvalidObject) as refused:
        outward(steps((0, 15 * 1441)), BEGIN)
    assert [detail.code for detail in refused.value.details] == ["too_many"]


# --- the convention inside -------------------------------------------------------------------


def test_a_peer_without_a_profile_gets_the_very_object() -> None:
    for obj in (batch(1, 3), curve(), sited(), station()):
        assert inward(obj, INSIDE) is obj
        assert inward(obj, Convention()) is obj
        assert outward(obj, INSIDE) is obj


def test_one_message_may_need_everything_at_once() -> None:
    every = Convention(
        power_unit=UnitProfile.MW,
        coordinates=CoordinateSystem.WGS_84,
        curve_stamp=CurveStamp.END,
    )
    held = curve(points=(point(NOW, NOW + STEP, "250.000"),))
    told = outward(held, every)
    assert (told.points[0].start_time, told.points[0].target_power) == (NOW + STEP, Decimal("0.25"))
    assert inward(told, every) == held
