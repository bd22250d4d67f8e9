"""Key rings of two gateways, and what they are told of a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vgigw.crypto.exchange import Exchange
from vgigw.crypto.gm import Gm
from vgigw.crypto.intl import INTL
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import AnyLinkKeys, Purpose
from vgigw.crypto.master_key import MasterKey

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
US, THEM = "100000001", "200000002"
DATES: dict[str, Any] = {"not_before": NOW, "not_after": NOW + YEAR}
SUITES = pytest.mark.parametrize("suite", ["gm", "intl"])
SIGNING = {"gm": Algorithm.SM2, "intl": Algorithm.ED25519}
ENCRYPTING = {"gm": Algorithm.SM2, "intl": Algorithm.RSA}


def ring(folder: Path, own: str = US) -> KeyRing:
    return KeyRing(folder / own / "keys.json", MasterKey(own.encode() * 3 + b"-----"), own)


def pair(folder: Path, suite: str) -> tuple[KeyRing, KeyRing]:
    """Two rings that know each other's public keys."""
    rings = ring(folder, US), ring(folder, THEM)
    for one, other in (rings, rings[::-1]):
        one.new("s", SIGNING[suite], Purpose.SIGN, **DATES)
        one.new("e", ENCRYPTING[suite], Purpose.ENCRYPT, **DATES)
        for key_id in ("s", "e"):
            hand_over(one, other, key_id)
    return rings


def hand_over(giver: KeyRing, taker: KeyRing, key_id: str) -> None:
    made = giver.record(Place(giver.own, key_id))
    taker.import_public(
        Place(giver.own, key_id),
        made.algorithm,
        made.purpose,
        made.public,
        not_before=made.not_before,
        not_after=made.not_after,
    )


def suite_of(name: str) -> Any:
    return Gm() if name == "gm" else INTL


def told(keys: AnyLinkKeys, sent_at: datetime = NOW) -> AnyLinkKeys:
    return keys.about(Exchange("PushTelemetry", US, THEM, sent_at, "0001"))
