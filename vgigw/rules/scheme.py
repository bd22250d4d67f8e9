"""What a supply scheme must hold: its step, its balance, its objective. JES-7.1.3, JES-7.1.4a."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from vgigw.errors import CurveRefused, Detail, InvalidObject
from vgigw.objects import SupplyScheme
from vgigw.objects.schemes import SchemeMethod, SchemeObjective, ViolationKind

STEPS_MIN: Final = (15, 30)
_PLACE: Final = Decimal("0.001")


def check_scheme(scheme: SupplyScheme) -> None:
    """Raise :class:`~vgigw.errors.CurveRefused` for a step that is not 15 or 30 minutes on its own
    grid, :class:`~vgigw.errors.InvalidObject` for members that do not fit together."""
    step = timedelta(minutes=scheme.step_min)
    if scheme.step_min not in STEPS_MIN:
        raise CurveRefused(details=(Detail("/StepMin", "rule", "must be 15 or 30; JES-7.1.4a"),))
    if (scheme.step_time - scheme.step_time.replace(hour=0, minute=0, second=0, microsecond=0)) % (
        step
    ):
        words = "must lie on the grid of StepMin; JES-7.1.4a"
        raise CurveRefused(details=(Detail("/StepTime", "rule", words),))
    details = tuple(_faults(scheme))
    if details:
        raise InvalidObject(details=details)


def _faults(scheme: SupplyScheme) -> Iterator[Detail]:
    given = sum((each.p for each in scheme.sources), Decimal(0))
    taken = sum((each.p for each in scheme.loads), scheme.losses)
    # Each value is rounded for itself, by at most half a place.
    allowance = _PLACE * (len(scheme.sources) + len(scheme.loads) + 1)
    told = any(each.kind is ViolationKind.BALANCE for each in scheme.violations)
    if abs(given - taken) > allowance and not told:
        words = "sources do not sum to loads and losses, and no violation says so; JES-7.1.3"
        yield Detail("/Sources", "rule", words)
    if scheme.method is SchemeMethod.OPTIMAL_POWER_FLOW and scheme.objective is None:
        yield Detail("/Objective", "rule", "an optimum needs its objective; JES-7.2.3")
    if scheme.objective is SchemeObjective.WEIGHTED and not scheme.weights:
        yield Detail("/Weights", "rule", "a weighted objective needs its weights; JES-7.2.3")
