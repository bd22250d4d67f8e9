"""The secrets or keys of each peer, as its section of the configuration says. ACC-5.8.

A suite of secrets in common has all four of them there. One of the key ring has ``operator_secret``
alone, and the ring says which keys are in use: it is read with each message, so that a new, rotated
or revoked key needs no restart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.key_ring import KeyRing
from vgigw.crypto.master_key import Master
from vgigw.crypto.master_source import master_named
from vgigw.crypto.secrets import LONGEST_SECRET, SHORTEST_SECRET
from vgigw.crypto.suite import AnyKeys, Secrets
from vgigw.errors import Misconfigured
from vgigw.server.config import Config
from vgigw.server.config_peers import OutboundSection, PeerSection, SecretsSection

RING_FILE: Final = "keys.json"
"""Of the key ring, in the state folder."""

_NAMES: Final = tuple(Secrets.__dataclass_fields__)
_OF_SECRETS_ALONE: Final = tuple(name for name in _NAMES if name != "operator_secret")


class BothWays(NamedTuple):
    """What a peer uses towards us, and we towards it, where we call it at all."""

    inbound: AnyKeys
    outbound: AnyKeys | None


def ring_of(config: Config) -> KeyRing:
    """The key ring in the state folder. Raises ``Misconfigured`` without its master key."""
    own = config.gateway
    return KeyRing(config.state_dir / RING_FILE, master_of(config), own.operator_id)


def master_of(config: Config, where: str | None = None) -> Master:
    """The master of the ring, or another at ``where``. Raises ``Misconfigured``."""
    own = config.gateway
    return master_named(where or own.master_key, config.folder, own.master_cipher)


class LinkSecrets:
    """Reads the secrets of peers; opens the ring for the first peer that has keys in it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._ring: Callable[[], KeyRing] = cache(lambda: ring_of(config))

    def of(self, section: PeerSection, suite: str) -> BothWays:
        """Both directions of the link. Raises ``Misconfigured``."""
        if suite in OF_SUITE:
            return self._of_ring(section, suite)
        where = f"peer {section.operator_id}"
        inbound = self._four(section.inbound, f"{where} inbound")
        out = section.outbound
        if out is None:
            return BothWays(inbound, None)
        given = [getattr(out, name) is not None for name in _NAMES]
        if any(given) and not all(given):
            raise Misconfigured(f"{where} outbound: all four secrets must stand, or none")
        return BothWays(inbound, self._four(out, f"{where} outbound") if any(given) else inbound)

    def _four(self, section: SecretsSection | OutboundSection, where: str) -> Secrets:
        values: dict[str, str] = {}
        for name in _NAMES:
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

    def _shown(self, text: str, where: str) -> bytes:
        """What is shown for a token, of the length that it has among the four secrets."""
        secret = self._config.secret(text, f"{where}.operator_secret").encode()
        if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
            raise Misconfigured(
                f"{where}: operator_secret must have {SHORTEST_SECRET} to {LONGEST_SECRET} bytes "
                "of UTF-8 text"
            )
        return secret
