"""Rows of the operations table: capability, plans, load regulation, demand response."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

REPORT_CAPABILITY = Operation(
    rows=(24,), name="ReportCapability", zh="可调节能力上报", en="Report adjustable capability.",
    clause="PLT-8.4", request=o.AdjustCapability, response=o.Receipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="POST /capabilities", cec102=("notification_adjust_capability",), grade=Grade.IMP,
    writes=True, key=("capability_id",), errors=(4201, 4401, 4402, 4403, 4405),
    timing="with telemetry; <= 60 s up",
)  # fmt: skip
SUBMIT_PLAN = Operation(
    rows=(25,), name="SubmitPlan", zh="计划曲线报送", en="Submit a plan curve.", clause="PLT-8.3",
    request=o.PlanCurve, response=o.Receipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="PUT /plans/{PlanID}", cec102=("notification_plan_curve",), grade=Grade.IMP, writes=True,
    key=("plan_id", "version"), errors=(4201, 4203, 4204, 4402, 4405, 4406),
    timing="before the regional gate; rolling each interval",
)  # fmt: skip
QUERY_PLAN = Operation(
    rows=(26,), name="QueryPlan", zh="计划曲线查询", en="Query a plan curve.", clause="PLT-8.3",
    request=o.PlanQuery, response=o.PlanCurve,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="GET /plans", cec102=("query_plan_curve",), grade=Grade.IMP, writes=False,
    errors=(4201,), timing="<= 2 s",
)  # fmt: skip
ISSUE_CONTROL = Operation(
    rows=(27,), name="IssueControl", zh="负荷调控下发", en="Issue a control curve.",
    clause="ACC-7.4", request=o.ControlCurve, response=o.CommandReceipt,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="POST /commands", cec102=("notification_load_regulation",), grade=Grade.SEN,
    writes=True, key=("command_id", "version"), lane=Lane.CONTROL,
    errors=(4201, 4203, 4204, 4402, 4403, 4404, 4405, 4406, 4407),
    timing="through <= 10 s",
)  # fmt: skip
ACK_CONTROL = Operation(
    rows=(28,), name="AckControl", zh="指令确认", en="Acknowledge a command.",
    clause="PLT-8.8a", request=o.CommandAck, response=o.CommandReceipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="PUT /commands/{CommandID}/ack", cec102=("notification_regulation_ack",),
    grade=Grade.IMP, writes=True, key=("command_id", "ack_party", "ack_time"), lane=Lane.CONTROL,
    errors=(4201, 4203, 4406),
    timing="before AckDeadline",
)  # fmt: skip
CANCEL_CONTROL = Operation(
    rows=(29,), name="CancelControl", zh="指令撤销", en="Withdraw a command.", clause="PLT-8.5b",
    request=o.CommandCancel, response=o.CommandReceipt,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="DELETE /commands/{CommandID}", cec102=("notification_regulation_cancel",),
    grade=Grade.SEN, writes=True, key=("command_id", "version"), errors=(4201, 4203, 4204),
    timing="<= 10 s", lane=Lane.CONTROL,
)  # fmt: skip
REPORT_EXECUTION = Operation(
    rows=(30,), name="ReportExecution", zh="执行报告", en="Report the execution of a command.",
    clause="JES-6.5.3", request=o.ExecutionReport, response=o.CommandReceipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="POST /commands/{CommandID}/reports", cec102=("notification_regulation_result",),
    grade=Grade.IMP, writes=True, key=("report_id",), lane=Lane.CONTROL,
    errors=(4201, 4203),
    timing="at the end; progress each interval",
)  # fmt: skip
QUERY_CONTROL = Operation(
    rows=(31,), name="QueryControl", zh="指令状态查询",
    en="Query a command with its acknowledgements and reports.", clause="PLT-8.8a",
    request=o.CommandQuery, response=o.CommandStatus,
    directions=(to("dispatch operator aggregator", "platform"),),
    rest="GET /commands/{CommandID}", cec102=("query_regulation_status",), grade=Grade.IMP,
    writes=False,
    errors=(4201, 4301),
    timing="<= 2 s",
)  # fmt: skip
PUSH_DR_EVENT = Operation(
    rows=(32,), name="PushDREvent", zh="需求响应邀约", en="Invite to a demand response event.",
    clause="JES-6.5.1.5", request=o.DREvent, response=o.Receipt,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="POST /dr-events", cec102=("notification_dr_event",), grade=Grade.IMP, writes=True,
    key=("event_id", "event_state"), errors=(4201, 4203, 4405, 4406),
    timing="emergency at once", lane=Lane.CONTROL,
)  # fmt: skip
RESPOND_DR_EVENT = Operation(
    rows=(32,), name="RespondDREvent", zh="需求响应应答", en="Opt in or out of an event.",
    clause="JES-6.5.1.5", request=o.DROpt, response=o.Receipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="PUT /dr-events/{EventID}/opt", cec102=("notification_dr_opt",), grade=Grade.IMP,
    writes=True, key=("event_id", "party_id"), errors=(4201, 4203, 4406),
    timing="before OptDeadline", lane=Lane.CONTROL,
)  # fmt: skip
