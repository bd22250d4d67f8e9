"""The operations table: one row an operation. SOAP, REST, T/CEC 102, clients, WSDL, docs read it.

Rules of this file: a row holds data only; ``rest`` names path parameters by wire name; ``key``
names the request members that make a repeat the same business act (the sender is always part of
it); whatever can be derived from a row (faces, alias tables) is derived in the lower half.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from vgigw import objects as o
from vgigw.objects import Grade, InformationObject


class Role(StrEnum):
    """Role of a party, as in the configuration. ACC-G.4."""

    PLATFORM = "platform"
    OPERATOR = "operator"
    AGGREGATOR = "aggregator"
    DISPATCH = "dispatch"
    EXCHANGE = "exchange"
    SUPERVISOR = "supervisor"
    OEM = "oem"


class Lane(IntEnum):
    """Order in an outbox: control never waits behind bulk."""

    CONTROL = 0
    LIVE = 1
    BULK = 2


class Direction(msgspec.Struct, frozen=True):
    """Who may call whom."""

    callers: frozenset[Role]
    callees: frozenset[Role]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation in its three spellings. ACC-7.6."""

    rows: tuple[int, ...]
    name: str
    zh: str
    en: str
    clause: str
    request: type[InformationObject]
    response: type[InformationObject]
    directions: tuple[Direction, ...]
    rest: str
    cec102: tuple[str, ...]
    grade: Grade
    writes: bool
    key: tuple[str, ...] = ()
    needs_token: bool = True
    lane: Lane = Lane.LIVE
    cec102_wrapper: str | None = None
    """Wire name under which T/CEC 102 itself wraps the request; written and read, bare read too."""

    @property
    def method(self) -> str:
        return self.rest.split(" ")[0]

    @property
    def path(self) -> str:
        return self.rest.split(" ")[1]

    @property
    def faces(self) -> tuple[str, ...]:
        """WSDL faces that carry the operation."""
        if any(direction.callers == _ANY for direction in self.directions):
            return ("common",)
        parties = {role for d in self.directions for role in d.callers | d.callees}
        faces = (("aggregator", _SOUTH), ("dispatch", _NORTH))
        return tuple(face for face, roles in faces if parties & roles)

    def key_of(self, request: InformationObject, between: str = "\x1f") -> str:
        """The idempotency key of ``request`` as text; the sender is not part of it."""
        return between.join(str(getattr(request, member) or "") for member in self.key)

    def receivers(self, caller: Role) -> frozenset[Role]:
        """The roles that ``caller`` may send it to."""
        return frozenset(role for d in self.directions if caller in d.callers for role in d.callees)

    def may_call(self, caller: Role, callee: Role) -> bool:
        """Whether ``caller`` may call this operation on ``callee``; deny by default. ACC-5.2."""
        return any(caller in d.callers and callee in d.callees for d in self.directions)


def _to(callers: str, callees: str) -> Direction:
    return Direction(_roles(callers), _roles(callees))


def _roles(names: str) -> frozenset[Role]:
    return _ANY if names == "any" else frozenset(Role(name) for name in names.split())


_ANY = frozenset(Role)
_SOUTH = frozenset({Role.OPERATOR, Role.AGGREGATOR})
_NORTH = frozenset({Role.DISPATCH, Role.EXCHANGE})
FACES = ("common", "aggregator", "dispatch")

