"""The user's side of charging: authentication, tariff, start, stop 充电业务. 102, VGI-T6."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.operating_enumerations import Success
from vgigw.objects.sessions import MAX_TARIFF_PERIODS, SessionState
from vgigw.objects.values import (
    Fixed6,
    Instant,
    ReasonCode,
    TariffPeriodCount,
    Text26,
    Text27,
    Text32,
    Text255,
    UnitPrice,
)


class EquipAuthQuery(InformationObject):
    """Asks whether a connector is ready to charge 请求设备认证. 102."""

    equip_auth_seq: Text27 = member("EquipAuthSeq", "设备认证流水号", "Idempotency key.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")


class EquipAuth(InformationObject):
    """Answer whether a connector is ready 设备认证结果. 102."""

    equip_auth_seq: Text27 = member("EquipAuthSeq", "设备认证流水号", "Request.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 ready, 1 not.", "102")
    fail_reason: ReasonCode = member(
        "FailReason",
        "失败原因",
        "0 none, 1 not plugged in, 2 device check failed, 3 to 99 own; 99 no hook.",
        "102",
    )


class BusinessPolicyQuery(InformationObject):
    """Asks for the tariff of a connector 查询业务策略. 102."""

    equip_biz_seq: Text27 = member("EquipBizSeq", "业务策略查询流水号", "Idempotency key.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")


class PolicyInfo(InformationObject):
    """Prices from an hour of the day on 计费策略. 102."""

    # "Sevice" is how the 2016 text of T/CEC 102 spells it.
    start_time: Fixed6 = member("StartTime", "时段起始时间", "HHmmss, Beijing time.", "102")
    elec_price: UnitPrice = member("ElecPrice", "电价", "Price of energy.", "102")
    sevice_price: UnitPrice = member("SevicePrice", "服务费单价", "Price of service.", "102")


class BusinessPolicy(InformationObject):
    """Tariff of a connector 业务策略. 102."""

    equip_biz_seq: Text27 = member("EquipBizSeq", "业务策略查询流水号", "Request.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 found, 1 failed.", "102")
    fail_reason: ReasonCode = member(
        "FailReason", "失败原因", "0 none, 1 no such policy, 2 to 99 own; 99 no hook.", "102"
    )
    sum_period: TariffPeriodCount = member(
        "SumPeriod", "时段数", "Tariff periods in PolicyInfos.", "102"
    )
    policy_infos: Annotated[tuple[PolicyInfo, ...], Meta(max_length=MAX_TARIFF_PERIODS)] = member(
        "PolicyInfos", "计费信息", "One a tariff period.", "102", default=()
    )


class StartChargeRequest(InformationObject):
    """Asks to start charging 请求启动充电. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Idempotency key.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    qr_code: Text255 | None = member(
        "QRCode",
        "二维码其他信息",
        "What else the scanned code held.",
        "102",
        default=None,
        sensitive=True,
    )


class StartChargeAnswer(InformationObject):
    """Answer to a start request 启动充电应答; the result follows apart. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    start_charge_seq_stat: SessionState = member(
        "StartChargeSeqStat", "充电订单状态", "State of the session.", "102"
    )
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 accepted, 1 failed.", "102")
    fail_reason: ReasonCode = member(
        "FailReason",
        "失败原因",
        "0 none, 1 no such device, 2 offline, 3 to 99 own; 99 no hook.",
        "102",
    )


class StartChargeResult(InformationObject):
    """Result of starting a session 启动充电结果. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    start_charge_seq_stat: SessionState = member(
        "StartChargeSeqStat", "充电订单状态", "State of the session.", "102"
    )
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    start_time: Instant = member("StartTime", "充电启动时间", "Charging began.", "102")
    ident_code: Text32 | None = member(
        "IdentCode",
        "停止充电验证码",
        "Code to stop with at the device.",
        "102",
        default=None,
        sensitive=True,
    )


class StartChargeResultReceipt(InformationObject):
    """Receipt of a start result 启动充电结果回执. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 accepted, 1 failed.", "102")
    fail_reason: ReasonCode = member("FailReason", "失败原因", "0 none, 1 to 99 own.", "102")


class ChargeStatusQuery(InformationObject):
    """Query of a session's status 查询充电状态. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")


class StopChargeRequest(InformationObject):
    """Asks to stop charging 请求停止充电. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")


class StopChargeAnswer(InformationObject):
    """Answer to a stop request 停止充电应答; the result follows apart. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    start_charge_seq_stat: SessionState = member(
        "StartChargeSeqStat", "充电订单状态", "State of the session.", "102"
    )
    succ_stat: Success = member("SuccStat", "操作结果", "0 accepted, 1 failed.", "102")
    fail_reason: ReasonCode = member(
        "FailReason",
        "失败原因",
        "0 none, 1 no such device, 2 offline, 3 stopped already, 4 to 99 own; 99 no hook.",
        "102",
    )


class StopChargeResult(InformationObject):
    """Result of stopping a session 停止充电结果. 102."""

    grade: ClassVar[Grade] = Grade.SEN

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    start_charge_seq_stat: SessionState = member(
        "StartChargeSeqStat", "充电订单状态", "State of the session.", "102"
    )
    connector_id: Text26 = member("ConnectorID", "接口编码", "Connector.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 stopped, 1 failed.", "102")
    fail_reason: ReasonCode = member("FailReason", "失败原因", "0 none, 1 to 99 own.", "102")


class StopChargeResultReceipt(InformationObject):
    """Receipt of a stop result 停止充电结果回执. 102."""

    start_charge_seq: Text27 = member("StartChargeSeq", "充电订单号", "Session.", "102")
    succ_stat: Success = member("SuccStat", "操作结果", "0 accepted, 1 failed.", "102")
    fail_reason: ReasonCode = member("FailReason", "失败原因", "0 none, 1 to 99 own.", "102")
