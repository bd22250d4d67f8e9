"""Sets of four secrets in common as a key ring holds them: which is in use, and when. ACC-5.8.

A message of T/CEC 102 names no key. So whoever receives one tries each set of its sender that is in
use, all of them and always, and the one that fits goes with the message to its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vgigw.crypto.link_keys import IN_USE, KeyState, LinkKey
from vgigw.crypto.secrets import Secrets
from vgigw.errors import Misconfigured

MOST_IN_USE: Final = 3
"""Own design number: as many sets of one direction are valid at a time, since each is tried."""

MOST_GONE: Final = 2
"""So many of those that ended last are tried as well, to tell their holder that they ended."""

_MARK_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True, repr=False)
class SecretSet(Secrets):
    """Four secrets with the name that they have in the ring."""

    key_id: str = ""

    def __repr__(self) -> str:
        return f"SecretSet({self.key_id!r})"

    @property
    def set_id(self) -> str:
        """Its name, which a message of REST may say in ``keyid``; ours does not, since a peer that
        has the secrets in its configuration knows no name of them."""
        return self.key_id

    @property
    def token_mark(self) -> str:
        """What each token begins with that was given under this set."""
        return token_mark(self.key_id)


class SecretSets:
    """The sets of one direction of a link, as they stand whenever somebody asks.

    ``look`` reads them from the ring. One that is revoked is there with its ``sig_secret`` alone.
    """

    __slots__ = ("_look",)

    def __init__(self, look: Callable[[], Iterable[LinkKey[SecretSet]]]) -> None:
        self._look = look

    def __repr__(self) -> str:
        return "SecretSets(...)"

    def to_seal(self, at: datetime) -> SecretSet:
        """The :meth:`newest`. Raises ``Misconfigured`` where there is none."""
        found = self.newest(at)
        if found is None:
            raise Misconfigured("no set of secrets is in use")
        return found

    def newest(self, at: datetime) -> SecretSet | None:
        """The newest active set; where there is none, the newest that is retiring, which its issuer
        still takes: its successor may be on its way here.

        Counted by whole seconds, as the time stamps of T/CEC 102 are.
        """
        second = at.replace(microsecond=0)
        usable = [each for each in self._look() if each.verifies_at(second)]
        if not usable:
            return None
        return max(usable, key=lambda one: (one.state is KeyState.ACTIVE, *_age(one))).key

    def to_verify(self, at: datetime) -> tuple[LinkKey[SecretSet], ...]:
        """Those that a message sent ``at`` may be sealed with, newest first, and after them some
        that are of no use any more, or not yet: whoever holds one of them is told so."""
        held = sorted(self._look(), key=_age, reverse=True)
        in_use = [each for each in held if each.verifies_at(at)]
        others = [each for each in held if not each.verifies_at(at)]
        others.sort(key=lambda each: each.not_before > at)
        return (*in_use[:MOST_IN_USE], *others[:MOST_GONE])

    def in_use(self, at: datetime) -> tuple[SecretSet, ...]:
        """Those that are taken ``at``."""
        return tuple(each.key for each in self.to_verify(at) if each.verifies_at(at))

    def stands_by(self, token: str) -> bool:
        """Whether ``token`` was given under a set that is known here and was not revoked: a token
        lives no longer than the trust in what it was asked for with."""
        return any(
            token.startswith(each.key.token_mark)
            for each in self._look()
            if each.state is not KeyState.REVOKED
        )


def token_mark(key_id: str) -> str:
    """Of a set of this name: 12 hex digits and a dot, of which nothing can be learned."""
    return hashlib.sha256(key_id.encode()).hexdigest()[:_MARK_CHARACTERS] + "."


def is_usable(held: Iterable[LinkKey[SecretSet]], at: datetime) -> bool:
    """Whether what ``held`` have in common was good ``at``: the same secrets may stand there twice,
    and one that was revoked speaks for all of them."""
    return all(each.state in IN_USE for each in held) and any(each.verifies_at(at) for each in held)


def _age(one: LinkKey[SecretSet]) -> tuple[datetime, str]:
    return one.not_before, one.key_id
