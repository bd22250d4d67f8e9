"""A process that reads a store again and again on a disk that fails, and says what it was told.

Arguments: the store's path; how many rows it holds. Prints one word a look: ``all`` rows came,
``refused`` with an error of ours, or ``short``, which must never be; ``failed``, once, when it is
told that the store has failed.
"""

from __future__ import annotations

import contextlib
import os
import sys

from vgigw.errors import Misconfigured, VgigwError
from vgigw.ports import Row, View
from vgigw.stores import SqliteStore

LOOKS = 6
PAGE = 10


def main() -> None:
    path, wanted = sys.argv[1], int(sys.argv[2])
    try:
        store = SqliteStore(path, on_failure=lambda _: say("failed"))
    except Misconfigured:
        say("refused")
        return
    for look in range(LOOKS):
        try:
            found = store.read(careless if look % 2 else pages)
        except VgigwError:
            say("refused")
        else:
            say("all" if len(found) == wanted else "short")
    store.close()


def pages(view: View) -> list[Row]:
    """All rows, a page after the other."""
    found: list[Row] = []
    while True:
        page = view.rows(after_id=found[-1].id if found else 0, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found


def careless(view: View) -> list[Row]:
    """The same by someone who goes on when a look fails."""
    found: list[Row] = []
    for number in range(0, view.last_row_id(), PAGE):
        with contextlib.suppress(VgigwError):
            found += view.rows(after_id=number, limit=PAGE)
    return found


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


if __name__ == "__main__":
    main()
