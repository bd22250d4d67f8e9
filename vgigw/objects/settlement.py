"""Energy and settlement statements, graded distribution 电量认定与清分结算. PLT-6.6, PLT-6.7."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.settlement_enumerations import (
    InvoiceState,
    ReconcileState,
    SettlementCycle,
    ShareLevel,
    StatementState,
    VerifySource,
)
from vgigw.objects.values import (
    ExactNumber,
    Instant,
    KilowattHourMagnitude,
    Money,
    MoneyMagnitude,
    OperatorCode,
    PartyCode,
    Ratio,
    Text16,
    Text32,
    Text40,
    Text64,
    Text200,
    Text256,
    UnitPrice,
    Version,
)

MAX_SHARES = 10_000
MAX_DIFFERENCES = 5000
MAX_REFERENCES = 1000


class DistributionShare(InformationObject):
    """Share of one party in a settlement 收益分配. JES-6.5.4a."""

    grade: ClassVar[Grade] = Grade.SEN

    level: ShareLevel = member("Level", "层级", "Level.", "JES-6.5.4a")
    party_id: PartyCode = member("PartyID", "分配对象", "Whose share.", "JES-6.5.4a")
    ratio: Ratio = member("Ratio", "比例", "Part of the net amount.", "JES-6.5.4a")
    amount: Money = member("Amount", "金额", "Amount.", "JES-6.5.4a")
    account_ref: Text64 | None = member(
        "AccountRef",
        "结算账户",
        "Settlement account reference, masked.",
        "JES-6.5.4b",
        default=None,
        sensitive=True,
    )


class Difference(InformationObject):
    """One figure that two parties hold differently 对账差异. JES-6.5.4c."""

    item_id: Text40 | None = member(
        "ItemID", "条目标识", "Item; absent for a total.", "JES-6.5.4c", default=None
    )
    figure: Text32 = member(
        "Figure", "差异项", "Wire name of the member that differs.", "JES-6.5.4c"
    )
    statement_value: ExactNumber | None = member(
        "StatementValue",
        "单据值",
        "Value behind the statement; absent: no such item.",
        "JES-6.5.4c",
        default=None,
    )
    claimed_value: ExactNumber | None = member(
        "ClaimedValue",
        "主张值",
        "Value of the receiver; absent: no such item.",
        "JES-6.5.4c",
        default=None,
    )
    reason: Text200 | None = member(
        "Reason", "差异原因", "Reason in words.", "JES-6.5.4c", default=None
    )


class EnergyStatement(InformationObject):
    """Energy determined for settlement 电量认定. PLT-6.6, JES-6.5.2a."""

    grade: ClassVar[Grade] = Grade.IMP

    statement_id: Text40 = member("StatementID", "单据标识", "Idempotency key.", "PLT-6.6")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "For whom.", "PLT-6.7")
    settlement_cycle: SettlementCycle = member(
        "SettlementCycle", "结算周期", "Cycle.", "JES-6.5.4b"
    )
    period_start: Instant = member("PeriodStart", "周期开始", "Start, inclusive.", "PLT-6.6")
    period_end: Instant = member("PeriodEnd", "周期结束", "End, exclusive.", "PLT-6.6")
    charge_energy: KilowattHourMagnitude = member(
        "ChargeEnergy", "充电量", "Energy charged, never netted.", "JES-6.5.2a"
    )
    discharge_energy: KilowattHourMagnitude = member(
        "DischargeEnergy", "放电量", "Energy discharged, never netted.", "JES-6.5.2a"
    )
    adjust_energy: KilowattHourMagnitude = member(
        "AdjustEnergy", "响应电量", "Response energy.", "JES-A.2"
    )
    verify_rule_id: Text32 = member("VerifyRuleID", "核定原则", "Verification rule.", "PLT-6.6")
    verify_rule_version: Text16 | None = member(
        "VerifyRuleVersion", "核定原则版本", "Version of the rule.", "PLT-6.6", default=None
    )
    verify_source: VerifySource = member("VerifySource", "核定来源", "Source.", "PLT-6.6")
    input_refs: Annotated[tuple[Text256, ...], Meta(max_length=MAX_REFERENCES)] = member(
        "InputRefs",
        "核定依据",
        "What it was determined from: batches, plans with the baseline.",
        "PLT-6.6",
        default=(),
    )
    state: StatementState = member("State", "状态", "State.")
    version: Version = member("Version", "版本", "Version, rises with each change.")


class SettlementStatement(InformationObject):
    """Settlement of one aggregator and its distribution 清分结算. PLT-6.7, JES-6.5.4."""

    grade: ClassVar[Grade] = Grade.IMP

    statement_id: Text40 = member("StatementID", "单据标识", "Idempotency key.", "PLT-6.7")
    energy_statement_id: Text40 | None = member(
        "EnergyStatementID", "电量单据", "Energy statement behind it.", "PLT-6.6", default=None
    )
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "For whom.", "PLT-6.7")
    settlement_cycle: SettlementCycle = member(
        "SettlementCycle", "结算周期", "Cycle.", "JES-6.5.4b"
    )
    period_start: Instant = member("PeriodStart", "周期开始", "Start, inclusive.", "PLT-6.6")
    period_end: Instant = member("PeriodEnd", "周期结束", "End, exclusive.", "PLT-6.6")
    adjust_energy: KilowattHourMagnitude = member(
        "AdjustEnergy", "响应电量", "Response energy that is paid for.", "JES-A.9"
    )
    unit_price: UnitPrice = member("UnitPrice", "补偿单价", "Price of compensation.", "JES-A.10")
    compensation_amount: Money = member(
        "CompensationAmount", "补偿费用", "Compensation.", "PLT-6.7"
    )
    penalty_amount: MoneyMagnitude = member(
        "PenaltyAmount", "考核费用", "Assessment fee, to be deducted.", "PLT-6.7"
    )
    net_amount: Money = member("NetAmount", "净额", "Compensation less assessment fee.", "PLT-6.7")
    shares: Annotated[tuple[DistributionShare, ...], Meta(min_length=1, max_length=MAX_SHARES)] = (
        member("Shares", "收益分配", "Shares; their sum is the net amount.", "JES-6.5.4a")
    )
    invoice_no: Text32 | None = member(
        "InvoiceNo", "发票号码", "Electronic invoice.", "JES-6.5.4c", default=None
    )
    invoice_url: Text256 | None = member(
        "InvoiceURL",
        "发票地址",
        "Where the invoice is.",
        "JES-6.5.4c",
        default=None,
        sensitive=True,
    )
    invoice_state: InvoiceState | None = member(
        "InvoiceState", "发票状态", "State of the invoice.", "JES-6.5.4c", default=None
    )
    reconcile_state: ReconcileState = member(
        "ReconcileState", "对账状态", "Reconciliation.", "JES-6.5.4c"
    )
    differences: Annotated[tuple[Difference, ...], Meta(max_length=MAX_DIFFERENCES)] = member(
        "Differences", "对账差异", "Differences found.", "JES-6.5.4c", default=()
    )
    state: StatementState = member("State", "状态", "State.")
    version: Version = member("Version", "版本", "Version, rises with each change.")


class StatementReceipt(InformationObject):
    """Confirmation or dispute of a statement 单据回执. PLT-6.7."""

    grade: ClassVar[Grade] = Grade.IMP

    statement_id: Text40 = member("StatementID", "单据标识", "Statement.", "PLT-6.7")
    state: StatementState = member("State", "状态", "Where it stands with the receiver.")
    receive_time: Instant = member("ReceiveTime", "接收时间", "When it was received.")
    differences: Annotated[tuple[Difference, ...], Meta(max_length=MAX_DIFFERENCES)] = member(
        "Differences", "对账差异", "What is disputed.", "JES-6.5.4c", default=()
    )
