"""A platform whose peers speak one dialect each, and messages as those peers would make them.

The envelopes are made here with nothing of the gateway but its cipher, so that a habit of a peer is
what it looks like and not what we would write.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from tests.stores.fresh import fresh_store
from vgigw import Gateway, Identity, Peer, Secrets, handles
from vgigw import objects as o
from vgigw import operations as ops
from vgigw.codec.dialect_files import Dialects
from vgigw.crypto.suite import SUITES
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.operations import Role
from vgigw.server.wsgi import cec102_door

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PLATFORM = "100000001"
SECRET = "1234567890abcdef"
SECRETS = Secrets.of(
    operator_secret=SECRET, data_secret=SECRET, data_secret_iv=SECRET, sig_secret=SECRET
)
PARTIES = {
    "tcec102-2016": ("123456789", Role.OPERATOR),
    "tcec102-tolerant": ("222222222", Role.OPERATOR),
    "zhejiang-supervision": ("333333333", Role.OPERATOR),
    "xiaoju": ("444444444", Role.OPERATOR),
    "city-platform": ("555555555", Role.OPERATOR),
}
CITY, OTHER = "666666666", "777777777"
"""Supervisors that ask us: a city's platform, and one that speaks the standard."""

STRICT, TOLERANT = PARTIES["tcec102-2016"][0], PARTIES["tcec102-tolerant"][0]
ZHEJIANG, XIAOJU = PARTIES["zhejiang-supervision"][0], PARTIES["xiaoju"][0]
CITY_OPERATOR = PARTIES["city-platform"][0]
EVCS, SHEVCS = "/evcs/v1", "/shevcs/v1.0"
CITY_TOKEN = f"{SHEVCS}/query_token"
STATE = {"ConnectorID": "C1", "Status": 3, "ParkStatus": 50}
SUITE = SUITES["tcec102"]


class Answer(NamedTuple):
    """Ret, Msg and the decrypted Data of an answer whose signature is ours."""

    ret: int
    msg: str
    data: dict[str, Any]
    wire: WireAnswer

    @property
    def paths(self) -> list[tuple[str, str]]:
        return [(d["Path"], d["Code"]) for d in self.data.get("Details", [])]


class Host:
    """The platform; ``got`` are the requests that reached a handler."""

    def __init__(self, dialects: Dialects | None = None, **more: str) -> None:
        peers = {who: _peer(who, role, name) for name, (who, role) in PARTIES.items()}
        peers[CITY] = _peer(CITY, Role.SUPERVISOR, "city-platform")
        peers[OTHER] = _peer(OTHER, Role.SUPERVISOR, "tcec102-2016")
        peers |= {who: _peer(who, Role.OPERATOR, name) for name, who in more.items()}
        identity = Identity(operator_id=PLATFORM, role=Role.PLATFORM, peers=peers)
        self.got: list[Any] = []
        self.gateway = Gateway(
            identity, fresh_store(), handlers=self._handlers(), dialects=dialects
        )
        self.door = cec102_door(self.gateway)
        self._tokens: dict[str, str] = {}

    def post(self, who: str, path: str, content: Any, now: datetime = NOW, **habits: Any) -> Answer:
        """What ``who`` is answered; ``habits`` are those of :func:`sealed`."""
        token_path = habits.pop("token_path", "/evcs/v1/query_token")
        if who not in self._tokens:
            asked = {"OperatorID": who, "OperatorSecret": SECRET}
            given = self.give(sealed(who, token_path, asked, now))
            self._tokens[who] = given.data["AccessToken"]
        return self.give(sealed(who, path, content, now, token=self._tokens[who], **habits), now)

    def give(self, request: WireRequest, now: datetime = NOW) -> Answer:
        answer = self.gateway.receive(self.door, request, now)
        document = json.loads(answer.body)
        data = {}
        if document["Sig"]:
            signed = f"{document['Ret']}{document['Msg']}{document['Data']}"
            assert document["Sig"] == mac(signed)
            if document["Data"]:
                data = json.loads(SUITE.decrypt(SECRETS, base64.b64decode(document["Data"])))
        return Answer(document["Ret"], document["Msg"], data, answer)

    def _handlers(self) -> list[Any]:
        replies: dict[ops.Operation, Callable[[Any], Any]] = {
            ops.PUSH_DEVICE_STATE: lambda _: o.StatusReceipt(status=o.Success.OK),
            ops.PUSH_ARCHIVE: lambda _: o.ArchiveReceipt(status=o.Success.OK),
            ops.PUSH_CHARGE_STATUS: lambda sent: o.ChargeStatusReceipt(
                start_charge_seq=sent.start_charge_seq, succ_stat=o.Success.OK
            ),
            ops.PUSH_CHARGE_ORDER: lambda sent: o.ChargeOrderReceipt(
                start_charge_seq=sent.start_charge_seq,
                connector_id=sent.connector_id,
                confirm_result=0,
            ),
            ops.QUERY_STATION_STATUS: lambda _: o.StationStatusList(
                total=1, station_status_infos=(STATES,)
            ),
            ops.QUERY_STATION_STATS: lambda _: o.StationStats(station_stats=STATS),
        }
        return [self._handler(*row) for row in replies.items()]

    def _handler(self, operation: ops.Operation, reply: Callable[[Any], Any]) -> Any:
        @handles(operation)
        def handler(call: Any, _: Any) -> Any:
            self.got.append(call.request)
            return reply(call.request)

        return handler


