"""What a recall may ask for, and the sum by which two sides know that they hold the same records.

PLT-7.6d, PLT-9.3b.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from vgigw.errors import Detail, InvalidObject, NotRetained
from vgigw.objects.recall import RecallRequest
from vgigw.rules.session import RETAINED_DAYS

RETAINED: Final = timedelta(days=RETAINED_DAYS)
AHEAD: Final = timedelta(minutes=5)
"""As far as two clocks may be apart."""
NO_RECORDS: Final = "0" * 64
_MODULUS: Final = 1 << 256


def check_recall(request: RecallRequest, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a range that is none, half given, reversed or
    wholly in the future, and for members picked out of a record;
    :class:`~vgigw.errors.NotRetained` for a time of more than three years ago."""
    faults = (*_range_faults(request), *_time_faults(request, now))
    if request.point_types:
        words = "whole records only: leave PointTypes out"
        faults = (*faults, Detail("/PointTypes", "rule", words))
    if faults:
        raise InvalidObject(details=faults)
    if request.time_from is not None and request.time_from < now - RETAINED:
        words = "must not lie more than three years back; PLT-9.3b"
        raise NotRetained(details=(Detail("/TimeFrom", "rule", words),))


def with_record(total: str, source: str, stream: str, seq: int, canonical: bytes) -> str:
    """The sum ``total`` (64 hexadecimal digits) with one record more.

    It is the sum modulo 2**256 of the SHA-256 of each record's source, stream, number and canonical
    JSON, joined by line feeds: the same in whatever order and in whatever batches they come.
    """
    head = f"{source}\n{stream}\n{seq}\n".encode()
    added = int.from_bytes(hashlib.sha256(head + canonical).digest(), "big")
    return f"{(int(total, 16) + added) % _MODULUS:064x}"


def _range_faults(request: RecallRequest) -> tuple[Detail, ...]:
    faults = []
    by_sequence = request.seq_from is not None and request.seq_to is not None
    by_time = request.time_from is not None and request.time_to is not None
    if not (by_sequence or by_time):
        faults.append(Detail("/", "required", "a sequence range or a time range is needed"))
    if by_sequence and request.stream_id is None:
        faults.append(Detail("/StreamID", "required", "a sequence range needs its stream"))
    if by_sequence and (request.seq_to or 0) < (request.seq_from or 0):
        faults.append(Detail("/SeqTo", "rule", "must not be less than SeqFrom"))
    return tuple(faults)


def _time_faults(request: RecallRequest, now: datetime) -> tuple[Detail, ...]:
    faults = []
    if request.time_from and request.time_to and request.time_to <= request.time_from:
        faults.append(Detail("/TimeTo", "rule", "must be later than TimeFrom"))
    if request.time_from is not None and request.time_from > now + AHEAD:
        faults.append(Detail("/TimeFrom", "rule", "must not lie in the future"))
    return tuple(faults)
