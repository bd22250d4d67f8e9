"""Rows of the operations table: declaration, clearing, assessment, settlement."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Operation, to

SUBMIT_DECLARATION = Operation(
    rows=(33,), name="SubmitDeclaration", zh="市场申报", en="Submit a declaration.",
    clause="PLT-7.8b", request=o.Declaration, response=o.Receipt,
    directions=(to("operator aggregator", "platform"), to("platform", "exchange")),
    rest="PUT /declarations/{DeclarationID}", cec102=("notification_market_declaration",),
    grade=Grade.IMP, writes=True, key=("declaration_id", "version"),
    errors=(4203, 4204, 4403, 4406), timing="before gate time",
)  # fmt: skip
PUBLISH_CLEARING = Operation(
    rows=(34,), name="PublishClearing", zh="出清结果发布", en="Publish a clearing result.",
    clause="PLT-7.8c", request=o.ClearingResult, response=o.Receipt,
    directions=(to("exchange dispatch", "platform"), to("platform", "operator aggregator")),
    rest="POST /clearings", cec102=("notification_market_clearing",), grade=Grade.IMP,
    writes=True, key=("clearing_id",), errors=(4201, 4203), timing="forward <= 10 s",
    receipted=True,
)  # fmt: skip
PUBLISH_ASSESSMENT = Operation(
    rows=(35,), name="PublishAssessment", zh="考核结果发布", en="Publish an assessment.",
    clause="PLT-8.8c", request=o.AssessmentResult, response=o.Receipt,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="POST /assessments", cec102=("notification_assessment_result",), grade=Grade.IMP,
    writes=True, key=("assessment_id",), errors=(4201,), timing="after each closed command",
    receipted=True,
)  # fmt: skip
SUBMIT_APPEAL = Operation(
    rows=(36,), name="SubmitAppeal", zh="考核申诉", en="Appeal against an assessment.",
    clause="PLT-8.8b", request=o.Appeal, response=o.Receipt,
    directions=(to("operator aggregator", "platform"),),
    rest="POST /assessments/{AssessmentID}/appeals", cec102=("notification_assessment_appeal",),
    grade=Grade.IMP, writes=True, key=("assessment_id", "appeal_party"), errors=(4201, 4406),
    timing="before AppealDeadline",
)  # fmt: skip
PUBLISH_ENERGY_STATEMENT = Operation(
    rows=(37,), name="PublishEnergyStatement", zh="电量认定发布",
    en="Publish an energy statement.", clause="PLT-6.6", request=o.EnergyStatement,
    response=o.StatementReceipt,
    directions=(
        to("dispatch exchange supervisor", "platform"),
        to("platform", "operator aggregator"),
    ),
    rest="POST /energy-statements", cec102=("notification_energy_statement",), grade=Grade.IMP,
    writes=True, key=("statement_id", "version"), errors=(4204,), timing="each cycle",
    receipted=True,
)  # fmt: skip
PUBLISH_SETTLEMENT = Operation(
    rows=(38,), name="PublishSettlement", zh="清分结算发布",
    en="Publish a settlement and its distribution.", clause="PLT-6.7",
    request=o.SettlementStatement, response=o.StatementReceipt,
    directions=(to("platform", "operator aggregator"), to("aggregator", "operator oem")),
    rest="POST /settlements", cec102=("notification_settlement",), grade=Grade.IMP, writes=True,
    key=("statement_id", "version"), errors=(4204,), timing="monthly or real time",
    receipted=True,
)  # fmt: skip
RECONCILE = Operation(
    rows=(39,), name="Reconcile", zh="对账", en="Reconcile a settlement.", clause="JES-6.5.4c",
    request=o.ReconcileRequest, response=o.ReconcileResult,
    directions=(to("operator aggregator", "platform"), to("platform", "operator aggregator")),
    rest="POST /settlements/{StatementID}/reconciliation", cec102=("check_settlement",),
    grade=Grade.IMP, writes=True, key=("statement_id", "round_no"), errors=(4201, 4203),
    timing="each cycle",
)  # fmt: skip
QUERY_INCOME = Operation(
    rows=(40,), name="QueryIncome", zh="收益查询", en="Query income.", clause="PLT-8.8c",
    request=o.IncomeQuery, response=o.IncomePage,
    directions=(to("operator aggregator oem", "platform"),), rest="GET /incomes",
    cec102=("query_income",), grade=Grade.SEN, writes=False, errors=(4301,), timing="<= 2 s",
)  # fmt: skip
QUERY_INVOICE = Operation(
    rows=(40,), name="QueryInvoice", zh="发票查询", en="Query an invoice.", clause="JES-6.5.4c",
    request=o.InvoiceQuery, response=o.Invoice,
    directions=(to("operator aggregator oem", "platform"),), rest="GET /invoices/{InvoiceNo}",
    cec102=("query_invoice",), grade=Grade.SEN, writes=False, errors=(4201, 4301),
    timing="<= 2 s",
)  # fmt: skip
