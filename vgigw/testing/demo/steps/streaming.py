"""Step: sealed telemetry at a steady rate, its latency, acknowledged against stored. PLT-7.6b."""

from __future__ import annotations

import threading
import time

from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.stage import Stage


def stream_telemetry(stage: Stage) -> Outcome:
    """Rounds of measurements of the whole fleet; all of them acknowledged and stored."""
    account, load = stage.operator.account, stage.load
    pace = threading.Event()
    began = time.monotonic()
    for number in range(1, load.rounds + 1):
        stage.operator.upload(stage.operator.measure())
        # Never set: the event only keeps the rate.
        pace.wait(max(0.0, began + number * load.round_s - time.monotonic()))
    took_s = time.monotonic() - began
    stage.figures.up_ms = list(account.latencies_ms)
    batches = len(account.latencies_ms)
    comparison = stage.compare()
    wanted = load.rounds * load.connectors
    complete = comparison.acknowledged == comparison.stored == wanted
    return Outcome(
        passed=complete and comparison.holds and not account.refused,
        found=f"{batches} batches, {batches / took_s:.0f} a second: {comparison}"
        + "".join(f"; {why}" for why in account.refused[:1]),
        expected=f"{wanted} records acknowledged and stored, none lost, different or twice",
    )
