"""The life of an alarm: raised, raised again, cleared for good. PLT-7.9c."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import AlarmClear, AlarmEvent, AlarmState
from vgigw.rules.transitions import Transitions

MOST_REPEATS: Final = 2_147_483_647

_TABLE: Final = """
           raise    clear
RAISED     =        CLEARED
CLEARED    x        x
"""


class AlarmChange(StrEnum):
    """What happens to an alarm, in the order of the table's columns."""

    RAISE = "raised"
    CLEAR = "cleared"


ALARM: Final = Transitions("alarm", AlarmState, AlarmChange, _TABLE)


def told(held: AlarmEvent | None, alarm: AlarmEvent) -> AlarmEvent:
    """What to keep after ``alarm`` was told, with its state written out.

    An end whose beginning never came is kept as it is. Raises as :meth:`Transitions.advance`: what
    is over is not raised again, a new occurrence is a new alarm.
    """
    state = alarm.alarm_state or AlarmState.RAISED
    if held is None:
        return replace(alarm, alarm_state=state)
    if state is AlarmState.RAISED:
        return raised_again(held, alarm)
    return replace(
        alarm,
        alarm_state=ALARM.advance(_state_of(held), AlarmChange.CLEAR),
        repeat_count=_larger(held.repeat_count, alarm.repeat_count),
    )


def raised_again(held: AlarmEvent, again: AlarmEvent) -> AlarmEvent:
    """One alarm for both: it began when the first did, its facts are the newer ones."""
    counted = min((held.repeat_count or 0) + 1, MOST_REPEATS)
    return replace(
        again,
        alarm_state=ALARM.advance(_state_of(held), AlarmChange.RAISE),
        occur_time=min(held.occur_time, again.occur_time),
        repeat_count=_larger(counted, again.repeat_count),
    )


def cleared(held: AlarmEvent, clear: AlarmClear) -> AlarmEvent:
    """The alarm after its end was told."""
    return replace(
        held,
        alarm_state=ALARM.advance(_state_of(held), AlarmChange.CLEAR),
        clear_time=clear.clear_time,
        ack_by=clear.ack_by or held.ack_by,
        ack_time=clear.ack_time or held.ack_time,
        detail=clear.detail or held.detail,
    )


def check_clear(held: AlarmEvent, clear: AlarmClear, apart: timedelta = timedelta(0)) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for an alarm that was over before it began, by
    clocks that may be ``apart``. PLT-7.9c."""
    if clear.clear_time < held.occur_time - apart:
        words = "must not be before OccurTime; PLT-7.9c"
        raise InvalidObject(details=(Detail("/ClearTime", "rule", words),))


def _state_of(alarm: AlarmEvent) -> AlarmState:
    return alarm.alarm_state or AlarmState.RAISED


def _larger(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
