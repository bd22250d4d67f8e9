"""DER as text, and back: one block, or the blocks of a chain of certificates. RFC 7468."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from vgigw.errors import Misconfigured

PUBLIC_KEY: Final = "PUBLIC KEY"
PRIVATE_KEY: Final = "PRIVATE KEY"
ENCRYPTED_PRIVATE_KEY: Final = "ENCRYPTED PRIVATE KEY"
SECRET_SET: Final = "VGIGW ENCRYPTED SECRETS"  # noqa: S105 - a label
CERTIFICATE: Final = "CERTIFICATE"
CERTIFICATE_REQUEST: Final = "CERTIFICATE REQUEST"
"""Labels."""


def pem_of_der(der: bytes, label: str) -> str:
    """``der`` as text between its two lines, 64 characters a line."""
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def pem_of_ders(ders: Sequence[bytes], label: str) -> str:
    """Each of ``ders`` as :func:`pem_of_der` writes it, one after the other."""
    return "".join(pem_of_der(der, label) for der in ders)


def der_of_pem(text: str, label: str) -> bytes:
    """What stands between the lines of ``label``; raises :class:`~vgigw.errors.Misconfigured`.

    One block, and nothing but white space round it.
    """
    head, tail = f"-----BEGIN {label}-----", f"-----END {label}-----"
    text = text.strip()
    der = b""
    if text.startswith(head) and text.endswith(tail):
        der = _from_base64("".join(text[len(head) : -len(tail)].split()))
    if not der:
        raise Misconfigured(f"PEM must be one block of {label}")
    return der


def ders_of_pem(text: str, label: str) -> tuple[bytes, ...]:
    """The blocks of ``label``, one or more, and nothing but white space round each.

    Raises :class:`~vgigw.errors.Misconfigured`.
    """
    tail = f"-----END {label}-----"
    blocks = text.strip().split(tail)
    if len(blocks) < 2 or blocks.pop():
        raise Misconfigured(f"PEM must be blocks of {label}")
    return tuple(der_of_pem(block + tail, label) for block in blocks)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
