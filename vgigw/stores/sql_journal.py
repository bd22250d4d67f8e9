"""The journal's range query: which index finds the rows that overlap a range.

Ranges overlap from both sides, which one ordered index cannot bound. Two facts help. Rows that are
not sparse never overlap in sequence, so the last one that begins at or before the range is the
first that can touch it. For times each row carries ``span``, the class of its own length: a row of
class ``c`` is shorter than ``16**c`` ms, so per class the search begins that much earlier.

The indexes alone find a row. Its own columns are compared with no question before its seal was
looked at: a flipped bit in them would hide it, and nobody would be told. F22.
"""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vgigw.stores.sql_records import ALL, ROW_COLUMNS

_SPANS = 14
_FAR = 2**62
_LAST = 2**63 - 1

_WIDTHS = ", ".join(f"({span}, {16**span})" for span in range(_SPANS))

_OWNERS = """owners (owner) AS (
        SELECT coalesce(CAST(:owner AS TEXT), (SELECT min(owner) FROM journal))
        UNION ALL
        SELECT (SELECT min(n.owner) FROM journal n WHERE n.owner > owners.owner) FROM owners
        WHERE CAST(:owner AS TEXT) IS NULL AND owners.owner IS NOT NULL)"""

_OF_OWNER = """
j.id IN (
    SELECT i.id FROM journal i INDEXED BY journal_sequence
    WHERE i.owner = :owner AND i.stream = :stream AND i.sparse = 0 AND i.id > :after_id
        AND i.seq_from >= coalesce((
            SELECT max(b.seq_from) FROM journal b INDEXED BY journal_sequence
            WHERE b.owner = :owner AND b.stream = :stream AND b.sparse = 0
                AND b.seq_from <= :seq_from), 0)
        AND i.seq_from <= :seq_to AND i.seq_to >= :seq_from
    UNION ALL
    SELECT i.id FROM journal i INDEXED BY journal_sequence
    WHERE i.owner = :owner AND i.stream = :stream AND i.sparse = 1 AND i.id > :after_id
        AND i.seq_from <= :seq_to AND i.seq_to >= :seq_from)"""

_OF_ALL = (
    _OF_OWNER.replace("(\n    SELECT", f"(\n    WITH RECURSIVE {_OWNERS}\n    SELECT", 1)
    .replace("FROM journal i", "FROM owners CROSS JOIN journal i")
    .replace("= :owner", "= owners.owner")
)

_BY_TIME = f"""
j.id IN (
    WITH RECURSIVE {_OWNERS},
    spans (span, width) AS (VALUES {_WIDTHS})
    SELECT i.id FROM owners CROSS JOIN spans CROSS JOIN journal i INDEXED BY journal_time
    WHERE i.owner = owners.owner AND i.span = spans.span
        AND i.time_from > :time_from - spans.width AND i.time_from < :time_to
        AND i.id > :after_id AND (CAST(:stream AS TEXT) IS NULL OR i.stream = :stream))"""


def span_of(length_ms: int) -> int:
    """The smallest class ``c`` with ``length_ms < 16**c``."""
    return (length_ms.bit_length() + 3) // 4


def select_rows(
    *,
    owner: str | None,
    stream: str | None,
    seq: tuple[int | None, int | None],
    time_ms: tuple[int | None, int | None],
    ids: tuple[int, int | None],
    limit: int | None,
    payloads: bool,
) -> tuple[str, dict[str, Any]]:
    """Statement and arguments. ``seq`` inclusive; ``time_ms`` from inclusive, to exclusive;
    ``ids`` after and up to.
    """
    arguments = {
        "owner": owner,
        "stream": stream,
        "seq_from": 0 if seq[0] is None else seq[0],
        "seq_to": _LAST if seq[1] is None else seq[1],
        "time_from": -_FAR if time_ms[0] is None else time_ms[0],
        "time_to": _FAR if time_ms[1] is None else time_ms[1],
        "after_id": ids[0],
        "up_to_id": ids[1],
        "limit": ALL if limit is None else limit,
    }
    ranged_seq, ranged_time = seq != (None, None), time_ms != (None, None)
    terms = ["j.id > :after_id"]
    if stream is not None and (ranged_seq or not ranged_time):
        terms.append(_OF_ALL if owner is None else _OF_OWNER)
    elif ranged_seq:
        terms.append("j.seq_from <= :seq_to AND j.seq_to >= :seq_from")
    if ranged_time:
        terms.append(_BY_TIME)
    if stream is None and not ranged_time and owner is not None:
        terms.append("j.owner = :owner")
    if ids[1] is not None:
        terms.append("j.id <= :up_to_id")
    where = " AND ".join(terms)
    columns = ROW_COLUMNS.replace("j.payload", _payload(asked=payloads, timed=ranged_time))
    sql = f"SELECT {columns} FROM journal j NOT INDEXED WHERE {where} ORDER BY j.id LIMIT :limit"
    return sql, arguments


def in_time(arguments: Mapping[str, Any], time_from: int, time_to: int) -> bool:
    """Whether a row of these times, ms inclusive, is wanted: by time more are found than are."""
    return bool(time_from < arguments["time_to"] and time_to >= arguments["time_from"])


def _payload(*, asked: bool, timed: bool) -> str:
    """The column of a payload. A database does not touch the pages of one that is not wanted."""
    if not asked:
        return "x''"
    within = "j.time_from < :time_to AND j.time_to >= :time_from"
    return f"CASE WHEN {within} THEN j.payload ELSE x'' END" if timed else "j.payload"
