"""A lock for each epoch of a turn; the system frees it at once when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Protocol


class EpochLock(Protocol):
    """Who holds an epoch holds its lock. That it is free says that its holder ended; that it is not
    free says nothing, as one who stands still keeps it."""

    def take(self, epoch: int) -> bool:
        """Whether the lock of ``epoch`` is ours now; does not wait. One of another is let go."""

    def free(self, epoch: int) -> bool:
        """Whether nobody holds the lock of ``epoch``."""

    def let_go(self) -> None:
        """What is ours, if anything is."""

    def close(self) -> None:
        """The same, for good."""


class FileLock:
    """For processes of one machine: the file ``clockwork-EPOCH.lock`` in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._epoch = 0

    def take(self, epoch: int) -> bool:
        if self._descriptor is not None and self._epoch == epoch:
            return True
        self.let_go()
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path(epoch), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(descriptor):
            os.close(descriptor)
            return False
        self._descriptor, self._epoch = descriptor, epoch
        self._tidy()
        return True

    def free(self, epoch: int) -> bool:
        try:
            descriptor = os.open(self._path(epoch), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            return _locked(descriptor)
        finally:
            os.close(descriptor)

    def let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def close(self) -> None:
        self.let_go()

    def _path(self, epoch: int) -> Path:
        return self._folder / f"clockwork-{epoch}.lock"

    def _tidy(self) -> None:
        """Remove the files of epochs before the last: nobody asks for them again."""
        for path in self._folder.glob("clockwork-*.lock"):
            number = path.stem.removeprefix("clockwork-")
            if number.isdecimal() and int(number) < self._epoch - 1:
                with contextlib.suppress(OSError):
                    path.unlink()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
