"""What goes out next after an outage: what is new at once, and what waited beside it. PLT-7.9d.

A round holds what is urgent, then what is new, then what waited, oldest first: at least half of it,
so that the backlog shrinks. While a peer takes ``capacity`` letters a second and ``live`` new ones
are made, a backlog is gone after ``backlog / (capacity - live)`` seconds, where ``live`` is at most
half of ``capacity``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypeVar

T = TypeVar("T")

NEW_FOR: Final = timedelta(seconds=30)
"""A live message is new for so long; then it is backlog. PLT-7.5c."""

ROUND: Final = 32
"""Letters that go out before the next look finds what came meanwhile."""

MOST_NEW: Final = ROUND // 2


def next_round(urgent: list[T], new: list[T], waited: list[T]) -> list[T]:
    """At most :data:`ROUND` of them, each once; ``urgent`` always comes first."""
    chosen = [*urgent[:ROUND], *new[:MOST_NEW], *waited, *new[MOST_NEW:]]
    seen: list[T] = []
    for each in chosen:
        if each not in seen:
            seen.append(each)
    return seen[:ROUND]
