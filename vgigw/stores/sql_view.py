"""The reading half of the SQL: a consistent look at the store."""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vgigw.errors import StoreDamaged
from vgigw.operations import Lane
from vgigw.ports import Answered, Document, Letter, LetterState, Row, Seen
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState
from vgigw.stores import sql_records as records
from vgigw.stores.sql_journal import in_time, select_rows

Arguments = Sequence[Any] | Mapping[str, Any]

_LAST_BEFORE = "SELECT max(first) FROM gap WHERE owner = ? AND stream = ? AND first <= ?"


class SqlView(ABC):
    """A ``View`` in SQL that every database of ours understands, in the words of SQLite.

    ``failure`` is the first error that reaches further than the work itself; whoever commits
    looks at it, so that a work cannot swallow it.
    """

    failure: Exception | None = None

    @abstractmethod
    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        """The rows found. Raises an error of ours."""

    def seen(self, guard: bytes) -> Seen | None:
        found = self._one(f"SELECT {records.GUARD_COLUMNS} FROM guard WHERE guard = ?", (guard,))
        return records.seen_of(found) if found else None

    def answered(self, peer: str, operation: str, key: str) -> Answered | None:
        found = self._one(
            "SELECT digest, reply, seal FROM answer WHERE peer = ? AND operation = ? AND key = ?",
            (peer, operation, key),
        )
        return records.answered_of(key, found) if found else None

    def token_peer(self, digest: bytes, now: datetime) -> str | None:
        """A damaged token is none: whoever shows it fetches a new one."""
        found = self._one(f"SELECT {records.TOKEN_COLUMNS} FROM token WHERE digest = ?", (digest,))
        try:
            peer, until = records.token_of(found) if found else ("", 0)
        except StoreDamaged:
            return None
        return peer if until > records.to_ms(now) else None

    def rows(
        self,
        *,
        owner: str | None = None,
        stream: str | None = None,
        seq_from: int | None = None,
        seq_to: int | None = None,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        after_id: int = 0,
        up_to_id: int | None = None,
        limit: int | None = None,
        payloads: bool = True,
        damaged: Callable[[int], object] | None = None,
    ) -> list[Row]:
        sql, arguments = select_rows(
            owner=owner,
            stream=stream,
            seq=(seq_from, seq_to),
            time_ms=(records.maybe_ms(time_from), records.maybe_ms(time_to)),
            ids=(after_id, up_to_id),
            limit=limit,
            payloads=payloads,
        )
        rows: list[Row] = []
        while True:
            found = self._all(sql, arguments)
            rows += _sound_rows(found, arguments, damaged)
            # What was left out took places of others.
            if limit is None or len(rows) == limit or len(found) < arguments["limit"]:
                return rows
            arguments |= {"after_id": found[-1][0], "limit": limit - len(rows)}

    def last_row_id(self) -> int:
        return self._number("SELECT coalesce(max(id), 0) FROM journal")

    def document(self, kind: str, owner: str, key: str) -> Document | None:
        found = self._one(
            f"SELECT {records.DOCUMENT_COLUMNS} FROM document "
            "WHERE kind = ? AND owner = ? AND key = ? AND current = 1",
            (kind, owner, key),
        )
        return records.document_of(found) if found else None

    def documents(
        self,
        kind: str,
        *,
        owner: str | None = None,
        key: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
        keys: tuple[str, str] | None = None,
        by_key: bool = False,
        offset: int = 0,
        limit: int | None = None,
        damaged: Callable[[str], object] | None = None,
    ) -> list[Document]:
        where, arguments = _current(kind, owner, key, group, since, keys)
        order = "key, owner" if by_key else "owner, key"
        found = self._all(
            f"SELECT {records.DOCUMENT_COLUMNS} FROM document WHERE {where} "
            f"ORDER BY {order} LIMIT ? OFFSET ?",
            (*arguments, records.ALL if limit is None else limit, offset),
        )
        if damaged is None:
            return [records.document_of(columns) for columns in found]
        return list(_sound(found, damaged))

    def count_documents(
        self,
        kind: str,
        *,
        owner: str | None = None,
        key: str | None = None,
        group: str | None = None,
        since: datetime | None = None,
        keys: tuple[str, str] | None = None,
    ) -> int:
        where, arguments = _current(kind, owner, key, group, since, keys)
        return self._number(f"SELECT count(*) FROM document WHERE {where}", arguments)

    def history(
        self, kind: str, owner: str, key: str, versions: range | None = None
    ) -> list[Document]:
        where, arguments = _equal({"kind": kind, "owner": owner, "key": key})
        if versions is not None:
            where += " AND version >= ? AND version < ?"
            arguments += (versions.start, versions.stop)
        found = self._all(
            f"SELECT {records.DOCUMENT_COLUMNS} FROM document WHERE {where} ORDER BY version",
            arguments,
        )
        return [records.document_of(columns) for columns in found]

    def stream(self, owner: str, stream: str) -> StreamState | None:
        found = self._one(
            "SELECT owner, stream, state, seal FROM stream WHERE owner = ? AND stream = ?",
            (owner, stream),
        )
        return records.stream_of(found)[2] if found else None

    def streams(self) -> list[tuple[str, str, StreamState]]:
        found = self._all("SELECT owner, stream, state, seal FROM stream ORDER BY owner, stream")
        return [records.stream_of(columns) for columns in found]

    def count_streams(self, owner: str) -> int:
        return self._number("SELECT count(*) FROM stream WHERE owner = ?", (owner,))

    def gaps(
        self,
        owner: str | None = None,
        stream: str | None = None,
        *,
        within: Range | None = None,
        after: tuple[str, int] | None = None,
        limit: int | None = None,
    ) -> list[tuple[str, str, Gap]]:
        where, arguments = _equal({"owner": owner, "stream": stream})
        if within is not None:
            # Gaps of a stream are apart: of those that begin before, the last alone can reach in.
            where += f" AND first >= coalesce(({_LAST_BEFORE}), 0) AND first <= ? AND last >= ?"
            arguments += (owner, stream, within.first, within.last, within.first)
        if after is not None:
            where += " AND (stream, first) > (?, ?)"
            arguments += after
        found = self._all(
            f"SELECT {records.GAP_COLUMNS} FROM gap WHERE {where} "
            "ORDER BY owner, stream, first LIMIT ?",
            (*arguments, records.ALL if limit is None else limit),
        )
        return [records.gap_of(columns) for columns in found]

    def letters(
        self,
        *,
        destination: str | None = None,
        state: LetterState | None = None,
        group: str | None = None,
        due: datetime | None = None,
        lane: Lane | None = None,
        created_from: datetime | None = None,
        created_before: datetime | None = None,
        after_id: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Letter]:
        where, arguments = _letters(destination, state, group)
        for term, value in (
            ("next_at <= ?", records.maybe_ms(due)),
            ("lane = ?", None if lane is None else int(lane)),
            ("created_at >= ?", records.maybe_ms(created_from)),
            ("created_at < ?", records.maybe_ms(created_before)),
            ("id > ?", after_id),
        ):
            if value is not None:
                where += f" AND {term}"
                arguments = (*arguments, value)
        order = "lane, id DESC" if newest_first else "lane, id" if after_id is None else "id"
        found = self._all(
            f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE {where} ORDER BY {order} LIMIT ?",
            (*arguments, records.ALL if limit is None else limit),
        )
        return [records.letter_of(columns) for columns in found]

    def letter(self, letter_id: int) -> Letter | None:
        found = self._one(f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE id = ?", (letter_id,))
        return records.letter_of(found) if found else None

    def count_letters(self, *, state: LetterState, group: str | None = None) -> int:
        where, arguments = _letters(None, state, group)
        return self._number(f"SELECT count(*) FROM letter WHERE {where}", arguments)

    def counter(self, name: str) -> int:
        found = self._one(f"SELECT {records.COUNTER_COLUMNS} FROM counter WHERE name = ?", (name,))
        return records.counter_of(found) if found else 0

    def lease(self, name: str) -> Lease | None:
        found = self._one(f"SELECT {records.LEASE_COLUMNS} FROM lease WHERE name = ?", (name,))
        return records.lease_of(found) if found else None

    def _number(self, sql: str, arguments: Arguments = ()) -> int:
        return int(self._all(sql, arguments)[0][0])

    def _one(self, sql: str, arguments: Arguments = ()) -> tuple[Any, ...] | None:
        found = self._all(sql, arguments)
        return found[0] if found else None


def _sound(found: list[tuple[Any, ...]], damaged: Callable[[str], object]) -> Iterator[Document]:
    for columns in found:
        try:
            yield records.document_of(columns)
        except StoreDamaged:
            damaged(str(columns[2]))


def _sound_rows(
    found: list[tuple[Any, ...]],
    arguments: Mapping[str, Any],
    damaged: Callable[[int], object] | None,
) -> Iterator[Row]:
    """Those of the rows found that are wanted. Raises ``StoreDamaged`` where nobody hears of it."""
    for columns in found:
        try:
            row = records.row_of(columns)
        except StoreDamaged:
            if damaged is None:
                raise
            damaged(int(columns[0]))
            continue
        if in_time(arguments, columns[5], columns[6]):
            yield row


def _equal(wanted: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    given = {column: value for column, value in wanted.items() if value is not None}
    terms = [f"{column} = ?" for column in given] or ["1 = 1"]
    return " AND ".join(terms), tuple(given.values())


def _current(
    kind: str,
    owner: str | None,
    key: str | None,
    group: str | None,
    since: datetime | None,
    keys: tuple[str, str] | None,
) -> tuple[str, tuple[Any, ...]]:
    where, arguments = _equal({"kind": kind, "owner": owner, "key": key, "group_name": group})
    where += " AND current = 1"
    # Said again as a literal because an index of some rows is used only where the text implies it.
    where += " AND group_name <> ''" if group else ""
    if keys is not None:
        where += " AND key >= ? AND key < ?"
        arguments += keys
    if since is None:
        return where, arguments
    return where + " AND at >= ?", (*arguments, records.to_ms(since))


def _letters(
    destination: str | None, state: LetterState | None, group: str | None
) -> tuple[str, tuple[Any, ...]]:
    where, arguments = _equal({"destination": destination, "group_name": group})
    where += f" AND state = '{state.value}'" if state is not None else ""
    return where + (" AND group_name <> ''" if group else ""), arguments
