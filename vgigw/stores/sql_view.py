"""The reading half of the SQL: a consistent look at the store."""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from vgigw.errors import StoreDamaged
from vgigw.ports import Answered, Document, Row, Seen
from vgigw.rules.gap import Gap
from vgigw.rules.lease import Lease
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState
from vgigw.stores import sql_records as records
from vgigw.stores.sql_journal import in_time, select_rows
from vgigw.stores.sql_letters import LettersSeen
from vgigw.stores.sql_statements import equal

_LAST_BEFORE = "SELECT max(first) FROM gap WHERE owner = ? AND stream = ? AND first <= ?"


class SqlView(LettersSeen):
    """A ``View`` in SQL that every database of ours understands, in the words of SQLite."""

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
        where, arguments = equal({"kind": kind, "owner": owner, "key": key})
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
        where, arguments = equal({"owner": owner, "stream": stream})
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

    def counter(self, name: str) -> int:
        found = self._one(f"SELECT {records.COUNTER_COLUMNS} FROM counter WHERE name = ?", (name,))
        return records.counter_of(found) if found else 0

    def lease(self, name: str) -> Lease | None:
        found = self._one(f"SELECT {records.LEASE_COLUMNS} FROM lease WHERE name = ?", (name,))
        return records.lease_of(found) if found else None


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


def _current(
    kind: str,
    owner: str | None,
    key: str | None,
    group: str | None,
    since: datetime | None,
    keys: tuple[str, str] | None,
) -> tuple[str, tuple[Any, ...]]:
    where, arguments = equal({"kind": kind, "owner": owner, "key": key, "group_name": group})
    where += " AND current = 1"
    # Said again as a literal because an index of some rows is used only where the text implies it.
    where += " AND group_name <> ''" if group else ""
    if keys is not None:
        where += " AND key >= ? AND key < ?"
        arguments += keys
    if since is None:
        return where, arguments
    return where + " AND at >= ?", (*arguments, records.to_ms(since))
