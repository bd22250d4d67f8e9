"""What we send to a peer is in its dialect, and its answers are read by it. ACC-5.3."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from tests.doors.dialect_host import (
    NOW,
    PARTIES,
    PLATFORM,
    SECRETS,
    SUITE,
    XIAOJU,
    Host,
    mac,
)
from tests.stores.fresh import fresh_store
from vgigw import Gateway, Identity, Peer
from vgigw import objects as o
from vgigw import operations as ops
from vgigw.codec.dialect import Body, Dialect, Framing
from vgigw.codec.dialect_files import shipped
from vgigw.crypto.suite import SUITES
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import PeerAnswerInvalid, PeerRefused
from vgigw.operations import Role
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.sequence import written

PREFIXES = {"city-platform": "/shevcs/v1.0"}
SEQ = "123456789012345678901234567"
STATE = o.ConnectorStatusInfo(
    event_id="E1",
    connector_id="C1",
    status=o.ConnectorStatus.CHARGING,
    change_time=NOW,
    current_a=Decimal("1.5"),
    current_b=Decimal("1.5"),
    current_c=Decimal("1.5"),
    voltage_a=Decimal("380.5"),
    voltage_b=Decimal("380.5"),
    voltage_c=Decimal("380.5"),
)
ORDER = o.ChargeOrder(
    start_charge_seq=SEQ,
    connector_id="C1",
    start_time=NOW,
    end_time=NOW,
    total_power=Decimal("30.25"),
    total_elec_money=Decimal("20.50"),
    total_sevice_money=Decimal("5.00"),
    total_money=Decimal("25.50"),
    stop_reason=0,
    plate_no="苏A12345",
)


class Direct:
    """A sender to one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.paths: list[str] = []

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        start = "" if request.rooted else urlsplit(base).path
        self.paths.append(start + request.path)
        whole = replace(request, path=self.paths[-1], transport=Transport.LOOPBACK)
        return self.host.give(whole).wire


class Peek:
    """A dialect, whichever is asked for."""

    def __init__(self, **changes: Any) -> None:
        plain = shipped().at("tcec102-2016", NOW)
        self.dialect = replace(plain, **changes)

    def at(self, *_: object) -> Dialect:
        return self.dialect


def platform(dialect: str = "tcec102-2016") -> Peer:
    base = f"loop://platform{PREFIXES.get(dialect, '/evcs/v1')}"
    return Peer(
        operator_id=PLATFORM,
        role=Role.PLATFORM,
        doors=frozenset({"cec102"}),
        suite="tcec102",
        inbound=SECRETS,
        outbound=SECRETS,
        paths=(base,),
        dialect=dialect,
    )


def operator(dialect: str, sender: Direct, spoken: str | None = None) -> Gateway:
    """The operator that the host knows to speak ``dialect``; ``spoken`` is what it speaks."""
    who, role = PARTIES[dialect]
    identity = Identity(operator_id=who, role=role, peers={PLATFORM: platform(spoken or dialect)})
    return Gateway(identity, fresh_store(), sender=sender)


def sealed(courier: Cec102Courier, operation: ops.Operation, request: Any, peer: Peer) -> Any:
    """The request, its envelope and its content."""
    wire, _ = courier.seal(peer, peer.paths[0], operation, request, None, NOW)
    envelope = json.loads(wire.body)
    signed = "".join(envelope[name] for name in ("OperatorID", "Data", "TimeStamp", "Seq"))
    assert envelope["Sig"] == mac(signed)
    content = json.loads(SUITE.decrypt(SECRETS, base64.b64decode(envelope["Data"])))
    return wire, envelope, content


