"""Which load ceiling holds at a node: the freshest valid one wins, a stale one falls back. VGI-5.7.

A ceiling comes from dispatch or from a meter on the spot; either is as good as the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from vgigw.objects import GridNode, GridParameter


def in_force(parameter: GridParameter, now: datetime) -> bool:
    """Whether a parameter holds ``now``: from its beginning on, before its end."""
    ended = parameter.valid_to is not None and parameter.valid_to <= now
    return parameter.valid_from <= now and not ended


def load_ceiling_kw(
    node: GridNode | None, told: Iterable[GridParameter], now: datetime
) -> Decimal | None:
    """The load ceiling of a node ``now``, in kW; None where nobody ever told one.

    ``told`` are the parameters of the node in the order of their versions. The one in force that
    was issued last wins. Where ceilings were told and none is in force any more, the lowest of all
    that are known holds: a limit that is not known any better must not be exceeded. VGI-5.7.
    """
    ceilings = [each for each in told if each.load_limit is not None]
    present = [each for each in ceilings if in_force(each, now)]
    if present:
        return max(present, key=lambda each: (each.issue_time, each.version)).load_limit
    past = [each.load_limit for each in ceilings if each.valid_from <= now]
    own = None if node is None else node.load_limit
    return min((each for each in (*past, own) if each is not None), default=None)
