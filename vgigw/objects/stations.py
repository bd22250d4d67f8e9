"""Station archives: station, charger, connector 场站/充电设备/接口. ACC-6.2, PLT-8.2."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import (
    ChargeClass,
    ConnectorType,
    Construction,
    CoordinateSystem,
    DeviceProtocol,
    DirectionCapability,
    EquipmentType,
    NationalStandard,
    StationStatus,
    StationType,
    SupportedService,
)
from vgigw.objects.values import (
    Amperes,
    AreaCode,
    Count,
    Day,
    Fixed2,
    Instant,
    KilovarAbility,
    KilovoltAmpere,
    KilowattAbility,
    KilowattMagnitude,
    KilowattRating,
    Latitude,
    Longitude,
    OperatorCode,
    Text8,
    Text10,
    Text18,
    Text20,
    Text23,
    Text26,
    Text30,
    Text32,
    Text50,
    Text100,
    Text256,
    Version,
    Volts,
)


class ConnectorInfo(InformationObject):
    """Connector 枪/接口 of a charger. JES-6.1.3, VGI-D.1."""

    grade: ClassVar[Grade] = Grade.PUB

    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector identifier.", "102")
    connector_name: Text30 | None = member("ConnectorName", "名称", "Name.", "102", default=None)
    connector_type: ConnectorType = member("ConnectorType", "接口类型", "Type.", "102")
    voltage_upper_limits: Volts = member(
        "VoltageUpperLimits", "额定电压上限", "Upper rated voltage.", "102"
    )
    voltage_lower_limits: Volts = member(
        "VoltageLowerLimits", "额定电压下限", "Lower rated voltage.", "102"
    )
    current: Amperes = member("Current", "额定电流", "Rated current.", "102")
    power: KilowattRating | None = member("Power", "额定功率", "Rated power.", "102", default=None)
    park_no: Text10 | None = member("ParkNo", "车位号", "Parking bay.", "102", default=None)
    national_standard: NationalStandard = member(
        "NationalStandard", "国家标准", "National standard.", "102"
    )
    supported_services: tuple[SupportedService, ...] = member(
        "SupportedServices", "充放电服务列表", "Services offered.", "VGI-D.1", default=()
    )


class EquipmentInfo(InformationObject):
    """Charger 充电设备 with its connectors. JES-5.1.4a."""

    grade: ClassVar[Grade] = Grade.PUB

    equipment_id: Text23 = member("EquipmentID", "设备编码", "Device identifier.", "102")
    equipment_name: Text30 | None = member("EquipmentName", "名称", "Name.", "102", default=None)
    manufacturer_id: Text18 | None = member(
        "ManufacturerID", "生产商组织机构代码", "Maker.", "102", default=None
    )
    manufacturer_name: Text30 | None = member(
        "ManufacturerName", "生产商名称", "Maker's name.", "102", default=None
    )
    equipment_model: Text20 | None = member(
        "EquipmentModel", "型号", "Model.", "JES-5.1.4a", default=None
    )
    production_date: Day | None = member(
        "ProductionDate", "生产日期", "Made on.", "102", default=None
    )
    equipment_type: EquipmentType = member("EquipmentType", "设备类型", "Type.", "JES-6.1.3c")
    equipment_lng: Longitude | None = member(
        "EquipmentLng", "经度", "Longitude.", "102", default=None
    )
    equipment_lat: Latitude | None = member(
        "EquipmentLat", "纬度", "Latitude.", "102", default=None
    )
    power: KilowattRating = member("Power", "额定功率", "Rated power.", "102")
    direction_capability: DirectionCapability = member(
        "DirectionCapability", "双向能力", "V2G ability.", "PLT-7.4b"
    )
    max_discharge_power: KilowattAbility | None = member(
        "MaxDischargePower", "最大放电功率", "Discharge rating.", "JES-5.1.4a", default=None
    )
    max_reactive_power: KilovarAbility | None = member(
        "MaxReactivePower", "无功能力", "Reactive ability.", "JES-6.5.1.2", default=None
    )
    protocol_support: tuple[DeviceProtocol, ...] = member(
        "ProtocolSupport", "通信协议", "Protocols behind the device.", "VGI-T4", default=()
    )
    metering_class: Text8 | None = member(
        "MeteringClass", "计量准确度", "Meter accuracy class.", "JES-2.1", default=None
    )
    connector_infos: Annotated[tuple[ConnectorInfo, ...], Meta(min_length=1)] = member(
        "ConnectorInfos", "接口列表", "Connectors.", "102"
    )


class StationInfo(InformationObject):
    """Station 场站 with its devices. ACC-6.2, ACC-7.1, PLT-8.2."""

    grade: ClassVar[Grade] = Grade.PUB

    station_id: Text20 = member("StationID", "充电站ID", "Station, unique in its operator.", "102")
    operator_id: OperatorCode = member("OperatorID", "运营商ID", "Operator.", "102")
    equipment_owner_id: OperatorCode = member("EquipmentOwnerID", "设备所属方", "Owner.", "102")
    aggregator_id: OperatorCode | None = member(
        "AggregatorID", "所属聚合商", "Aggregator.", "PLT-6.9", default=None
    )
    station_name: Text50 = member("StationName", "名称", "Name.", "PLT-8.2")
    country_code: Fixed2 = member("CountryCode", "国家", "Country, CN.", "102")
    area_code: AreaCode = member("AreaCode", "行政区划", "Area, GB/T 2260.", "102")
    address: Text50 = member("Address", "地址", "Address.", "102")
    station_tel: Text30 | None = member(
        "StationTel", "站点电话", "Station telephone.", "102", default=None
    )
    service_tel: Text30 = member("ServiceTel", "服务电话", "Service telephone.", "102")
    station_type: StationType = member("StationType", "类型", "Type.", "JES-6.1.3")
    station_status: StationStatus = member("StationStatus", "状态", "Status.", "102")
    park_nums: Count | None = member(
        "ParkNums", "车位数量", "Parking bays, 0 = unknown.", "102", default=None
    )
    station_lng: Longitude = member("StationLng", "经度", "Longitude.", "102")
    station_lat: Latitude = member("StationLat", "纬度", "Latitude.", "102")
    coord_sys: CoordinateSystem | None = member(
        "CoordSys", "坐标系", "Coordinate system, GCJ-02 where absent.", default=None
    )
    site_guide: Text100 | None = member(
        "SiteGuide", "站点引导", "How to find the site.", "102", default=None
    )
    construction: Construction = member("Construction", "建设场所", "Kind of site.", "JES-6.1.2")
    pictures: tuple[Text256, ...] = member(
        "Pictures", "站点照片", "Picture URLs.", "102", default=()
    )
    match_cars: Text100 | None = member(
        "MatchCars", "使用车型描述", "Suitable vehicles.", "102", default=None
    )
    park_info: Text100 | None = member(
        "ParkInfo", "车位楼层及数量描述", "Bays and floors.", "102", default=None
    )
    charge_class: ChargeClass | None = member(
        "ChargeClass", "快充/慢充", "Fast, slow or mixed.", "JES-3.13", default=None
    )
    rated_capacity: KilovoltAmpere = member(
        "RatedCapacity", "装机容量", "Installed capacity.", "PLT-8.2"
    )
    max_charge_power: KilowattMagnitude = member(
        "MaxChargePower", "最大充电功率", "Station charge limit.", "JES-5.1.4a"
    )
    max_discharge_power: KilowattMagnitude | None = member(
        "MaxDischargePower", "最大放电功率", "Station discharge limit.", "JES-5.1.4a", default=None
    )
    site_load_limit: KilowattMagnitude | None = member(
        "SiteLoadLimit", "站级负荷上限", "Cap of transformer or cable.", "JES-7.2.2b", default=None
    )
    customer_no: Text32 | None = member(
        "CustomerNo", "用电户号", "Electricity customer.", "ACC-6.1", default=None, sensitive=True
    )
    grid_node_id: Text32 | None = member(
        "GridNodeID", "电网节点", "Grid node.", "PLT-6.10", default=None
    )
    edge_autonomy: bool | None = member(
        "EdgeAutonomy", "边缘自治", "Local autonomy available.", "JES-6.3.3", default=None
    )
    busine_hours: Text100 | None = member(
        "BusineHours", "营业时间", "Opening hours (spelt so in T/CEC 102).", "102", default=None
    )
    electricity_fee: Text256 | None = member(
        "ElectricityFee", "充电电费率", "Electricity tariff text.", "102", default=None
    )
    service_fee: Text100 | None = member(
        "ServiceFee", "服务费率", "Service fee text.", "102", default=None
    )
    park_fee: Text100 | None = member("ParkFee", "停车费", "Parking fee text.", "102", default=None)
    payment: Text20 | None = member("Payment", "支付方式", "Ways to pay.", "102", default=None)
    support_order: Annotated[int, Meta(ge=0, le=1)] | None = member(
        "SupportOrder", "是否支持预约", "1 = can be reserved.", "102", default=None
    )
    remark: Text100 | None = member("Remark", "备注", "Remark.", "102", default=None)
    equipment_infos: Annotated[tuple[EquipmentInfo, ...], Meta(min_length=1)] = member(
        "EquipmentInfos", "充电设备列表", "Devices.", "102"
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")
