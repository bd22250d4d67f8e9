"""Statements in the words of SQLite, said in those of PostgreSQL."""

from __future__ import annotations

import functools
import re

_NAMED = re.compile(r"(?<![:\w]):(\w+)")
_HINT = re.compile(r" (INDEXED BY \w+|NOT INDEXED)")
_TYPES = (
    ("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("id INTEGER PRIMARY KEY", "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("INTEGER", "BIGINT"),
    ("BLOB", "BYTEA"),
    # Keys are compared to the byte, whatever language the database sorts in.
    ("TEXT", 'TEXT COLLATE "C"'),
    (" WITHOUT ROWID", ""),
)


@functools.cache
def said(sql: str) -> str:
    """``sql`` with its arguments marked as psycopg wants them, without hints for an index."""
    sql = _HINT.sub("", sql).replace("x''", "''::bytea")
    sql = sql.replace(" AS TEXT)", ' AS TEXT) COLLATE "C"')
    return _NAMED.sub(r"%(\1)s", sql).replace("?", "%s")


def table(sql: str) -> str:
    """A statement that makes or changes a table."""
    for theirs, ours in _TYPES:
        sql = sql.replace(theirs, ours)
    return sql