QUERY_TOKEN = Operation(
    rows=(1,), name="QueryToken", zh="令牌申请", en="Obtain a token.", clause="ACC-5.7",
    request=o.TokenRequest, response=o.Token, directions=(_to("any", "any"),),
    rest="POST /tokens", cec102=("query_token",), grade=Grade.SEN, writes=True,
    needs_token=False, lane=Lane.CONTROL,
)  # fmt: skip
QUERY_SERVICES = Operation(
    rows=(3,), name="QueryServices", zh="服务发现", en="Discover operations, suites and limits.",
    clause="ACC-7.6", request=o.ServiceQuery, response=o.ServiceList,
    directions=(_to("any", "platform"),),
    rest="GET /services", cec102=("query_services",), grade=Grade.PUB, writes=False,
)  # fmt: skip
QUERY_TIME = Operation(
    rows=(4,), name="QueryTime", zh="对时", en="Compare clocks.", clause="PLT-9.7",
    request=o.TimeQuery, response=o.TimeAnswer, directions=(_to("any", "platform"),),
    rest="GET /time", cec102=("query_time",), grade=Grade.INT, writes=False,
)  # fmt: skip
HEARTBEAT = Operation(
    rows=(5,), name="Heartbeat", zh="心跳", en="Check a link; tells the highest sequences.",
    clause="PLT-9.4", request=o.Heartbeat, response=o.HeartbeatAnswer,
    directions=(_to("any", "platform"), _to("platform", "any")),
    rest="POST /heartbeats", cec102=("notification_heartbeat",), grade=Grade.INT, writes=True,
    lane=Lane.CONTROL,
)  # fmt: skip
QUERY_STATIONS_INFO = Operation(
    rows=(6,), name="QueryStationsInfo", zh="查询充电站信息", en="Query station archives.",
    clause="ACC-7.7", request=o.StationQuery, response=o.StationPage,
    directions=(_to("any", "operator aggregator platform"),),
    rest="GET /stations", cec102=("query_stations_info",), grade=Grade.PUB, writes=False,
)  # fmt: skip
PUSH_ARCHIVE = Operation(
    rows=(7,), name="PushArchive", zh="充电站信息推送", en="Push a station archive.",
    clause="ACC-7.1", request=o.StationInfo, response=o.ArchiveReceipt,
    directions=(_to("operator aggregator", "platform"),),
    rest="PUT /stations/{StationID}", cec102=("notification_stationInfo",), grade=Grade.INT,
    writes=True, key=("operator_id", "station_id", "version"),
)  # fmt: skip
UPLOAD_TELEMETRY = Operation(
    rows=(17, 18), name="UploadTelemetry", zh="实时数据上传",
    en="Upload telemetry, changes or in full.", clause="ACC-7.2",
    request=o.TelemetryBatch, response=o.TelemetryReceipt,
    directions=(_to("operator aggregator", "platform"), _to("platform", "dispatch")),
    rest="POST /telemetry",
    cec102=("notification_realtime_data", "notification_realtime_data_full"),
    grade=Grade.IMP, writes=True, key=("batch_id", "stream_id", "seq_from", "seq_to"),
)  # fmt: skip
QUERY_TELEMETRY = Operation(
    rows=(19,), name="QueryTelemetry", zh="实时数据查询", en="Query stored records.",
    clause="PLT-7.6d", request=o.TelemetryQuery, response=o.TelemetryPage,
    directions=(_to("dispatch supervisor operator aggregator", "platform"),),
    rest="GET /telemetry", cec102=("query_realtime_data",), grade=Grade.IMP, writes=False,
)  # fmt: skip
PUSH_DEVICE_STATE = Operation(
    rows=(20,), name="PushDeviceState", zh="设备状态变化推送", en="Push a state change.",
    clause="ACC-7.3", request=o.ConnectorStatusInfo, response=o.StatusReceipt,
    directions=(_to("operator aggregator", "platform"), _to("platform", "dispatch")),
    rest="POST /state-changes", cec102=("notification_stationStatus",), grade=Grade.INT,
    writes=True, key=("event_id",), cec102_wrapper="ConnectorStatusInfo",
)  # fmt: skip
QUERY_STATION_STATUS = Operation(
    rows=(21,), name="QueryStationStatus", zh="设备接口状态查询", en="Query connector states.",
    clause="ACC-7.8", request=o.StationStatusQuery, response=o.StationStatusList,
    directions=(
        _to("platform supervisor", "operator aggregator"),
        _to("supervisor", "platform"),
    ),
    rest="GET /stations/{StationIDs}/status", cec102=("query_station_status",),
    grade=Grade.PUB, writes=False,
)  # fmt: skip
ISSUE_CONTROL = Operation(
    rows=(27,), name="IssueControl", zh="负荷调控下发", en="Issue a control curve.",
    clause="ACC-7.4", request=o.ControlCurve, response=o.CommandReceipt,
    directions=(_to("dispatch", "platform"), _to("platform", "operator aggregator")),
    rest="POST /commands", cec102=("notification_load_regulation",), grade=Grade.SEN,
    writes=True, key=("command_id", "version"), lane=Lane.CONTROL,
)  # fmt: skip
ACK_CONTROL = Operation(
    rows=(28,), name="AckControl", zh="指令确认", en="Acknowledge a command.",
    clause="PLT-8.8a", request=o.CommandAck, response=o.CommandReceipt,
    directions=(_to("operator aggregator", "platform"), _to("platform", "dispatch")),
    rest="PUT /commands/{CommandID}/ack", cec102=("notification_regulation_ack",),
    grade=Grade.IMP, writes=True, key=("command_id", "ack_party", "ack_time"), lane=Lane.CONTROL,
)  # fmt: skip
REPORT_EXECUTION = Operation(
    rows=(30,), name="ReportExecution", zh="执行报告", en="Report the execution of a command.",
    clause="JES-6.5.3", request=o.ExecutionReport, response=o.CommandReceipt,
    directions=(_to("operator aggregator", "platform"), _to("platform", "dispatch")),
    rest="POST /commands/{CommandID}/reports", cec102=("notification_regulation_result",),
    grade=Grade.IMP, writes=True, key=("report_id",), lane=Lane.CONTROL,
)  # fmt: skip
QUERY_CONTROL = Operation(
    rows=(31,), name="QueryControl", zh="指令状态查询",
    en="Query a command with its acknowledgements and reports.", clause="PLT-8.8a",
    request=o.CommandQuery, response=o.CommandStatus,
    directions=(_to("dispatch operator aggregator", "platform"),),
    rest="GET /commands/{CommandID}", cec102=("query_regulation_status",), grade=Grade.IMP,
    writes=False,
)  # fmt: skip
RECALL_DATA = Operation(
    rows=(44,), name="RecallData", zh="补召", en="Recall data of a range.", clause="PLT-7.6d",
    request=o.RecallRequest, response=o.RecallReceipt,
    directions=(_to("dispatch", "platform"), _to("platform", "operator aggregator")),
    rest="POST /recalls", cec102=("query_recall_data",), grade=Grade.IMP, writes=True,
    key=("recall_id",), lane=Lane.CONTROL,
)  # fmt: skip
BACKFILL_DATA = Operation(
    rows=(45,), name="BackfillData", zh="补传", en="Upload what was missing.", clause="PLT-7.9d",
    request=o.TelemetryBatch, response=o.TelemetryReceipt,
    directions=(_to("operator aggregator", "platform"), _to("platform", "dispatch")),
    rest="POST /backfills", cec102=("notification_backfill_data",), grade=Grade.IMP, writes=True,
    key=("batch_id", "stream_id", "seq_from", "seq_to"), lane=Lane.BULK,
)  # fmt: skip
QUERY_BACKFILL = Operation(
    rows=(46,), name="QueryBackfill", zh="补传任务查询", en="Query a backfill job.",
    clause="PLT-7.9d", request=o.BackfillQuery, response=o.BackfillJob,
    directions=(_to("dispatch platform", "platform"), _to("platform", "operator aggregator")),
    rest="GET /backfills/{JobID}", cec102=("query_backfill_status",), grade=Grade.INT,
    writes=False,
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (
    QUERY_TOKEN,
    QUERY_SERVICES,
    QUERY_TIME,
    HEARTBEAT,
    QUERY_STATIONS_INFO,
    PUSH_ARCHIVE,
    UPLOAD_TELEMETRY,
    QUERY_TELEMETRY,
    PUSH_DEVICE_STATE,
    QUERY_STATION_STATUS,
    ISSUE_CONTROL,
    ACK_CONTROL,
    REPORT_EXECUTION,
    QUERY_CONTROL,
    RECALL_DATA,
    BACKFILL_DATA,
    QUERY_BACKFILL,
)

BY_NAME: dict[str, Operation] = {row.name: row for row in OPERATIONS}
BY_CEC102: dict[str, Operation] = {name: row for row in OPERATIONS for name in row.cec102}
