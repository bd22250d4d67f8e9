"""Rows of the operations table: sessions, statistics, orders, and the user side of T/CEC 102."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

PUSH_CHARGE_STATUS = Operation(
    rows=(22,), name="PushChargeStatus", zh="推送充电状态",
    en="Push the status of a charging session.", clause="102", request=o.ChargeStatus,
    response=o.ChargeStatusReceipt,
    directions=(to("operator aggregator", "platform"), to("operator", "operator")),
    rest="POST /sessions/{StartChargeSeq}/status", cec102=("notification_equip_charge_status",),
    grade=Grade.SEN, writes=True, key=("start_charge_seq", "end_time"),
    timing="<= 50 s classic, <= 5 s sampling",
)  # fmt: skip
QUERY_STATION_STATS = Operation(
    rows=(23,), name="QueryStationStats", zh="查询统计信息",
    en="Query charging statistics of a station.", clause="102", request=o.StationStatsQuery,
    response=o.StationStats,
    directions=(
        to("supervisor platform", "operator aggregator"),
        to("operator", "operator"),
        to("supervisor", "platform"),
    ),
    rest="GET /stations/{StationID}/stats", cec102=("query_station_stats",), grade=Grade.INT,
    writes=False, errors=(4201, 4503),
)  # fmt: skip
QUERY_EQUIP_AUTH = Operation(
    rows=(), name="QueryEquipAuth", zh="请求设备认证", en="Ask whether a connector may be used.",
    clause="102", request=o.EquipAuthQuery, response=o.EquipAuth,
    directions=(to("operator aggregator platform oem", "operator aggregator"),),
    rest="GET /connectors/{ConnectorID}/auth", cec102=("query_equip_auth",), grade=Grade.INT,
    writes=False,
)  # fmt: skip
QUERY_EQUIP_BUSINESS_POLICY = Operation(
    rows=(), name="QueryEquipBusinessPolicy", zh="查询业务策略",
    en="Ask for the tariff of a connector.", clause="102", request=o.BusinessPolicyQuery,
    response=o.BusinessPolicy,
    directions=(to("operator aggregator platform oem", "operator aggregator"),),
    rest="GET /connectors/{ConnectorID}/policy", cec102=("query_equip_business_policy",),
    grade=Grade.PUB, writes=False,
)  # fmt: skip
QUERY_START_CHARGE = Operation(
    rows=(), name="QueryStartCharge", zh="请求启动充电", en="Ask to start charging.",
    clause="102", request=o.StartChargeRequest, response=o.StartChargeAnswer,
    directions=(to("operator aggregator platform oem", "operator aggregator"),),
    rest="POST /sessions", cec102=("query_start_charge",), grade=Grade.SEN, writes=True,
    key=("start_charge_seq",), lane=Lane.CONTROL,
)  # fmt: skip
NOTIFY_START_CHARGE_RESULT = Operation(
    rows=(), name="NotifyStartChargeResult", zh="推送启动充电结果",
    en="Tell whether charging started.", clause="102", request=o.StartChargeResult,
    response=o.StartChargeResultReceipt,
    directions=(to("operator aggregator", "operator aggregator platform oem"),),
    rest="PUT /sessions/{StartChargeSeq}/start-result",
    cec102=("notification_start_charge_result",), grade=Grade.SEN, writes=True,
    key=("start_charge_seq", "start_charge_seq_stat"),
)  # fmt: skip
QUERY_EQUIP_CHARGE_STATUS = Operation(
    rows=(), name="QueryEquipChargeStatus", zh="查询充电状态",
    en="Ask for the status of a session.", clause="102", request=o.ChargeStatusQuery,
    response=o.ChargeStatus,
    directions=(to("operator aggregator platform oem", "operator aggregator"),),
    rest="GET /sessions/{StartChargeSeq}/status", cec102=("query_equip_charge_status",),
    grade=Grade.SEN, writes=False, errors=(4201,),
)  # fmt: skip
QUERY_STOP_CHARGE = Operation(
    rows=(), name="QueryStopCharge", zh="请求停止充电", en="Ask to stop charging.", clause="102",
    request=o.StopChargeRequest, response=o.StopChargeAnswer,
    directions=(to("operator aggregator platform oem", "operator aggregator"),),
    rest="PUT /sessions/{StartChargeSeq}/stop", cec102=("query_stop_charge",), grade=Grade.SEN,
    writes=True, key=("start_charge_seq",), lane=Lane.CONTROL,
)  # fmt: skip
NOTIFY_STOP_CHARGE_RESULT = Operation(
    rows=(), name="NotifyStopChargeResult", zh="推送停止充电结果",
    en="Tell whether charging stopped.", clause="102", request=o.StopChargeResult,
    response=o.StopChargeResultReceipt,
    directions=(to("operator aggregator", "operator aggregator platform oem"),),
    rest="PUT /sessions/{StartChargeSeq}/stop-result",
    cec102=("notification_stop_charge_result",), grade=Grade.SEN, writes=True,
    key=("start_charge_seq", "start_charge_seq_stat", "succ_stat", "fail_reason"),
)  # fmt: skip
PUSH_CHARGE_ORDER = Operation(
    rows=(), name="PushChargeOrder", zh="推送充电订单", en="Push a charge order.", clause="102",
    request=o.ChargeOrder, response=o.ChargeOrderReceipt,
    directions=(to("operator aggregator", "operator aggregator platform oem"),),
    rest="PUT /orders/{StartChargeSeq}", cec102=("notification_charge_order_info",),
    grade=Grade.SEN, writes=True, key=("start_charge_seq",),
)  # fmt: skip
CHECK_CHARGE_ORDERS = Operation(
    rows=(), name="CheckChargeOrders", zh="订单对账", en="Reconcile charge orders.", clause="102",
    request=o.OrderCheck, response=o.OrderCheckResult,
    directions=(to("operator aggregator", "operator aggregator platform oem"),),
    rest="POST /order-checks", cec102=("check_charge_orders", "check_charge_order"),
    grade=Grade.IMP, writes=True, key=("check_order_seq",),
)  # fmt: skip
