"""Keys that change while messages are under way: made known, used, and the old one forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.links import NOT_BEFORE, USES, key
from vgigw.crypto.link_keys import AnyLinkKeys, LinkKey, LinkKeys, Purpose

SUITE: Final = "intl"
_GENERATIONS: Final = 4
"""Pairs that are made of a party; then the first comes again, under a name of its own."""


class Rotation:
    """The own and the public keys of each party; links look at them anew for each message."""

    def __init__(self, parties: tuple[str, ...]) -> None:
        self._steps = dict.fromkeys(parties, 0)
        self._own: dict[str, list[LinkKey[object]]] = {}
        self._public: dict[str, list[LinkKey[object]]] = {}
        for party in parties:
            self._own[party] = [key(SUITE, party, purpose, private=True) for purpose in USES]
            self._public[party] = [key(SUITE, party, purpose, private=False) for purpose in USES]

    def link(self, own: str, other: str, shown: bytes) -> AnyLinkKeys:
        """What ``own`` holds of its link with ``other``."""
        return LinkKeys(own=self._own[own], peer=self._public[other], operator_secret=shown)

    def step(self, party: str) -> None:
        """The next of three: a new key is known to the others, it signs, the old one is gone."""
        number, phase = divmod(self._steps[party], 3)
        self._steps[party] += 1
        if phase == 0:
            self._public[party].append(self._signing(party, number + 1, private=False))
        elif phase == 1:
            own = self._own[party]
            own[:] = [each for each in own if each.purpose is not Purpose.SIGN]
            own.append(self._signing(party, number + 1, private=True))
        else:
            public = self._public[party]
            public.remove(next(each for each in public if each.purpose is Purpose.SIGN))

    def finish(self) -> None:
        """Every change that was begun comes to its end."""
        for party in self._steps:
            while self._steps[party] % 3:
                self.step(party)

    def _signing(self, party: str, number: int, *, private: bool) -> LinkKey[object]:
        made = f"{party}/{number % _GENERATIONS}"
        return key(
            SUITE,
            made,
            Purpose.SIGN,
            private=private,
            key_id=f"sign-{number + 1}",
            not_before=NOT_BEFORE + timedelta(seconds=number),
        )
