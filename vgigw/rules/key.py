"""The life of a key, as one table, and what its notice must hold. ACC-5.8."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from vgigw.errors import Detail, InvalidObject, KeyUnusable
from vgigw.objects import KeyRecord
from vgigw.objects.security import KeyState
from vgigw.rules.transitions import Transitions

_TABLE: Final = """
          pending active retiring revoked
PENDING   =       ACTIVE x        REVOKED
ACTIVE    x       =      RETIRING REVOKED
RETIRING  x       x      =        REVOKED
REVOKED   x       x      x        =
"""
_KEY: Final = Transitions("key", KeyState, KeyState, _TABLE)


def advance(state: KeyState, told: KeyState) -> KeyState:
    """The state after a notice; raises as :meth:`Transitions.advance`."""
    return _KEY.advance(state, told)


def check_key(record: KeyRecord, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where the validity ends before it begins, and
    :class:`~vgigw.errors.KeyUnusable` for one that would be used after its end. ACC-5.8."""
    if record.not_after <= record.not_before:
        words = "must be later than NotBefore; ACC-5.8"
        raise InvalidObject(details=(Detail("/NotAfter", "rule", words),))
    if record.not_after <= now and record.state is not KeyState.REVOKED:
        raise KeyUnusable(details=(Detail("/NotAfter", "rule", "the key has expired; ACC-5.8"),))
