"""Whose turn it is: of all processes that share a store one has the clockwork."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Protocol

from vgigw.errors import Misconfigured

_ASK_EVERY_S = 1.0


class Turn(Protocol):
    """One process at a time has it; one thread of a process uses it."""

    def take(self) -> bool:
        """Whether it is ours now; does not wait."""

    def held(self) -> bool:
        """Whether it is still ours, as far as can be known."""

    def give_back(self) -> None: ...


class AlwaysOurs:
    """The turn of whoever shares with nobody."""

    def take(self) -> bool:
        return True

    def held(self) -> bool:
        return True

    def give_back(self) -> None:
        return None


class FileTurn:
    """Processes of one machine, by a lock on a file; the system frees it when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def held(self) -> bool:
        return self._descriptor is not None

    def give_back(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class DatabaseTurn:
    """Processes of any machine, by a lock that the database frees when its connection ends.

    Two may believe for a moment that they have it, when a connection broke and nobody has noticed:
    the works of the clockwork bear that, as what they change goes through the store and what they
    send is known to its receiver by its identifier.
    """

    def __init__(self, url: str) -> None:
        try:
            from vgigw.stores.postgres_lock import PostgresLock  # noqa: PLC0415 - an extra
        except ImportError as cause:
            raise Misconfigured(NO_DRIVER) from cause
        self._lock = PostgresLock(url)
        self._asked_s = 0.0

    def take(self) -> bool:
        return self._lock.take()

    def held(self) -> bool:
        if time.monotonic() - self._asked_s > _ASK_EVERY_S:
            self._asked_s = time.monotonic()
            self._lock.ask()
        return self._lock.ours

    def give_back(self) -> None:
        self._lock.give_back()


NO_DRIVER = 'a store in PostgreSQL needs a driver: pip install "vgigw[postgres]"'
