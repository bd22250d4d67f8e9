"""Plain archives without a surprise: customers, load devices, parties, resources, two stations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from tests.cases.first import a_station
from tests.cases.worlds import AGGREGATOR, NOW, OPERATOR
from vgigw.objects import (
    AgentOperator,
    AggregateResource,
    CustomerInfo,
    LoadDevice,
    OperatorInfo,
    PolarityMode,
)
from vgigw.objects.customers import CustomerType
from vgigw.objects.devices import ControlMethod, DeviceKind
from vgigw.objects.enumerations import (
    AccessState,
    Dimension,
    DirectionCapability,
    ObjectKind,
    OperatorRole,
    ResourceLevel,
    Scene,
)
from vgigw.objects.resources import ResourceMember

STATION = a_station()
"""Two chargers that only charge, with a connector each; of ``OPERATOR``."""
CHARGERS = tuple(each.equipment_id for each in STATION.equipment_infos)
CONNECTORS = tuple(each.connector_infos[0].connector_id for each in STATION.equipment_infos)
BOTH_WAYS = replace(
    STATION,
    equipment_infos=tuple(
        replace(each, direction_capability=DirectionCapability.BIDIRECTIONAL)
        for each in STATION.equipment_infos
    ),
)
"""The same station, with chargers that can also deliver."""
AGENTED = "777777777"
"""An operator that is nobody's peer."""
HOUR = timedelta(hours=1)


def a_customer(version: int = 1, **changes: Any) -> CustomerInfo:
    plain = CustomerInfo(
        customer_no="N1",
        customer_name="用户一",
        customer_type=CustomerType.DEDICATED,
        address="一路一号",
        area_code="350100",
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)


def a_device(version: int = 1, **changes: Any) -> LoadDevice:
    """An air conditioner of 0 to 30 kW that stands nowhere in particular."""
    plain = LoadDevice(
        load_device_id="L1",
        load_device_name="空调一",
        device_kind=DeviceKind.AIR_CONDITIONING,
        rated_power=Decimal(30),
        polarity_mode=PolarityMode.LOAD,
        control_mode=ControlMethod.POWER_LIMIT,
        min_power=Decimal(0),
        max_power=Decimal(30),
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)


def a_party(operator_id: str = OPERATOR, version: int = 1, **changes: Any) -> OperatorInfo:
    plain = OperatorInfo(
        operator_id=operator_id,
        operator_name="运营商一",
        reg_address="二路二号",
        contact_name="联系人一",
        contact_phone="0591-1",
        operator_role=OperatorRole.OPERATOR,
        access_state=AccessState.ACTIVE,
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)


def an_aggregator(*agented: str, version: int = 1, **agency: Any) -> OperatorInfo:
    """``AGGREGATOR``, which acts for ``agented``."""
    return a_party(
        AGGREGATOR,
        version,
        operator_role=OperatorRole.AGGREGATOR,
        agent_operators=tuple(
            AgentOperator(operator_id=each, operator_name="代理", **agency) for each in agented
        ),
    )


def member(kind: ObjectKind, member_id: str) -> ResourceMember:
    return ResourceMember(member_kind=kind, member_id=member_id)


def a_resource(
    resource_id: str = "R1", version: int = 1, *members: ResourceMember, **changes: Any
) -> AggregateResource:
    """A resource of ``OPERATOR`` for peak shaving that only charges; it counts the station."""
    plain = AggregateResource(
        resource_id=resource_id,
        resource_name="资源一",
        aggregator_id=OPERATOR,
        resource_level=ResourceLevel.REGION,
        dimension=Dimension.OPERATOR,
        scene=Scene.PEAK,
        polarity_mode=PolarityMode.LOAD,
        polarity_from=NOW - HOUR,
        members=members or (member(ObjectKind.STATION, STATION.station_id),),
        rated_charge_power=Decimal(60),
        rated_discharge_power=Decimal(0),
        min_control_unit=Decimal(1),
        version=version,
        update_time=NOW,
    )
    return replace(plain, **changes)
