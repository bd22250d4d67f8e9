"""When to try again: exponential back-off with jitter, and Retry-After obeyed. PLT-7.6b."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 60.0
"""T/CEC 102 asks for more than 3 repeats, about a minute apart."""

LONGEST_RETRY_AFTER_S: Final = 3600.0
"""A peer may ask for a longer wait than this, but cannot silence us for longer."""

HELD_BACK: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The next attempt of a letter that waits until somebody lets it go."""

POISONED_AFTER: Final = 15
"""Own design number: so many faults of a message itself, over ten minutes or so, and it is dead."""

DIVIDED_AFTER: Final = 3
"""Own design number: so many faults of a large message, and it is tried in parts."""

OF_THE_MESSAGE: Final = frozenset({500, 4003})
"""Codes that speak of the message and may yet pass: a peer that fails at it, or cannot read it."""

OF_ITS_CONTENT: Final = OF_THE_MESSAGE | {4004, 4202, 4401, 4402}
"""Codes that one record of many may cause: a large message is tried in parts."""

GIVEN_UP: Final = "given up"
"""What the reason of a letter begins with that died of too many faults."""

NOT_OF_ITS_CONTENT: Final = frozenset({"expired", "refused 4301"})
"""Reasons of letters that died of their time, or of what we may do: another one of the same content
may get through."""

_MAX_DOUBLINGS: Final = 16
_JITTERED_SHARE: Final = 0.25


def next_attempt(
    attempts: int, now: datetime, jitter: float, retry_after_s: float | None = None
) -> datetime:
    """When to try again after ``attempts`` (1 or more) tries, the last of which failed ``now``.

    The wait doubles from 0.5 s to 60 s; ``jitter``, in [0, 1), takes up to a quarter off it, so
    that senders do not come back together. ``retry_after_s`` is what the peer asked for, from now
    on: it is never undercut, up to an hour, and jitter is added to it.
    """
    doublings = min(max(attempts - 1, 0), _MAX_DOUBLINGS)
    full_s = min(FIRST_WAIT_S * 2**doublings, LONGEST_WAIT_S)
    wait_s = full_s * (1 - _JITTERED_SHARE * jitter)
    # A Retry-After that is no number compares as false, and the back-off stands.
    if retry_after_s is not None and retry_after_s > 0:
        asked_s = min(retry_after_s, LONGEST_RETRY_AFTER_S)
        wait_s = max(wait_s, asked_s + _JITTERED_SHARE * full_s * jitter)
    return now + timedelta(seconds=wait_s)
