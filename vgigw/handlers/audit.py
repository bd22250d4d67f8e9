"""The audit: every accepted act of class SEN, and every message that was taken unsigned, in a chain
that shows what was taken out. PLT-7.10d.

Of an act that was refused nothing stays, no entry either. A read stands with the code of its
answer, also where its handler refused it: that somebody tried is worth knowing.

An entry's Hash is SHA-256 over PrevHash and the entry itself in canonical form, so that one who
holds the newest hash can tell whether an older entry was changed or removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from vgigw.codec import json
from vgigw.codec.packing import pack, unpack
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.marks import handles
from vgigw.handlers.shelf import PAGE_SIZE, Shelf
from vgigw.objects import AuditPage, AuditQuery, AuditRecord
from vgigw.operations import QUERY_AUDIT
from vgigw.ports import Call, Document, Identity, Transaction, View
from vgigw.rules.consent import named_by_consent

AUDIT = Shelf(AuditRecord, key="audit_id", version=None)
_HEAD = "AuditHead"
_FIRST = "0" * 64
_NOTHING = "-"
_MOST_DAYS = 400
"""A longer time is looked through entry by entry. It costs what there is, and not what is asked
for; where the first and the last entries are by time nobody knows, as a clock may be set back."""

UNSIGNED = "mtls:"


class Entry(NamedTuple):
    """An act of class SEN: by whom, in which role, what, on what, and its return code."""

    actor: str
    actor_role: str
    action: str
    object_ref: str
    result: int


class Audit:
    """Writes the audit of one gateway, and answers from it."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def witness(self, call: Call, tx: Transaction, result: int = 0) -> None:
        """Add ``call`` to the chain, in the transaction that carries it out, or with the return
        code of a read."""
        peer = call.peer
        entry = Entry(peer.operator_id, peer.role.value, call.operation.name, _named(call), result)
        self.note(entry, tx, call.now, came_from(call))

    def note(self, what: Entry, tx: Transaction, now: datetime, source: str = "") -> None:
        """Add an act to the chain, in the transaction that carries it out."""
        own = self._identity.operator_id
        number = tx.next_number("audit")
        head = tx.document(_HEAD, own, _HEAD)
        entry = AuditRecord(
            audit_id=f"A{number:015d}",
            actor=what.actor,
            actor_role=what.actor_role,
            action=what.action,
            object_ref=what.object_ref[:128] or _NOTHING,
            result=what.result,
            time=now.replace(microsecond=now.microsecond // 1000 * 1000),
            client_addr=source[:64] or _NOTHING,
            prev_hash=_FIRST if head is None else unpack(head.payload).decode(),
            hash=_NOTHING,
        )
        entry = msgspec.structs.replace(entry, hash=hash_of(entry))
        payload, digest = packed(entry)
        day = _day(entry.time)
        tx.put(_document(AUDIT.kind, own, entry.audit_id, day, payload, digest, now))
        newest = entry.hash.encode()
        tx.put(_document(_HEAD, own, _HEAD, "", pack(newest), json.digest(newest), now))

    @handles(QUERY_AUDIT)
    def query(self, call: Call, tx: Transaction) -> AuditPage:
        """Entries that fit, oldest first."""
        query: AuditQuery = call.request
        found = [each for each in self._between(query, tx) if _fits(each, query)]
        number, size = query.page_no or 1, query.page_size or PAGE_SIZE
        first = (number - 1) * size
        return AuditPage(
            page_no=number,
            page_count=-(-len(found) // size),
            item_size=len(found),
            audit_records=tuple(found[first : first + size]),
        )

    def _between(self, query: AuditQuery, view: View) -> Iterator[AuditRecord]:
        own = self._identity.operator_id
        if query.time_from is None or query.time_to is None:
            yield from AUDIT.walk(view, owner=own)
            return
        days = (query.time_to.date() - query.time_from.date()).days + 1
        if days > _MOST_DAYS:
            yield from AUDIT.walk(view, owner=own)
            return
        first = query.time_from
        for number in range(days):
            day = _day(first + timedelta(days=number))
            yield from AUDIT.walk(view, owner=own, group=day)


def came_from(call: Call) -> str:
    """From where a call came; of an unsigned one with the certificate that vouched for it, as
    ``203.0.113.7 mtls:`` and the first 16 digits of its fingerprint."""
    if not call.unsigned:
        return call.source
    return f"{call.source or _NOTHING} {UNSIGNED}{call.certificate.partition(':')[2][:16]}"


def hash_of(entry: AuditRecord) -> str:
    """The hash of an entry over its PrevHash and everything else that it says."""
    blank = json.encode(msgspec.structs.replace(entry, hash=_NOTHING))
    return hashlib.sha256(blank).hexdigest()


def broken_link(identity: Identity, view: View) -> str | None:
    """The first entry that does not fit the one before it; None where the chain is whole."""
    before = _FIRST
    own = identity.operator_id
    for document in view.documents(AUDIT.kind, owner=own):
        entry = object_of(AuditRecord, document.payload)
        if entry.prev_hash != before or entry.hash != hash_of(entry):
            return entry.audit_id
        before = entry.hash
    head = view.document(_HEAD, own, _HEAD)
    return (
        None
        if head is None or unpack(head.payload).decode() == before
        else "the last entries are missing"
    )


def _named(call: Call) -> str:
    return named_by_consent(call.request) or call.operation.key_of(call.request, "/")


def _fits(entry: AuditRecord, query: AuditQuery) -> bool:
    return (
        query.actor in (None, entry.actor)
        and query.action in (None, entry.action)
        and query.object_ref in (None, entry.object_ref)
        and (query.time_from is None or entry.time >= query.time_from)
        and (query.time_to is None or entry.time < query.time_to)
    )


def _day(time: datetime) -> str:
    return time.date().isoformat()


def _document(
    kind: str, owner: str, key: str, group: str, payload: bytes, digest: str, now: datetime
) -> Document:
    return Document(
        kind=kind,
        owner=owner,
        key=key,
        version=1,
        group=group,
        payload=payload,
        digest=digest,
        at=now,
    )
