"""Enumerations of archives and resources: integers on the wire, names in code. ACC-4.1."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class OperatorRole(IntEnum):
    """Role of a party 角色. ACC-G.4, EXP-1.1."""

    OPERATOR = 1
    AGGREGATOR = 2
    OEM = 3
    ENERGY_MANAGEMENT = 4
    DISPATCH = 5
    EXCHANGE = 6
    THIRD_PARTY = 7


class AccessState(IntEnum):
    """Access state 接入状态. PLT-8.7b, PLT-8.11."""

    APPLIED = 0
    APPROVED = 1
    ACTIVE = 2
    SUSPENDED = 3
    PENALISED = 4
    REMOVED = 5


class CoordinateSystem(IntEnum):
    """Coordinate system 坐标系."""

    GCJ_02 = 1
    WGS_84 = 2
    CGCS2000 = 3


class StationType(IntEnum):
    """Station type 站点类型. JES-6.1.3."""

    PUBLIC = 1
    PRIVATE = 50
    BUS = 100
    SANITATION = 101
    LOGISTICS = 102
    TAXI = 103
    OTHER = 255


class StationStatus(IntEnum):
    """Station status 站点状态."""

    UNKNOWN = 0
    BUILDING = 1
    CLOSED = 5
    MAINTENANCE = 6
    NORMAL = 50


class Construction(IntEnum):
    """Kind of site 建设场所. JES-6.1.2."""

    RESIDENTIAL = 1
    PUBLIC_INSTITUTION = 2
    ENTERPRISE = 3
    OFFICE_BUILDING = 4
    INDUSTRIAL_PARK = 5
    TRANSPORT_HUB = 6
    SPORTS_CULTURE = 7
    GREEN_SPACE = 8
    LARGE_BUILDING = 9
    ROADSIDE = 10
    MOTORWAY_SERVICE_AREA = 11
    OTHER = 255


class ChargeClass(IntEnum):
    """Fast (>= 30 kW), slow (< 30 kW) or both 快充/慢充. JES-3.13, JES-3.14."""

    FAST = 1
    SLOW = 2
    MIXED = 3


class EquipmentType(IntEnum):
    """Charger type 设备类型. JES-6.1.3c."""

    DC = 1
    AC = 2
    AC_DC = 3
    WIRELESS = 4
    OTHER = 5


class DirectionCapability(IntEnum):
    """V2G ability 双向能力. JES-3.11, PLT-7.4b."""

    CHARGE_ONLY = 1
    BIDIRECTIONAL = 2


class ConnectorType(IntEnum):
    """Connector type 接口类型."""

    SOCKET = 1
    AC_SOCKET = 2
    AC_PLUG = 3
    DC_PLUG = 4
    WIRELESS = 5
    OTHER = 6
    CCS = 7
    CHADEMO = 8
    CHAOJI = 9


class NationalStandard(IntEnum):
    """Edition of the national connector standard 国家标准."""

    GB_2011 = 1
    GB_2015 = 2
    GB_2023 = 3


class SupportedService(IntEnum):
    """Charge and discharge services 充放电服务. VGI-D.1."""

    CHARGE = 1
    ORDERED_CHARGE = 2
    V2G = 3
    REACTIVE = 4
    V2B = 5


class DeviceProtocol(StrEnum):
    """Protocols behind a device 通信协议. VGI-T4."""

    GBT_27930_2015 = "GB/T 27930-2015"
    GBT_27930_2023 = "GB/T 27930-2023"
    GBT_18487 = "GB/T 18487"
    ISO_15118_2 = "ISO 15118-2"
    ISO_15118_20 = "ISO 15118-20"
    CHADEMO = "CHAdeMO"
    J1772 = "J1772"
    IEC_61851 = "IEC 61851"
    OCPP_16 = "OCPP1.6"
    OCPP_201 = "OCPP2.0.1"
    OCPP_21 = "OCPP2.1"
    TCEC_102 = "T/CEC 102"
    PRIVATE = "private"


class ResourceLevel(IntEnum):
    """Level of an aggregated resource 层级. JES-6.2.3.2, VGI-5.6."""

    CITY = 1
    REGION = 2
    STATION = 3
    DEVICE = 4
    VEHICLE = 5


class Dimension(IntEnum):
    """Aggregation dimension 聚合维度. PLT-5.2c."""

    AREA = 1
    FEEDER = 2
    OPERATOR = 3
    DEVICE_TYPE = 4
    VEHICLE_CLASS = 5
    PRICE_ZONE = 6
    CUSTOM = 255


class Scene(IntEnum):
    """Control scene 调控场景. JES-6.5.1, PLT-5.2c."""

    PEAK = 1
    DEMAND_RESPONSE = 2
    FREQUENCY = 3
    RESERVE = 4
    RENEWABLE_SMOOTHING = 5
    REACTIVE_VOLTAGE = 6
    EMERGENCY = 7
    SPOT = 8


class PolarityMode(IntEnum):
    """LOAD: consumption positive; GENERATION: delivery to the grid positive 极性. PLT-7.4."""

    LOAD = 1
    GENERATION = 2

    @property
    def mirrored(self) -> PolarityMode:
        return PolarityMode.GENERATION if self is PolarityMode.LOAD else PolarityMode.LOAD


class UnitProfile(IntEnum):
    """Power unit of a batch 单位."""

    KW = 1
    MW = 2


class ControlPlace(IntEnum):
    """Where control sits 本地/中央. VGI-5.1."""

    LOCAL = 1
    CENTRAL = 2
    COMBINED = 3


class ObjectKind(IntEnum):
    """What a record or member speaks of 对象类别. PLT-9.5."""

    RESOURCE = 1
    STATION = 2
    EQUIPMENT = 3
    CONNECTOR = 4
    VEHICLE = 5
    GRID_NODE = 6
