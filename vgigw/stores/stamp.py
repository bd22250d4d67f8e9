"""How many commits a store has made, written beside it: an older copy is noticed (F21, F23, F24).

The number stands in the store itself, too, in the same commit. Where the store has fewer than the
stamp says, it is an older copy, or its log is gone or cut.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from vgigw.errors import Misconfigured

_FORM = struct.Struct(">QI")
SUFFIX = "-commits"


class Stamp:
    """The file beside the store. It is not synced: after a power loss it may be older than the
    store, which is no fault, and never newer."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(f"{store.name}{SUFFIX}")
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def read(self) -> int:
        """How many commits were stamped; 0 where that is not known."""
        found = os.pread(self._descriptor, _FORM.size, 0)
        if len(found) < _FORM.size:
            return 0
        stamped, checksum = _FORM.unpack(found)
        return int(stamped) if checksum == zlib.crc32(found[:8]) else 0

    def check(self, stamped: int, commits: int) -> None:
        """Raises ``Misconfigured`` where the store has made fewer commits than were stamped before
        it was asked."""
        if stamped > commits:
            raise Misconfigured(
                f"the store lacks {stamped - commits} commits that it had made: it is an older "
                "copy, or its -wal file is gone or damaged. Put the right files back; to go on "
                f"without what is missing, remove {self._path.name} and recall it from the peers"
            )

    def write(self, commits: int) -> None:
        """After the commit."""
        number = _FORM.pack(commits, 0)[:8]
        os.pwrite(self._descriptor, number + zlib.crc32(number).to_bytes(4, "big"), 0)

    def close(self) -> None:
        os.close(self._descriptor)
