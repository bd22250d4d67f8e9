"""Rows of the operations table: stations, customers, devices, parties, resources, the ledger."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Operation, to

QUERY_STATIONS_INFO = Operation(
    rows=(6,), name="QueryStationsInfo", zh="查询充电站信息", en="Query station archives.",
    clause="ACC-7.7", request=o.StationQuery, response=o.StationPage,
    directions=(to("any", "operator aggregator platform"),),
    rest="GET /stations", cec102=("query_stations_info",), grade=Grade.PUB, writes=False,
)  # fmt: skip
PUSH_ARCHIVE = Operation(
    rows=(7,), name="PushArchive", zh="充电站信息推送", en="Push a station archive.",
    clause="ACC-7.1", request=o.StationInfo, response=o.ArchiveReceipt,
    directions=(to("operator aggregator", "platform"), to("operator", "operator")),
    rest="PUT /stations/{StationID}", cec102=("notification_stationInfo",), grade=Grade.INT,
    writes=True, key=("operator_id", "station_id", "version"),
    errors=(4204, 4304),
    timing="on change",
)  # fmt: skip
PUSH_CUSTOMER = Operation(
    rows=(8,), name="PushCustomer", zh="用电客户信息推送", en="Push a customer archive.",
    clause="ACC-6.1", request=o.CustomerInfo, response=o.ArchiveReceipt,
    directions=(to("operator aggregator", "platform"),), rest="PUT /customers/{CustomerNo}",
    cec102=("notification_customer_info",), grade=Grade.IMP, writes=True,
    key=("customer_no", "version"), errors=(4204,), timing="on change",
)  # fmt: skip
QUERY_CUSTOMERS = Operation(
    rows=(8,), name="QueryCustomers", zh="用电客户查询", en="Query customer archives.",
    clause="ACC-6.1", request=o.CustomerQuery, response=o.CustomerPage,
    directions=(to("operator aggregator", "platform"),), rest="GET /customers/{CustomerNo}",
    cec102=("query_customers_info",), grade=Grade.IMP, writes=False,
)  # fmt: skip
PUSH_LOAD_DEVICE = Operation(
    rows=(9,), name="PushLoadDevice", zh="负荷设备信息推送", en="Push a load device archive.",
    clause="ACC-6.3", request=o.LoadDevice, response=o.ArchiveReceipt,
    directions=(to("operator aggregator", "platform"),), rest="PUT /load-devices/{LoadDeviceID}",
    cec102=("notification_load_device_info",), grade=Grade.INT, writes=True,
    key=("load_device_id", "version"), errors=(4204, 4402), timing="on change",
)  # fmt: skip
QUERY_LOAD_DEVICES = Operation(
    rows=(9,), name="QueryLoadDevices", zh="负荷设备查询", en="Query load device archives.",
    clause="ACC-6.3", request=o.LoadDeviceQuery, response=o.LoadDevicePage,
    directions=(to("operator aggregator", "platform"),), rest="GET /load-devices/{LoadDeviceID}",
    cec102=("query_load_devices_info",), grade=Grade.INT, writes=False,
)  # fmt: skip
PUSH_OPERATOR = Operation(
    rows=(10,), name="PushOperator", zh="运营商/聚合商信息推送",
    en="Push the archive of an operator or aggregator.", clause="PLT-8.2", request=o.OperatorInfo,
    response=o.ArchiveReceipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="PUT /operators/{OperatorID}", cec102=("notification_operator_info",), grade=Grade.INT,
    writes=True, key=("operator_id", "version"), errors=(4204,),
    timing="next periodic upload <= 60 s",
)  # fmt: skip
QUERY_OPERATORS = Operation(
    rows=(10,), name="QueryOperators", zh="运营商/聚合商查询",
    en="Query operator and aggregator archives.", clause="PLT-8.2", request=o.OperatorQuery,
    response=o.OperatorPage,
    directions=(to("operator aggregator", "platform"), to("dispatch", "platform")),
    rest="GET /operators/{OperatorID}", cec102=("query_operator_info",), grade=Grade.INT,
    writes=False,
)  # fmt: skip
PUSH_RESOURCE = Operation(
    rows=(11,), name="PushResource", zh="聚合资源信息推送",
    en="Push the archive of an aggregated resource.", clause="PLT-7.2a",
    request=o.AggregateResource, response=o.ArchiveReceipt,
    directions=(to("aggregator operator", "platform"), to("platform", "dispatch")),
    rest="PUT /resources/{ResourceID}", cec102=("notification_resource_info",), grade=Grade.IMP,
    writes=True, key=("aggregator_id", "resource_id", "version"), errors=(4204, 4402),
    timing="<= 60 s up",
)  # fmt: skip
QUERY_RESOURCES = Operation(
    rows=(11,), name="QueryResources", zh="聚合资源查询",
    en="Query archives of aggregated resources.", clause="PLT-7.2a", request=o.ResourceQuery,
    response=o.ResourcePage, directions=(to("aggregator operator dispatch", "platform"),),
    rest="GET /resources/{ResourceID}", cec102=("query_resources_info",), grade=Grade.IMP,
    writes=False,
)  # fmt: skip
QUERY_LEDGER = Operation(
    rows=(12,), name="QueryLedger", zh="台账查询", en="Query the ledger as a tree.",
    clause="PLT-6.9", request=o.LedgerQuery, response=o.LedgerPage,
    directions=(to("dispatch supervisor", "platform"),), rest="GET /ledger",
    cec102=("query_ledger",), grade=Grade.INT, writes=False, errors=(4301,), timing="page <= 2 s",
)  # fmt: skip
