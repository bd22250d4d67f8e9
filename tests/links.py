"""Private and public keys of the parties of a test, for the suites that take some; made once.

Every party has the same two key ids, as parties of the field may: an id alone tells nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from msgspec.structs import replace as with_members

from vgigw.crypto.link_keys import AnyLinkKeys, LinkKey, LinkKeys, Purpose
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.crypto.suite import SUITES, AnyKeys, AnySuite, Secrets
from vgigw.ports import Peer

WITH_KEYS = ("gm", "intl")
NOT_BEFORE, NOT_AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
SIGNING, ENCRYPTING = "sign-1", "encrypt-1"
USES = (Purpose.SIGN, Purpose.ENCRYPT)


class Pair(NamedTuple):
    """A private key and its public one."""

    private: Any
    public: Any


@cache
def _pair(suite: str, purpose: Purpose, party: str) -> Pair:
    """``party`` tells one pair from the other, and stands in none of them."""
    if suite == "gm":
        private: Any = sm2_provider().generate()
        return Pair(private, private.public_key)
    private = (
        Ed25519PrivateKey.generate()
        if purpose is Purpose.SIGN
        else generate_private_key(65537, 2048)
    )
    return Pair(private, private.public_key())


def key(suite: str, party: str, purpose: Purpose, *, private: bool, **changed: Any) -> LinkKey[Any]:
    """A key of ``party``, as it or its peer holds it."""
    pair = _pair(suite, purpose, party)
    members: dict[str, Any] = {
        "key_id": SIGNING if purpose is Purpose.SIGN else ENCRYPTING,
        "purpose": purpose,
        "key": pair.private if private else pair.public,
        "not_before": NOT_BEFORE,
        "not_after": NOT_AFTER,
    }
    return LinkKey(**members | changed)


def link(suite: str, own: str, other: str, shown: bytes, **changed: Any) -> AnyLinkKeys:
    """What ``own`` holds of its link with ``other``; ``changed`` is of the keys of ``other``."""
    return LinkKeys(
        own=[key(suite, own, purpose, private=True) for purpose in USES],
        peer=[key(suite, other, purpose, private=False, **changed) for purpose in USES],
        operator_secret=shown,
    )


def suites_for(suite: str) -> dict[str, AnySuite]:
    """Those at hand, and ``suite``."""
    return {**SUITES, **ring_suites([suite])}


def keys_for(suite: str, own: str, other: str, secrets: Secrets) -> AnyKeys:
    """``secrets``, or the keys of a link that shows the same secret for a token."""
    return secrets if suite in SUITES else link(suite, own, other, secrets.operator_secret)


def by_suite(peer: Peer, suite: str, own: str, secrets: Secrets) -> Peer:
    """``peer`` as ``own`` sees it when they have agreed on ``suite``."""
    keys = keys_for(suite, own, peer.operator_id, secrets)
    return with_members(peer, suite=suite, inbound=keys, outbound=keys)
