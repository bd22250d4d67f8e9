"""A look into the gateway's store from outside, without changing it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from vgigw.ports import View
from vgigw.stores.sqlite_view import SqliteView

T = TypeVar("T")


def look(path: Path, query: Callable[[View], T]) -> T:
    """``query`` on a snapshot of the store that another process writes."""
    with _opened(path, "ro") as connection:
        return query(SqliteView(connection))


def look_at_copy(path: Path, folder: Path, query: Callable[[View], T]) -> T:
    """``query`` on a copy of the files as a killed process left them: file and log."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, folder)
    with _opened(folder / path.name, "rw") as connection:
        return query(SqliteView(connection))


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()
