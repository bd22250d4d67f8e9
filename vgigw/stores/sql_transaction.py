"""The writing half of the SQL: changes that become durable together."""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from vgigw.errors import Conflict, StoreDamaged, StoreFailed
from vgigw.ports import Document, Row, Transaction
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState
from vgigw.stores import sql_records as records
from vgigw.stores.sql_journal import span_of
from vgigw.stores.sql_letters import LettersWritten
from vgigw.stores.sql_records import to_ms
from vgigw.stores.sql_statements import Arguments
from vgigw.stores.sql_view import SqlView

T = TypeVar("T")


class SqlTransaction(LettersWritten, SqlView):
    """A ``Transaction`` inside a transaction of the database that somebody else ends.

    No statement is let fail by a key that is there already: in some databases the transaction
    would be lost with it.
    """

    def apart(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Transaction`. An error of the database ends the whole all the
        same, as ``failure`` stays."""
        self._change("SAVEPOINT part", ())
        try:
            result = work(self)
        except BaseException:
            if self.failure is None:
                self._change("ROLLBACK TO part", ())
                self._change("RELEASE part", ())
            raise
        self._change("RELEASE part", ())
        return result

    def remember(self, guard: bytes, peer: str, operation: str, until: datetime) -> None:
        """Raises ``Conflict`` when the guard is remembered already."""
        self._insert_once(
            f"INSERT INTO guard ({records.GUARD_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
            records.guard_columns(guard, peer, operation, until),
        )

    def keep_answer(
        self, peer: str, operation: str, key: str, digest: str, reply: bytes, at: datetime
    ) -> None:
        """Raises ``Conflict`` when the act was answered already."""
        self.bytes_written += len(reply)
        self._insert_once(
            "INSERT INTO answer (peer, operation, key, at, digest, seal, reply) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (peer, operation, key, to_ms(at), digest, records.seal(key, digest, reply), reply),
        )

    def keep_token(self, digest: bytes, peer: str, until: datetime) -> None:
        self._change(
            f"INSERT INTO token ({records.TOKEN_COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT (digest) "
            "DO UPDATE SET peer = excluded.peer, until = excluded.until, seal = excluded.seal",
            records.token_columns(digest, peer, until),
        )

    def append(self, row: Row) -> int:
        """Raises ``Conflict`` when a row that is not sparse shares a sequence number with another
        such row of its stream; sparse rows are not compared.
        """
        if not row.sparse:
            self._refuse_overlap(row)
        self.bytes_written += len(row.payload)
        told = _told(row)
        return self._insert(
            "INSERT INTO journal (owner, stream, seq_from, seq_to, time_from, time_to, "
            "received_at, door, digest, sparse, span, seal, payload) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*told, _span(row), records.seal(*told), row.payload),
        )

    def save_row(self, row: Row) -> None:
        """Raises ``StoreFailed`` when there is no row of that id."""
        self.bytes_written += len(row.payload)
        changed = self._change(
            "UPDATE journal SET payload = ?, digest = ?, seal = ? WHERE id = ?",
            (row.payload, row.digest, records.seal(*_told(row)), row.id),
        )
        if changed == 0:
            raise StoreFailed("there is no such row")

    def put(self, document: Document) -> None:
        name = (document.kind, document.owner, document.key)
        held = self._one(
            "SELECT version FROM document WHERE kind = ? AND owner = ? AND key = ? AND current = 1",
            name,
        )
        current = held is None or document.version >= held[0]
        if held is not None and document.version > held[0]:
            self._change(
                "UPDATE document SET current = 0 WHERE kind = ? AND owner = ? AND key = ? "
                "AND current = 1",
                name,
            )
        self.bytes_written += len(document.payload)
        assumed = records.assumed_text(document.assumed)
        told = (
            *(*name, document.version, document.group, to_ms(document.at), document.digest),
            assumed,
        )
        self._change(
            "INSERT INTO document (kind, owner, key, version, group_name, at, digest, assumed, "
            "current, seal, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (kind, owner, key, version) DO UPDATE SET current = excluded.current, "
            "group_name = excluded.group_name, at = excluded.at, digest = excluded.digest, "
            "assumed = excluded.assumed, seal = excluded.seal, payload = excluded.payload",
            (*told, int(current), records.seal(*told), document.payload),
        )

    def erase(self, kind: str, owner: str, key: str) -> int:
        return self._change(
            "DELETE FROM document WHERE kind = ? AND owner = ? AND key = ?", (kind, owner, key)
        )

    def erase_answer(self, peer: str, operation: str, key: str) -> int:
        return self._change(
            "DELETE FROM answer WHERE peer = ? AND operation = ? AND key = ?",
            (peer, operation, key),
        )

    def scrub(self) -> None:
        """Whoever keeps the database decides when it gives up the rows of before."""

    def save_stream(self, owner: str, stream: str, state: StreamState) -> None:
        text = records.state_text(state)
        self._change(
            "INSERT INTO stream (owner, stream, state, seal) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (owner, stream) DO UPDATE SET state = excluded.state, "
            "seal = excluded.seal",
            (owner, stream, text, records.seal(owner, stream, text)),
        )

    def open_gap(self, owner: str, stream: str, gap: Gap) -> None:
        """A gap that begins at the same number is replaced."""
        told = (
            *(owner, stream, gap.first, gap.last, to_ms(gap.opened_at)),
            *(records.maybe_ms(gap.asked_at), gap.attempts),
        )
        self._change(
            f"INSERT INTO gap ({records.GAP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (owner, stream, first) DO UPDATE SET last = excluded.last, "
            "opened_at = excluded.opened_at, asked_at = excluded.asked_at, "
            "attempts = excluded.attempts, seal = excluded.seal",
            (*told, records.seal(*told)),
        )

    def replace_gaps(
        self, owner: str, stream: str, gaps: tuple[Gap, ...], within: Range | None = None
    ) -> None:
        """What stays as it is is not written again."""
        wanted = {gap.first: gap for gap in gaps}
        for _, _, old in self.gaps(owner, stream, within=within):
            if wanted.get(old.first) == old:
                del wanted[old.first]
                continue
            self._change(
                "DELETE FROM gap WHERE owner = ? AND stream = ? AND first = ?",
                (owner, stream, old.first),
            )
        for gap in wanted.values():
            self.open_gap(owner, stream, gap)

    def next_number(self, name: str) -> int:
        return self._save_counter(name, self.counter(name) + 1)

    def count(self, name: str) -> bool:
        try:
            self.next_number(name)
        except StoreDamaged:
            self._save_counter(name, 1)
            return False
        return True

    def save_lease(self, name: str, lease: Lease) -> None:
        """An epoch has one holder, who may give it back; no epoch comes after a higher one."""
        changed = self._change(
            f"INSERT INTO lease ({records.LEASE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, "
            "beats = excluded.beats, at = excluded.at, seal = excluded.seal "
            "WHERE excluded.epoch > lease.epoch OR (excluded.epoch = lease.epoch "
            "AND excluded.holder IN (lease.holder, ''))",
            records.lease_columns(name, lease),
        )
        if not changed:
            raise Conflict("somebody else holds this lease")

    def purge(self, now: datetime, answers_before: datetime) -> int:
        """A delivered letter is as old as the last time it was due."""
        ended, before = to_ms(now), to_ms(answers_before)
        deletions = (
            ("DELETE FROM guard WHERE until < ?", ended),
            ("DELETE FROM token WHERE until <= ?", ended),
            ("DELETE FROM answer WHERE at < ?", before),
            ("DELETE FROM letter WHERE state = 'delivered' AND next_at < ?", before),
        )
        return sum(self._change(sql, (limit,)) for sql, limit in deletions)

    def _save_counter(self, name: str, value: int) -> int:
        """Its value afterwards. Nobody else writes meanwhile."""
        self._change(
            f"INSERT INTO counter ({records.COUNTER_COLUMNS}) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, seal = excluded.seal",
            records.counter_columns(name, value),
        )
        return value

    def _refuse_overlap(self, row: Row) -> None:
        before = self._one(
            "SELECT seq_to FROM journal INDEXED BY journal_sequence WHERE owner = ? "
            "AND stream = ? AND sparse = 0 AND seq_from <= ? ORDER BY seq_from DESC LIMIT 1",
            (row.owner, row.stream, row.seq_to),
        )
        if before is not None and before[0] >= row.seq_from:
            raise Conflict(f"sequence {row.seq_from} to {row.seq_to} is stored already in part")

    def _insert_once(self, sql: str, arguments: Arguments) -> None:
        if not self._change(f"{sql} ON CONFLICT DO NOTHING", arguments):
            raise Conflict("this key is stored already")


def _told(row: Row) -> tuple[object, ...]:
    """The columns of a row that are sealed, in the order of the table."""
    return (
        *(row.owner, row.stream, row.seq_from, row.seq_to),
        *(to_ms(row.time_from), to_ms(row.time_to), to_ms(row.received_at)),
        *(row.door, row.digest, int(row.sparse)),
    )


def _span(row: Row) -> int:
    return span_of(to_ms(row.time_to) - to_ms(row.time_from))
