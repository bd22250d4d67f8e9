"""What a curve must hold, of whatever kind: its grid without gap; and the clock of a command.

PLT-8.3b, PLT-8.5a, PLT-6.8d3, JES-6.2.2.2a, PLT-8.8a. A curve is segments [start, end) in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Final, Protocol

from vgigw.errors import CurveRefused, Detail, TooLate
from vgigw.objects import ControlCurve

CONTROL_INTERVALS_MIN: Final = (1, 5, 15)
PLAN_INTERVALS_MIN: Final = (1, 5, 15, 30, 60)
"""Q5: a market may ask for plans in half hours and hours, never for commands."""
MAX_DETAILS: Final = 100
"""More faults of one curve than this are not listed."""

_NOTHING: Final = timedelta(0)


class Segment(Protocol):
    """One step of any curve."""

    @property
    def start_time(self) -> datetime: ...
    @property
    def end_time(self) -> datetime: ...


def refuse_for(faults: Iterable[Detail]) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused` where there are ``faults``, with the first 100."""
    details = tuple(islice(faults, MAX_DETAILS))
    if details:
        raise CurveRefused(details=details)


def interval_faults(interval_min: int, allowed: Sequence[int], clause: str) -> Iterator[Detail]:
    """The interval is one of ``allowed``, in minutes."""
    if interval_min not in allowed:
        words = f"{', '.join(map(str, allowed[:-1]))} or {allowed[-1]}"
        yield Detail("/IntervalMin", "rule", f"must be {words}; {clause}")


def segment_faults(
    points: Sequence[Segment], member: str, clause: str, *, gapless: bool = True, noun: str = ""
) -> Iterator[Detail]:
    """Each segment ends after it starts, and starts when the one before it ends; where the curve
    is not ``gapless``, it may start later. ``member`` is the wire name of the list."""
    noun = noun or "segment"
    for place, point in enumerate(points):
        if point.end_time <= point.start_time:
            path = f"/{member}/{place}/EndTime"
            yield Detail(path, "rule", f"must be later than StartTime; {clause}")
    for place, (before, point) in enumerate(pairwise(points), start=1):
        path = f"/{member}/{place}/StartTime"
        if point.start_time < before.start_time:
            yield Detail(path, "rule", f"{noun}s must be in order of time; {clause}")
        elif point.start_time < before.end_time:
            yield Detail(path, "rule", f"overlaps the {noun} before it; {clause}")
        elif gapless and point.start_time > before.end_time:
            yield Detail(path, "rule", f"leaves a gap after the {noun} before it; {clause}")


def check_curve(curve: ControlCurve) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused`, with every fault by its path. PLT-8.5a.

    The interval is 1, 5 or 15 minutes; each segment ends after it starts and lasts a whole
    multiple of the interval (of one minute, where it is the only one: an immediate command); each
    segment starts when the one before it ends.
    """
    refuse_for(interval_faults(curve.interval_min, CONTROL_INTERVALS_MIN, "PLT-8.5a"))
    refuse_for(_control_faults(curve))


def check_deadlines(curve: ControlCurve, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.TooLate` where no answer or no execution is in time, or where all
    of the curve is over already. PLT-8.8a."""
    last = len(curve.points) - 1
    late = [
        Detail(f"/{name}", "rule", f"is not later than now; PLT-8.8a ({what})")
        for name, what, limit in (
            ("ValidUntil", "never execute after", curve.valid_until),
            ("AckDeadline", "answer before", curve.ack_deadline),
            (f"Points/{last}/EndTime", "nothing is left to do", curve.points[last].end_time),
        )
        if limit <= now
    ]
    if late:
        raise TooLate(details=tuple(late))


def _control_faults(curve: ControlCurve) -> Iterator[Detail]:
    step_min = 1 if len(curve.points) == 1 else curve.interval_min
    step = timedelta(minutes=step_min)
    for place, point in enumerate(curve.points):
        length = point.end_time - point.start_time
        if length > _NOTHING and length % step:
            words = f"segment must last a multiple of {step_min} min; PLT-8.5a"
            yield Detail(f"/Points/{place}/EndTime", "rule", words)
    yield from segment_faults(curve.points, "Points", "PLT-8.5a")
