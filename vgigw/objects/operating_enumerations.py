"""Enumerations of operation: telemetry, control, recall, link. ACC-4.1."""

from __future__ import annotations

from enum import IntEnum


class ReportMode(IntEnum):
    """Upload mode 上送模式. PLT-7.5b, PLT-7.6d, PLT-7.9d."""

    CHANGE = 1
    FULL = 2
    RECALL = 3
    BACKFILL = 4


class ReportTrigger(IntEnum):
    """Why a batch was sent 触发方式. PLT-7.3c."""

    PERIODIC = 1
    EVENT = 2
    REQUEST = 3


class RunState(IntEnum):
    """State of a facility 当前状态. PLT-8.4."""

    RUNNING = 1
    SUSPENDED = 2
    MAINTENANCE = 3
    FAULT = 4
    EXIT = 5


class ConnectorStatus(IntEnum):
    """State of a connector 接口状态; 5 to 7 extend T/CEC 102. ACC-7.3, PLT-8.4."""

    OFFLINE = 0
    IDLE = 1
    OCCUPIED = 2
    CHARGING = 3
    RESERVED = 4
    DISCHARGING = 5
    MAINTENANCE = 6
    SUSPENDED = 7
    FAULT = 255


class BayStatus(IntEnum):
    """Parking bay 车位状态: 0 unknown, 10 free or unlocked, 50 occupied or locked."""

    UNKNOWN = 0
    FREE = 10
    TAKEN = 50


class CommandKind(IntEnum):
    """A NOTICE may be declined, a CONTROL may not 控制型/通知型. VGI-5.5."""

    CONTROL = 1
    NOTICE = 2


class TriggerType(IntEnum):
    """What triggers a command 触发. JES-6.5.1.5a."""

    PRICE = 1
    DISPATCH = 2
    EVENT = 3


class Priority(IntEnum):
    """Priority of a command 优先级. JES-6.5.1.5a."""

    NORMAL = 0
    HIGH = 1
    EMERGENCY = 9


class ControlQuantity(IntEnum):
    """What is controlled 控制量. VGI-D.10, VGI-D.11."""

    POWER_SET_POINT = 1
    POWER_LIMIT = 2
    REACTIVE_POWER = 3
    POWER_FACTOR = 4
    CURRENT_LIMIT = 5
    START_STOP = 6
    PRICE = 7

    @property
    def mirrored(self) -> ControlQuantity | None:
        """The same in the other polarity; None: an upper limit would become a lower one."""
        limits = (ControlQuantity.POWER_LIMIT, ControlQuantity.CURRENT_LIMIT)
        return None if self in limits else self


class FallbackMode(IntEnum):
    """Behaviour on a lost link 失联策略. JES-6.3.3."""

    HOLD = 1
    DEFAULT_LIMIT = 2
    RELEASE = 3

    @property
    def mirrored(self) -> FallbackMode | None:
        """The same in the other polarity; None: an upper limit would become a lower one."""
        return None if self is FallbackMode.DEFAULT_LIMIT else self


class AckResult(IntEnum):
    """Decision on a command 确认结果; OPTED_OUT for a NOTICE only. PLT-8.8a."""

    ACCEPTED = 1
    PARTLY = 2
    REFUSED = 3
    OPTED_OUT = 4


class RefuseReason(IntEnum):
    """Why a command was refused 拒绝原因. PLT-6.3b."""

    CAPABILITY = 1
    USER_NEED = 2
    SOC_FLOOR = 3
    MAINTENANCE = 4
    EXPIRED = 5
    OTHER = 6


class ExecState(IntEnum):
    """State of execution 执行状态. JES-6.5.1.3c."""

    RECEIVED = 1
    EXECUTING = 2
    DONE = 3
    FAILED = 4
    CANCELLED = 5
    AUTO_EXIT = 6


class CommandState(IntEnum):
    """State of a command in the gateway 指令状态; section 3.2(3) of the operation catalogue."""

    RECEIVED = 1
    ISSUED = 2
    ACKED = 3
    REFUSED = 4
    EXECUTING = 5
    DONE = 6
    FAILED = 7
    CANCELLED = 8
    AUTO_EXIT = 9
    EXPIRED = 10
    DECOMPOSED = 11


class RecallCause(IntEnum):
    """Why data is asked for again 补召原因. PLT-7.9d."""

    GAP = 1
    LINK_DOWN = 2
    PEER_RECALL = 3
    MANUAL = 4


class JobState(IntEnum):
    """State of a backfill job 任务状态. PLT-7.9d."""

    QUEUED = 1
    RUNNING = 2
    DONE = 3
    PARTIAL = 4
    FAILED = 5
    CANCELLED = 6


class UnavailableReason(IntEnum):
    """Why a range cannot be delivered 无法补传原因."""

    NEVER_EXISTED = 1
    EXPIRED = 2
    DECLARED = 3


class ChannelRole(IntEnum):
    """Role of a channel 通道角色. PLT-9.4."""

    MAIN = 1
    STANDBY = 2


class LinkState(IntEnum):
    """State of a link 链路状态. PLT-9.4."""

    UP = 1
    SUSPECT = 2
    DOWN = 3
    SUSPENDED = 4


class Success(IntEnum):
    """0 succeeded, 1 failed or dropped: the habit of T/CEC 102 成功标志."""

    OK = 0
    FAILED = 1


class TokenFailReason(IntEnum):
    """Why no token was given 失败原因."""

    NONE = 0
    NO_SUCH_OPERATOR = 1
    WRONG_SECRET = 2
