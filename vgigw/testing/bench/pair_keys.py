"""Keys of a platform and its peers, made anew for one measurement: secrets, or pairs of keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.link_keys import LinkKey, LinkKeys, Purpose
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.crypto.suite import SUITES, AnyKeys, AnySuite, Secrets

_USES: Final = (Purpose.SIGN, Purpose.ENCRYPT)
_NOT_BEFORE, _NOT_AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Pair(NamedTuple):
    """A private key and its public one."""

    private: Any
    public: Any


class Link(NamedTuple):
    """What the two sides of a link hold; of secrets in common both the same."""

    platform: AnyKeys
    peer: AnyKeys
    secret: str
    """What the peer shows for a token."""


def suites_with(suite: str) -> dict[str, AnySuite]:
    """Those at hand, and ``suite``."""
    return {**SUITES, **ring_suites([suite])}


def pair(suite: str, purpose: Purpose) -> Pair:
    """A new pair of the kind that ``suite`` takes."""
    if suite == "gm":
        private: Any = sm2_provider().generate()
        return Pair(private, private.public_key)
    made: Any = (
        Ed25519PrivateKey.generate()
        if purpose is Purpose.SIGN
        else generate_private_key(65537, 2048)
    )
    return Pair(made, made.public_key())


class Links:
    """Links of one platform by ``suite``; ``drawn`` draws the secrets of one."""

    def __init__(self, suite: str, drawn: Callable[[], Secrets]) -> None:
        self._suite, self._drawn = suite, drawn
        self.by_keys = suite in OF_SUITE
        """Whether each side has private keys of its own."""
        if self.by_keys:
            self._platform = {use: pair(suite, use) for use in _USES}
            # One for all: who is not found genuine is not read, so that nobody gets that far.
            self._encrypting = pair(suite, Purpose.ENCRYPT)

    def new(self) -> Link:
        """The link with one more peer."""
        secrets = self._drawn()
        shown = secrets.operator_secret
        if not self.by_keys:
            return Link(secrets, secrets, shown.decode())
        signing = pair(self._suite, Purpose.SIGN)
        peer = {Purpose.SIGN: signing, Purpose.ENCRYPT: self._encrypting}
        platform_side = LinkKeys(
            own=_keys(self._platform, private=True),
            peer=_keys(peer, private=False),
            operator_secret=shown,
        )
        peer_side = LinkKeys(
            own=_keys(peer, private=True),
            peer=_keys(self._platform, private=False),
            operator_secret=shown,
        )
        return Link(platform_side, peer_side, shown.decode())


def _keys(pairs: dict[Purpose, Pair], *, private: bool) -> list[LinkKey[Any]]:
    return [
        LinkKey(
            key_id=f"{use.value}-1",
            purpose=use,
            key=each.private if private else each.public,
            not_before=_NOT_BEFORE,
            not_after=_NOT_AFTER,
        )
        for use, each in pairs.items()
    ]
