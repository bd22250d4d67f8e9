"""The gap ledger at work: a hole is noticed, recalled and filled without anybody's help."""

from __future__ import annotations

from vgigw.testing.awaiting import await_until
from vgigw.testing.demo.stage import Stage

_NOTICED_S = 5.0
_FILLED_S = 25.0


def open_and_fill(stage: Stage) -> tuple[int, int]:
    """Live traffic goes on and finds the holes; gaps that opened, and records missing in them.

    Returns when the ledger is empty and each answer to a recall is acknowledged. Raises
    ``DidNotCome``.
    """
    operator = stage.operator
    operator.upload(operator.measure())
    operator.beat()
    gaps = await_until(stage.gaps, _NOTICED_S, "the opening of a gap")
    missing = sum(gap.last - gap.first + 1 for gap in gaps)
    stage.figures.gaps_opened += len(gaps)
    stage.figures.records_missing += missing
    await_until(lambda: not stage.gaps(), _FILLED_S, f"the filling of {len(gaps)} gaps")
    stage.figures.gaps_closed += len(gaps)
    await_until(lambda: not operator.waiting(), _FILLED_S, "the receipt of each backfill")
    operator.book_backfills()
    return len(gaps), missing
