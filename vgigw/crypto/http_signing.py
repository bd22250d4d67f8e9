"""Signatures of HTTP messages by RFC 9421 with the keys of a link: which algorithm, and of whom.

A secret in common signs by ``hmac-sha256``, whatever the suite; whoever knows the name of its set
may say it. A private key signs by the algorithm of its kind, and ``tag`` names suite, operation,
sender and receiver; method, path, time, nonce and key id stand under the signature anyway. ACC-5.5,
PLT-10.3b.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from vgigw.crypto.mac import hmac_sha256, verify_hmac_sha256
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.errors import KeyUnknown, KeyUnusable, Misconfigured, NotGenuine

HMAC_SHA256: Final = "hmac-sha256"


class Said(NamedTuple):
    """What a message says of its signature: nothing of it chooses more than one of our keys.

    ``key_id`` may be empty for a secret in common; the others are absent where they were not said.
    """

    key_id: str
    algorithm: str | None
    nonce: str | None
    tag: str | None


class HttpSigner(NamedTuple):
    """What is said of a signature that ``sign`` makes of a signature base."""

    key_id: str
    algorithm: str
    tag: str | None
    sign: Callable[[bytes], bytes]


def http_signer(suite: AnySuite, keys: AnyKeys) -> HttpSigner:
    """Our present key on a link whose keys were told the exchange.

    Raises :class:`~vgigw.errors.Misconfigured` where there is none.
    """
    if isinstance(keys, Secrets):
        return HttpSigner("", HMAC_SHA256, None, partial(hmac_sha256, keys))
    signing, own = _signing(suite), keys.to_sign()
    return HttpSigner(
        own.key_id,
        signing.http_algorithm(own.key),
        keys.told().tag(signing.name),
        partial(signing.sign_http, own.key),
    )


def verify_http(suite: AnySuite, keys: AnyKeys, said: Said, base: bytes, signature: bytes) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless ``signature`` is the peer's of ``base``.

    Two of that kind are told apart as :meth:`vgigw.crypto.signing.SigningSuite.verify` does.
    """
    if isinstance(keys, Secrets):
        if said.key_id not in ("", keys.set_id) or said.algorithm not in (None, HMAC_SHA256):
            raise NotGenuine
        verify_hmac_sha256(keys, base, signature)
        return
    if not said.key_id:
        raise NotGenuine
    signing, exchange = _signing(suite), keys.told()
    theirs = keys.to_verify(said.key_id)
    if theirs is None:
        raise KeyUnknown
    if said.algorithm not in (None, signing.http_algorithm(theirs.key)):
        raise NotGenuine
    if not said.nonce or said.tag != exchange.tag(signing.name):
        raise NotGenuine
    signing.verify_http(theirs.key, base, signature)
    if not theirs.verifies_at(exchange.sent_at):
        raise KeyUnusable


def _signing(suite: AnySuite) -> SigningSuite[Any, Any]:
    if not isinstance(suite, SigningSuite):
        raise Misconfigured(f"suite {suite.name} does not sign HTTP messages with private keys")
    return suite
