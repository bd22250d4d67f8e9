"""Keyed digests: the comparison that all suites share, and HMAC-SHA256 for HTTP signatures."""

from __future__ import annotations

import hmac

from vgigw.crypto.secrets import Secrets
from vgigw.errors import NotGenuine


def hmac_sha256(secrets: Secrets, message: bytes) -> bytes:
    """32 bytes, keyed with ``sig_secret``: ``hmac-sha256`` of RFC 9421. ACC-5.5."""
    return hmac.digest(secrets.sig_secret, message, "sha256")


def verify_hmac_sha256(secrets: Secrets, message: bytes, signature: bytes) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is that of ``message``."""
    if not hmac.compare_digest(hmac_sha256(secrets, message), signature):
        raise NotGenuine


def require_same(expected: str, signature: str) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless both are the same text, in constant time.

    Upper and lower case differ: T/CEC 102 writes upper case.
    """
    # Only ASCII text can be compared in constant time.
    if not signature.isascii() or not hmac.compare_digest(expected, signature):
        raise NotGenuine
