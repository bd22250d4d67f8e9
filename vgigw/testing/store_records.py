"""Records for tests of a store: rows, documents, letters with plain values, open to change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from vgigw.operations import Lane
from vgigw.ports import Document, Letter, Row

T0 = datetime(2026, 3, 1, 8, 0, 0, 123_000, tzinfo=UTC)
"""The time at which the contract's records begin."""

OWNER = "123456789"
BIG = 2**63 - 1


def after(seconds: float) -> datetime:
    """``T0`` and so many seconds."""
    return T0 + timedelta(seconds=seconds)


def row(first: int, last: int, **changes: Any) -> Row:
    """A row of ten-second times that begin at ``first`` seconds after ``T0``."""
    plain = Row(
        owner=OWNER,
        stream="s1",
        seq_from=first,
        seq_to=last,
        time_from=after(first % 1_000_000),
        time_to=after(first % 1_000_000 + 10),
        received_at=T0,
        door="rest",
        payload=f"{first}".encode(),
        digest="ab" * 32,
    )
    return msgspec.structs.replace(plain, **changes)


def document(key: str, version: int, **changes: Any) -> Document:
    """A document of kind ``station``."""
    plain = Document(
        kind="station",
        owner=OWNER,
        key=key,
        version=version,
        payload=f"{key}/{version}".encode(),
        digest="cd" * 32,
        at=T0,
    )
    return msgspec.structs.replace(plain, **changes)


def letter(message_id: str, **changes: Any) -> Letter:
    """A waiting letter to ``OWNER`` that is due at ``T0``."""
    plain = Letter(
        destination=OWNER,
        operation="UploadTelemetry",
        message_id=message_id,
        lane=Lane.LIVE,
        payload=b"sealed",
        created_at=T0,
        next_at=T0,
    )
    return msgspec.structs.replace(plain, **changes)
