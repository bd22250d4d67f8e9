"""Key rings of the two parties of a measurement, in a folder that all its processes read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import LinkKeys, Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.crypto.suite import AnyKeys
from vgigw.server.link_keys import RING_FILE
from vgigw.testing.bench.scene import OPERATOR_ID, PLATFORM_ID, SECRETS

MASTER: Final = bytes(32)
"""Of keys that live as long as the measurement."""

_SIGNING: Final = {"gm": Algorithm.SM2, "intl": Algorithm.ED25519}
_ENCRYPTING: Final = {"gm": Algorithm.SM2, "intl": Algorithm.RSA}


def make(folder: Path, suite: str, now: datetime) -> None:
    """New keys of both for ``suite``, good for a day, each with the other's public ones; none for
    a suite of secrets in common."""
    if suite not in OF_SUITE:
        return
    dates: Any = {"not_before": now - timedelta(minutes=5), "not_after": now + timedelta(days=1)}
    rings = [_ring(folder, own) for own in (PLATFORM_ID, OPERATOR_ID)]
    for ring in rings:
        ring.new("sign-1", _SIGNING[suite], Purpose.SIGN, **dates)
        ring.new("encrypt-1", _ENCRYPTING[suite], Purpose.ENCRYPT, **dates)
    for taker, giver in (rings, rings[::-1]):
        for key in giver.records():
            if key.party == giver.own:
                place = Place(giver.own, key.key_id)
                taker.import_public(place, key.algorithm, key.purpose, key.public, **dates)


def ring_file(folder: Path) -> Path:
    """Where the platform's ring lies."""
    return folder / PLATFORM_ID / RING_FILE


def keys_of(folder: Path, suite: str, own: str = OPERATOR_ID) -> AnyKeys:
    """What ``own`` has of the link, read once."""
    if suite not in OF_SUITE:
        return SECRETS
    peer = PLATFORM_ID if own == OPERATOR_ID else OPERATOR_ID
    link = _ring(folder, own).link(peer, suite, SECRETS.operator_secret)
    return LinkKeys(own=list(link.own), peer=list(link.peer), operator_secret=link.operator_secret)


def _ring(folder: Path, own: str) -> KeyRing:
    (folder / own).mkdir(exist_ok=True, parents=True)
    return KeyRing(folder / own / RING_FILE, MasterKey(MASTER), own)
