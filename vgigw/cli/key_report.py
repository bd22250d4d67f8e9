"""What ``vgigw keys`` shows of a key, and what its dates and its successor make of its state."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

import msgspec

from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState

COLUMNS: Final = (
    *("party", "key", "algorithm", "purpose", "peer", "state"),
    *("from", "to", "fingerprint"),
)


class KeyReport(msgspec.Struct, frozen=True):
    """What may be shown of a key; ``fingerprint`` is SHA-256 of the public key in DER."""

    party: str
    key_id: str
    algorithm: str
    purpose: str
    peer: str | None
    state: str
    not_before: datetime
    not_after: datetime
    private: bool
    fingerprint: str


def report_of(record: KeyRecord, records: tuple[KeyRecord, ...], now: datetime) -> KeyReport:
    """What is shown of ``record``, one of ``records``, at ``now``."""
    return KeyReport(
        party=record.party,
        key_id=record.key_id,
        algorithm=record.algorithm.value,
        purpose=record.purpose.value,
        peer=record.peer,
        state=state_at(record, records, now),
        not_before=record.not_before,
        not_after=record.not_after,
        private=record.sealed is not None,
        fingerprint=hashlib.sha256(record.public).hexdigest(),
    )


def row_of(each: KeyReport) -> tuple[str, ...]:
    """The cells of :data:`COLUMNS`."""
    dates = (
        each.not_before.isoformat(timespec="seconds"),
        each.not_after.isoformat(timespec="seconds"),
    )
    told = (each.party, each.key_id, each.algorithm, each.purpose, each.peer or "", each.state)
    return (*told, *dates, each.fingerprint)


def state_at(record: KeyRecord, records: tuple[KeyRecord, ...], now: datetime) -> str:
    """Where a key stands at ``now``: its state, and what its dates and its successor make of it."""
    if record.state is not KeyState.ACTIVE:
        return record.state.value
    if now < record.not_before:
        return KeyState.PENDING.value
    if now > record.not_after:
        return "expired"
    newer = any(
        (one.party, one.purpose, one.algorithm, one.peer)
        == (record.party, record.purpose, record.algorithm, record.peer)
        and one.state is KeyState.ACTIVE
        and record.not_before < one.not_before <= now <= one.not_after
        for one in records
    )
    return (KeyState.RETIRING if newer else KeyState.ACTIVE).value
