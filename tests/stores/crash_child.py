"""A process that writes until it dies, and prints each id as soon as it was acknowledged.

Arguments: the store's path; ``durable``, or to be found out ``early`` (acknowledges before the
commit) or ``unsynced`` (``synchronous=NORMAL``); how many rows a thread writes at most; and how
many bytes each has, if that matters.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from vgigw.errors import VgigwError
from vgigw.ports import Transaction
from vgigw.stores import SqliteStore, sqlite
from vgigw.testing.store_records import row

WRITERS = 4
FOUND_OUT = 3
"""The exit code when a write was refused."""


def main() -> None:
    path, mode, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    payload = bytes(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    if mode == "unsynced":
        settings = (*sqlite._SETTINGS, "PRAGMA synchronous = NORMAL")
        sqlite._SETTINGS = settings  # type: ignore[assignment]
    store = SqliteStore(path, acknowledge_before_commit=mode == "early")

    refused: list[int] = []

    def write(name: int) -> None:
        stream = f"{os.getpid()}-{name}"
        for number in range(1, most + 1):
            try:
                store.write(slow_append(stream, number, payload))
            except VgigwError:
                refused.append(number)
                return
            os.write(1, f"{stream} {number}\n".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    if refused:
        sys.exit(FOUND_OUT)


def slow_append(stream: str, number: int, payload: bytes) -> Callable[[Transaction], None]:
    """Keeps a group open, so that who was acknowledged earlier in it has the time to say so."""

    def work(tx: Transaction) -> None:
        time.sleep(0.001)
        tx.append(row(number, number, stream=stream, payload=payload))

    return work


if __name__ == "__main__":
    main()
