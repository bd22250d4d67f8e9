"""What a demonstration found: checks, figures, and the report that holds both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from vgigw.testing.simulators.account import Comparison
from vgigw.testing.simulators.tally import Count


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done. ``rounds`` of measurements go out ``round_s`` seconds apart."""

    stations: int = 40
    connectors: int = 400
    rounds: int = 10
    round_s: float = 0.8
    curves: int = 10
    outage_rounds: int = 3
    crash_batches: int = 130
    kills: int = 2


SHORT = Load(
    stations=8,
    connectors=80,
    rounds=4,
    round_s=0.4,
    curves=3,
    outage_rounds=2,
    crash_batches=21,
    kills=1,
)


class Outcome(NamedTuple):
    """What one step found, in words, and what should have been found."""

    passed: bool
    found: str
    expected: str


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    name: str
    passed: bool
    found: str
    expected: str
    seconds: float


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One attack: the code that the catalogue says, and the code that came."""

    attack: str
    expected: int
    code: int


class Figures(msgspec.Struct, kw_only=True):
    """Numbers gathered on the way; latencies in milliseconds."""

    comparison: Comparison | None = None
    duplicates: int = 0
    gaps_opened: int = 0
    gaps_closed: int = 0
    records_missing: int = 0
    refusals: list[Refused] = []
    up_ms: list[float] = []
    down_ms: list[float] = []
    round_trip_ms: list[float] = []
    kills: int = 0


class Report(msgspec.Struct, kw_only=True):
    """The whole result; ``messages`` by direction and door."""

    checks: list[Check] = []
    figures: Figures = msgspec.field(default_factory=Figures)
    messages: dict[str, Count] = {}
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def document(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        figures, held = self.figures, self.figures.comparison
        return {
            "ok": self.ok,
            "seconds": round(self.seconds, 1),
            "checks": msgspec.to_builtins(self.checks),
            "messages": {
                name: {
                    "sent": count.sent,
                    "accepted": count.accepted,
                    "refused": {str(code): n for code, n in sorted(count.refused.items())},
                    "unanswered": count.unanswered,
                }
                for name, count in self.messages.items()
            },
            "records": held._asdict() if held else None,
            "duplicates_answered": figures.duplicates,
            "gaps": {
                "opened": figures.gaps_opened,
                "closed": figures.gaps_closed,
                "records": figures.records_missing,
            },
            "refusals": msgspec.to_builtins(figures.refusals),
            "latency_ms": {
                name: {"count": len(each), "p50": percentile(each, 50), "p99": percentile(each, 99)}
                for name, each in (
                    ("up", figures.up_ms),
                    ("down", figures.down_ms),
                    ("down_and_back", figures.round_trip_ms),
                )
            },
            "kills": figures.kills,
        }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile, rounded to 0.1; None of nothing."""
    if not values:
        return None
    rank = max(math.ceil(len(values) * share / 100), 1)
    return round(sorted(values)[rank - 1], 1)
