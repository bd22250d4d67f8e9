"""What the store's file holds, in one snapshot, read without changing the file."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.handlers.archive import EVENTS_TAKEN
from vgigw.objects import ConnectorStatusInfo, ControlCurve, StationInfo
from vgigw.operations import (
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    UPLOAD_TELEMETRY,
)
from vgigw.rules.sequence import StreamState
from vgigw.stores.sqlite_view import SqliteView
from vgigw.testing.crash.acts import Trace

_BUSY_S = 10.0
_DOCUMENTS = {
    ConnectorStatusInfo.__name__: (PUSH_DEVICE_STATE.name, "group_name"),
    StationInfo.__name__: (PUSH_ARCHIVE.name, "key, version"),
    ControlCurve.__name__: (ISSUE_CONTROL.name, "key, version"),
}


class Stored(NamedTuple):
    """``digests``: of each effect, by its trace; more than one is a double.

    ``ranges``: (first, last) of the rows of each (owner, stream), by rising first. ``answers``: by
    (peer, operation, key). ``letters``: how many carry each command on. ``decisions``: how often
    the state of each command was set. ``damaged``: what cannot be read as it was written.
    """

    digests: dict[Trace, list[str]]
    ranges: dict[tuple[str, str], list[tuple[int, int]]]
    streams: dict[tuple[str, str], StreamState]
    answers: dict[tuple[str, str, str], bytes]
    letters: dict[str, int]
    decisions: dict[str, int]
    events_counted: int
    damaged: list[str]


def read_stored(database: Path, *, whole: bool) -> Stored:
    """Read ``database``; ``whole`` also opens every payload and checks the file's structure."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)
    try:
        connection.execute("BEGIN")
        view = SqliteView(connection)
        digests, ranges = _effects(connection)
        return Stored(
            digests=digests,
            ranges=ranges,
            streams={(owner, stream): state for owner, stream, state in view.streams()},
            answers=_answers(connection),
            letters=_counted(
                connection,
                "SELECT group_name, count(*) FROM letter WHERE operation = 'IssueControl' "
                "GROUP BY group_name",
            ),
            decisions=_counted(
                connection,
                "SELECT key, count(*) FROM document WHERE kind = 'CommandRecord' GROUP BY key",
            ),
            events_counted=view.counter(EVENTS_TAKEN),
            damaged=_damaged(connection) if whole else [],
        )
    finally:
        connection.close()


def _effects(
    connection: sqlite3.Connection,
) -> tuple[dict[Trace, list[str]], dict[tuple[str, str], list[tuple[int, int]]]]:
    digests: defaultdict[Trace, list[str]] = defaultdict(list)
    ranges: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    rows = connection.execute(
        "SELECT owner, stream, seq_from, seq_to, digest FROM journal ORDER BY seq_from, id"
    )
    for owner, stream, first, last, digest in rows:
        digests[UPLOAD_TELEMETRY.name, owner, stream, first, last].append(digest)
        ranges[owner, stream].append((first, last))
    for kind, (operation, name) in _DOCUMENTS.items():
        sql = f"SELECT digest, owner, {name} FROM document WHERE kind = ?"  # noqa: S608 - ours
        for digest, owner, *named in connection.execute(sql, (kind,)):
            digests[operation, owner, *named].append(digest)
    return dict(digests), dict(ranges)


def _answers(connection: sqlite3.Connection) -> dict[tuple[str, str, str], bytes]:
    found = connection.execute("SELECT peer, operation, key, reply FROM answer")
    return {(peer, operation, key): reply for peer, operation, key, reply in found}


def _counted(connection: sqlite3.Connection, sql: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in connection.execute(sql)}


def _damaged(connection: sqlite3.Connection) -> list[str]:
    words = [str(line) for (line,) in connection.execute("PRAGMA integrity_check")]
    found = [] if words == ["ok"] else words
    for table in ("journal", "document"):
        having = "digest <> '' AND length(payload) > 0"
        sql = f"SELECT id, digest, payload FROM {table} WHERE {having}"  # noqa: S608 - ours
        found += [
            f"{table} {number} is not what its digest says"
            for number, digest, payload in connection.execute(sql)
            if json.digest(unpack(payload)) != digest
        ]
    return found
