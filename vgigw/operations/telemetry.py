"""Rows of the operations table: telemetry, device states, recall and backfill."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations.row import Lane, Operation, to

UPLOAD_TELEMETRY = Operation(
    rows=(17, 18), name="UploadTelemetry", zh="实时数据上传",
    en="Upload telemetry, changes or in full.", clause="ACC-7.2",
    request=o.TelemetryBatch, response=o.TelemetryReceipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="POST /telemetry",
    cec102=("notification_realtime_data", "notification_realtime_data_full"),
    grade=Grade.IMP, writes=True, key=("batch_id", "stream_id", "seq_from", "seq_to"),
    errors=(4401, 4402), state=("report_mode", ReportMode.FULL),
    timing="changes at once, through <= 10 s; in full <= 30 s",
)  # fmt: skip
QUERY_TELEMETRY = Operation(
    rows=(19,), name="QueryTelemetry", zh="实时数据查询", en="Query stored records.",
    clause="PLT-7.6d", request=o.TelemetryQuery, response=o.TelemetryPage,
    directions=(to("dispatch supervisor operator aggregator", "platform"),),
    rest="GET /telemetry", cec102=("query_realtime_data",), grade=Grade.IMP, writes=False,
    errors=(4301, 4302, 4503),
    timing="<= 2 s",
)  # fmt: skip
PUSH_DEVICE_STATE = Operation(
    rows=(20,), name="PushDeviceState", zh="设备状态变化推送", en="Push a state change.",
    clause="ACC-7.3", request=o.ConnectorStatusInfo, response=o.StatusReceipt,
    directions=(
        to("operator aggregator", "platform"),
        to("platform", "dispatch"),
        to("operator", "operator"),
    ),
    rest="POST /state-changes", cec102=("notification_stationStatus",), grade=Grade.INT,
    writes=True, key=("operator_id", "event_id"), cec102_wrapper="ConnectorStatusInfo",
    errors=(4201,), state=True,
    timing="at once",
)  # fmt: skip
QUERY_STATION_STATUS = Operation(
    rows=(21,), name="QueryStationStatus", zh="设备接口状态查询", en="Query connector states.",
    clause="ACC-7.8", request=o.StationStatusQuery, response=o.StationStatusList,
    directions=(
        to("platform supervisor", "operator aggregator"),
        to("operator", "operator"),
        to("supervisor", "platform"),
    ),
    rest="GET /stations/{StationIDs}/status", cec102=("query_station_status",),
    grade=Grade.PUB, writes=False,
    timing="<= 2 s",
)  # fmt: skip
RECALL_DATA = Operation(
    rows=(44,), name="RecallData", zh="补召", en="Recall data of a range.", clause="PLT-7.6d",
    request=o.RecallRequest, response=o.RecallReceipt,
    directions=(to("dispatch", "platform"), to("platform", "operator aggregator")),
    rest="POST /recalls", cec102=("query_recall_data",), grade=Grade.IMP, writes=True,
    key=("recall_id",), lane=Lane.BULK,
    errors=(4302, 4503),
    timing="first batch <= 10 s",
)  # fmt: skip
BACKFILL_DATA = Operation(
    rows=(45,), name="BackfillData", zh="补传", en="Upload what was missing.", clause="PLT-7.9d",
    request=o.TelemetryBatch, response=o.TelemetryReceipt,
    directions=(to("operator aggregator", "platform"), to("platform", "dispatch")),
    rest="POST /backfills", cec102=("notification_backfill_data",), grade=Grade.IMP, writes=True,
    key=("batch_id", "stream_id", "seq_from", "seq_to"), lane=Lane.BULK,
    errors=(4401,),
    timing="starts by itself after recovery",
)  # fmt: skip
QUERY_BACKFILL = Operation(
    rows=(46,), name="QueryBackfill", zh="补传任务查询", en="Query a backfill job.",
    clause="PLT-7.9d", request=o.BackfillQuery, response=o.BackfillJob,
    directions=(to("dispatch platform", "platform"), to("platform", "operator aggregator")),
    rest="GET /backfills/{JobID}", cec102=("query_backfill_status",), grade=Grade.INT,
    writes=False,
    errors=(4201,),
    timing="<= 2 s",
)  # fmt: skip
