"""Charging sessions drawn from measured distributions: arrival, connection time, energy, vehicle.

The files and what their columns mean are described in ``data/SOURCE.md``. Every draw takes its
``random.Random``; nothing here reads a clock.
"""

from __future__ import annotations

import bisect
import csv
import functools
import itertools
import json
import math
import random
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from statistics import NormalDist, fmean

SLOTS = 96
SLOT_S = 900
TIE_CONNECTION = 0.6
TIE_ENERGY = 0.3
TIE_BETWEEN = 0.4
"""How strongly (rank correlation, 0 to 1) connection time and energy follow the mean of the hour
of arrival, and energy follows connection time. Assumed: the source gives the margins only. They
shape who gets which value, never the margins themselves."""

_NORMAL = NormalDist()


class SiteKind(StrEnum):
    """Kind of site, named as in the source."""

    PRIVATE = "private"
    PUBLIC = "public"
    WORKPLACE = "workplace"


_MEAN_COLUMN = {SiteKind.PRIVATE: "home", SiteKind.PUBLIC: "public", SiteKind.WORKPLACE: "work"}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle model: kWh, kW; efficiencies 0 to 1; currents in A by number of phases."""

    name: str
    registrations: int
    battery_kwh: float
    ac_charge_kw: float
    dc_charge_kw: float
    dc_discharge_kw: float
    max_current_a: dict[int, int]
    efficiency: dict[int, float]


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn session: seconds after local midnight, hours, kWh at the meter, vehicle."""

    arrival_s: float
    connection_h: float
    energy_kwh: float
    vehicle: Vehicle


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("vgigw.testing").joinpath("data", name).read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), restval=""))


@functools.cache
def survival(name: str, kind: SiteKind) -> tuple[float, ...]:
    """101 values: ``survival(...)[p]`` is reached or exceeded by ``p`` percent of the events.

    ``name`` is ``connection-time`` (h) or ``energy-demand`` (kWh).
    """
    rows = _rows(f"distribution-of-{name}.csv")
    rows.sort(key=lambda row: int(row["Percentage of charging events"]))
    return tuple(float(row[kind]) for row in rows)


def value_at(curve: tuple[float, ...], share: float) -> float:
    """Value that ``share`` (0 to 1) of the events reach or exceed, linear between the rows."""
    place = min(max(share, 0.0), 1.0) * (len(curve) - 1)
    row = min(int(place), len(curve) - 2)
    return curve[row] + (curve[row + 1] - curve[row]) * (place - row)


@functools.cache
def arrivals(kind: SiteKind, weekend: bool) -> tuple[float, ...] | None:
    """Percentage of arrivals in each of the 96 quarters of an hour; None where nobody arrives."""
    rows = _rows(f"distribution-of-arrival{'-weekend' if weekend else ''}.csv")
    if kind not in rows[0]:
        return None
    by_slot = {_slot(row["Arrival time"]): float(row[kind]) for row in rows}
    return tuple(by_slot[slot] for slot in range(SLOTS))


