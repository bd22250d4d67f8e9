"""The forgetful disk: built with the system's compiler, preloaded, and the power turned off."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("disk.c")
_SHADOW = ".synced"
_SECTOR = 512


class NoCompiler(Exception):
    """There is no C compiler here, so that the disk cannot be built."""


class ForgetfulDisk:
    """The files of SQLite below ``folder``, as a process sees them that has :attr:`environment`.

    Raises ``NoCompiler``.
    """

    def __init__(self, folder: Path, build: Path) -> None:
        self._folder = folder.resolve()
        library = build / "vgigw-disk.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise NoCompiler
        if not library.exists():
            options = ("-O2", "-shared", "-fPIC", "-o", str(library))
            command = [compiler, *options, str(_SOURCE), "-ldl", "-lpthread"]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own source
        self.environment = {"LD_PRELOAD": str(library), "VGIGW_TEST_DISK": str(self._folder)}

    def lose_power(self, torn: random.Random | None = None) -> int:
        """What a power loss leaves of the files of dead processes: what was synced, and with
        ``torn`` a random half of the sectors that were not, as a disk writes them in any order.
        How many bytes were lost.
        """
        lost = 0
        for shadow in self._folder.rglob(f"*{_SHADOW}"):
            file = shadow.with_name(shadow.name.removesuffix(_SHADOW))
            if file.exists():
                lost += _roll_back(file, shadow, torn)
        return lost


def fault(
    call: str, count: int, error: str = "EIO", times: int = 1, *, armed: Path | None = None
) -> dict[str, str]:
    """Environment in which the ``count``th ``sync``, ``write`` or ``read`` fails with ``error``
    (EIO, ENOSPC, EINTR; SLOW: a sync of 2 s, SLOW8: of 8; SHORT: half of a write), so many
    ``times``; 0 = all that follow. They count while there is a file ``armed``."""
    found = {"VGIGW_TEST_DISK_FAULT": f"{call}:{count}:{error}:{times}"}
    return found if armed is None else {**found, "VGIGW_TEST_DISK_ARMED": str(armed)}


def _roll_back(file: Path, shadow: Path, torn: random.Random | None) -> int:
    written, synced = file.read_bytes(), shadow.read_bytes()
    left = bytearray(synced)
    lost = 0
    for start in range(0, len(written), _SECTOR):
        new = written[start : start + _SECTOR]
        if new == synced[start : start + _SECTOR]:
            continue
        if torn is not None and torn.random() < 0.5:
            left.extend(bytes(max(start + len(new) - len(left), 0)))
            left[start : start + len(new)] = new
        else:
            lost += len(new)
    file.write_bytes(left)
    # Whoever looks at the file now changes it unseen; the next process begins with a fresh shadow.
    shadow.unlink()
    return lost
