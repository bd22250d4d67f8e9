"""The floor of the T/CEC 102 door: bare libraries, the same work, none of our checks.

Envelope decode, HMAC-MD5, base64, AES-128-CBC, decode into plain structs, zstd level 1, durable
append, sealed answer.
"""

from __future__ import annotations

import base64
import hmac
import os
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128

from vgigw.testing.bench.floor_store import FloorStore
from vgigw.testing.bench.scene import SECRETS

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


def signature(message: bytes) -> str:
    """HMAC-MD5 as T/CEC 102 writes it."""
    return hmac.digest(SECRETS.sig_secret, message, "md5").hex().upper()


def _cipher() -> Cipher[Any]:
    return Cipher(AES128(SECRETS.data_secret), modes.CBC(SECRETS.data_secret_iv))


def _open(data: str) -> bytes:
    decryptor = _cipher().decryptor()
    padded = decryptor.update(msgspec.convert(data, bytes)) + decryptor.finalize()
    return padded[: -padded[-1]]


def _answer(last: int) -> bytes:
    plaintext = msgspec.json.encode({"AckSeq": last})
    pad = 16 - len(plaintext) % 16
    encryptor = _cipher().encryptor()
    sealed = encryptor.update(plaintext + bytes([pad]) * pad) + encryptor.finalize()
    data = base64.b64encode(sealed).decode()
    sig = signature(f"0{data}".encode())
    return msgspec.json.encode({"Ret": 0, "Msg": "", "Data": data, "Sig": sig})


def application() -> Callable[..., Iterable[bytes]]:
    """Factory that granian calls."""
    store = FloorStore(Path(os.environ["FLOOR_STATE"]))

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        envelope = _envelope.decode(environ["wsgi.input"].read())
        text = f"{envelope.OperatorID}{envelope.Data}{envelope.TimeStamp}{envelope.Seq}"
        if not hmac.compare_digest(signature(text.encode()), envelope.Sig):
            start_response("403 Forbidden", _HEADERS)
            return [b""]
        plaintext = _open(envelope.Data)
        batch = _batch.decode(plaintext)
        store.append((batch.StreamID, batch.SeqFrom, batch.SeqTo, compress(plaintext)))
        body = _answer(batch.SeqTo)
        start_response("200 OK", _HEADERS)
        return [body]

    return app