def push_state(host: Host, who: str, content: Any = None, **habits: Any) -> Answer:
    wrapped = {"ConnectorStatusInfo": STATE} if content is None else content
    return host.post(who, f"{EVCS}/notification_stationStatus", wrapped, **habits)


def refused(answer: Answer, ret: int, *paths: tuple[str, str]) -> bool:
    return answer.ret == ret and answer.paths == list(paths)


def sealed(
    who: str,
    path: str,
    content: Any,
    now: datetime = NOW,
    *,
    token: str = "",
    seq: str = "0001",
    lower: bool = False,
    line: int = 0,
) -> WireRequest:
    """A request of ``who``: Seq as given, Sig in lower case, Data broken each ``line`` letters."""
    plaintext = content if isinstance(content, bytes) else json.dumps(content).encode()
    data = base64.b64encode(SUITE.encrypt(SECRETS, plaintext)).decode()
    if line:
        data = "\n".join(data[at : at + line] for at in range(0, len(data), line))
    stamp = (now.astimezone(UTC) + timedelta(hours=8)).strftime("%Y%m%d%H%M%S")
    sig = mac(f"{who}{data}{stamp}{seq}")
    envelope = {"OperatorID": who, "Data": data, "TimeStamp": stamp, "Seq": seq,
                "Sig": sig.lower() if lower else sig}  # fmt: skip
    return WireRequest(
        method="POST",
        path=path,
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
        body=json.dumps(envelope).encode(),
        transport=Transport.LOOPBACK,
    )


def mac(text: str) -> str:
    """HMAC-MD5 as T/CEC 102 signs."""
    return hmac.new(SECRET.encode(), text.encode(), "md5").hexdigest().upper()


def _peer(who: str, role: Role, dialect: str) -> Peer:
    return Peer(
        operator_id=who,
        role=role,
        doors=frozenset({"cec102"}),
        suite="tcec102",
        inbound=SECRETS,
        dialect=dialect,
    )


STATES = o.StationStatusInfo(
    station_id="S1",
    connector_status_infos=(
        o.ConnectorStatusInfo(
            event_id="E1",
            connector_id="C1",
            status=o.ConnectorStatus.DISCHARGING,
            change_time=NOW,
        ),
    ),
)
STATS = o.StationStatsInfo(
    station_id="S1",
    start_time=NOW.date(),
    end_time=NOW.date(),
    station_electricity=Decimal("12.5"),
    station_discharge_electricity=Decimal("4.5"),
    session_count=3,
    equipment_stats_infos=(
        o.EquipmentStatsInfo(
            equipment_id="E1",
            equipment_electricity=Decimal("12.5"),
            equipment_discharge_electricity=Decimal("4.5"),
            connector_stats_infos=(
                o.ConnectorStatsInfo(
                    connector_id="C1",
                    connector_electricity=Decimal("12.5"),
                    connector_discharge_electricity=Decimal("4.5"),
                ),
            ),
        ),
    ),
)
