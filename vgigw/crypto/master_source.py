"""Where the master of a key ring comes from: environment, file, or a hook of yours. ACC-5.8."""

from __future__ import annotations

import importlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from vgigw.crypto.master_key import MASTER_KEY_BYTES, Cipher, Master, MasterKey, WrappedMaster
from vgigw.errors import Misconfigured

_HOOK = re.compile(r"[^\W\d][\w.]*:[^\W\d]\w*")


def master_named(where: str, folder: Path = Path(), cipher: Cipher = Cipher.AES_256_GCM) -> Master:
    """The key at ``env:NAME`` or ``file:PATH`` (64 hex digits), or ``package.module:HOOK``.

    A hook is a function that returns the 32 bytes, or an object with ``wrap`` and ``unwrap``
    (:class:`~vgigw.crypto.master_key.Wrapper`). Raises :class:`~vgigw.errors.Misconfigured`, which
    tells where and not what.
    """
    kind, _, rest = where.partition(":")
    if kind == "env":
        if rest not in os.environ:
            raise Misconfigured(f"master key: environment variable {rest} is not set")
        return MasterKey(_of_hex(os.environ[rest], where), cipher)
    if kind == "file":
        try:
            text = (folder / rest).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            text = None
        if text is None:
            raise Misconfigured(f"master key: file {rest} cannot be read")
        return MasterKey(_of_hex(text.strip(), where), cipher)
    if not _HOOK.fullmatch(where):
        # Not quoted: it may be the key itself.
        raise Misconfigured("master key: name it by env:NAME, file:PATH or package.module:HOOK")
    return _of_hook(kind, rest, where, cipher)


def _of_hex(text: str, where: str) -> bytes:
    octets = b""
    # A failure is told below, without a cause that quotes the text.
    with suppress(ValueError):
        octets = bytes.fromhex(text)
    if len(octets) != MASTER_KEY_BYTES or len(text) != 2 * MASTER_KEY_BYTES:
        raise Misconfigured(
            f"master key at {where}: must be {2 * MASTER_KEY_BYTES} hex digits; "
            "`openssl rand -hex 32` makes one"
        )
    return octets


def _of_hook(module: str, attribute: str, where: str, cipher: Cipher) -> Master:
    try:
        hook: Any = getattr(importlib.import_module(module), attribute)
        if hasattr(hook, "wrap") and hasattr(hook, "unwrap"):
            return WrappedMaster(hook, cipher)
        octets = bytes(memoryview(hook()))
    except Exception as cause:  # noqa: BLE001 - a hook of somebody else's may fail in any way
        octets, why = b"", type(cause).__name__
    else:
        return MasterKey(octets, cipher)
    # What a hook raises may quote what it holds: only its kind is told.
    raise Misconfigured(f"master key: hook {where} failed ({why})")
