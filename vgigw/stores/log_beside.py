"""A long log of the embedded store, written back into its file while the rest of a start goes on.

A kill may leave hundreds of MiB in the log, which take a second to read. Nothing is judged here:
the store itself opens the file afterwards, checks all it checks, and finds less to do. F01, F25.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from vgigw.errors import Misconfigured
from vgigw.stores.file_system import refuse_network

LONG_BYTES = 32 * 1024 * 1024


@contextlib.contextmanager
def written_back_beside(path: Path, long_bytes: int = LONG_BYTES) -> Iterator[None]:
    """Write the log of the store at ``path`` back while the block runs, if it is ``long_bytes`` or
    more; the store must have been opened before the block ends. No failure is told: who opens the
    store meets it, too."""
    opened = threading.Event()
    if not _is_long(path, long_bytes):
        yield
        return
    beside = threading.Thread(target=_write_back, args=(path, opened), name="log-beside")
    beside.start()
    try:
        yield
    finally:
        opened.set()
        # A process that forks afterwards must not take a connection along.
        beside.join()


def _is_long(path: Path, long_bytes: int) -> bool:
    try:
        return path.exists() and path.with_name(f"{path.name}-wal").stat().st_size >= long_bytes
    except OSError:
        return False


def _write_back(path: Path, opened: threading.Event) -> None:
    with contextlib.suppress(sqlite3.Error, Misconfigured):
        refuse_network(path)
        # Never makes a file, and never waits for who writes.
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            # Whoever closes a store as the last one throws its index of the log away.
            opened.wait()
        finally:
            connection.close()
