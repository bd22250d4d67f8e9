"""A real disk, so small that it can be filled to the last byte: a tmpfs of the test's own."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MIB = 1024 * 1024


class SmallDisk:
    """``folder`` lies on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Take all the space there is."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (MIB, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        _write(file.fileno(), bytes(size))

    def free(self) -> None:
        """Give it back."""
        self._filler.unlink(missing_ok=True)


def _write(descriptor: int, data: bytes) -> None:
    if os.write(descriptor, data) < len(data):
        raise OSError(errno.ENOSPC, "short")


@contextlib.contextmanager
def small_disk(size_bytes: int) -> Iterator[SmallDisk]:
    """A new one; skips the test where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="vgigw-disk-"))
    option = f"size={size_bytes}"
    command = ["mount", "-t", "tmpfs", "-o", option, "vgigw-test", str(folder)]
    try:
        ran = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        ran = None
    if ran is None or ran.returncode != 0:
        folder.rmdir()
        pytest.skip("a tmpfs cannot be mounted here: that takes root")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
