"""What a measurement found, for people and for machines."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

_LIBRARIES = ("vgigw", "granian", "falcon", "msgspec", "lxml", "cryptography", "zstandard")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """CPU microseconds a record (medians of the rounds), and whether the counts agree.

    ``ratio`` is what counts: both sides ran in turns on one CPU. Counts are of records, refusals
    of messages, and hold the warm-up too.
    """

    door: str
    suite: str
    batch: int
    seconds: float
    rounds: int
    connections: int
    server_us_per_record: float
    floor_us_per_record: float
    ratio: float
    records_per_s: float
    messages_per_s: float
    p50_ms: float
    p99_ms: float
    refused: int
    acknowledged: int
    stored: int
    floor_refused: int
    floor_acknowledged: int
    floor_stored: int
    cpu: str
    python: str
    versions: dict[str, str]

    @property
    def faults(self) -> list[str]:
        """Why the figures do not count; empty where they do."""
        found = []
        if not self.acknowledged or not self.floor_acknowledged:
            found.append("nothing was acknowledged")
        if self.refused or self.floor_refused:
            found.append(f"refused {self.refused} messages, the floor {self.floor_refused}")
        if self.acknowledged != self.stored:
            found.append(f"acknowledged {self.acknowledged} records, stored {self.stored}")
        if self.floor_acknowledged != self.floor_stored:
            found.append(
                f"floor acknowledged {self.floor_acknowledged} records, stored {self.floor_stored}"
            )
        return found


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpu": _cpu_model(),
        "python": platform.python_version(),
        "versions": {
            **{name: _version(name) for name in _LIBRARIES},
            "sqlite": sqlite3.sqlite_version,
        },
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def rows(report: Report) -> list[tuple[str, str]]:
    """The report as lines of a table."""
    return [
        ("door, suite", f"{report.door}, {report.suite}"),
        ("records a message", f"{report.batch}"),
        ("windows", f"{report.rounds} of {report.seconds:g} s, {report.connections} connections"),
        ("gateway", f"{report.server_us_per_record:.2f} us CPU a record"),
        ("bare libraries", f"{report.floor_us_per_record:.2f} us CPU a record"),
        ("ratio", f"{report.ratio:.2f}"),
        ("records a second", f"{report.records_per_s:,.0f}"),
        ("messages a second", f"{report.messages_per_s:,.0f}"),
        ("latency", f"p50 {report.p50_ms:.1f} ms, p99 {report.p99_ms:.1f} ms"),
        ("acknowledged = stored", f"{report.acknowledged} = {report.stored}"),
        ("refused", f"{report.refused}"),
        ("machine", f"{report.cpu}, Python {report.python}"),
    ]
