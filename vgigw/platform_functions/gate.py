"""When a plan or a declaration comes too late: the gates that the objects have by themselves."""

from __future__ import annotations

from datetime import datetime

from vgigw.objects import Declaration, PlanCurve
from vgigw.rules.plan import plan_deadline


def gate(submission: PlanCurve | Declaration) -> datetime:
    """GateTime of a declaration; the beginning of the day, or of the hour, of a plan, the end of
    what a revision covers. A region whose market closes earlier fills in its own.

    PLT-8.3a, PLT-7.8.
    """
    if isinstance(submission, Declaration):
        return submission.gate_time
    return plan_deadline(submission)
