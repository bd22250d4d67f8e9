"""Charging orders and their reconciliation 充电订单/订单对账. 102, VGI-T6."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.sessions import MAX_TARIFF_PERIODS, ChargeDetail
from vgigw.objects.values import (
    Count,
    Fixed17,
    Instant,
    Money,
    ReasonCode,
    SessionEnergy,
    TariffPeriodCount,
    Text16,
    Text26,
    Text27,
    Text64,
)

MAX_ORDERS = 5000


class ChargeOrder(InformationObject):
    """Order of a session that has ended 充电订单. 102, VGI-T6."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    start_time: Instant = member("StartTime", "开始充电时间", "Charging began.", "102")
    end_time: Instant = member("EndTime", "结束充电时间", "Charging ended.", "102")
    total_power: SessionEnergy = member("TotalPower", "累计充电量", "Energy.", "102")
    total_discharge_power: SessionEnergy | None = member(
        "TotalDischargePower",
        "累计放电量",
        "Energy discharged, never netted.",
        "JES-6.5.2a",
        default=None,
    )
    total_elec_money: Money = member("TotalElecMoney", "总电费", "Fee for energy.", "102")
    total_sevice_money: Money = member("TotalSeviceMoney", "总服务费", "Fee for service.", "102")
    total_money: Money = member("TotalMoney", "累计总金额", "Fees in all.", "102")
    stop_reason: ReasonCode = member(
        "StopReason",
        "充电结束原因",
        "0 user, 1 platform, 2 BMS, 3 charger fault, 4 connector unplugged, 5 to 99 own.",
        "102",
    )
    sum_period: TariffPeriodCount | None = member(
        "SumPeriod", "时段数", "Tariff periods in ChargeDetails.", "102", default=None
    )
    charge_details: Annotated[tuple[ChargeDetail, ...], Meta(max_length=MAX_TARIFF_PERIODS)] = (
        member("ChargeDetails", "充电明细", "One a tariff period.", "102", default=())
    )
    vin: Fixed17 | None = member("Vin", "车架号", "VIN.", "102", default=None, sensitive=True)
    plate_no: Text16 | None = member(
        "PlateNo", "车牌号", "Licence plate.", "102", default=None, sensitive=True
    )
    vehicle_id: Text64 | None = member(
        "VehicleID", "车辆身份", "Pseudonym of the vehicle.", "VGI-T6", default=None
    )


class ChargeOrderReceipt(InformationObject):
    """Receipt of an order 充电订单推送结果. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    confirm_result: ReasonCode = member(
        "ConfirmResult", "确认结果", "0 confirmed, 1 disputed, 2 to 99 own.", "102"
    )


class OrderCheckItem(InformationObject):
    """One order of a check 对账订单. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    total_power: SessionEnergy = member("TotalPower", "累计充电量", "Energy.", "102")
    total_money: Money = member("TotalMoney", "累计总金额", "Fees in all.", "102")


class OrderCheck(InformationObject):
    """Orders of a period, to be compared with the peer's 订单对账. 102, VGI-T6."""

    grade: ClassVar[Grade] = Grade.SEN

    check_order_seq: Text27 = member("CheckOrderSeq", "对账流水号", "Idempotency key.", "102")
    start_time: Instant = member("StartTime", "账单开始时间", "Start, inclusive.", "102")
    end_time: Instant = member("EndTime", "账单结束时间", "End, exclusive.", "102")
    order_count: Count = member("OrderCount", "订单数量", "Orders in all.", "102")
    total_order_power: SessionEnergy = member(
        "TotalOrderPower", "总电量", "Energy of all orders.", "102"
    )
    total_order_money: Money = member("TotalOrderMoney", "总金额", "Fees of all orders.", "102")
    charge_orders: Annotated[tuple[OrderCheckItem, ...], Meta(max_length=MAX_ORDERS)] = member(
        "ChargeOrders", "订单列表", "Orders.", "102", default=()
    )


class DisputeOrder(InformationObject):
    """One order that the two sides hold differently 争议订单. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    total_power: SessionEnergy = member("TotalPower", "累计充电量", "Energy.", "102")
    total_money: Money = member("TotalMoney", "累计总金额", "Fees in all.", "102")
    dispute_reason: ReasonCode = member(
        "DisputeReason",
        "争议原因",
        "1 not kept here, 2 fees differ, 3 energy differs, 4 kept here and not told, "
        "the rest to 99 own.",
        "102",
    )


class OrderCheckResult(InformationObject):
    """What a comparison of orders found 对账结果. 102, VGI-T6."""

    grade: ClassVar[Grade] = Grade.SEN

    check_order_seq: Text27 = member("CheckOrderSeq", "对账流水号", "Check.", "102")
    start_time: Instant = member("StartTime", "账单开始时间", "Start, inclusive.", "102")
    end_time: Instant = member("EndTime", "账单结束时间", "End, exclusive.", "102")
    total_dispute_order: Count = member("TotalDisputeOrder", "争议订单数", "Disputed.", "102")
    total_dispute_power: SessionEnergy = member(
        "TotalDisputePower", "争议总电量", "Energy of the disputed.", "102"
    )
    total_dispute_money: Money = member(
        "TotalDisputeMoney", "争议总金额", "Fees of the disputed.", "102"
    )
    dispute_orders: Annotated[tuple[DisputeOrder, ...], Meta(max_length=MAX_ORDERS)] = member(
        "DisputeOrders", "争议订单列表", "Disputed orders.", "102", default=()
    )
