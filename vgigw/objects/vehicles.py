"""Vehicles, trips and preferences 车辆/行程/偏好. VGI-D.1 to VGI-D.9, JES-5.1.2, JES-5.1.3."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.values import (
    AmpereAbility,
    DischargeFloor,
    Efficiency,
    Fixed17,
    Instant,
    KilometrePerHour,
    KilowattAbility,
    KilowattHourAbility,
    KilowattHourPerKilometre,
    KilowattHourRating,
    Latitude,
    Longitude,
    Metre,
    MetrePerSecondSquared,
    OperatorCode,
    PreferenceWeight,
    Probability,
    StateOfCharge,
    Text32,
    Text64,
    UnitPriceMagnitude,
    Version,
)

MAX_WILLINGNESS_POINTS = 1001
"""One a tenth of a percent: a state of charge has no finer steps."""


class VehicleClass(IntEnum):
    """Class of a vehicle 车型: 乘用车/公交/物流/出租/其他. JES-6.1.1b."""

    CAR = 1
    BUS = 2
    LOGISTICS = 3
    TAXI = 4
    OTHER = 255


class GridConnectState(IntEnum):
    """Grid-connected state of a vehicle (AC V2G) 并网状态. VGI-D.8."""

    OFF = 0
    ON = 1
    FAULT = 2


class DataSource(IntEnum):
    """Where a vehicle's data come from 数据来源: 协议/车企/应用/问卷/估计/实测. VGI-D.9."""

    PROTOCOL = 1
    OEM = 2
    APP = 3
    SURVEY = 4
    ESTIMATE = 5
    MEASURED = 6


class WillingnessPoint(InformationObject):
    """Willingness to charge at a state of charge 电量-充电意愿. JES-5.1.2c."""

    soc: StateOfCharge = member("SOC", "荷电状态", "State of charge.", "JES-5.1.2c")
    probability: Probability = member("Probability", "概率", "Probability.", "JES-5.1.2c")


class PreferenceInfo(InformationObject):
    """What a user prefers 用户偏好. JES-5.1.2c, JES-6.2.3.1."""

    grade: ClassVar[Grade] = Grade.SEN

    distance_weight: PreferenceWeight | None = member(
        "DistanceWeight", "距离偏好", "Weight of distance.", "JES-5.1.2c", default=None
    )
    price_weight: PreferenceWeight | None = member(
        "PriceWeight", "价格偏好", "Weight of price.", "JES-5.1.2c", default=None
    )
    charge_willingness_curve: Annotated[
        tuple[WillingnessPoint, ...], Meta(max_length=MAX_WILLINGNESS_POINTS)
    ] = member(
        "ChargeWillingnessCurve",
        "电量-充电意愿",
        "Willingness by state of charge.",
        "JES-5.1.2c",
        default=(),
    )
    min_discharge_price: UnitPriceMagnitude | None = member(
        "MinDischargePrice",
        "放电意愿价格",
        "Discharges from this price on.",
        "JES-6.2.3.1",
        default=None,
    )
    data_source: DataSource = member("DataSource", "数据来源", "Origin.", "JES-5.1.2c")