def _slot(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 4 + int(minute) // 15


@functools.cache
def mean_by_slot(name: str, kind: SiteKind) -> tuple[float, ...]:
    """Mean by quarter of arrival: ``session-length-per`` (h) or ``demand-per-arrival`` (kWh).

    An hour without events in the source has the mean of the others.
    """
    column = _MEAN_COLUMN[kind]
    known = {
        _slot(row["Arrival Time"]): float(row[column])
        for row in _rows(f"mean-{name}.csv")
        if row[column]
    }
    usual = fmean(known.values())
    return tuple(known.get(slot - slot % 2, usual) for slot in range(SLOTS))


@functools.cache
def _ranks(name: str, kind: SiteKind, weekend: bool) -> tuple[tuple[float, float], ...]:
    """For each slot (low, width): its part of 0..1 when the slots are put in order of mean."""
    weights, means = arrivals(kind, weekend) or (), mean_by_slot(name, kind)
    total, low = sum(weights), 0.0
    ranks = [(0.0, 0.0)] * SLOTS
    for slot in sorted(range(SLOTS), key=lambda each: means[each]):
        width = weights[slot] / total
        ranks[slot] = (low, width)
        low += width
    return tuple(ranks)


@functools.cache
def _cumulated(kind: SiteKind, weekend: bool) -> list[float]:
    return list(itertools.accumulate(arrivals(kind, weekend) or ()))


@functools.cache
def vehicles() -> tuple[Vehicle, ...]:
    """The vehicle models of the source."""
    text = resources.files("vgigw.testing").joinpath("data", "ev_specs_v2g_enabled2024.json")
    models = json.loads(text.read_text("utf-8-sig"))
    return tuple(_vehicle(name, model) for name, model in models.items())


def _vehicle(name: str, model: dict[str, float | list[int]]) -> Vehicle:
    number = {key: float(value) for key, value in model.items() if not isinstance(value, list)}
    lists = {key: value for key, value in model.items() if isinstance(value, list)}
    current: dict[int, int] = {}
    efficiency: dict[int, float] = {}
    for phases in (1, 3):
        taken = zip(lists["ch_current"], lists[f"{phases}ph_ch_efficiency"], strict=True)
        current[phases], percent = max(pair for pair in taken if pair[1])
        efficiency[phases] = percent / 100
    return Vehicle(
        name=name,
        registrations=int(number["number_of_registrations"]),
        battery_kwh=number["battery_capacity"],
        ac_charge_kw=number["max_ac_charge_power"],
        dc_charge_kw=number["avg_dc_charge_power"],  # the peak holds for minutes only
        dc_discharge_kw=number["max_dc_discharge_power"],
        max_current_a=current,
        efficiency=efficiency,
    )


@functools.cache
def _registrations() -> list[int]:
    return list(itertools.accumulate(each.registrations for each in vehicles()))


def _normal(rng: random.Random, rank: tuple[float, float]) -> float:
    """Standard normal over all slots: a uniform place in the slot's part, turned over."""
    place = rank[0] + rank[1] * rng.random()
    return _NORMAL.inv_cdf(min(max(place, 1e-9), 1 - 1e-9))


def draw(rng: random.Random, kind: SiteKind, weekend: bool) -> Draw | None:
    """Draw one session of a day; None where the source has no such arrivals (work, weekend).

    Connection time and energy keep the distributions of the source exactly and are tied to the
    hour of arrival by rank (a Gaussian copula), so that an evening at home is a long one.
    """
    cumulated = _cumulated(kind, weekend)
    if not cumulated:
        return None
    slot = min(bisect.bisect_right(cumulated, rng.random() * cumulated[-1]), SLOTS - 1)
    arrival_s = slot * SLOT_S + round(rng.random() * (SLOT_S - 1), 3)
    hour_length = _normal(rng, _ranks("session-length-per", kind, weekend)[slot])
    hour_energy = _normal(rng, _ranks("demand-per-arrival", kind, weekend)[slot])
    own = rng.gauss(0.0, 1.0)
    length = TIE_CONNECTION * hour_length + math.sqrt(1 - TIE_CONNECTION**2) * own
    rest = math.sqrt(1 - TIE_ENERGY**2 - TIE_BETWEEN**2)
    energy = TIE_ENERGY * hour_energy + TIE_BETWEEN * own + rest * rng.gauss(0.0, 1.0)
    pick = bisect.bisect_right(_registrations(), rng.random() * _registrations()[-1])
    return Draw(
        arrival_s=arrival_s,
        connection_h=value_at(survival("connection-time", kind), 1 - _NORMAL.cdf(length)),
        energy_kwh=value_at(survival("energy-demand", kind), 1 - _NORMAL.cdf(energy)),
        vehicle=vehicles()[pick],
    )
