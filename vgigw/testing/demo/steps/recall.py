"""Step: dispatch recalls a time range and gets what was acknowledged in it. PLT-7.6d."""

from __future__ import annotations

from vgigw.testing.awaiting import await_until
from vgigw.testing.demo.findings import Outcome
from vgigw.testing.demo.stage import Stage

_DELIVERED_S = 25.0


def recall(stage: Stage) -> Outcome:
    """The set of (object, time) at dispatch is that of the acknowledged records, none twice."""
    if stage.outage is None:
        return Outcome(False, "there was no outage to recall", "the range of the outage")
    start, end = stage.outage
    receipt = stage.dispatch.recall(start, end)
    expected = stage.operator.account.acknowledged_between(start, end)
    await_until(
        lambda: stage.dispatch.records_received() >= receipt.count,
        _DELIVERED_S,
        f"{receipt.count} recalled records at dispatch",
    )
    got = stage.dispatch.recalled()
    return Outcome(
        passed=got == expected and receipt.count == len(expected) > 0,
        found=f"{receipt.count} promised, {len(got)} delivered, "
        f"{len(set(expected) - set(got))} missing, {len(got) - len(set(got))} twice, "
        f"{len(set(got) - set(expected))} not asked for",
        expected=f"exactly the {len(expected)} records acknowledged in that range",
    )