class VehicleInfo(InformationObject):
    """Vehicle 车辆 with its battery and what its user chose. VGI-D.1 to VGI-D.9, JES-5.1.2."""

    grade: ClassVar[Grade] = Grade.SEN

    vehicle_id: Text64 = member("VehicleID", "车辆身份", "Pseudonym, a keyed hash.", "VGI-D.2")
    vin: Fixed17 | None = member(
        "VIN", "车架号", "VIN; left out upward.", "VGI-D.2", default=None, sensitive=True
    )
    vehicle_class: VehicleClass = member("VehicleClass", "车型", "Class.", "JES-6.1.1b")
    oem_id: OperatorCode | None = member(
        "OEMID", "车企平台", "Maker's platform.", "EXP-1.1", default=None
    )
    battery_capacity: KilowattHourRating = member(
        "BatteryCapacity", "电池容量", "Battery capacity.", "VGI-D.3"
    )
    rated_charge_power: KilowattAbility = member(
        "RatedChargePower", "额定充电功率", "Charge rating.", "JES-5.1.2a"
    )
    rated_discharge_power: KilowattAbility | None = member(
        "RatedDischargePower", "额定放电功率", "Discharge rating.", "JES-5.1.2a", default=None
    )
    charge_efficiency: Efficiency | None = member(
        "ChargeEfficiency", "充电效率", "Charge efficiency.", "JES-5.1.2a", default=None
    )
    discharge_efficiency: Efficiency | None = member(
        "DischargeEfficiency", "放电效率", "Discharge efficiency.", "JES-5.1.2a", default=None
    )
    max_charge_current: AmpereAbility | None = member(
        "MaxChargeCurrent", "允许充电电流", "Most when charging.", "VGI-D.4", default=None
    )
    max_discharge_current: AmpereAbility | None = member(
        "MaxDischargeCurrent", "允许放电电流", "Most when discharging.", "VGI-D.4", default=None
    )
    min_charge_current: AmpereAbility | None = member(
        "MinChargeCurrent", "最小充电电流", "Least when charging.", "VGI-D.7", default=None
    )
    min_discharge_current: AmpereAbility | None = member(
        "MinDischargeCurrent", "最小放电电流", "Least when discharging.", "VGI-D.7", default=None
    )
    max_charge_power: KilowattAbility | None = member(
        "MaxChargePower", "最大充电功率", "Most when charging.", "VGI-D.4", default=None
    )
    max_discharge_power: KilowattAbility | None = member(
        "MaxDischargePower", "最大放电功率", "Most when discharging.", "VGI-D.4", default=None
    )
    min_charge_power: KilowattAbility | None = member(
        "MinChargePower", "最小充电功率", "Least when charging.", "VGI-D.7", default=None
    )
    min_discharge_power: KilowattAbility | None = member(
        "MinDischargePower", "最小放电功率", "Least when discharging.", "VGI-D.7", default=None
    )
    soc_floor: DischargeFloor = member(
        "SOCFloor", "放电下限", "SOCmin, normally not under 20.", "JES-6.1.5"
    )
    soc_ceil: StateOfCharge = member("SOCCeil", "充电上限", "SOCmax, normally 100.", "JES-6.1.5")
    initial_soc: StateOfCharge | None = member(
        "InitialSOC", "初始SOC", "State of charge at the start.", "VGI-D.3", default=None
    )
    target_soc: StateOfCharge | None = member(
        "TargetSOC", "目标SOC", "State of charge wanted.", "VGI-D.3", default=None
    )
    min_energy: KilowattHourAbility | None = member(
        "MinEnergy", "最低充电量", "Least energy wanted.", "VGI-D.6", default=None
    )
    max_energy: KilowattHourAbility | None = member(
        "MaxEnergy", "最高充电量", "Most energy wanted.", "VGI-D.6", default=None
    )
    departure_time: Instant | None = member(
        "DepartureTime", "离开时间", "Leaves.", "VGI-D.5", default=None, sensitive=True
    )
    selected_service: SupportedService | None = member(
        "SelectedService", "用户选择服务", "What the user chose.", "VGI-D.1", default=None
    )
    grid_connect_state: GridConnectState | None = member(
        "GridConnectState", "并网状态", "Grid-connected state.", "VGI-D.8", default=None
    )
    consumption_per_km: KilowattHourPerKilometre | None = member(
        "ConsumptionPerKm", "单位距离耗电", "Consumption.", "JES-5.1.2b", default=None
    )
    max_acceleration: MetrePerSecondSquared | None = member(
        "MaxAcceleration", "最大加速度", "Most acceleration.", "JES-5.1.2b", default=None
    )
    max_speed: KilometrePerHour | None = member(
        "MaxSpeed", "最高车速", "Top speed.", "JES-5.1.2b", default=None
    )
    body_length: Metre | None = member(
        "BodyLength", "车身长度", "Length.", "JES-5.1.2b", default=None
    )
    preference: PreferenceInfo | None = member(
        "Preference", "用户偏好", "What the user prefers.", "JES-5.1.2c", default=None
    )
    data_source: DataSource = member("DataSource", "数据来源", "Origin.", "VGI-D.9")
    consent_id: Text32 = member("ConsentID", "授权标识", "Consent it rests on.", "JES-6.4.1c")
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class Position(InformationObject):
    """A place 位置, GCJ-02; rounded before it goes upward. JES-5.1.3."""

    grade: ClassVar[Grade] = Grade.SEN

    lng: Longitude = member("Lng", "经度", "Longitude.", "JES-5.1.3", sensitive=True)
    lat: Latitude = member("Lat", "纬度", "Latitude.", "JES-5.1.3", sensitive=True)


class TripInfo(InformationObject):
    """Expected trip 行程. JES-5.1.3."""

    grade: ClassVar[Grade] = Grade.SEN

    trip_id: Text32 = member("TripID", "行程标识", "Trip.", "JES-5.1.3")
    vehicle_id: Text64 = member("VehicleID", "车辆身份", "Vehicle, by pseudonym.", "VGI-D.2")
    trip_start_time: Instant = member(
        "TripStartTime", "预期开始时间", "Expected to start.", "JES-5.1.3", sensitive=True
    )
    origin: Position = member("Origin", "起点", "From.", "JES-5.1.3", sensitive=True)
    destination: Position = member("Destination", "终点", "To.", "JES-5.1.3", sensitive=True)
    data_source: DataSource = member("DataSource", "数据来源", "Origin of the data.", "VGI-D.9")
    consent_id: Text32 = member("ConsentID", "授权标识", "Consent it rests on.", "JES-6.4.1c")
