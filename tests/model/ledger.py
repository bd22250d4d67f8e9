"""What everybody was told, kept outside of every gateway: each message is ok, lost or unknown.

The ledger is what invariants are asked against. ``Facts`` is what the stores of a world say now;
nothing of it is remembered by the world itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Key = Hashable
"""A record of a stream, or a version of a command."""


class Outcome(StrEnum):
    """What its sender knows of a message."""

    OK = "ok"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass
class Recalled:
    """A recall that was taken in, and what came of it."""

    asked: frozenset[int]
    stored: frozenset[int]
    """What was stored of it in that moment."""
    told: int
    """How many records the answer said there are."""
    declared: frozenset[int]
    """What the answer said never comes."""


@dataclass
class Ledger:
    """Of one run."""

    outcomes: dict[Key, Outcome] = field(default_factory=dict)
    acknowledged: dict[str, dict[Key, str]] = field(default_factory=dict)
    """By place: the digest of what was acknowledged there."""
    first_seen: dict[tuple[str, Key], str] = field(default_factory=dict)
    watermarks: dict[str, int] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    commits: list[tuple[int, int]] = field(default_factory=list)
    """Of a clockwork: the epoch that it took, and the one in the store as it committed."""
    replies: list[tuple[Key, str, str]] = field(default_factory=list)
    """Of a repeat: what the first answer was, and this one."""
    conflicts: list[tuple[Key, bool]] = field(default_factory=list)
    """Of another content under the same id: whether it was taken in."""
    forged: list[tuple[str, bool]] = field(default_factory=list)
    """Of what nobody may send: whether it was taken in."""
    recalls: dict[str, Recalled] = field(default_factory=dict)

    def acknowledge(self, place: str, key: Key, digest: str) -> None:
        self.acknowledged.setdefault(place, {})[key] = digest
        self.outcomes[key] = Outcome.OK

    def note(self, key: Key, outcome: Outcome) -> None:
        """Unless more is known already."""
        if self.outcomes.get(key) is not Outcome.OK:
            self.outcomes[key] = outcome


@dataclass
class Facts:
    """What the stores say."""

    durable: Mapping[str, Mapping[tuple[str, Any], str]]
    """By place: what it holds, and the digest."""
    twice: tuple[str, ...]
    """What is held more than once at a place, or was carried out more than once."""
    watermarks: Mapping[str, int]
    known: frozenset[int]
    """All numbers of the stream, as far as its receiver knows it."""
    missing: frozenset[int]
    open_gaps: frozenset[int]
    declared: frozenset[int]
    sent: Mapping[str, frozenset[Key]]
    """By the place that it goes to: what a delivered letter brought."""
    arrived: frozenset[Key]
    """What its receiver holds."""
    under_way: frozenset[Key]
    dead: frozenset[Key]
    unalarmed: tuple[str, ...]
    """Parties with dead letters and no alarm of them."""
    late: tuple[str, ...]
    untraced: tuple[str, ...]
    """Followed messages whose chain lacks a hop, and places whose audit is broken."""
    newest: Mapping[str, datetime]
    marked_live: tuple[str, ...]
    """What was asked for and is marked as live."""
    waiting: tuple[str, ...]
    """What has not come to its end: letters, gaps, jobs."""
    recalled: Mapping[str, frozenset[int]]
    """What came of each recall that is over."""
