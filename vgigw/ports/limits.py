"""How much a gateway takes on: of one peer, of all at once, and of the disk."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

Rate = Annotated[float, Meta(gt=0, le=1e9)]

BULK_SHARE: Final = 7 / 8
"""Of the bytes in flight; the rest is kept for control. F61."""


class Limits(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[limits]``, each of one process.

    The defaults carry 22,000 records a second, those of 100,000 vehicles and 10,000 chargers every
    5 s, as 22 a message of one peer, or as fewer a message of several.
    """

    messages_per_s: Rate = 1_000.0
    """Of one peer, on average; control has a tenth of it on top."""

    bytes_per_s: Rate = 20_000_000.0
    """Of one peer, on average; control has a tenth of it on top."""

    bytes_in_flight: Annotated[int, Meta(ge=16_384, le=1 << 40)] = 64 * 1024 * 1024
    """Of all bodies that are being read, wait or are carried out."""

    requests_waiting: Annotated[int, Meta(ge=0, le=4_096)] = 200
    """Requests that are being read or wait beside those carried out."""

    wait_s: Annotated[float, Meta(ge=0, le=60)] = 5.0
    """How long a request may wait to be carried out."""

    disk_free_bytes: Annotated[int, Meta(ge=0, le=1 << 50)] = 128 * 1024 * 1024
    """Free space below which bulk is no longer written."""

    store_queue: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000
    """Works that wait for the store, above which bulk is no longer written."""

    @property
    def bulk_bytes_in_flight(self) -> int:
        """What remains of the bytes in flight without those kept for control."""
        return int(self.bytes_in_flight * BULK_SHARE)
