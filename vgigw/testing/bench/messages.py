"""Sealed batches as a charging operator sends them: 13 members a record, about 273 bytes of JSON.

A batch is written once and its three numbers are put in for each message, so that the load process
costs less than what it measures.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from vgigw.codec import cec102_json, json, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.http_signing import http_signer
from vgigw.envelope import cec102, rest, soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import VgigwError
from vgigw.objects import MessageHeader, OperatingRecord, TelemetryBatch, TelemetryReceipt
from vgigw.objects.enumerations import ObjectKind, PolarityMode, UnitProfile
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger, RunState
from vgigw.operations import UPLOAD_TELEMETRY, Role
from vgigw.ports import Courier, Peer
from vgigw.rules.freshness import parse_time_stamp
from vgigw.senders.cec102 import Cec102Courier, Sent
from vgigw.senders.rest import RestCourier
from vgigw.senders.sequence import SequenceNumbers
from vgigw.senders.soap import SoapCourier
from vgigw.testing.bench.pair_keys import suites_with
from vgigw.testing.bench.scene import OPERATOR_ID, PATHS, PLATFORM_ID, Job

_BATCH, _FIRST, _LAST = "@BatchID@", 7_000_000_000_000_000_001, 7_000_000_000_000_000_002
_COVERED = ('"@method"', '"@path"', '"content-digest"', '"authorization"')


def record(rng: random.Random, place: int, at: datetime) -> OperatingRecord:
    """One connector at one instant."""
    power_kw = round(rng.uniform(3.0, 120.0), 3)
    volts = round(rng.uniform(330.0, 420.0), 1)
    return OperatingRecord(
        object_kind=ObjectKind.CONNECTOR,
        object_id=f"{OPERATOR_ID}{place:011d}",
        data_time=at + timedelta(milliseconds=rng.randrange(1000)),
        quality=0,
        run_state=RunState.RUNNING,
        active_power=power_kw,
        charge_power=power_kw,
        voltage_a=volts,
        current_a=round(power_kw * 1000 / volts, 1),
        soc=round(rng.uniform(5.0, 99.0), 1),
        battery_temperature=round(rng.uniform(10.0, 45.0), 1),
        charge_energy=Decimal(rng.randrange(10**9)).scaleb(-3),
        charging_count=1,
    )


def batch_of(size: int, stream: int, at: datetime) -> TelemetryBatch:
    """``size`` records of one stream; its numbers stand for those of each message."""
    rng = random.Random(stream)
    return TelemetryBatch(
        batch_id=_BATCH,
        source_id=OPERATOR_ID,
        stream_id=f"BENCH-{stream}",
        seq_from=_FIRST,
        seq_to=_LAST,
        report_mode=ReportMode.FULL,
        trigger=ReportTrigger.PERIODIC,
        period_sec=5,
        expected_count=size,
        actual_count=size,
        polarity_mode=PolarityMode.LOAD,
        unit_profile=UnitProfile.KW,
        send_time=at + timedelta(seconds=1),
        records=tuple(record(rng, place, at) for place in range(size)),
    )


class Sealed(Protocol):
    """Batches of one stream, one after the other."""

    headers: dict[str, str]

    def next(self, now: datetime) -> bytes:
        """The body of the next message."""

    def acknowledged(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> bool:
        """Whether the peer's answer, signed by it, says that the message is stored."""


