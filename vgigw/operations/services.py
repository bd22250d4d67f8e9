"""Rows of the operations table: applications, evaluation, schemes, edge, files, audit, traces."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

SUBMIT_MAINTENANCE = Operation(
    rows=(47,), name="SubmitMaintenance", zh="检修申请", en="Apply for maintenance.",
    clause="PLT-8.10", request=o.MaintenanceApplication, response=o.ApplicationStatus,
    directions=(to("operator aggregator", "platform"),), rest="POST /maintenance-applications",
    cec102=("notification_maintenance_application",), grade=Grade.INT, writes=True,
    key=("application_id",), errors=(4203, 4406), timing=">= 3 days ahead",
)  # fmt: skip
APPROVE_MAINTENANCE = Operation(
    rows=(47,), name="ApproveMaintenance", zh="检修审批",
    en="Decide on a maintenance application.", clause="PLT-8.10", request=o.ApplicationDecision,
    response=o.ApplicationStatus,
    directions=(to("platform", "operator aggregator"), to("dispatch", "platform")),
    rest="PUT /maintenance-applications/{ApplicationID}/decision",
    cec102=("notification_maintenance_decision",), grade=Grade.INT, writes=True,
    key=("application_id", "role", "time"), errors=(4201, 4203),
)  # fmt: skip
QUERY_MAINTENANCE = Operation(
    rows=(47,), name="QueryMaintenance", zh="检修查询", en="Query maintenance applications.",
    clause="PLT-8.10", request=o.MaintenanceQuery, response=o.MaintenancePage,
    directions=(to("operator aggregator dispatch", "platform"),),
    rest="GET /maintenance-applications/{ApplicationID}",
    cec102=("query_maintenance_applications",), grade=Grade.INT, writes=False, timing="<= 2 s",
)  # fmt: skip
SUBMIT_ACCESS = Operation(
    rows=(48,), name="SubmitAccess", zh="接入申请",
    en="Apply for access or for a network change.", clause="PLT-8.11",
    request=o.AccessApplication, response=o.ApplicationStatus,
    directions=(to("operator aggregator oem", "platform"), to("platform", "dispatch")),
    rest="POST /access-applications", cec102=("notification_access_application",),
    grade=Grade.SEN, writes=True, key=("application_id",), errors=(4203, 4304),
    timing="before access; on every change",
)  # fmt: skip
DECIDE_ACCESS = Operation(
    rows=(48,), name="DecideAccess", zh="接入审批", en="Decide on an access application.",
    clause="PLT-8.11", request=o.ApplicationDecision, response=o.ApplicationStatus,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator oem")),
    rest="PUT /access-applications/{ApplicationID}/decision",
    cec102=("notification_access_decision",), grade=Grade.SEN, writes=True,
    key=("application_id", "role", "time"), errors=(4201, 4203),
)  # fmt: skip
SUBMIT_OUTAGE_EXPLANATION = Operation(
    rows=(49,), name="SubmitOutageExplanation", zh="中断说明", en="Explain an outage.",
    clause="PLT-8.9a", request=o.OutageRecord, response=o.Receipt,
    directions=(to("operator aggregator", "platform"),),
    rest="PUT /outages/{OutageID}/explanation", cec102=("notification_outage_explanation",),
    grade=Grade.INT, writes=True, key=("outage_id",), errors=(4203,),
    timing="soon after recovery",
)  # fmt: skip
QUERY_EVALUATION = Operation(
    rows=(51,), name="QueryEvaluation", zh="评价查询",
    en="Query an evaluation or quality report.", clause="PLT-6.5", request=o.EvaluationQuery,
    response=o.EvaluationReport,
    directions=(to("operator aggregator dispatch supervisor", "platform"),),
    rest="GET /evaluations", cec102=("query_evaluation",), grade=Grade.INT, writes=False,
    errors=(4201, 4301), timing="<= 2 s",
)  # fmt: skip
SUBMIT_SUPPLY_SCHEME = Operation(
    rows=(52,), name="SubmitSupplyScheme", zh="供电方案报送", en="Submit a supply scheme.",
    clause="JES-7", request=o.SupplyScheme, response=o.Receipt,
    directions=(to("dispatch supervisor", "platform"), to("platform", "dispatch supervisor")),
    rest="PUT /supply-schemes/{SchemeID}", cec102=("notification_supply_scheme",),
    grade=Grade.IMP, writes=True, key=("scheme_id", "version"), errors=(4204, 4405),
    timing="step 15 or 30 min",
)  # fmt: skip
QUERY_SUPPLY_SCHEME = Operation(
    rows=(52,), name="QuerySupplyScheme", zh="供电方案查询", en="Query a supply scheme.",
    clause="JES-7", request=o.SupplySchemeQuery, response=o.SupplyScheme,
    directions=(to("dispatch supervisor", "platform"), to("platform", "dispatch supervisor")),
    rest="GET /supply-schemes/{SchemeID}", cec102=("query_supply_scheme",), grade=Grade.IMP,
    writes=False, errors=(4201,),
)  # fmt: skip
SYNC_EDGE = Operation(
    rows=(53,), name="SyncEdge", zh="边缘同步", en="Bring an edge up to date after it was alone.",
    clause="JES-6.3.3", request=o.EdgeSync, response=o.EdgeSyncReply,
    directions=(to("operator aggregator", "platform"),), rest="POST /edge-sync",
    cec102=("notification_edge_sync",), grade=Grade.IMP, writes=True, key=("edge_id", "seq"),
    timing="on reconnect", lane=Lane.CONTROL, answers_anew=True,
)  # fmt: skip
NOTIFY_FILE = Operation(
    rows=(54,), name="NotifyFile", zh="文件交换通知", en="Tell of a file.", clause="PLT-7.1a",
    request=o.FileManifest, response=o.Receipt,
    directions=(to("platform", "dispatch exchange"), to("dispatch exchange", "platform")),
    rest="POST /files", cec102=("notification_file",), grade=Grade.IMP, writes=True,
    key=("file_name", "hash"), errors=(4103,), timing="<= 60 s if used for periodic information",
    lane=Lane.BULK,
)  # fmt: skip
ACK_FILE = Operation(
    rows=(54,), name="AckFile", zh="文件回执", en="Tell whether a file was read.",
    clause="PLT-7.1a", request=o.FileAck, response=o.Receipt,
    directions=(to("platform", "dispatch exchange"), to("dispatch exchange", "platform")),
    rest="PUT /files/{FileName}/ack", cec102=("notification_file_ack",), grade=Grade.IMP,
    writes=True, key=("file_name", "hash"), errors=(4201,), lane=Lane.BULK,
)  # fmt: skip
QUERY_ASSETS = Operation(
    rows=(55,), name="QueryAssets", zh="数据资产查询", en="Query the register of data assets.",
    clause="PLT-10.4", request=o.AssetQuery, response=o.AssetPage,
    directions=(to("supervisor", "platform"),), rest="GET /assets", cec102=("query_assets",),
    grade=Grade.SEN, writes=False, errors=(4301,), timing="<= 2 s",
)  # fmt: skip
QUERY_AUDIT = Operation(
    rows=(55,), name="QueryAudit", zh="审计查询", en="Query audit records.", clause="PLT-7.10d",
    request=o.AuditQuery, response=o.AuditPage, directions=(to("supervisor", "platform"),),
    rest="GET /audits", cec102=("query_audits",), grade=Grade.SEN, writes=False, errors=(4301,),
    timing="<= 2 s",
)  # fmt: skip
QUERY_TRACE = Operation(
    rows=(56,), name="QueryTrace", zh="链路追踪查询", en="Query the hops of a message.",
    clause="PLT-7.9a", request=o.TraceQuery, response=o.Trace,
    directions=(to("dispatch supervisor", "platform"),), rest="GET /traces/{TraceID}",
    cec102=("query_trace",), grade=Grade.INT, writes=False, errors=(4201, 4301), timing="<= 2 s",
)  # fmt: skip
