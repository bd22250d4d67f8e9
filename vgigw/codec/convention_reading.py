"""More places for a peer that speaks thousands of our units, while its message is being read.

What stands here is a scope and not an argument, because the doors and couriers, which read, know
nothing of units; the corridor, which does, opens it around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from vgigw.codec.shape import Kind, Member
from vgigw.objects.values import ENERGY_UNITS, POWER_UNITS

THOUSANDS = 3
"""Decimal places between kW and MW."""

_more_places: ContextVar[int] = ContextVar("more_places", default=0)


@contextmanager
def reading_thousands() -> Iterator[None]:
    """Within, decimals of power and energy may have as many places more as MW has before kW.

    So nothing is rounded on the way in: 0.123456 MW is 123.456 kW. What is read so has not its one
    form yet; whoever reads brings it into our units and settles it again. 2.0(3), JES-6.5.2b.
    """
    token = _more_places.set(THOUSANDS)
    try:
        yield
    finally:
        _more_places.reset(token)


def more_places() -> int:
    """How many places more a decimal of power or energy may have now."""
    return _more_places.get()


def finer(member: Member, more: int) -> Member:
    """``member`` with ``more`` places, if it is a decimal of power or energy."""
    if not more or member.kind is not Kind.DECIMAL or not scales(member):
        return member
    assert member.places is not None  # noqa: S101 - narrows for the type checker
    return msgspec.structs.replace(member, places=member.places + more)


def schema_places(member: Member) -> int | None:
    """Decimal places of ``member`` in the published schema: enough for whoever speaks thousands.

    One schema is for everybody, and it does not know the convention of a peer; the reader does, and
    refuses the places that are not this peer's.
    """
    return finer(member, THOUSANDS).places


def scales(member: Member) -> bool:
    """Whether a peer may speak ``member`` in thousands of its unit."""
    return member.unit in POWER_UNITS or member.unit in ENERGY_UNITS
