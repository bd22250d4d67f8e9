"""Step: SIGKILL to the gateway under load. What it acknowledged is there, once. PLT-7.6b."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from vgigw.testing.awaiting import await_until
from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.stage import Stage
from vgigw.testing.demo.steps.gaps import open_and_fill
from vgigw.testing.simulators.account import Comparison

_LOAD_S = 20.0
_REPEATS = 10
_SURELY_LOST = 12


def kill(stage: Stage) -> Outcome:
    """Kill, look at what is left, restart, let the gaps fill, and send some batches again."""
    operator, load = stage.operator, stage.load
    remains: list[Comparison] = []
    opened = filled = doubtful = originals = 0
    for _ in range(load.kills):
        _kill_under_load(stage)
        remains.append(stage.compare_remains())
        told_before = operator.account.acknowledged_live(_REPEATS)
        stage.gateway.start()
        gaps, records = open_and_fill(stage)
        opened, filled = opened + gaps, filled + records
        doubtful += operator.settle_doubts()
        originals += sum(
            operator.send_again(batch) == operator.account.receipts[batch.batch_id]
            for batch in told_before
        )
    stage.figures.duplicates += originals
    after = stage.compare()
    complete = operator.account.complete and after.stored == after.acknowledged
    held = sum(each.holds for each in remains)
    return Outcome(
        passed=held == load.kills
        and after.holds
        and complete
        and originals == load.kills * _REPEATS,
        found=f"of {load.kills} kills {held} left every acknowledged record in the store "
        f"({', '.join(map(str, remains))}). After the "
        f"restart {opened} gaps with {filled} records filled, {doubtful} batches stored without "
        f"an answer settled by a repeat, {originals} repeats got the original answer. {after}",
        expected=f"{load.kills} stores with nothing lost, different or twice; at last "
        f"acknowledged = stored; {load.kills * _REPEATS} original answers",
    )


def _kill_under_load(stage: Stage) -> None:
    operator, stop = stage.operator, threading.Event()

    def load() -> None:
        while not stop.is_set():
            operator.upload(operator.measure())

    enough = len(operator.account.latencies_ms) + stage.load.crash_batches
    with ThreadPoolExecutor(1, "vgigw-load") as pool:
        loading = pool.submit(load)

        def came(count: Callable[[], int], wanted: int) -> bool:
            if loading.done():
                loading.result()  # raises what ended the load, which would never come now
            return count() >= wanted

        try:
            await_until(
                lambda: came(lambda: len(operator.account.latencies_ms), enough),
                _LOAD_S,
                "enough load to kill in",
            )
            stage.gateway.kill()
            stage.figures.kills += 1
            # What was on its way may have been stored; what is sent to a dead gateway is lost.
            lost = operator.account.unanswered + _SURELY_LOST
            await_until(
                lambda: came(lambda: operator.account.unanswered, lost),
                _LOAD_S,
                "load on a dead gateway",
            )
        finally:
            stop.set()
