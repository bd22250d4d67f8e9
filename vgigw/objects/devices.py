"""Load devices 负荷设备: whatever can be regulated, wider than chargers. ACC-6.3, JES-6.3.1."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.values import (
    Count,
    Instant,
    Kilowatt,
    KilowattMagnitude,
    KilowattPerMinute,
    KilowattPositive,
    Page,
    PageSize,
    Text20,
    Text23,
    Text32,
    Text50,
    Version,
)


class DeviceKind(IntEnum):
    """Kind of load device 设备类别: 充电桩/换电/储能/光伏/风电/空调/其他负荷. JES-6.3.1."""

    CHARGER = 1
    SWAP_STATION = 2
    STORAGE = 3
    PHOTOVOLTAIC = 4
    WIND = 5
    AIR_CONDITIONING = 6
    OTHER_LOAD = 7


class ControlMethod(IntEnum):
    """How a device can be controlled 可控方式: 不可控/启停/限值/设定/价格. JES-3.16."""

    NONE = 0
    START_STOP = 1
    POWER_LIMIT = 2
    SET_POINT = 3
    PRICE = 4


class LoadDevice(InformationObject):
    """Load device 负荷设备. ACC-6.3."""

    grade: ClassVar[Grade] = Grade.INT

    load_device_id: Text32 = member("LoadDeviceID", "负荷设备标识", "Identifier.", "ACC-6.3")
    load_device_name: Text50 = member("LoadDeviceName", "名称", "Name.", "ACC-6.3")
    device_kind: DeviceKind = member("DeviceKind", "设备类别", "Kind.", "JES-6.3.1")
    customer_no: Text32 | None = member(
        "CustomerNo", "所属客户", "Electricity customer.", "ACC-6.3", default=None, sensitive=True
    )
    station_id: Text20 | None = member("StationID", "所属场站", "Station.", "ACC-6.3", default=None)
    equipment_id: Text23 | None = member(
        "EquipmentID", "所属设备", "Charger.", "ACC-6.3", default=None
    )
    rated_power: KilowattPositive = member("RatedPower", "额定功率", "Rated power.", "PLT-8.2")
    polarity_mode: PolarityMode = member("PolarityMode", "极性", "Polarity.", "PLT-7.4")
    control_mode: ControlMethod = member(
        "ControlMode", "可控方式", "How it can be controlled.", "JES-3.16"
    )
    min_power: Kilowatt = member(
        "MinPower",
        "功率下限",
        "Lower end of the range, signed by PolarityMode.",
        "PLT-8.4",
        mirror="MaxPower",
    )
    max_power: Kilowatt = member(
        "MaxPower",
        "功率上限",
        "Upper end of the range, signed likewise.",
        "PLT-8.4",
        mirror="MinPower",
    )
    min_step: KilowattMagnitude | None = member(
        "MinStep", "最小调节步长", "Smallest step, 1 where absent.", "JES-6.5.2b", default=None
    )
    ramp_up: KilowattPerMinute | None = member(
        "RampUp", "上调节速率", "Rate up.", "PLT-8.4", default=None, mirror="RampDown"
    )
    ramp_down: KilowattPerMinute | None = member(
        "RampDown", "下调节速率", "Rate down.", "PLT-8.4", default=None, mirror="RampUp"
    )
    grid_node_id: Text32 | None = member(
        "GridNodeID", "所属节点", "Grid node.", "PLT-6.10", default=None
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class LoadDeviceQuery(InformationObject):
    """Query of load devices 负荷设备查询. ACC-7.1."""

    load_device_id: Text32 | None = member(
        "LoadDeviceID", "负荷设备标识", "One device; absent = all.", default=None
    )
    last_query_time: Instant | None = member(
        "LastQueryTime", "上次查询时间", "Changed since; absent = all.", "102", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Devices a page; 10 where absent.", "102", default=None
    )


class LoadDevicePage(InformationObject):
    """One page of load devices 负荷设备列表. ACC-7.1."""

    grade: ClassVar[Grade] = Grade.INT

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Devices in all.", "102")
    load_devices: tuple[LoadDevice, ...] = member(
        "LoadDevices", "负荷设备", "Devices.", "ACC-7.1", default=()
    )
