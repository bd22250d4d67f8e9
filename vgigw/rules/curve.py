"""What a control curve must hold before anybody executes it. PLT-8.5a, PLT-8.8a."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from vgigw.errors import CurveRefused, Detail, TooLate
from vgigw.objects import ControlCurve, ControlPoint

INTERVALS_MIN: Final = (1, 5, 15)
MAX_DETAILS: Final = 100
"""More faults of one curve than this are not listed."""

_NOTHING: Final = timedelta(0)


def check_curve(curve: ControlCurve) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused`, with every fault by its path. PLT-8.5a.

    The interval is 1, 5 or 15 minutes; each segment ends after it starts and lasts a whole
    multiple of the interval (of one minute, where it is the only one: an immediate command); each
    segment starts when the one before it ends.
    """
    details = tuple(detail for detail, _ in zip(_faults(curve), range(MAX_DETAILS), strict=False))
    if details:
        raise CurveRefused(details=details)


def check_deadlines(curve: ControlCurve, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.TooLate` where no answer or no execution is in time. PLT-8.8a."""
    late = [
        Detail(f"/{name}", "rule", f"is not later than now; PLT-8.8a ({what})")
        for name, what, limit in (
            ("ValidUntil", "never execute after", curve.valid_until),
            ("AckDeadline", "answer before", curve.ack_deadline),
        )
        if limit <= now
    ]
    if late:
        raise TooLate(details=tuple(late))


def _faults(curve: ControlCurve) -> Iterator[Detail]:
    if curve.interval_min not in INTERVALS_MIN:
        yield Detail("/IntervalMin", "rule", "must be 1, 5 or 15; PLT-8.5a")
        return
    alone = len(curve.points) == 1
    step_min = 1 if alone else curve.interval_min
    for place, point in enumerate(curve.points):
        yield from _segment_faults(point, f"/Points/{place}", step_min)
    for place, (before, point) in enumerate(pairwise(curve.points), start=1):
        path = f"/Points/{place}/StartTime"
        if point.start_time < before.start_time:
            yield Detail(path, "rule", "segments must be in order of time; PLT-8.5a")
        elif point.start_time < before.end_time:
            yield Detail(path, "rule", "overlaps the segment before it; PLT-8.5a")
        elif point.start_time > before.end_time:
            yield Detail(path, "rule", "leaves a gap after the segment before it; PLT-8.5a")


def _segment_faults(point: ControlPoint, path: str, step_min: int) -> Iterator[Detail]:
    length = point.end_time - point.start_time
    if length <= _NOTHING:
        yield Detail(f"{path}/EndTime", "rule", "must be later than StartTime; PLT-8.5a")
    elif length % timedelta(minutes=step_min):
        words = f"segment must last a multiple of {step_min} min; PLT-8.5a"
        yield Detail(f"{path}/EndTime", "rule", words)
