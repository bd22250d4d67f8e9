"""A set of secrets on its way to whom it is for: with its name and dates, under a passphrase.

The dates travel along, so that both sides go over to it at the same second. ACC-5.8.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import datetime
from typing import Final, Literal

import msgspec

from vgigw.crypto.key_algorithms import Algorithm, decrypted
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.secret_set_form import read, written
from vgigw.crypto.sm2_pbes2 import encrypt_pbes2
from vgigw.errors import Misconfigured

FORMAT: Final = "vgigw-secret-set-1"


class _Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``mac`` is keyed with ``sig_secret`` and covers the rest: a passphrase encrypts, and vouches
    for nothing."""

    format: Literal["vgigw-secret-set-1"] = FORMAT
    issuer: str
    user: str
    key_id: str
    not_before: datetime
    not_after: datetime
    four: bytes
    mac: bytes = b""

    def __repr__(self) -> str:
        return f"_Letter({self.key_id!r})"

    def expected(self) -> bytes:
        unsigned = msgspec.json.encode(msgspec.structs.replace(self, mac=b""))
        return hmac.digest(read(self.four).sig_secret, unsigned, "sha256")


def export_set(ring: KeyRing, place: Place, passphrase: bytes) -> bytes:
    """The set at ``place`` in DER, encrypted with ``passphrase`` (PBES2); never plain.

    Raises :class:`~vgigw.errors.Misconfigured`, also for one that was revoked.
    """
    record = ring.record(place)
    if record.algorithm is not Algorithm.SECRETS or record.peer is None:
        raise Misconfigured(f"{place.key_id} is no set of secrets")
    letter = _Letter(
        issuer=record.party,
        user=record.peer,
        key_id=record.key_id,
        not_before=record.not_before,
        not_after=record.not_after,
        four=written(ring.opened_set(place)),
    )
    whole = msgspec.structs.replace(letter, mac=letter.expected())
    return encrypt_pbes2(msgspec.json.encode(whole), passphrase)


def import_set(ring: KeyRing, place: Place, der: bytes, passphrase: bytes) -> KeyRecord:
    """Take the set that :func:`export_set` wrote, which must be the one at ``place``, of a link of
    ours. Raises :class:`~vgigw.errors.Misconfigured`, which quotes nothing of it."""
    letter: _Letter | None = None
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        letter = msgspec.json.decode(decrypted(der, passphrase), type=_Letter)
    if letter is None or not hmac.compare_digest(letter.expected(), letter.mac):
        raise Misconfigured("the set of secrets cannot be read; is it the right passphrase?")
    if (letter.issuer, letter.key_id) != place:
        raise Misconfigured(
            f"this is set {letter.key_id} of {letter.issuer}; name both as they are, since both "
            "sides tell each other of it by that name"
        )
    return ring.keep_set(
        place,
        letter.user,
        read(letter.four),
        not_before=letter.not_before,
        not_after=letter.not_after,
    )
