"""From an error of SQLite to our own, and how far it reaches: one work, the group, the store."""

from __future__ import annotations

import sqlite3

from vgigw.errors import Busy, Conflict, StoreFailed, StoreFull, VgigwError
from vgigw.stores.session import Reach

ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where a damaged schema stands in the words of its error."""

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# The transaction may be gone, but the connection is sound: the next group may succeed.
_GROUP = _BUSY | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT}
# After one of these nothing that the connection says of its pages can be relied on: a failed sync
# is reported once and then forgotten by the kernel.
_STORE = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERNAL,
        sqlite3.SQLITE_NOLFS,
    }
)
# The index of the log, which lies in a file of its own, cannot grow: nothing of it was written.
_FULL = frozenset({sqlite3.SQLITE_IOERR_SHMSIZE})
_TWICE = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})


def reach_of(error: BaseException) -> Reach:
    """How far ``error`` reaches. An error that is not SQLite's own reaches the store, but for the
    ``Busy`` of whoever looks after the log."""
    if isinstance(error, Busy):
        return Reach.GROUP
    if not isinstance(error, sqlite3.Error):
        return Reach.STORE
    primary = _code(error) & 0xFF
    if primary in _STORE and _code(error) not in _FULL:
        return Reach.STORE
    return Reach.GROUP if primary in _GROUP or _code(error) in _FULL else Reach.WORK


def translate(error: BaseException) -> VgigwError:
    """A fresh error of ours in our own words; the caller chains the cause."""
    if isinstance(error, Busy):
        return Busy(error.message)
    code = _code(error)
    if code & 0xFF in _BUSY:
        return Busy("the store is busy, try again")
    if code & 0xFF == sqlite3.SQLITE_FULL or code in _FULL:
        return StoreFull()
    if code in _TWICE:
        return Conflict("this key is stored already")
    return StoreFailed()


def _code(error: BaseException) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code if isinstance(code, int) else 0
