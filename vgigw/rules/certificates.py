"""Whose certificate a message came over: tied to the peer that it names, or not. PLT-10.3a."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum, auto

_FINGERPRINT = re.compile(r"sha256:([0-9a-f]{64})\Z")


class Tie(Enum):
    """What a certificate says of the sender that a message names."""

    NONE = auto()
    """Nothing: there is none, or the peer is known by none and neither is anybody else by it."""
    OWN = auto()
    OF_ANOTHER = auto()
    NEW = auto()
    """The peer is known by others, and nobody by this one."""


def tie(certificate: str, own: Collection[str], of_others: Iterable[Collection[str]]) -> Tie:
    """What ``certificate`` says of the peer that has ``own``; all are fingerprints, "" is none."""
    if not certificate:
        return Tie.NONE
    if certificate in own:
        return Tie.OWN
    if any(certificate in theirs for theirs in of_others):
        return Tie.OF_ANOTHER
    return Tie.NEW if own else Tie.NONE


def of_several(known: Mapping[str, Collection[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each fingerprint that more than one party of ``known`` has, and who they are: which of them
    sent a message, such a certificate does not say."""
    parties: dict[str, list[str]] = {}
    for party, theirs in known.items():
        for each in dict.fromkeys(theirs):
            parties.setdefault(each, []).append(party)
    yield from ((each, tuple(who)) for each, who in parties.items() if len(who) > 1)


def fingerprint(text: str) -> str:
    """``sha256:`` and 64 hexadecimal digits in lower case, from that with colons or capitals.

    Raises ``ValueError``.
    """
    kind, _, digits = text.strip().lower().partition(":")
    plain = f"{kind}:{digits.replace(':', '')}"
    if not _FINGERPRINT.match(plain):
        raise ValueError("not sha256: and 64 hexadecimal digits")
    return plain
