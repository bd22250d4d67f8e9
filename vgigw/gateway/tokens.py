"""Tokens that peers show us: random, stored as digests, each alive to its own end.

One that was given under a set of secrets of the key ring ends with the revocation of that set, in
each process at once: the token itself says which set it was. ACC-5.7, ACC-5.8.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from vgigw.crypto.secret_sets import SecretSets
from vgigw.errors import NoToken
from vgigw.ports import Identity, Peer, Store, token_digest

_CACHED = 4096
_TRUST = timedelta(seconds=1)


class InboundTokens:
    """Checks tokens; remembers good ones for a while so that the store is asked rarely."""

    def __init__(self, identity: Identity, store: Store) -> None:
        self._identity = identity
        self._store = store
        self._good: dict[bytes, tuple[str, datetime]] = {}

    def check(self, token: str | None, peer: Peer, now: datetime) -> None:
        """Raises ``NoToken`` unless ``token`` was given to ``peer`` and lives."""
        if not token:
            raise NoToken()
        known = self._identity.peers[peer.operator_id].inbound
        if isinstance(known, SecretSets) and not known.stands_by(token):
            raise NoToken()
        digest = token_digest(token)
        owner, until = self._good.get(digest, ("", now))
        if until <= now:
            found = self._store.read(lambda view: view.token_peer(digest, now))
            if found is None:
                self._good.pop(digest, None)
                raise NoToken()
            if len(self._good) >= _CACHED:
                self._good.clear()
            owner = found
            # A token lives in the store; the cache may trust it only for a moment longer.
            self._good[digest] = (owner, now + _TRUST)
        if owner != peer.operator_id:
            raise NoToken()
