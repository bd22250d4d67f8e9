"""The journal's range query: which index finds the rows that overlap a range.

Ranges overlap from both sides, which one ordered index cannot bound. Two facts help. Rows that are
not sparse never overlap in sequence, so the last one that begins at or before the range is the
first that can touch it. For times each row carries ``span``, the class of its own length: a row of
class ``c`` is shorter than ``16**c`` ms, so per class the search begins that much earlier.
"""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from typing import Any

from vgigw.stores.sql_records import ALL, ROW_COLUMNS

_SPANS = 14
_FAR = 2**62
_LAST = 2**63 - 1

_WIDTHS = ", ".join(f"({span}, {16**span})" for span in range(_SPANS))

_BY_SEQUENCE = """
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

_BY_TIME = f"""
j.id IN (
    WITH RECURSIVE owners (owner) AS (
        SELECT coalesce(CAST(:owner AS TEXT), (SELECT min(owner) FROM journal))
        UNION ALL
        SELECT (SELECT min(n.owner) FROM journal n WHERE n.owner > owners.owner) FROM owners
        WHERE CAST(:owner AS TEXT) IS NULL AND owners.owner IS NOT NULL),
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
    if owner is not None and stream is not None and (ranged_seq or not ranged_time):
        terms.append(_BY_SEQUENCE)
    elif ranged_time:
        terms.append(_BY_TIME)
    terms += _terms(owner, stream, ids[1], sequenced=ranged_seq, timed=ranged_time)
    # A database does not touch the pages of a payload that is not asked for.
    columns = ROW_COLUMNS if payloads else ROW_COLUMNS.replace("j.payload", "x''")
    where = " AND ".join(terms)
    sql = f"SELECT {columns} FROM journal j NOT INDEXED WHERE {where} ORDER BY j.id LIMIT :limit"
    return sql, arguments


def _terms(
    owner: str | None, stream: str | None, up_to_id: int | None, *, sequenced: bool, timed: bool
) -> list[str]:
    """The plain conditions that are asked for."""
    wanted = (
        (owner is not None, "j.owner = :owner"),
        (stream is not None, "j.stream = :stream"),
        (sequenced, "j.seq_from <= :seq_to AND j.seq_to >= :seq_from"),
        (timed, "j.time_from < :time_to AND j.time_to >= :time_from"),
        (up_to_id is not None, "j.id <= :up_to_id"),
    )
    return [term for asked, term in wanted if asked]
