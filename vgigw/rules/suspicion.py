"""Which refusals are a matter for an alarm, from how many on, and when it is over. PLT-7.9c.

A wrong signature or token happens; many in a minute in the name of one party are an attack, or a
party that is set up wrongly. A second content under one key, an envelope on another operation, a
clock that is off and a key out of use are told at once. F57, F66, F81, F82.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

QUIET: Final = timedelta(minutes=10)
"""Own design number: after so long without another the matter is over."""

_TOGETHER: Final = timedelta(minutes=1)
"""So close to each other refusals count as several; a longer pause begins anew."""


class Suspicion(NamedTuple):
    """What refusals of one code mean: the alarm's code, from how many on, and in words.

    ``genuine``: only what was signed by the party that it names says so.
    """

    code: str
    many: int
    genuine: bool
    words: str


SUSPICIONS: Final = MappingProxyType(
    {
        4001: Suspicion("FORGED", 5, False, "wrong signatures in the name of this party"),
        4002: Suspicion("WRONG_TOKEN", 5, True, "tokens that are missing, unknown or over"),
        4101: Suspicion(
            "REPLAYED",
            1,
            True,
            "an envelope came again for something else",
        ),
        4102: Suspicion("CLOCK_OFF", 1, True, "time stamps outside the window"),
        4104: Suspicion("KEY_OUT_OF_USE", 1, False, "a key that is revoked or expired"),
        4202: Suspicion("OTHER_CONTENT", 1, True, "one key with another content than before"),
    }
)
"""By return code. PLT-7.9c."""


class Count(NamedTuple):
    """How often it happened since it was told last, and whether it was told already."""

    times: int
    first_at: datetime
    last_at: datetime
    told: bool = False


def counted(count: Count | None, now: datetime) -> Count:
    """The count after one more at ``now``."""
    if count is None or (now - count.last_at) > (QUIET if count.told else _TOGETHER):
        return Count(1, now, now)
    return count._replace(times=count.times + 1, last_at=now)


def ripe(suspicion: Suspicion, count: Count) -> bool:
    """Whether there is something to tell: enough of them, or one more of what was told."""
    return count.times >= (1 if count.told else suspicion.many)


def told(count: Count) -> Count:
    """The count after it was told."""
    return count._replace(times=0, told=True)


def forgotten(count: Count, now: datetime) -> bool:
    """Whether nothing need be remembered of it any more."""
    return abs(now - count.last_at) > QUIET