def courier_with(**changes: Any) -> Cec102Courier:
    return Cec102Courier(XIAOJU, SUITES, Peek(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dialect", "state_path", "order_path"),
    [
        (
            "tcec102-2016",
            "/evcs/v1/notification_stationStatus",
            "/evcs/v1/notification_charge_order_info",
        ),
        (
            "tcec102-tolerant",
            "/evcs/v1/notification_stationStatus",
            "/evcs/v1/notification_charge_order_info",
        ),
        (
            "zhejiang-supervision",
            "/evcs/v1/supervise_notification_station_status",
            "/evcs/v1/supervise_notification_charge_order_info",
        ),
        ("xiaoju", "/notification_stationStatus", "/notification_charge_order_info"),
        (
            "city-platform",
            "/shevcs/v1.0/notification_stationStatus",
            "/shevcs/v1.0/notification_charge_order_info",
        ),
    ],
)
def test_two_gateways_that_name_the_same_dialect_understand_each_other(
    dialect: str, state_path: str, order_path: str
) -> None:
    sender = Direct(Host())
    gateway = operator(dialect, sender)
    state: Any = gateway.call(PLATFORM, ops.PUSH_DEVICE_STATE, STATE, NOW)
    order: Any = gateway.call(PLATFORM, ops.PUSH_CHARGE_ORDER, ORDER, NOW)
    assert (state.status, order.start_charge_seq, order.confirm_result) == (0, SEQ, 0)
    assert sender.paths[1:] == [state_path, order_path]
    told = sender.host.got
    assert (told[0].connector_id, told[0].status) == ("C1", o.ConnectorStatus.CHARGING)
    assert told[1] == ORDER


def test_two_gateways_of_different_dialects_do_not_meet() -> None:
    gateway = operator("zhejiang-supervision", Direct(Host()), spoken="tcec102-2016")
    with pytest.raises(PeerRefused) as refused:
        gateway.call(PLATFORM, ops.PUSH_DEVICE_STATE, STATE, NOW)
    assert refused.value.code == 4003


def test_an_order_to_the_province_is_spelled_as_it_spells_it() -> None:
    courier = Cec102Courier(XIAOJU, SUITES)
    peer = platform("zhejiang-supervision")
    _, _, content = sealed(courier, ops.PUSH_CHARGE_ORDER, ORDER, peer)
    assert content == {
        "OrderNo": SEQ,
        "ConnectorID": "C1",
        "StartTime": "2026-11-21 16:00:00",
        "EndTime": "2026-11-21 16:00:00",
        "TotalPower": 30.25,
        "TotalElecMoney": 20.5,
        "TotalServiceMoney": 5.0,
        "TotalMoney": 25.5,
        "StopReason": 0,
        "LicensePlate": "苏A12345",
    }
    _, _, standard = sealed(courier, ops.PUSH_CHARGE_ORDER, ORDER, platform())
    assert (standard["StartChargeSeq"], standard["TotalSeviceMoney"]) == (SEQ, 5.0)


SESSION = o.ChargeStatus(
    start_charge_seq=SEQ,
    start_charge_seq_stat=o.SessionState.CHARGING,
    connector_id="C1",
    connector_status=o.ConnectorStatus.DISCHARGING,
    current_a=Decimal("1.5"),
    voltage_a=Decimal("380.5"),
    soc=Decimal("50.0"),
    start_time=NOW,
    end_time=NOW,
    total_power=Decimal("30.25"),
    sevice_money=Decimal("5.00"),
)
DISCHARGED: dict[str, Any] = {"total_discharge_power": Decimal("4.50"), "vehicle_id": "V1"}


@pytest.mark.parametrize(
    ("operation", "charged"),
    [(ops.PUSH_CHARGE_STATUS, SESSION), (ops.PUSH_CHARGE_ORDER, ORDER)],
    ids=lambda found: getattr(found, "name", ""),
)
@pytest.mark.parametrize("dialect", ["xiaoju", "zhejiang-supervision"])
def test_who_has_no_word_for_discharge_is_told_of_none(
    dialect: str, operation: ops.Operation, charged: o.InformationObject
) -> None:
    courier, peer = Cec102Courier(XIAOJU, SUITES), platform(dialect)
    both = replace(charged, **DISCHARGED)

    _, _, plain = sealed(courier, operation, charged, peer)
    _, _, told = sealed(courier, operation, both, peer)
    _, _, standard = sealed(courier, operation, both, platform())

    assert told == plain
    assert (standard["TotalDischargePower"], standard["VehicleID"]) == (4.5, "V1")


def test_the_large_operator_is_asked_for_what_was_charged_only() -> None:
    query = o.StationStatsQuery(
        station_id="S1", start_time=NOW.date(), end_time=NOW.date(), owner_id="123456789"
    )
    courier = Cec102Courier(PLATFORM, SUITES)
    _, _, asked = sealed(courier, ops.QUERY_STATION_STATS, query, platform("xiaoju"))
    assert sorted(asked) == ["EndTime", "StartTime", "StationID"]


def test_a_state_is_wrapped_unless_the_dialect_writes_it_bare() -> None:
    bare = courier_with(body=Body(bare=("PushDeviceState",)))
    assert "ConnectorID" in sealed(bare, ops.PUSH_DEVICE_STATE, STATE, platform())[2]
    wrapped = sealed(courier_with(), ops.PUSH_DEVICE_STATE, STATE, platform())[2]
    assert list(wrapped) == ["ConnectorStatusInfo"]


def test_data_is_broken_into_lines_and_signed_so() -> None:
    courier = courier_with(framing=Framing(base64_line=76))
    lines = sealed(courier, ops.PUSH_DEVICE_STATE, STATE, platform())[1]["Data"].split("\n")
    assert {len(line) for line in lines[:-1]} == {76}
    assert 0 < len(lines[-1]) <= 76
    assert "\n" not in sealed(courier_with(), ops.PUSH_DEVICE_STATE, STATE, platform())[1]["Data"]


@pytest.mark.parametrize(
    ("habit", "seqs"),
    [("padded", ["0001", "0002"]), ("unpadded", ["1", "2"]), ("constant", ["0001", "0001"])],
)
def test_seq_is_written_by_habit(habit: Any, seqs: list[str]) -> None:
    courier = courier_with(framing=Framing(seq=habit))
    sent = [sealed(courier, ops.PUSH_DEVICE_STATE, STATE, platform())[1] for _ in range(2)]
    assert [envelope["Seq"] for envelope in sent] == seqs
    assert written("0120", "unpadded") == "120"


def answered(ret: int, msg: str | None, data: str | None, **more: Any) -> WireAnswer:
    """An answer signed as Java appends its parts: null is a text of four letters."""
    signed = "".join("null" if part is None else str(part) for part in (ret, msg, data))
    document = {"Ret": ret, "Msg": msg, "Data": data, "Sig": mac(signed)} | more
    return WireAnswer(status=200, body=json.dumps(document).encode())


def opened(dialect: str, answer: WireAnswer) -> Any:
    courier = Cec102Courier(XIAOJU, SUITES)
    peer = platform(dialect)
    _, sent = courier.seal(peer, "", ops.PUSH_DEVICE_STATE, STATE, None, NOW)
    return courier.open(peer, ops.PUSH_DEVICE_STATE, sent, answer)


STATUS = base64.b64encode(SUITE.encrypt(SECRETS, b'{"Status":0}')).decode()


def test_null_in_what_is_signed_is_for_the_dialect_that_says_so() -> None:
    assert opened("tcec102-tolerant", answered(0, None, STATUS)).status == 0
    assert opened("tcec102-tolerant", answered(0, "", STATUS, OperatorID="1")).status == 0
    with pytest.raises(PeerAnswerInvalid):
        opened("tcec102-2016", answered(0, None, STATUS))
    with pytest.raises(PeerRefused) as refused:
        opened("tcec102-tolerant", answered(4004, None, None))
    assert refused.value.code == 4004
    with pytest.raises(PeerAnswerInvalid):
        opened("tcec102-2016", answered(4004, None, None))


def test_attack_null_is_no_leave_for_an_answer_that_was_not_signed() -> None:
    empty = answered(4004, "", "")
    forged = json.loads(empty.body) | {"Msg": None, "Data": None}
    with pytest.raises(PeerAnswerInvalid):
        opened("tcec102-tolerant", WireAnswer(status=200, body=json.dumps(forged).encode()))


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"{", b"\xff"])
def test_what_is_no_envelope_is_no_answer(body: bytes) -> None:
    for dialect in ("tcec102-2016", "tcec102-tolerant"):
        with pytest.raises(PeerAnswerInvalid):
            opened(dialect, WireAnswer(status=200, body=body))


def test_an_answer_in_lower_case_is_for_the_dialect_that_says_so() -> None:
    answer = answered(0, "", STATUS)
    lower = json.loads(answer.body)
    lower["Sig"] = lower["Sig"].lower()
    wire = replace(answer, body=json.dumps(lower).encode())
    assert opened("tcec102-tolerant", wire).status == 0
    with pytest.raises(PeerAnswerInvalid):
        opened("tcec102-2016", wire)


def test_success_told_as_failure_is_believed_in_no_dialect() -> None:
    """A client was seen to answer Ret 1 and SuccStat 1 for success; nobody could tell the two."""
    for dialect in shipped().names:
        with pytest.raises(PeerRefused):
            opened(dialect, answered(1, "", STATUS))


def test_a_title_says_what_a_dialect_is_in_both_languages() -> None:
    titles = [shipped().at(name, NOW).title for name in shipped().names]
    assert len({title.zh for title in titles} | {title.en for title in titles}) == 2 * len(titles)
