"""Step: the operator's link is cut while telemetry goes on; the gap fills by itself. PLT-7.9d."""

from __future__ import annotations

from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.stage import Stage
from vgigw.testing.demo.steps.gaps import open_and_fill
from vgigw.testing.simulators.operator import now_ms


def cut_link(stage: Stage) -> Outcome:
    """What was measured while the link was cut is missed, recalled, and stored."""
    operator, load = stage.operator, stage.load
    start = now_ms()
    operator.upload(operator.measure())
    stage.cut_link()
    for _ in range(load.outage_rounds):
        operator.upload(operator.measure())
    lost = operator.account.unanswered
    stage.mend_link()
    opened, missing = open_and_fill(stage)
    stage.outage = (start, now_ms())
    comparison = stage.compare()
    complete = operator.account.complete and comparison.stored == comparison.acknowledged
    wanted = load.outage_rounds * load.connectors
    return Outcome(
        passed=missing == wanted and complete and comparison.holds,
        found=f"{lost} batches got lost on the cut link; {opened} gaps with {missing} records "
        f"opened and closed again; {comparison}",
        expected=f"gaps with {wanted} records open and close; acknowledged = stored",
    )
