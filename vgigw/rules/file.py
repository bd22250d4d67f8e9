"""What a manifest must hold: a plain file name, and a hash as long as its algorithm's. PLT-7.1a."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import FileAck, FileManifest

_NAME: Final = re.compile(r"[^\x00-\x1f/\\:]+\Z")
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")


def check_file(told: FileManifest | FileAck) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a name that leads elsewhere, or a hash that is
    none: SHA-256 and SM3 both have 64 hexadecimal digits."""
    details = tuple(_faults(told))
    if details:
        raise InvalidObject(details=details)


def _faults(told: FileManifest | FileAck) -> Iterator[Detail]:
    if _NAME.match(told.file_name) is None or told.file_name in (".", ".."):
        yield Detail("/FileName", "rule", "must be the name of a file, without a folder; PLT-7.1a")
    if _HASH.match(told.hash) is None:
        yield Detail("/Hash", "rule", "must be 64 lower-case hexadecimal digits; PLT-7.1a")