class _Stream:
    """Numbers and answers, which are the same on every door."""

    headers: dict[str, str]

    def __init__(self, job: Job, peer: Peer, courier: Courier, template: bytes) -> None:
        self._job = job
        self._peer = peer
        self._courier = courier
        self._suite = suites_with(job.suite)[job.suite]
        self._template = template
        self._numbers = SequenceNumbers()
        self._sent: Any = None
        self._last = 0

    def _numbered(self) -> bytes:
        first, self._last = self._last + 1, self._last + self._job.batch
        return (
            self._template.replace(_BATCH.encode(), b"B%d" % first, 1)
            .replace(b"%d" % _FIRST, b"%d" % first, 1)
            .replace(b"%d" % _LAST, b"%d" % self._last, 1)
        )

    def acknowledged(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> bool:
        answer = WireAnswer(status=status, headers=dict(headers or {}), body=body)
        try:
            receipt = self._courier.open(self._peer, UPLOAD_TELEMETRY, self._sent, answer)
        except VgigwError:
            return False
        return isinstance(receipt, TelemetryReceipt) and receipt.ack_seq == self._last


class Cec102Stream(_Stream):
    """In the T/CEC 102 envelope, instants as that protocol writes them."""

    def __init__(self, job: Job, peer: Peer, stream: int, now: datetime) -> None:
        plaintext = cec102_json.encode(batch_of(job.batch, stream, now))
        super().__init__(job, peer, courier_of("cec102", job.suite), plaintext)
        self.headers = {
            "content-type": "application/json;charset=utf-8",
            "authorization": f"Bearer {job.token}",
        }

    def next(self, now: datetime) -> bytes:
        time_stamp, seq = self._numbers.next(now)
        told = _about(parse_time_stamp(time_stamp), seq)
        envelope = cec102.sealed_request(
            self._suite,
            self._peer.issued.about(told),
            OPERATOR_ID,
            self._numbered(),
            time_stamp,
            seq,
        )
        self._sent = Sent(now, UPLOAD_TELEMETRY.cec102[-1], told.answered(envelope.sig))
        return msgspec.json.encode(envelope)


class SoapStream(_Stream):
    """SOAP 1.1, MessageHeader, typed Body."""

    def __init__(self, job: Job, peer: Peer, stream: int, now: datetime) -> None:
        payload = xsd.wrap(UPLOAD_TELEMETRY.name, batch_of(job.batch, stream, now))
        super().__init__(job, peer, courier_of("soap", job.suite), payload)
        self.headers = {
            "content-type": "text/xml; charset=utf-8",
            "soapaction": f'"{soap.action_of(UPLOAD_TELEMETRY)}"',
        }

    def next(self, now: datetime) -> bytes:
        time_stamp, seq = self._numbers.next(now)
        body = soap.body_of(SoapVersion.SOAP_11, self._numbered())
        unsigned = MessageHeader(
            operator_id=OPERATOR_ID,
            time_stamp=time_stamp,
            seq=seq,
            suite=self._job.suite,
            access_token=self._job.token or None,
        )
        told = soap.exchange_of(unsigned, UPLOAD_TELEMETRY.name, PLATFORM_ID)
        header = soap.sign(unsigned, body, self._suite, self._peer.issued.about(told))
        sig = soap.sig_of(header)
        self._sent = _Signed(sig, told.answered(sig))
        return soap.envelope_of(SoapVersion.SOAP_11, header, body)


class RestStream(_Stream):
    """JSON under an HTTP message signature."""

    def __init__(self, job: Job, peer: Peer, stream: int, now: datetime) -> None:
        whole_s = now.replace(microsecond=0)  # The form has three places of a second, no six.
        body = json.encode(batch_of(job.batch, stream, whole_s))
        super().__init__(job, peer, courier_of("rest", job.suite), body)
        self.headers = {"content-type": "application/json"}

    def next(self, now: datetime) -> bytes:
        body, created, nonce = self._numbered(), int(now.timestamp()), secrets.token_hex(8)
        told = _about(rest.instant_of(created), nonce)
        self.headers = {
            "content-type": "application/json",
            "content-digest": rest.content_digest(body),
            "authorization": f"Bearer {self._job.token}",
        }
        whole = WireRequest(method="POST", path=PATHS["rest"], headers=self.headers, body=body)
        signer = http_signer(self._suite, self._peer.issued.about(told))
        signed = rest.unsigned_input(_COVERED, OPERATOR_ID, created, nonce, signer)
        base = rest.request_base(signed, whole)
        fields = rest.signature_fields(signed, signer.sign(base))
        self._sent = _Signed(fields["signature"], told.answered(fields["signature"]))
        self.headers |= fields
        return body


def _about(sent_at: datetime, nonce: str) -> Exchange:
    return Exchange(UPLOAD_TELEMETRY.name, OPERATOR_ID, PLATFORM_ID, sent_at, nonce)


class _Signed:
    """What the courier needs to know of a request to open its answer."""

    encrypted = False

    def __init__(self, signature: str, answer: Exchange) -> None:
        self.signature = signature
        self.answer = answer


def stream_of(job: Job, peer: Peer, stream: int, now: datetime) -> Sealed:
    """Batches for the door that the job names."""
    if job.door == "cec102":
        return Cec102Stream(job, peer, stream, now)
    if job.door == "rest":
        return RestStream(job, peer, stream, now)
    return SoapStream(job, peer, stream, now)


def courier_of(door: str, suite: str) -> Courier:
    """What the operator seals with, and opens the answers."""
    suites = suites_with(suite)
    if door == "cec102":
        return Cec102Courier(OPERATOR_ID, suites)
    if door == "rest":
        return RestCourier(OPERATOR_ID, suites=suites)
    return SoapCourier(OPERATOR_ID, Role.OPERATOR, suites)
