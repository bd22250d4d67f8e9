"""The secrets or keys of each peer, as its section of the configuration says. ACC-5.8.

A suite of secrets in common has all four of them there, or ``ring = true`` and sets of them in the
key ring. One of private keys has ``operator_secret`` alone. The ring says what is in use: it is
read with each message, so that a new, rotated or revoked key needs no restart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.key_ring import KeyRing
from vgigw.crypto.master_key import Master
from vgigw.crypto.master_source import master_named
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secret_sets import SecretSets
from vgigw.crypto.secrets import LONGEST_SECRET, SHORTEST_SECRET
from vgigw.crypto.suite import AnyKeys, Secrets
from vgigw.errors import Misconfigured
from vgigw.server.config import Config
from vgigw.server.config_peers import OutboundSection, PeerSection, SecretsSection

RING_FILE: Final = "keys.json"
"""Of the key ring, in the state folder."""

_OF_SECRETS_ALONE: Final = tuple(name for name in SECRET_NAMES if name != "operator_secret")


class BothWays(NamedTuple):
    """What a peer uses towards us, and we towards it, where we call it at all."""

    inbound: AnyKeys | SecretSets
    outbound: AnyKeys | SecretSets | None


def ring_of(config: Config) -> KeyRing:
    """The key ring in the state folder. Raises ``Misconfigured`` without its master key."""
    own = config.gateway
    return KeyRing(config.state_dir / RING_FILE, master_of(config), own.operator_id)


def master_of(config: Config, where: str | None = None) -> Master:
    """The master of the ring, or another at ``where``. Raises ``Misconfigured``."""
    own = config.gateway
    return master_named(where or own.master_key, config.folder, own.master_cipher)


def uses_ring(section: PeerSection) -> bool:
    """Whether anything of the link with a peer lies in the key ring."""
    sides = (section.inbound, section.outbound)
    return section.suite in OF_SUITE or any(side.ring for side in sides if side)


class LinkSecrets:
    """Reads the secrets of peers; opens the ring for the first peer that has keys in it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._ring: Callable[[], KeyRing] = cache(lambda: ring_of(config))

    def of(self, section: PeerSection, suite: str) -> BothWays:
        """Both directions of the link. Raises ``Misconfigured``."""
        if suite in OF_SUITE:
            return self._of_ring(section, suite)
        party, out = section.operator_id, section.outbound
        where = f"peer {party}"
        own = self._config.gateway.operator_id
        inbound = self._common(section.inbound, own, party, f"{where} inbound")
        if out is None:
            return BothWays(inbound, None)
        given = [getattr(out, name) is not None for name in SECRET_NAMES]
        if any(given) and not all(given) and not out.ring:
            raise Misconfigured(f"{where} outbound: all four secrets must stand, or none")
        if any(given) or out.ring:
            return BothWays(inbound, self._common(out, party, own, f"{where} outbound"))
        if section.inbound.ring:
            # What we issued is for the peer to use, and not for us.
            raise Misconfigured(f"{where} outbound: write ring = true, or all four secrets")
        return BothWays(inbound, inbound)

    def _common(
        self, section: SecretsSection | OutboundSection, issuer: str, user: str, where: str
    ) -> Secrets | SecretSets:
        if not section.ring:
            return self._four(section, where)
        both = [name for name in SECRET_NAMES if getattr(section, name) is not None]
        if both:
            raise Misconfigured(
                f"{where}.{both[0]}: with ring = true the secrets lie in the key ring, and none of "
                "them stands here"
            )
        return self._ring().sets(issuer, user)

    def _four(self, section: SecretsSection | OutboundSection, where: str) -> Secrets:
        values: dict[str, str] = {}
        for name in SECRET_NAMES:
            text = getattr(section, name)
            if text is None:
                raise Misconfigured(f"{where}.{name} is missing")
            values[name] = self._config.secret(text, f"{where}.{name}")
        try:
            return Secrets.of(**values)
        except Misconfigured as cause:
            raise Misconfigured(f"{where}: {cause.message}") from cause

    def _of_ring(self, section: PeerSection, suite: str) -> BothWays:
        party, out = section.operator_id, section.outbound
        where = f"peer {party}"
        for side in (section.inbound, out):
            if side is not None and side.ring:
                raise Misconfigured(
                    f"{where}: ring = true is for sets of secrets; with suite {suite} the keys lie "
                    "in the key ring anyway"
                )
            unused = [name for name in _OF_SECRETS_ALONE if getattr(side, name, None) is not None]
            if unused:
                raise Misconfigured(
                    f"{where}: {unused[0]} is of no use with suite {suite}, whose keys lie in "
                    "the key ring; see `vgigw keys`"
                )
        shown = self._shown(section.inbound.operator_secret, f"{where} inbound")
        inbound = self._ring().link(party, suite, shown)
        if out is None:
            return BothWays(inbound, None)
        if out.operator_secret is not None:
            shown = self._shown(out.operator_secret, f"{where} outbound")
        return BothWays(inbound, self._ring().link(party, suite, shown))

    def _shown(self, text: str | None, where: str) -> bytes:
        """What is shown for a token, of the length that it has among the four secrets."""
        if text is None:
            raise Misconfigured(f"{where}.operator_secret is missing")
        secret = self._config.secret(text, f"{where}.operator_secret").encode()
        if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
            raise Misconfigured(
                f"{where}: operator_secret must have {SHORTEST_SECRET} to {LONGEST_SECRET} bytes "
                "of UTF-8 text"
            )
        return secret
