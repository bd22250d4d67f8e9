"""What the curve of a price signal must hold. VGI-D.12, PLT-8.6."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from vgigw.errors import CurveRefused, Detail
from vgigw.objects import PriceSignal
from vgigw.rules.curve import MAX_DETAILS

_NOTHING = timedelta(0)


def check_prices(signal: PriceSignal) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused`, with every fault by its path. VGI-D.12.

    Each price ends after it starts, and starts when the one before it ends.
    """
    details = tuple(detail for detail, _ in zip(_faults(signal), range(MAX_DETAILS), strict=False))
    if details:
        raise CurveRefused(details=details)


def _faults(signal: PriceSignal) -> Iterator[Detail]:
    for place, point in enumerate(signal.price_points):
        if point.end_time - point.start_time <= _NOTHING:
            path = f"/PricePoints/{place}/EndTime"
            yield Detail(path, "rule", "must be later than StartTime; VGI-D.12")
    for place, (before, point) in enumerate(pairwise(signal.price_points), start=1):
        path = f"/PricePoints/{place}/StartTime"
        if point.start_time < before.start_time:
            yield Detail(path, "rule", "prices must be in order of time; VGI-D.12")
        elif point.start_time < before.end_time:
            yield Detail(path, "rule", "overlaps the price before it; VGI-D.12")
        elif point.start_time > before.end_time:
            yield Detail(path, "rule", "leaves a gap after the price before it; VGI-D.12")
