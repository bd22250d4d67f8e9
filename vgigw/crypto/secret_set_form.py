"""A set of four secrets in bytes: drawn, written and read, and what is shown of it. ACC-5.8."""

from __future__ import annotations

import hmac
import secrets
import string
from contextlib import suppress
from typing import Final

import msgspec

from vgigw.crypto.secrets import BLOCK_BYTES, Secrets
from vgigw.errors import Misconfigured

SECRET_NAMES: Final = tuple(Secrets.__dataclass_fields__)
"""The four, by name."""

_ALPHABET: Final = string.ascii_letters + string.digits
_CHARACTERS: Final = {"data_secret": BLOCK_BYTES, "data_secret_iv": BLOCK_BYTES}
_OTHERS: Final = 32
_SHOWN: Final = b"vgigw-secret-set-shown-1"


def drawn() -> bytes:
    """A new set, from the randomness of the system, written."""
    return written(
        Secrets.of(
            **{
                name: "".join(
                    secrets.choice(_ALPHABET) for _ in range(_CHARACTERS.get(name, _OTHERS))
                )
                for name in SECRET_NAMES
            }
        )
    )


def written(four: Secrets) -> bytes:
    """The set as it is sealed: one JSON object of texts."""
    return msgspec.json.encode({name: getattr(four, name).decode() for name in SECRET_NAMES})


def read(octets: bytes) -> Secrets:
    """The set again. Raises :class:`~vgigw.errors.Misconfigured`, which quotes nothing of it."""
    found: dict[str, str] = {}
    # A failure is told below, without a cause that may quote a secret.
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = msgspec.json.decode(octets, type=dict[str, str])
    if found.keys() != set(SECRET_NAMES):
        raise Misconfigured("not a set of four secrets")
    return Secrets.of(**found)


def shown(four: Secrets) -> bytes:
    """32 bytes by which people and notices know the set, in the place of a public key.

    A digest keyed with ``sig_secret``: it tells no more of weak secrets than a message on the wire.
    """
    parts = [getattr(four, name) for name in SECRET_NAMES]
    measured = b"".join(len(part).to_bytes(1, "big") + part for part in parts)
    return hmac.digest(four.sig_secret, _SHOWN + measured, "sha256")
