"""The grid behind the chargers: nodes, their limits, tracing 电网节点/电网参数/桩网溯源. PLT-6.10.

What is topology (who hangs on whom, impedances) is marked sensitive: parties get ceilings and
curves, never the network. VGI-D.16.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.control import MAX_POINTS
from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import (
    AmpereRating,
    DirectedKilovar,
    DirectedKilowatt,
    HertzMagnitude,
    Instant,
    KilovoltAmpereRating,
    KilowattMagnitude,
    Measured,
    Ohm,
    OperatorCode,
    Percent,
    PowerFactor,
    PowerFactorMagnitude,
    Text23,
    Text32,
    Text40,
    Version,
    VoltageLimit,
)

MAX_ATTACHED = 5000


class NodeKind(IntEnum):
    """Kind of grid node 节点类别: 变电站/线路/台区/母线/支路. PLT-6.10, JES-5.2.1."""

    SUBSTATION = 1
    FEEDER = 2
    TRANSFORMER_AREA = 3
    BUS = 4
    LINE_SEGMENT = 5


class AttachedKind(IntEnum):
    """What is connected to a node 连接设备类别: 充电桩/电源/储能. JES-5.2.1."""

    CHARGER = 1
    GENERATOR = 2
    STORAGE = 3


class VoltageUnit(IntEnum):
    """Unit of the voltage limits of a bus 电压单位: 标幺值/伏. JES-5.2.2."""

    PER_UNIT = 1
    VOLT = 2


class DataKind(IntEnum):
    """Real, simplified or typical data 数据性质: 实际/简化/典型. JES-5.2.4."""

    REAL = 1
    SIMPLIFIED = 2
    TYPICAL = 3


class ParameterSource(IntEnum):
    """Where a grid parameter comes from 参数来源: 就地计量/调度. VGI-5.7."""

    LOCAL_METER = 1
    DISPATCH = 2


class AttachedResource(InformationObject):
    """A device connected to a node 连接设备. JES-5.2.1."""

    kind: AttachedKind = member("Kind", "设备类别", "Kind of device.", "JES-5.2.1")
    id: Text32 = member("ID", "设备标识", "Identifier.", "JES-5.2.1")


class LoadPoint(InformationObject):
    """One step of a load curve 负荷曲线段. JES-5.2.2."""

    start_time: Instant = member("StartTime", "开始时间", "Start, inclusive.", "JES-5.2.2")
    end_time: Instant = member("EndTime", "结束时间", "End, exclusive.", "JES-5.2.2")
    power: DirectedKilowatt = member(
        "Power", "功率", "Mean power, consumption positive.", "JES-5.2.2"
    )


class GridNode(InformationObject):
    """Grid node 电网节点: transformer area, feeder, bus, line. PLT-6.10, JES-5.2.1."""

    grade: ClassVar[Grade] = Grade.IMP

    grid_node_id: Text32 = member("GridNodeID", "节点标识", "Identifier.", "PLT-6.10")
    node_kind: NodeKind = member("NodeKind", "节点类别", "Kind.", "PLT-6.10")
    parent_node_id: Text32 | None = member(
        "ParentNodeID", "上级节点", "Node upstream.", "PLT-6.10", default=None, sensitive=True
    )
    from_bus_id: Text32 | None = member(
        "FromBusID", "首端母线", "First end of a line.", "JES-5.2.1", default=None, sensitive=True
    )
    to_bus_id: Text32 | None = member(
        "ToBusID", "末端母线", "Other end of a line.", "JES-5.2.1", default=None, sensitive=True
    )
    resistance: Ohm | None = member(
        "Resistance", "电阻", "Lumped R of a line.", "JES-5.2.3", default=None, sensitive=True
    )
    reactance: Ohm | None = member(
        "Reactance", "电抗", "Lumped X of a line.", "JES-5.2.3", default=None, sensitive=True
    )
    max_current: AmpereRating | None = member(
        "MaxCurrent", "最大电流", "Current limit of a line.", "JES-5.2.3", default=None
    )
    voltage_max: VoltageLimit | None = member(
        "VoltageMax", "电压上限", "Upper limit of a bus.", "JES-5.2.2", default=None
    )
    voltage_min: VoltageLimit | None = member(
        "VoltageMin", "电压下限", "Lower limit of a bus.", "JES-5.2.2", default=None
    )
    voltage_unit: VoltageUnit | None = member(
        "VoltageUnit", "电压单位", "Unit of the two.", "JES-5.2.2", default=None
    )
    rated_capacity: KilovoltAmpereRating | None = member(
        "RatedCapacity", "配变容量", "Transformer capacity.", "JES-7.2.2b", default=None
    )
    load_limit: KilowattMagnitude | None = member(
        "LoadLimit", "负荷上限", "Load ceiling.", "VGI-D.11", default=None
    )
    power_factor_min: PowerFactorMagnitude | None = member(
        "PowerFactorMin", "功率因数下限", "Least power factor.", "VGI-D.11", default=None
    )
    attached_resources: Annotated[tuple[AttachedResource, ...], Meta(max_length=MAX_ATTACHED)] = (
        member(
            "AttachedResources", "连接设备", "Connected.", "JES-5.2.1", default=(), sensitive=True
        )
    )
    non_charging_load_curve: Annotated[tuple[LoadPoint, ...], Meta(max_length=MAX_POINTS)] = member(
        "NonChargingLoadCurve", "非充电负荷曲线", "Other load.", "JES-5.2.2", default=()
    )
    data_kind: DataKind = member("DataKind", "数据性质", "Real or typical.", "JES-5.2.4")
    extension: dict[Text40, Measured] | None = member(
        "Extension", "其他网络要素", "Quantities of other networks.", "JES-5.3", default=None
    )
    version: Version = member("Version", "版本", "Version, rises with each change.")
    update_time: Instant = member("UpdateTime", "更新时间", "Time of the change.")


class GridParameter(InformationObject):
    """Limits and settings of a node for a time 电网参数. VGI-D.11, VGI-D.12, VGI-D.13."""

    grade: ClassVar[Grade] = Grade.IMP

    node_id: Text32 = member("NodeID", "节点标识", "Grid node.", "VGI-D.11")
    load_limit: KilowattMagnitude | None = member(
        "LoadLimit", "负荷上限", "Load ceiling.", "VGI-D.11", default=None
    )
    reactive_target: DirectedKilovar | None = member(
        "ReactiveTarget",
        "无功目标",
        "Reactive target, absorption positive.",
        "VGI-D.11",
        default=None,
    )
    power_factor: PowerFactor | None = member(
        "PowerFactor", "功率因数", "Power factor wanted.", "VGI-D.11", default=None
    )
    frequency_deadband: HertzMagnitude | None = member(
        "FrequencyDeadband", "频率死区", "Dead band.", "JES-6.5.1.3a", default=None
    )
    droop: Percent | None = member("Droop", "调差系数", "Droop.", "JES-6.5.1.3a", default=None)
    source: ParameterSource = member("Source", "来源", "Where it comes from.", "VGI-5.7")
    valid_from: Instant = member("ValidFrom", "生效时间", "Holds from, inclusive.", "VGI-D.11")
    valid_to: Instant | None = member(
        "ValidTo",
        "失效时间",
        "Holds to, exclusive; until replaced where absent.",
        "VGI-D.11",
        default=None,
    )
    issue_time: Instant = member("IssueTime", "下发时间", "Issued or measured.", "VGI-5.7")
    version: Version = member("Version", "版本", "Version, rises with each change.")


class GridTraceQuery(InformationObject):
    """Query of the way from a charger into the grid 桩网溯源查询; one of the two. PLT-6.10."""

    equipment_id: Text23 | None = member(
        "EquipmentID", "设备编码", "Charger.", "PLT-6.10", default=None
    )
    operator_id: OperatorCode | None = member(
        "OperatorID", "运营商ID", "Whose charger; any where absent.", "PLT-6.10", default=None
    )
    node_id: Text32 | None = member("NodeID", "节点标识", "Grid node.", "PLT-6.10", default=None)


class GridTrace(InformationObject):
    """The way into the grid 桩网溯源结果; no node = the mapping is not known. PLT-6.10."""

    grade: ClassVar[Grade] = Grade.IMP

    nodes: tuple[GridNode, ...] = member(
        "Nodes", "节点", "From the device upward.", "PLT-6.10", default=(), sensitive=True
    )
