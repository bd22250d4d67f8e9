"""Reconciliation, incomes and invoices 对账、收益与发票查询. JES-6.5.4c."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.settlement import MAX_DIFFERENCES, Difference
from vgigw.objects.settlement_enumerations import (
    InvoiceState,
    ReconcileState,
    SettlementCycle,
    ShareLevel,
    StatementState,
)
from vgigw.objects.values import (
    Count,
    Instant,
    KilowattHourMagnitude,
    Money,
    MoneyMagnitude,
    OperatorCode,
    Page,
    PageSize,
    PartyCode,
    Ratio,
    RoundNo,
    Text32,
    Text40,
    Text256,
)

MAX_ITEMS = 5000


class ReconcileTotals(InformationObject):
    """Totals of a statement as the sender holds them 对账合计. JES-6.5.4c."""

    charge_energy: KilowattHourMagnitude | None = member(
        "ChargeEnergy", "充电量", "Energy charged.", "JES-6.5.2a", default=None
    )
    discharge_energy: KilowattHourMagnitude | None = member(
        "DischargeEnergy", "放电量", "Energy discharged.", "JES-6.5.2a", default=None
    )
    adjust_energy: KilowattHourMagnitude = member(
        "AdjustEnergy", "响应电量", "Response energy.", "JES-6.5.4c"
    )
    compensation_amount: Money = member(
        "CompensationAmount", "补偿费用", "Compensation.", "JES-6.5.4c"
    )
    penalty_amount: MoneyMagnitude = member(
        "PenaltyAmount", "考核费用", "Assessment fee.", "JES-6.5.4c"
    )
    net_amount: Money = member(
        "NetAmount", "净额", "Compensation less assessment fee.", "JES-6.5.4c"
    )


class ReconcileItem(InformationObject):
    """One item behind the totals 对账明细. JES-6.5.4c."""

    item_id: Text40 = member("ItemID", "条目标识", "Command that the item is of.", "JES-6.5.4c")
    resource_id: Text32 | None = member(
        "ResourceID", "资源识别码", "Resource.", "JES-6.5.4c", default=None
    )
    adjust_energy: KilowattHourMagnitude = member(
        "AdjustEnergy", "响应电量", "Response energy.", "JES-6.5.4c"
    )
    compensation_amount: Money = member(
        "CompensationAmount", "补偿费用", "Compensation.", "JES-6.5.4c"
    )
    penalty_amount: MoneyMagnitude = member(
        "PenaltyAmount", "考核费用", "Assessment fee.", "JES-6.5.4c"
    )


class ReconcileRequest(InformationObject):
    """One round of reconciling a statement 对账请求. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.IMP

    statement_id: Text40 = member("StatementID", "单据标识", "Statement.", "JES-6.5.4c")
    round_no: RoundNo = member("RoundNo", "轮次", "Round, from 1.", "JES-6.5.4c")
    totals: ReconcileTotals = member("Totals", "合计", "Totals of the sender.", "JES-6.5.4c")
    items: Annotated[tuple[ReconcileItem, ...], Meta(max_length=MAX_ITEMS)] = member(
        "Items", "明细", "Items behind them; none: totals only.", "JES-6.5.4c", default=()
    )


class ReconcileResult(InformationObject):
    """Outcome of one round 对账结果. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.IMP

    statement_id: Text40 = member("StatementID", "单据标识", "Statement.", "JES-6.5.4c")
    round_no: RoundNo = member("RoundNo", "轮次", "Round.", "JES-6.5.4c")
    reconcile_state: ReconcileState = member("ReconcileState", "对账状态", "State.", "JES-6.5.4c")
    differences: Annotated[tuple[Difference, ...], Meta(max_length=MAX_DIFFERENCES)] = member(
        "Differences", "对账差异", "Differences found.", "JES-6.5.4c", default=()
    )


class IncomeQuery(InformationObject):
    """Query of incomes 收益查询. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.SEN

    party_id: PartyCode | None = member(
        "PartyID", "查询主体", "Whose; all that may be seen where absent.", default=None
    )
    period_start: Instant | None = member(
        "PeriodStart", "周期开始", "Periods from, inclusive.", default=None
    )
    period_end: Instant | None = member(
        "PeriodEnd", "周期结束", "Periods until, exclusive.", default=None
    )
    page_no: Page | None = member("PageNo", "页码", "Page, from 1; 1 where absent.", default=None)
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Incomes a page; 10 where absent.", default=None
    )


class IncomeShare(InformationObject):
    """What one party gets from one settlement 收益. JES-6.5.4c, PLT-8.8c."""

    grade: ClassVar[Grade] = Grade.SEN

    statement_id: Text40 = member("StatementID", "单据标识", "Statement.", "JES-6.5.4c")
    party_id: PartyCode = member("PartyID", "分配对象", "Whose income.", "JES-6.5.4a")
    level: ShareLevel = member("Level", "层级", "Level.", "JES-6.5.4a")
    settlement_cycle: SettlementCycle = member(
        "SettlementCycle", "结算周期", "Cycle.", "JES-6.5.4b"
    )
    period_start: Instant = member("PeriodStart", "周期开始", "Start, inclusive.", "PLT-6.6")
    period_end: Instant = member("PeriodEnd", "周期结束", "End, exclusive.", "PLT-6.6")
    ratio: Ratio = member("Ratio", "比例", "Part of the net amount.", "JES-6.5.4a")
    amount: Money = member("Amount", "金额", "Amount.", "JES-6.5.4a")
    state: StatementState = member("State", "状态", "State of the statement.")
    invoice_no: Text32 | None = member(
        "InvoiceNo", "发票号码", "Electronic invoice.", "JES-6.5.4c", default=None
    )


class IncomePage(InformationObject):
    """One page of incomes 收益列表. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.SEN

    page_no: Page = member("PageNo", "页码", "Page.")
    page_count: Count = member("PageCount", "总页数", "Pages in all.")
    item_size: Count = member("ItemSize", "总条数", "Incomes in all.")
    incomes: tuple[IncomeShare, ...] = member("Incomes", "收益", "Incomes.", default=())


class InvoiceQuery(InformationObject):
    """Query of an electronic invoice 发票查询. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.SEN

    invoice_no: Text32 = member("InvoiceNo", "发票号码", "Invoice.", "JES-6.5.4c")


class Invoice(InformationObject):
    """Reference to an electronic invoice 电子发票. JES-6.5.4c."""

    grade: ClassVar[Grade] = Grade.SEN

    invoice_no: Text32 = member("InvoiceNo", "发票号码", "Number.", "JES-6.5.4c")
    statement_id: Text40 = member("StatementID", "单据标识", "Statement.", "JES-6.5.4c")
    aggregator_id: OperatorCode = member("AggregatorID", "聚合商", "For whom.", "PLT-6.7")
    amount: Money = member("Amount", "金额", "Amount.", "JES-6.5.4c")
    invoice_state: InvoiceState = member("InvoiceState", "发票状态", "State.", "JES-6.5.4c")
    invoice_url: Text256 | None = member(
        "InvoiceURL",
        "发票地址",
        "Where the invoice is.",
        "JES-6.5.4c",
        default=None,
        sensitive=True,
    )
    issue_time: Instant | None = member(
        "IssueTime", "开票时间", "Issued.", "JES-6.5.4c", default=None
    )
