"""Sealed batches as a charging operator sends them: 13 members a record, about 273 bytes of JSON.

A batch is written once and its three numbers are put in for each message, so that the load process
costs less than what it measures.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from vgigw.codec import cec102_json, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import SUITES
from vgigw.envelope import cec102, soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireAnswer
from vgigw.errors import VgigwError
from vgigw.objects import MessageHeader, OperatingRecord, TelemetryBatch, TelemetryReceipt
from vgigw.objects.enumerations import ObjectKind, PolarityMode, UnitProfile
from vgigw.objects.operating_enumerations import ReportMode, ReportTrigger, RunState
from vgigw.operations import UPLOAD_TELEMETRY, Role
from vgigw.ports import Courier, Peer
from vgigw.senders.cec102 import Cec102Courier, Sent
from vgigw.senders.sequence import SequenceNumbers
from vgigw.senders.soap import SoapCourier
from vgigw.testing.bench.scene import OPERATOR_ID, PLATFORM_ID, Job

_BATCH, _FIRST, _LAST = "@BatchID@", 7_000_000_000_000_000_001, 7_000_000_000_000_000_002


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

    def acknowledged(self, status: int, body: bytes) -> bool:
        """Whether the peer's answer, signed by it, says that the message is stored."""


class _Stream:
    """Numbers and answers, which are the same on every door."""

    headers: dict[str, str]

    def __init__(self, job: Job, peer: Peer, courier: Courier, template: bytes) -> None:
        self._job = job
        self._peer = peer
        self._courier = courier
        self._suite = SUITES[job.suite]
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

    def acknowledged(self, status: int, body: bytes) -> bool:
        answer = WireAnswer(status=status, body=body)
        try:
            receipt = self._courier.open(self._peer, UPLOAD_TELEMETRY, self._sent, answer)
        except VgigwError:
            return False
        return isinstance(receipt, TelemetryReceipt) and receipt.ack_seq == self._last


class Cec102Stream(_Stream):
    """In the T/CEC 102 envelope, instants as that protocol writes them."""

    def __init__(self, job: Job, peer: Peer, stream: int, now: datetime) -> None:
        plaintext = cec102_json.encode(batch_of(job.batch, stream, now))
        super().__init__(job, peer, Cec102Courier(OPERATOR_ID, SUITES), plaintext)
        self.headers = {
            "content-type": "application/json;charset=utf-8",
            "authorization": f"Bearer {job.token}",
        }

    def next(self, now: datetime) -> bytes:
        time_stamp, seq = self._numbers.next(now)
        keys = self._peer.accepted
        envelope = cec102.sealed_request(
            self._suite, keys, OPERATOR_ID, self._numbered(), time_stamp, seq
        )
        told = cec102.exchange_of(envelope, UPLOAD_TELEMETRY.name, PLATFORM_ID)
        self._sent = Sent(now, UPLOAD_TELEMETRY.cec102[-1], told.answered(envelope.sig))
        return msgspec.json.encode(envelope)


class SoapStream(_Stream):
    """SOAP 1.1, MessageHeader, typed Body."""

    def __init__(self, job: Job, peer: Peer, stream: int, now: datetime) -> None:
        payload = xsd.wrap(UPLOAD_TELEMETRY.name, batch_of(job.batch, stream, now))
        super().__init__(job, peer, SoapCourier(OPERATOR_ID, Role.OPERATOR, SUITES), payload)
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
        header = soap.sign(unsigned, body, self._suite, self._peer.accepted)
        told = soap.exchange_of(header, UPLOAD_TELEMETRY.name, PLATFORM_ID)
        sig = soap.sig_of(header)
        self._sent = _Signed(sig, told.answered(sig))
        return soap.envelope_of(SoapVersion.SOAP_11, header, body)


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
    return SoapStream(job, peer, stream, now)
