"""A program that makes the log of an embedded store as long as it may become, and then waits.

It looks at the store all the time, so that nobody can take the log back into the file, and puts
documents, none of which has a page that another has. It is to be killed: what closes a store
empties the log.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from vgigw.codec.packing import pack
from vgigw.errors import Busy
from vgigw.ports import Document
from vgigw.stores.sqlite import SqliteStore

FULL: Final = "full"
"""What it says when the log is as long as was asked for."""
_BYTES_AT_ONCE: Final = 4 * 1024 * 1024
_MOST_S: Final = 120.0


def fill_log(path: Path, wanted_bytes: int) -> sqlite3.Connection:
    """The look that keeps the log as it is. Raises ``Busy`` where it does not become so long."""
    log = path.with_name(f"{path.name}-wal")
    looker = sqlite3.connect(path, isolation_level=None)
    store = SqliteStore(path)
    looker.execute("BEGIN")
    looker.execute("SELECT max(id) FROM journal").fetchone()
    end_s = time.monotonic() + _MOST_S
    for number in count():
        if log.stat().st_size >= wanted_bytes:
            break
        one = _document(number)
        try:
            store.write(lambda tx, d=one: tx.put(d))  # type: ignore[misc]
        except Busy:
            if time.monotonic() > end_s:
                raise
    return looker


def _document(number: int) -> Document:
    return Document(
        kind="Filler",
        owner="log",
        key=str(number),
        version=1,
        payload=pack(os.urandom(_BYTES_AT_ONCE)),
        digest="",
        at=datetime.now(UTC),
    )


if __name__ == "__main__":
    looker = fill_log(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(FULL + "\n")
    sys.stdout.flush()
    sys.stdin.read()
