"""The floor of the T/CEC 102 door: bare libraries, the same work, none of our checks.

Envelope decode, the suite's signature and cipher (HMAC-MD5, AES-128-CBC), base64, decode into
plain structs, zstd level 1, durable append, sealed answer.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from vgigw.testing.bench.floor_store import FloorStore
from vgigw.testing.bench.floor_suites import About, FloorSuite, about, floor_suite

_HEADERS = [("content-type", "application/json;charset=utf-8")]
_contexts = threading.local()


class FloorRecord(msgspec.Struct, gc=False):
    """The 13 members that the load sends, types and no limits."""

    ObjectKind: int
    ObjectID: str
    DataTime: datetime
    Quality: int
    RunState: int | None = None
    ActivePower: float | None = None
    ChargePower: float | None = None
    VoltageA: float | None = None
    CurrentA: float | None = None
    SOC: float | None = None
    BatteryTemperature: float | None = None
    ChargeEnergy: Decimal | None = None
    ChargingCount: int | None = None


class FloorBatch(msgspec.Struct, gc=False):
    """The members of a batch."""

    BatchID: str
    SourceID: str
    StreamID: str
    SeqFrom: int
    SeqTo: int
    ReportMode: int
    Trigger: int
    ExpectedCount: int
    ActualCount: int
    PolarityMode: int
    UnitProfile: int
    SendTime: datetime
    Records: list[FloorRecord]
    PeriodSec: int | None = None


class FloorEnvelope(msgspec.Struct, gc=False):
    """The T/CEC 102 envelope."""

    OperatorID: str
    Data: str
    TimeStamp: str
    Seq: str
    Sig: str


_envelope = msgspec.json.Decoder(FloorEnvelope)
_batch = msgspec.json.Decoder(FloorBatch)


def compress(content: bytes) -> bytes:
    """Zstd level 1."""
    compressor = getattr(_contexts, "compressor", None)
    if compressor is None:
        compressor = _contexts.compressor = zstandard.ZstdCompressor(level=1)
    return bytes(compressor.compress(content))


def _answer(suite: FloorSuite, told: About, last: int) -> bytes:
    data = base64.b64encode(suite.seal(told, msgspec.json.encode({"AckSeq": last}))).decode()
    parts = ("0", "", data)
    text = "".join(f"{len(each)}:{each}" if suite.measured_answer else each for each in parts)
    sig = suite.sign(told, text.encode())
    return msgspec.json.encode({"Ret": 0, "Msg": "", "Data": data, "Sig": sig})


def application() -> Callable[..., Iterable[bytes]]:
    """Factory that granian calls."""
    store = FloorStore(Path(os.environ["FLOOR_STATE"]))
    suite = floor_suite()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        envelope = _envelope.decode(environ["wsgi.input"].read())
        text = f"{envelope.OperatorID}{envelope.Data}{envelope.TimeStamp}{envelope.Seq}"
        told = about(envelope.TimeStamp, envelope.Seq)
        if not suite.holds(told, text.encode(), envelope.Sig):
            start_response("403 Forbidden", _HEADERS)
            return [b""]
        plaintext = suite.open(told, msgspec.convert(envelope.Data, bytes))
        batch = _batch.decode(plaintext)
        store.append((batch.StreamID, batch.SeqFrom, batch.SeqTo, compress(plaintext)))
        body = _answer(suite, told.answered(envelope.Sig), batch.SeqTo)
        start_response("200 OK", _HEADERS)
        return [body]

    return app
