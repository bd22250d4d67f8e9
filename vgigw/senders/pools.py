"""Connections by one set of TLS files, begun anew when a file is replaced. PLT-10.3a."""

from __future__ import annotations

import threading
from pathlib import Path

import urllib3

from vgigw.errors import Misconfigured
from vgigw.ports.tls import TlsFiles
from vgigw.senders.answer_time import PlainPool, SecurePool
from vgigw.senders.tls import context_of

_State = tuple[tuple[int, int] | None, ...]


class Pools:
    """The present connections; any number of threads may ask. Raises ``Misconfigured``."""

    def __init__(self, files: TlsFiles, timeout: urllib3.Timeout) -> None:
        self._files = files
        self._timeout = timeout
        self._lock = threading.Lock()
        self._state = self._look()
        # Without files of its own nothing can be wrong, and it may never be called.
        self._pool: urllib3.PoolManager | None = self._new() if files.named else None

    def present(self) -> urllib3.PoolManager:
        """The connections to use. Files that were replaced by what cannot be used, as between the
        writing of a certificate and of its key, leave those that there are."""
        pool = self._pool
        if pool is not None and self._look() == self._state:
            return pool
        with self._lock:
            if self._pool is None:
                self._pool = self._new()
            else:
                self._renew()
            return self._pool

    def close(self) -> None:
        """Close what is open."""
        if self._pool is not None:
            self._pool.clear()

    def _renew(self) -> None:
        state = self._look()
        if state == self._state:
            return
        try:
            pool = self._new()
        except Misconfigured:
            return
        # What is on its way over the old ones comes to its end.
        self._pool, self._state = pool, state

    def _new(self) -> urllib3.PoolManager:
        pool = urllib3.PoolManager(
            num_pools=32,
            maxsize=8,
            retries=False,
            timeout=self._timeout,
            headers={"user-agent": "vgigw"},
            ssl_context=context_of(self._files),
        )
        pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return pool

    def _look(self) -> _State:
        return tuple(_state_of(file) for file in self._files.named)


def _state_of(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
