"""Drawn sessions follow the measured distributions."""

from __future__ import annotations

import random
from collections import Counter
from statistics import fmean, quantiles

import pytest

from vgigw.testing.fleet.distributions import (
    SiteKind,
    arrivals,
    draw,
    mean_by_slot,
    survival,
    value_at,
    vehicles,
)

DRAWS = 5000


def test_survival_curve_is_read_as_share_that_lasts_at_least() -> None:
    curve = survival("connection-time", SiteKind.PRIVATE)
    assert (curve[0], curve[1], curve[100]) == (72.0, 56.5, 0.0)
    assert value_at(curve, 0.01) == pytest.approx(56.5)
    assert value_at(curve, 0.005) == pytest.approx((72 + 56.5) / 2)


@pytest.mark.parametrize("kind", SiteKind)
def test_survival_curve_agrees_with_the_means_by_arrival(kind: SiteKind) -> None:
    weights, means = arrivals(kind, False), mean_by_slot("session-length-per", kind)
    assert weights is not None
    by_arrival = sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights)
    assert fmean(survival("connection-time", kind)) == pytest.approx(by_arrival, rel=0.15)


@pytest.mark.parametrize("kind", SiteKind)
def test_draws_match_connection_time_and_energy(kind: SiteKind) -> None:
    rng = random.Random(7)
    drawn = [each for _ in range(DRAWS) if (each := draw(rng, kind, False))]
    for name, values in (
        ("connection-time", [each.connection_h for each in drawn]),
        ("energy-demand", [each.energy_kwh for each in drawn]),
    ):
        curve, cuts = survival(name, kind), quantiles(values, n=10)
        assert cuts[4] == pytest.approx(curve[50], rel=0.08)
        assert cuts[8] == pytest.approx(curve[10], rel=0.08)


@pytest.mark.parametrize(("kind", "weekend"), [(k, w) for k in SiteKind for w in (False, True)])
def test_draws_match_arrivals_by_quarter_hour(kind: SiteKind, weekend: bool) -> None:
    rng, weights = random.Random(11), arrivals(kind, weekend)
    drawn = [draw(rng, kind, weekend) for _ in range(DRAWS)]
    if weights is None:
        assert set(drawn) == {None}
        return
    counts = Counter(int(each.arrival_s // 900) for each in drawn if each)
    assert set(counts) <= {slot for slot in range(96) if weights[slot] > 0}
    gaps = [abs(100 * counts[slot] / DRAWS - weights[slot]) for slot in range(96)]
    assert max(gaps) < 0.9
    assert sum(gaps) < 14


def test_an_evening_at_home_is_longer_than_a_morning() -> None:
    rng = random.Random(3)
    drawn = [each for _ in range(DRAWS) if (each := draw(rng, SiteKind.PRIVATE, False))]
    morning = [each.connection_h for each in drawn if 8 <= each.arrival_s / 3600 < 10]
    evening = [each.connection_h for each in drawn if 18 <= each.arrival_s / 3600 < 20]
    assert fmean(evening) > 2 * fmean(morning)


def test_vehicle_models_come_in_proportion_to_their_registrations() -> None:
    rng = random.Random(5)
    counts = Counter(
        each.vehicle.name for _ in range(DRAWS) if (each := draw(rng, SiteKind.PUBLIC, False))
    )
    total = sum(model.registrations for model in vehicles())
    for model in vehicles():
        assert counts[model.name] / DRAWS == pytest.approx(model.registrations / total, abs=0.02)
