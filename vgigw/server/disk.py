"""How the store stands: what waits for it, what is free on its disk, and a reserve for the worst.

Where another program fills the disk to the last byte, nothing could be written any more, not even
that it is full. So a file of some size lies beside the store, and is given up then: room for the
alarm, for control and for what the gateway itself has to remember. It is made again once there is
space. F17.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Final

from vgigw.ports import Strain

RESERVE_FILE: Final = "reserve-of-space"
MOST_RESERVED_BYTES: Final = 16 * 1024 * 1024
_SHARE: Final = 8
_LOOK_EVERY_S: Final = 1.0


class DiskGauge:
    """A ``Gauge`` of a store in ``folder``, whose disk is looked at once a second at most.

    ``short_bytes``: below so much free space the gateway refuses bulk, and the store is told to
    save space; an eighth of it, 16 MiB at most, is held in reserve. 0 = nothing is. Any number of
    threads and processes may look.
    """

    def __init__(self, store: object, folder: Path, short_bytes: int) -> None:
        self._store = store
        self._folder = folder
        self._short_bytes = short_bytes
        self._reserved_bytes = min(short_bytes // _SHARE, MOST_RESERVED_BYTES)
        self._reserve = folder / RESERVE_FILE
        self._lock = threading.Lock()
        self._looked_s = -_LOOK_EVERY_S
        self._free_bytes: int | None = None
        self._clear()

    def __call__(self) -> Strain:
        """How it stands; one thread looks, the others take what was found last."""
        if time.monotonic() - self._looked_s >= _LOOK_EVERY_S and self._lock.acquire(
            blocking=False
        ):
            try:
                self._look()
            finally:
                self._looked_s = time.monotonic()
                self._lock.release()
        return Strain(waiting=waiting_for(self._store), free_bytes=self._free_bytes)

    def _look(self) -> None:
        free = free_bytes(self._folder)
        self._free_bytes = free
        if not self._reserved_bytes or free is None:
            return
        save_space = getattr(self._store, "save_space", None)
        if save_space is not None:
            save_space(free < self._short_bytes)
        # What cannot be done now is done at the next look.
        with contextlib.suppress(OSError):
            if free < self._reserved_bytes // _SHARE:
                self._reserve.unlink(missing_ok=True)
            elif free > self._short_bytes + self._reserved_bytes and not self._reserve.exists():
                self._make_reserve()

    def _clear(self) -> None:
        """Take away what a process that was killed has left. One that is being made just now is
        made again at the next look."""
        with contextlib.suppress(OSError):
            for left in self._folder.glob(f"{RESERVE_FILE}.*"):
                left.unlink(missing_ok=True)

    def _make_reserve(self) -> None:
        made = self._reserve.with_suffix(f".{os.getpid()}")
        try:
            with made.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._reserved_bytes)
            made.replace(self._reserve)
        finally:
            made.unlink(missing_ok=True)


def free_bytes(folder: Path) -> int | None:
    """What is free on the disk of ``folder`` for us; None where nobody can tell."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def waiting_for(store: object) -> int:
    """Works that wait for ``store``; 0 where it does not tell."""
    waiting = getattr(store, "waiting", 0)
    return waiting if isinstance(waiting, int) else 0
