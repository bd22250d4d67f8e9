"""Operators of every suite that one served gateway knows: two of each, with secrets or with keys.

The keys of the gateway and of its peers lie in real key rings, as `vgigw keys` would have made and
brought them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.trio import OPERATOR, OTHER, PLATFORM, secrets_of
from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.crypto.suite import AnyKeys

MASTER: Final = bytes(range(32))
_PASSPHRASE: Final = b"from one machine to another"
_SIGNING: Final = {"gm": Algorithm.SM2, "intl": Algorithm.ED25519}
_ENCRYPTING: Final = {"gm": Algorithm.SM2, "intl": Algorithm.RSA}


class Pair(NamedTuple):
    """An operator, and another that works with the same suite."""

    operator: str
    other: str


PAIRS: Final = {
    "tcec102": Pair(OPERATOR, OTHER),
    "gm-mac": Pair("123456701", "987654301"),
    "gm": Pair("123456702", "987654302"),
    "intl": Pair("123456703", "987654303"),
}
SUITE_OF: Final = {party: suite for suite, pair in PAIRS.items() for party in pair}


class Rings:
    """The ring of a platform and those of all its operators that have keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._platform = self._ring(folder / PLATFORM, PLATFORM)
        self._operators = {
            party: self._ring(folder / party, party)
            for party, suite in SUITE_OF.items()
            if suite in OF_SUITE
        }
        for suite in OF_SUITE:
            _make(self._platform, suite, f"{suite}-")
        for party, ring in self._operators.items():
            _make(ring, SUITE_OF[party], "")
            _bring(self._platform, party, ring.records())
            self._bring_platform(party, PLATFORM)

    def install(self, state: Path, own: str = PLATFORM) -> None:
        """The platform's ring as that of the gateway ``own`` with the folder ``state``: the very
        same keys, whoever it is. Its operators know it from now on."""
        ring = self._ring(state, own)
        dates = _dates()
        for record in self._platform.records():
            if record.party != PLATFORM:
                _bring(ring, record.party, [record])
                continue
            sealed = self._platform.export_private(record.key_id, _PASSPHRASE)
            kind = (record.algorithm, record.purpose, sealed, _PASSPHRASE)
            ring.import_private(record.key_id, *kind, **dates)
        for party in self._operators if own != PLATFORM else ():
            self._bring_platform(party, own)

    def keys(self, party: str, to: str) -> AnyKeys:
        """What ``party`` has of its link with the gateway ``to``."""
        secrets = secrets_of(party)
        if party not in self._operators:
            return secrets
        return self._operators[party].link(to, SUITE_OF[party], secrets.operator_secret)

    def _bring_platform(self, party: str, own: str) -> None:
        told = [
            each
            for each in self._platform.records()
            if each.party == PLATFORM and each.algorithm in OF_SUITE[SUITE_OF[party]]
        ]
        _bring(self._operators[party], own, told)

    @staticmethod
    def _ring(folder: Path, own: str) -> KeyRing:
        folder.mkdir(exist_ok=True, parents=True)
        return KeyRing(folder / "keys.json", MasterKey(MASTER), own)


def _dates() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=30)}


def _make(ring: KeyRing, suite: str, before: str) -> None:
    ring.new(f"{before}sign", _SIGNING[suite], Purpose.SIGN, **_dates())
    ring.new(f"{before}encrypt", _ENCRYPTING[suite], Purpose.ENCRYPT, **_dates())


def _bring(taker: KeyRing, party: str, records: Iterable[KeyRecord]) -> None:
    for record in records:
        place = Place(party, record.key_id)
        taker.import_public(place, record.algorithm, record.purpose, record.public, **_dates())
