"""Whether the time of a refusal tells anything: a fixed forgery against random ones. F84, F85.

Two classes of messages that are refused go down the corridor in random turns; Welch's t tells
whether their times differ. The slowest twentieth of both together is left out, where the machine
and not the gateway speaks, as dudect does.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from vgigw.envelope.wire import WireRequest
from vgigw.testing.bench.forgeries import DOORS, WHAT, Forger

BOUND: Final = 4.5
"""Of |t|, in every run."""

_CROPPED = 0.05


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Times of two classes at one door: microseconds (medians), and Welch's t of each run."""

    door: str
    what: str
    samples: int
    fixed_us: float
    random_us: float
    t: tuple[float, ...]

    @property
    def tells(self) -> bool:
        """Whether an attacker could tell the classes apart."""
        return max(map(abs, self.t)) >= BOUND


def measure(
    samples: int,
    runs: int,
    suite: str,
    seed: int,
    tell: Callable[[str], object],
    doors: Iterable[str] = (),
) -> list[Verdict]:
    """Every secret at each of ``doors``, or everywhere: ``samples`` of each class in each run."""
    found = []
    for door in tuple(doors) or DOORS:
        for what in WHAT:
            tell(f"{door}: {what}")
            found.append(_verdict(door, what, samples, runs, suite, random.Random(seed)))
    return found


def welch(one: list[float], other: list[float]) -> float:
    """Welch's t of two samples."""
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / math.sqrt(spread)


def _verdict(
    door: str, what: str, samples: int, runs: int, suite: str, rng: random.Random
) -> Verdict:
    forger = Forger(door, suite, rng)
    classes = forger.classes(what)
    _times(forger, classes, 500, rng)  # caches and allocators have settled
    times = [_times(forger, classes, samples, rng) for _ in range(runs)]
    return Verdict(
        door=door,
        what=what,
        samples=samples,
        fixed_us=statistics.median(t for fixed, _ in times for t in fixed) / 1000,
        random_us=statistics.median(t for _, drawn in times for t in drawn) / 1000,
        t=tuple(round(welch(*map(_cropped_together(pair), pair)), 2) for pair in times),
    )


def _times(
    forger: Forger,
    classes: tuple[list[WireRequest], list[WireRequest]],
    samples: int,
    rng: random.Random,
) -> tuple[list[float], list[float]]:
    """Nanoseconds of each answer, by class, in random turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    turns = [0, 1] * samples
    rng.shuffle(turns)
    gc.collect()
    gc.disable()
    try:
        for turn in turns:
            request = rng.choice(classes[turn])
            begun = time.perf_counter_ns()
            forger.receive(request)
            taken[turn].append(time.perf_counter_ns() - begun)
    finally:
        gc.enable()
    return taken


def _cropped_together(
    pair: tuple[list[float], list[float]],
) -> Callable[[list[float]], list[float]]:
    """The same bound for both classes, so that cropping tells nothing itself."""
    together = sorted([*pair[0], *pair[1]])
    bound = together[int(len(together) * (1 - _CROPPED))]
    return lambda times: [each for each in times if each <= bound]
