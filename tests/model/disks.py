"""What is durable of one party, on each kind of store: it outlives processes and the power."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from tests.stores.shared_pool import shared_pool
from vgigw.ports import Store
from vgigw.stores import MemoryStore, SqliteStore

KINDS: Final = ("memory", "sqlite", "postgres")
_NAME: Final = "state.db"
_QUICK: Final = Path("/dev/shm")


class Disk:
    """The store of a party. One in memory outlives everything here, and proves less."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._random = Random(kind)
        self._turns = 0
        self._folder: Path | None = None
        if kind == "sqlite":
            # Whether a sync reaches the disk is not the question here, so that none has to.
            self._folder = Path(tempfile.mkdtemp(dir=_QUICK if _QUICK.is_dir() else None))
            self.store: Store = SqliteStore(self._path())
        elif kind == "postgres":
            self.store = shared_pool().lend()
        else:
            self.store = MemoryStore()

    def crash(self) -> None:
        """The files as they stand when their process is killed, and a new store on them."""
        self._moved(power=False)

    def power_loss(self) -> None:
        """The same, the end of the log torn: what was being written has no meaning."""
        self._moved(power=True)

    def checkpoint(self) -> None:
        """Write the log back into the file, as another program may."""
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self._path(), timeout=1)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.store.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self) -> Path:
        assert self._folder is not None
        folder = self._folder / str(self._turns)
        folder.mkdir(exist_ok=True)
        return folder / _NAME

    def _moved(self, *, power: bool) -> None:
        if self.kind != "sqlite":
            return
        before = self._path().parent
        self._turns += 1
        after = self._path().parent
        for each in before.iterdir():
            if not each.name.endswith("-shm"):
                shutil.copy(each, after / each.name)
        log = after / f"{_NAME}-wal"
        if power and log.exists():
            with log.open("ab") as file:
                file.write(self._random.randbytes(self._random.randrange(20_000)))
        self.store.close()
        shutil.rmtree(before)
        self.store = SqliteStore(after / _NAME)
