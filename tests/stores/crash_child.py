"""A process that writes until it dies, and prints each id as soon as it was acknowledged.

Arguments: the store's path; ``early`` or ``durable``; how many rows a thread writes at most.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from vgigw.ports import Transaction
from vgigw.stores import SqliteStore
from vgigw.testing.store_records import row

WRITERS = 4


def main() -> None:
    path, mode, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    store = SqliteStore(path, acknowledge_before_commit=mode == "early")

    def write(name: int) -> None:
        stream = f"{os.getpid()}-{name}"
        for number in range(1, most + 1):
            store.write(slow_append(stream, number))
            os.write(1, f"{stream} {number}\n".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


def slow_append(stream: str, number: int) -> Callable[[Transaction], None]:
    """Keeps a group open, so that who was acknowledged earlier in it has the time to say so."""

    def work(tx: Transaction) -> None:
        time.sleep(0.001)
        tx.append(row(number, number, stream=stream))

    return work


if __name__ == "__main__":
    main()
