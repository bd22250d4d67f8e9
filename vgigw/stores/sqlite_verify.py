"""Whether everything in an embedded store is what was stored (F21, F22)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zstandard

from vgigw.codec.packing import unpack
from vgigw.errors import StoreFailed
from vgigw.stores import sql_records as records
from vgigw.stores.sqlite_faults import ERRORS

_MOST_LINES = 20
_Read = Callable[[tuple[Any, ...]], Any]


def verify(path: Path) -> list[str]:
    """What is wrong with the file: its pages and indexes, then each record by its checksums. Reads
    all of it, which takes a while for a large one; a gateway may run beside it."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return [*_pages(connection), *_records(connection)]
    except ERRORS:
        return ["the file cannot be read to its end"]
    finally:
        connection.close()


def _pages(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(f"PRAGMA integrity_check({_MOST_LINES})").fetchall()
    return [] if found == [("ok",)] else [str(line) for (line,) in found]


def _records(connection: sqlite3.Connection) -> Iterator[str]:
    tables: tuple[tuple[str, str, _Read], ...] = (
        ("journal j", records.ROW_COLUMNS, lambda one: _content(records.row_of(one).payload)),
        (
            "document",
            records.DOCUMENT_COLUMNS,
            lambda one: _content(records.document_of(one).payload),
        ),
        ("letter", records.LETTER_COLUMNS, lambda one: _content(records.letter_of(one).payload)),
        ("stream", "owner, stream, state, seal", records.stream_of),
        ("answer", "key, digest, reply, seal", lambda one: records.answered_of(one[0], one[1:])),
        ("gap", records.GAP_COLUMNS, records.gap_of),
        ("lease", records.LEASE_COLUMNS, records.lease_of),
        ("guard", records.GUARD_COLUMNS, records.seen_of),
        ("token", records.TOKEN_COLUMNS, records.token_of),
        ("counter", records.COUNTER_COLUMNS, records.counter_of),
    )
    for table, columns, read in tables:
        bad = 0
        for one in connection.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608 - fixed terms
            try:
                read(one)
            except (StoreFailed, zstandard.ZstdError, ValueError, TypeError, OverflowError):
                bad += 1
        if bad:
            yield f"{table.split()[0]}: {bad} damaged"


def _content(payload: bytes) -> bytes:
    """What is packed; a document that says all in its key has nothing."""
    return unpack(payload) if payload else b""
