"""The file of a key ring: its records, and how it is read and changed as a whole. ACC-5.8.

The master key vouches for every member of it, public keys, dates and states too: whoever may
write to the folder can lose keys, and bring an older file back, but not slip one in.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.crypto.master_key import Cipher, Master
from vgigw.errors import Misconfigured

FORMAT: Final = "vgigw-key-ring-1"


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key as it rests: ``public`` is SubjectPublicKeyInfo, ``sealed`` an encrypted PKCS#8.

    ``party`` is the operator id of whose key it is. A key of ours with a ``peer`` is for the link
    with that peer alone. What is the peer's, or revoked, has nothing sealed. ``chain`` are its
    ``certificates``. What is left out of a file, where there is none of it, may be missing in one
    that is older: what the MAC covers is the same to the byte.

    A set of secrets is of the ``party`` that issued it, for the ``peer`` that uses it, and sealed
    on both sides; ``public`` is what may be shown of it. ``verifier`` is its ``sig_secret``, sealed
    by itself: it outlives a revocation, so that whoever signs rightly is told of that.
    """

    party: str
    key_id: str
    algorithm: Algorithm
    purpose: Purpose
    not_before: datetime
    not_after: datetime
    public: bytes
    sealed: bytes | None = None
    peer: str | None = None
    state: KeyState = KeyState.ACTIVE
    sealed_with: Literal["sm4-gcm"] | msgspec.UnsetType = msgspec.UNSET
    chain: tuple[bytes, ...] | msgspec.UnsetType = msgspec.field(
        name="certificates", default=msgspec.UNSET
    )
    verifier: bytes | msgspec.UnsetType = msgspec.UNSET

    def __repr__(self) -> str:
        return f"KeyRecord({self.party!r}, {self.key_id!r}, {self.state})"

    @property
    def cipher(self) -> Cipher:
        """What the private key is sealed with."""
        return cipher_of(self.sealed_with)

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """X.509 in DER of the key and of its issuers, its own first."""
        return self.chain or ()

    def about(self) -> bytes:
        """What the sealed private key belongs to."""
        told = (FORMAT, self.party, self.key_id, self.algorithm, self.purpose.value, self.public)
        return msgspec.json.encode(told)

    def about_verifier(self) -> bytes:
        """What the sealed verifier belongs to."""
        return self.about() + b"verifier"


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["vgigw-key-ring-1"] = FORMAT
    records: tuple[KeyRecord, ...]
    mac: bytes = b""
    sealed_with: Literal["sm4-gcm"] | msgspec.UnsetType = msgspec.UNSET


Change = Callable[[tuple[KeyRecord, ...]], tuple[KeyRecord, ...]]


class KeyRingFile:
    """The records at ``path``; no file is an empty ring."""

    def __init__(self, path: Path, master: Master) -> None:
        self._path = path
        self._master = master
        self._seen: tuple[object, tuple[KeyRecord, ...]] | None = None

    def read(self) -> tuple[KeyRecord, ...]:
        """The records as they stand now. Raises :class:`~vgigw.errors.Misconfigured`."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen = None
            return ()
        mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        seen = self._seen
        if seen is None or seen[0] != mark:
            seen = (mark, self._load())
            self._seen = seen
        return seen[1]

    def change(self, change: Change, master: Master | None = None) -> bool:
        """Put what ``change`` makes of the records in their place, whole or not at all; from then
        on ``master`` vouches for them, if there is another. Whether anything is new: the same
        records are left as they are."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._seen = None
            before = self.read()
            after = change(before)
            if after is before:
                return False
            self._store(after, master or self._master)
            self._seen = None
            return True

    def _load(self) -> tuple[KeyRecord, ...]:
        try:
            document = msgspec.json.decode(self._path.read_bytes(), type=_Document)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
            raise Misconfigured(f"key ring {self._path} cannot be read") from cause
        self._master.verify(_unsigned(document), document.mac, cipher_of(document.sealed_with))
        return document.records

    def _store(self, records: tuple[KeyRecord, ...], master: Master) -> None:
        document = _Document(records=records, sealed_with=marked(master.cipher))
        document = msgspec.structs.replace(document, mac=master.mac(_unsigned(document)))
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(document), indent=1))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(
            self._path.with_name(f"{self._path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def cipher_of(mark: Literal["sm4-gcm"] | msgspec.UnsetType) -> Cipher:
    """The cipher that a mark in the file tells; none is that of the first files."""
    return Cipher.SM4_GCM if mark else Cipher.AES_256_GCM


def marked(cipher: Cipher) -> Literal["sm4-gcm"] | msgspec.UnsetType:
    """The mark of ``cipher``."""
    return "sm4-gcm" if cipher is Cipher.SM4_GCM else msgspec.UNSET


def _unsigned(document: _Document) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(document, mac=b""))
