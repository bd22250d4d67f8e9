"""What the store keeps: rows of the journal, documents, letters, answers."""

from __future__ import annotations

import enum
import hashlib
import secrets
from datetime import datetime

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.objects import InformationObject, TelemetryBatch
from vgigw.objects.operating_enumerations import Priority
from vgigw.operations import Lane, Operation
from vgigw.rules.consent import named_by_consent

RECEIPTED = "receipts:"
"""Group of the letters whose delivery is kept, where they have no group of their own."""


OWN_DOOR = "own"
"""The door of a journal row that is our own and came by none."""


class Seen(msgspec.Struct, frozen=True):
    """An envelope that was accepted before."""

    peer: str
    operation: str


class Answered(msgspec.Struct, frozen=True):
    """A business act that was answered before: digest of its request, canonical reply."""

    digest: str
    reply: bytes


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One message in the journal: ``payload`` is the packed canonical object.

    ``owner`` is the party whose data it is; times are those of the records, inclusive.
    """

    owner: str
    stream: str
    seq_from: int
    seq_to: int
    time_from: datetime
    time_to: datetime
    received_at: datetime
    door: str
    payload: bytes
    digest: str
    sparse: bool = False
    id: int = 0


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a document; the newest by ``version`` is current, older ones are history.

    ``group`` ties documents together (acknowledgements to their command).
    """

    kind: str
    owner: str
    key: str
    version: int
    group: str = ""
    payload: bytes
    digest: str
    at: datetime
    assumed: tuple[str, ...] = ()


class LetterState(enum.StrEnum):
    """Where an outbound message stands; DELIVERED ones are kept for a while, DEAD ones for good."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One outbound message; ``message_id`` and ``payload`` never change on a retry.

    ``trace_id`` is that of the message that it came of, empty where nobody follows it. ``faults``
    counts the attempts that failed for the message itself and not for link, keys or a busy peer.
    """

    destination: str
    operation: str
    message_id: str
    lane: Lane
    payload: bytes
    created_at: datetime
    next_at: datetime
    valid_until: datetime | None = None
    group: str = ""
    attempts: int = 0
    state: LetterState = LetterState.WAITING
    last_error: str = ""
    faults: int = 0
    trace_id: str = ""
    id: int = 0

    @property
    def is_erased(self) -> bool:
        """Whether ``Transaction.erase_letter`` took what it said: it brings nothing any more. Every
        other letter has a message id. JES-6.4.1c."""
        return not self.message_id


def row_for(
    batch: TelemetryBatch,
    owner: str,
    *,
    payload: bytes,
    digest: str,
    received_at: datetime,
    door: str,
    sparse: bool = False,
) -> Row:
    """The journal row of a batch whose packed canonical form is ``payload``."""
    times = [record.data_time for record in batch.records]
    return Row(
        owner=owner,
        stream=batch.stream_id,
        seq_from=batch.seq_from,
        seq_to=batch.seq_to,
        time_from=min(times),
        time_to=max(times),
        received_at=received_at,
        door=door,
        payload=payload,
        digest=digest,
        sparse=sparse,
    )


def own_row(batch: TelemetryBatch, owner: str, now: datetime) -> Row:
    """The journal row of a batch that is our own, so that a recall can be answered from it."""
    canonical = json.encode(batch)
    return row_for(
        batch,
        owner,
        payload=pack(canonical),
        digest=json.digest(canonical),
        received_at=now,
        door=OWN_DOOR,
    )


def token_digest(token: str) -> bytes:
    """What the store keeps of a token. ACC-5.7."""
    return hashlib.sha256(token.encode()).digest()


def message_id_of(operation: Operation, request: InformationObject) -> str | None:
    """What names a letter: the key of its object, or None where that would tell of a person. Logs
    and tables show it, and their entries cannot be taken out. JES-6.4.1b."""
    personal = any(request.described[name].sensitive for name in operation.key)
    if personal or named_by_consent(request):
        return None
    return operation.key_of(request, "/") or None


def letter_for(
    destination: str,
    operation: Operation,
    request: InformationObject,
    now: datetime,
    *,
    message_id: str | None = None,
    valid_until: datetime | None = None,
    group: str = "",
) -> Letter:
    """A letter ready for ``Transaction.enqueue``; a command of an emergency overtakes all others.
    JES-6.5.1.5a."""
    urgent = getattr(request, "priority", None) is Priority.EMERGENCY
    return Letter(
        destination=destination,
        operation=operation.name,
        message_id=message_id or secrets.token_hex(16),
        lane=Lane.EMERGENCY if urgent else operation.lane_of(request),
        payload=pack(json.encode(request)),
        created_at=now,
        next_at=now,
        valid_until=valid_until,
        group=group or (RECEIPTED if operation.receipted else ""),
    )
