"""Whose certificate a message came over: tied to the peer that it names, or not. PLT-10.3a."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
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


def fingerprint(text: str) -> str:
    """``sha256:`` and 64 hexadecimal digits in lower case, from that with colons or capitals.

    Raises ``ValueError``.
    """
    kind, _, digits = text.strip().lower().partition(":")
    plain = f"{kind}:{digits.replace(':', '')}"
    if not _FINGERPRINT.match(plain):
        raise ValueError("not sha256: and 64 hexadecimal digits")
    return plain
