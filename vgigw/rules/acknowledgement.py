"""What the members of a decision on a command say together: how much, and why not. PLT-6.3b.

A reason belongs to whoever turns something down, an amount to whoever takes something on. Who
accepts all may tell how much that is; a part is nothing without its amount.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import CommandAck, ControlCurve
from vgigw.objects.operating_enumerations import AckResult, ControlQuantity

_TURNED_DOWN: Final = frozenset({AckResult.REFUSED, AckResult.OPTED_OUT})


def check_ack(ack: CommandAck) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a part without its amount, a refusal without
    its reason, a reason where all is accepted, and an amount where nothing is. PLT-6.3b."""
    details = tuple(_faults(ack))
    if details:
        raise InvalidObject(details=details)


def check_accepted(curve: ControlCurve, ack: CommandAck) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a part that is more than the whole, or its
    contrary. PLT-6.3b.

    Both are in one polarity. Of a set-point only: a ceiling that can be kept in part is a higher
    one, and of reactive power or a price no amount in kW is a part.
    """
    told = ack.accepted_power
    if (
        told is None
        or ack.ack_result is not AckResult.PARTLY
        or curve.control_quantity is not ControlQuantity.POWER_SET_POINT
    ):
        return
    least, most = asked_kw(curve)
    if not least <= told <= most:
        words = f"must lie between {least} and {most}, as was asked; PLT-6.3b"
        raise InvalidObject(details=(Detail("/AcceptedPower", "rule", words),))


def asked_kw(curve: ControlCurve) -> tuple[Decimal, Decimal]:
    """The least and the most that ``curve`` asks for at any time, 0 among them, in kW."""
    targets = [Decimal(0), *(point.target_power for point in curve.points)]
    return min(targets), max(targets)


def _faults(ack: CommandAck) -> Iterator[Detail]:
    result = ack.ack_result
    if result is AckResult.PARTLY and ack.accepted_power is None:
        yield Detail("/AcceptedPower", "required", "is needed for a part; PLT-6.3b")
    if result in _TURNED_DOWN and ack.accepted_power:
        yield Detail("/AcceptedPower", "rule", "nothing was accepted; PLT-6.3b")
    if result is AckResult.REFUSED and ack.refuse_reason is None:
        yield Detail("/RefuseReason", "required", "is needed for a refusal; PLT-6.3b")
    if result is AckResult.ACCEPTED and ack.refuse_reason is not None:
        yield Detail("/RefuseReason", "rule", "all was accepted; PLT-6.3b")
