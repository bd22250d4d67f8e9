"""The connection that writes, as the group writer needs it, and how far its errors reach."""

from __future__ import annotations

import enum
from typing import Protocol

from vgigw.errors import VgigwError
from vgigw.stores.sql_transaction import SqlTransaction


class Reach(enum.Enum):
    """What an error spoils."""

    WORK = "work"
    GROUP = "group"
    STORE = "store"


class Session(Protocol):
    """One connection, used by one thread. Its errors are those of its database; ``translate`` makes
    ours of them."""

    @property
    def in_transaction(self) -> bool: ...
    @property
    def changed(self) -> bool:
        """Whether the transaction may have changed something."""

    def begin(self) -> SqlTransaction:
        """A transaction that no other one writes beside."""

    def execute(self, sql: str) -> object:
        """Savepoints."""

    def commit(self) -> None:
        """Returns when it is durable."""

    def rollback(self) -> None: ...
    def reach_of(self, error: BaseException) -> Reach: ...
    def translate(self, error: BaseException) -> VgigwError: ...
    def end(self) -> None:
        """Called once, by the thread that wrote."""
