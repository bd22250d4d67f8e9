"""From an error of PostgreSQL to our own, and how far it reaches."""

from __future__ import annotations

from psycopg import errors

from vgigw.errors import Busy, StoreFailed, StoreFull, VgigwError
from vgigw.stores.session import Reach

_SPACE = (errors.DiskFull, errors.OutOfMemory)
_AGAIN = (
    errors.OperationalError,
    errors.InterfaceError,
    errors.IdleInTransactionSessionTimeout,
)


def reach_of(error: BaseException) -> Reach:
    """No error reaches the store: the next group begins on a sound connection, or on a new one."""
    return Reach.GROUP if isinstance(error, errors.Error) else Reach.STORE


def translate(error: BaseException) -> VgigwError:
    """A fresh error of ours in our own words; the caller chains the cause.

    Where a connection breaks in a commit nobody knows whether it was made: the caller is told that
    the store is busy, tries again, and is given the answer that was kept, if it was.
    """
    if isinstance(error, _SPACE):
        return StoreFull()
    if isinstance(error, _AGAIN):
        return Busy("the store cannot be reached or is busy, try again")
    return StoreFailed()
