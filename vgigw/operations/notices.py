"""Rows of the operations table: notices, prices, alarms, sanctions."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

PUBLISH_NOTICE = Operation(
    rows=(41,), name="PublishNotice", zh="政策与市场信息发布",
    en="Publish a policy or market notice.", clause="PLT-8.6", request=o.PolicyNotice,
    response=o.Receipt,
    directions=(to("dispatch exchange", "platform"), to("platform", "operator aggregator oem")),
    rest="POST /notices", cec102=("notification_policy_notice",), grade=Grade.INT, writes=True,
    key=("notice_id",), timing="in time; unread raises an alarm", receipted=True,
)  # fmt: skip
CONFIRM_NOTICE = Operation(
    rows=(41,), name="ConfirmNotice", zh="公告已读回执", en="Confirm that a notice was read.",
    clause="PLT-8.6", request=o.NoticeReceipt, response=o.Receipt,
    directions=(to("operator aggregator oem", "platform"), to("platform", "dispatch exchange")),
    rest="PUT /notices/{NoticeID}/receipt", cec102=("notification_notice_receipt",),
    grade=Grade.INT, writes=True, key=("notice_id", "party_id"), errors=(4201,), timing="in time",
)  # fmt: skip
PUBLISH_PRICE = Operation(
    rows=(42,), name="PublishPrice", zh="价格信号发布", en="Publish a price signal.",
    clause="VGI-D.12", request=o.PriceSignal, response=o.Receipt,
    directions=(to("dispatch exchange", "platform"), to("platform", "operator aggregator oem")),
    rest="POST /prices", cec102=("notification_price_signal",), grade=Grade.PUB, writes=True,
    key=("notice_id",), errors=(4405,), timing="<= 10 s through", lane=Lane.CONTROL,
)  # fmt: skip
PUSH_ALARM = Operation(
    rows=(43,), name="PushAlarm", zh="告警推送", en="Push an alarm.", clause="PLT-7.9c",
    request=o.AlarmEvent, response=o.Receipt,
    directions=(to("any", "platform"), to("platform", "dispatch")), rest="POST /alarms",
    cec102=("notification_alarm",), grade=Grade.INT, writes=True, key=("alarm_id", "alarm_state"),
    errors=(4203,), timing="at once",
)  # fmt: skip
CLEAR_ALARM = Operation(
    rows=(43,), name="ClearAlarm", zh="告警恢复", en="Clear or confirm an alarm.",
    clause="PLT-7.9c", request=o.AlarmClear, response=o.Receipt,
    directions=(to("any", "platform"), to("platform", "dispatch")), rest="PUT /alarms/{AlarmID}",
    cec102=("notification_alarm_clear",), grade=Grade.INT, writes=True,
    key=("alarm_id", "clear_time"), errors=(4201, 4203), timing="at once",
)  # fmt: skip
QUERY_ALARMS = Operation(
    rows=(43,), name="QueryAlarms", zh="告警查询", en="Query alarms.", clause="PLT-7.9c",
    request=o.AlarmQuery, response=o.AlarmPage, directions=(to("any", "platform"),),
    rest="GET /alarms", cec102=("query_alarms",), grade=Grade.INT, writes=False, timing="<= 2 s",
)  # fmt: skip
NOTIFY_SANCTION = Operation(
    rows=(50,), name="NotifySanction", zh="链路处置通知", en="Notify a sanction or its end.",
    clause="PLT-8.7b", request=o.Sanction, response=o.Receipt,
    directions=(to("platform", "operator aggregator oem"),), rest="POST /sanctions",
    cec102=("notification_sanction",), grade=Grade.INT, writes=True, key=("sanction_id",),
    timing="manual release", receipted=True, lane=Lane.CONTROL,
)  # fmt: skip
