"""What goes out next after an outage: what is new at once, and what waited beside it. PLT-7.9d.

Three kinds of traffic to a peer go side by side, so that none waits for another's exchange: what is
urgent, what is new, and what waited. The last has at most half of what the peer takes, see
:mod:`vgigw.rules.pacing`. What waited goes oldest first, but a state newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import chain, islice, zip_longest
from typing import Final, TypeVar

from vgigw.operations import Lane

T = TypeVar("T")

NEW_FOR: Final = timedelta(seconds=30)
"""A live message is new for so long; then it is backlog. PLT-7.5c."""

ROUND: Final = 32
"""Letters of one kind that go out before the next look finds what came meanwhile."""


class Traffic(StrEnum):
    """What goes to a peer side by side. PLT-7.9d, I12, I17."""

    URGENT = "urgent"
    NEW = "new"
    WAITED = "waited"


URGENT: Final = (Lane.EMERGENCY, Lane.CONTROL)
"""Lanes that wait behind nothing but each other, in this order."""

LIVE: Final = (Lane.LIVE, Lane.STATE)
"""Lanes whose letters are new at first, and then wait with those of the bulk lane."""


def in_turn(queues: Sequence[Sequence[T]], most: int) -> list[T]:
    """At most ``most`` of all queues together: one of each in turn, so that none starves."""
    ended = object()
    dealt = chain.from_iterable(zip_longest(*queues, fillvalue=ended))
    return list(islice((each for each in dealt if each is not ended), most))  # type: ignore[misc]
