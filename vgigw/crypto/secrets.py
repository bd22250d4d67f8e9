"""The four secrets of one direction of a link, checked once and never shown. ACC-5.8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NoReturn, Self

from vgigw.crypto.exchange import Exchange
from vgigw.errors import Misconfigured

BLOCK_BYTES: Final = 16
"""Key, initial vector and block of AES-128 and SM4 alike."""

SHORTEST_SECRET: Final = 8
LONGEST_SECRET: Final = 64


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Secrets that one side issued for messages towards it; each direction has its own set.

    ``operator_secret`` is sent inside a token request only, ``data_secret`` and
    ``data_secret_iv`` (16 bytes each) encrypt, ``sig_secret`` keys the signature. The bytes are
    those of the literal text: never decoded from hex or base64. ACC-5.4, ACC-5.5, ACC-5.7.

    Raises :class:`~vgigw.errors.Misconfigured`, which names the member and not its value.
    """

    operator_secret: bytes
    data_secret: bytes
    data_secret_iv: bytes
    sig_secret: bytes

    def __post_init__(self) -> None:
        for name in ("data_secret", "data_secret_iv"):
            if len(getattr(self, name)) != BLOCK_BYTES:
                _refuse(name, f"must have exactly {BLOCK_BYTES} bytes")
        for name in ("operator_secret", "sig_secret"):
            if not getattr(self, name):
                _refuse(name, "must not be empty")

    def __repr__(self) -> str:
        return "Secrets(...)"

    @property
    def set_id(self) -> str:
        """The name of the set in a key ring; those of a configuration have none."""
        return ""

    def about(self, exchange: Exchange) -> Self:
        """The same: a keyed digest covers what the protocol that it belongs to says, and no more.

        Who signed and for whom follows from the secrets, which only the two have.
        """
        return self

    @classmethod
    def of(
        cls, *, operator_secret: str, data_secret: str, data_secret_iv: str, sig_secret: str
    ) -> Secrets:
        """Secrets from the text of a configuration.

        ``data_secret`` and ``data_secret_iv``: exactly 16 ASCII characters. The other two: 8 to
        64 bytes of UTF-8.
        """
        return cls(
            operator_secret=_long_enough("operator_secret", operator_secret),
            data_secret=_block("data_secret", data_secret),
            data_secret_iv=_block("data_secret_iv", data_secret_iv),
            sig_secret=_long_enough("sig_secret", sig_secret),
        )


def _block(name: str, text: str) -> bytes:
    # Padding or cutting a key, as some peers do, would hide a wrong entry behind a bad signature.
    if len(text) != BLOCK_BYTES or not text.isascii():
        _refuse(name, f"must be exactly {BLOCK_BYTES} ASCII characters")
    return text.encode("ascii")


def _long_enough(name: str, text: str) -> bytes:
    try:
        secret = text.encode("utf-8")
    except UnicodeEncodeError:
        # Not chained: the cause carries the text.
        secret = b""
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        _refuse(name, f"must have {SHORTEST_SECRET} to {LONGEST_SECRET} bytes of UTF-8 text")
    return secret


def _refuse(name: str, why: str) -> NoReturn:
    raise Misconfigured(f"{name} {why}")
