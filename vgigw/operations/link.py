"""Rows of the operations table: the link itself: tokens, keys, services, clocks, beats."""

from __future__ import annotations

from vgigw import objects as o
from vgigw.objects import Grade
from vgigw.operations.row import Lane, Operation, to

QUERY_TOKEN = Operation(
    rows=(1,), name="QueryToken", zh="令牌申请", en="Obtain a token.", clause="ACC-5.7",
    request=o.TokenRequest, response=o.Token, directions=(to("any", "any"),),
    rest="POST /tokens", cec102=("query_token",), grade=Grade.SEN, writes=True,
    needs_token=False, lane=Lane.CONTROL,
    errors=(4303, 4304),
    timing="< 1 s; life <= 7200 s",
)  # fmt: skip
NOTIFY_KEY_CHANGE = Operation(
    rows=(2,), name="NotifyKeyChange", zh="密钥变更通知",
    en="Tell of a new, retiring or revoked key.", clause="ACC-5.8", request=o.KeyRecord,
    response=o.Receipt, directions=(to("any", "platform"), to("platform", "any")),
    rest="POST /keys", cec102=("notification_key_change",), grade=Grade.SEN, writes=True,
    key=("key_id", "state"), errors=(4104,), timing="overlap >= 24 h", lane=Lane.CONTROL,
)  # fmt: skip
QUERY_SERVICES = Operation(
    rows=(3,), name="QueryServices", zh="服务发现", en="Discover operations, suites and limits.",
    clause="ACC-7.6", request=o.ServiceQuery, response=o.ServiceList,
    directions=(to("any", "platform"),),
    rest="GET /services", cec102=("query_services",), grade=Grade.PUB, writes=False,
)  # fmt: skip
QUERY_TIME = Operation(
    rows=(4,), name="QueryTime", zh="对时", en="Compare clocks.", clause="PLT-9.7",
    request=o.TimeQuery, response=o.TimeAnswer, directions=(to("any", "platform"),),
    rest="GET /time", cec102=("query_time",), grade=Grade.INT, writes=False,
    timing="skew alarm > 1 s",
)  # fmt: skip
HEARTBEAT = Operation(
    rows=(5,), name="Heartbeat", zh="心跳", en="Check a link; tells the highest sequences.",
    clause="PLT-9.4", request=o.Heartbeat, response=o.HeartbeatAnswer,
    directions=(to("any", "platform"), to("platform", "any")),
    rest="POST /heartbeats", cec102=("notification_heartbeat",), grade=Grade.INT, writes=True,
    lane=Lane.CONTROL,
    errors=(4303,),
    timing="every 2 s on dispatch links",
)  # fmt: skip
