"""What the parts of a decomposed command answered, as the answer to the whole. PLT-6.3, JES-6.5.3.

Everything is in the polarity of the whole. A shortfall is told, not hidden. PLT-6.3b.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from msgspec.structs import replace

from vgigw.objects import CommandAck, ControlCurve, ExecutionReport
from vgigw.objects.control import ActualPoint
from vgigw.objects.operating_enumerations import AckResult, ExecState, RefuseReason
from vgigw.rules.acknowledgement import asked_kw

TAKEN: Final = frozenset({AckResult.ACCEPTED, AckResult.PARTLY})
_WORST_FIRST: Final = (
    ExecState.FAILED,
    ExecState.AUTO_EXIT,
    ExecState.CANCELLED,
    ExecState.DONE,
)
_PERCENT: Final = Decimal("0.01")


class PartAnswer(NamedTuple):
    """The decision on one part, and its curve."""

    ack: CommandAck
    curve: ControlCurve

    @property
    def accepted_kw(self) -> Decimal | None:
        """How much it will do; None where nobody can tell."""
        if self.ack.ack_result not in TAKEN:
            return Decimal(0)
        if self.ack.accepted_power is not None or self.ack.ack_result is AckResult.PARTLY:
            return self.ack.accepted_power
        targets = {point.target_power for point in self.curve.points}
        return targets.pop() if len(targets) == 1 else None

    @property
    def throughout_kw(self) -> Decimal:
        """How much it will do at any time of the curve; 0 where nobody can tell."""
        told = self.accepted_kw
        if told is not None or self.ack.ack_result is AckResult.PARTLY:
            return told or Decimal(0)
        targets = [point.target_power for point in self.curve.points]
        one_way = min(targets) >= 0 or max(targets) <= 0
        return min(targets, key=abs) if one_way else Decimal(0)


def combined_ack(whole: ControlCurve, answers: Sequence[PartAnswer], party: str) -> CommandAck:
    """Accepted where every part accepted, refused where none did, else accepted in part.

    AcceptedPower is the sum; absent where all accepted all, or where one does not tell how much. Of
    an acceptance in part it is what will be done throughout, and no more than was asked.
    RefuseReason is the one that all who turned it down gave, else OTHER. AckTime is the last one.
    """
    results = [each.ack.ack_result for each in answers]
    reasons = {
        each.ack.refuse_reason or RefuseReason.OTHER
        for each in answers
        if each.ack.ack_result is not AckResult.ACCEPTED
    }
    result = _result_of(results)
    amounts = [each.accepted_kw for each in answers]
    known = [each for each in amounts if each is not None]
    tells = any(each.ack.accepted_power is not None for each in answers)
    total: Decimal | None = None
    if result is AckResult.PARTLY:
        least, most = asked_kw(whole)
        total = min(max(sum((each.throughout_kw for each in answers), Decimal(0)), least), most)
    elif result is AckResult.ACCEPTED and tells and len(known) == len(amounts):
        total = sum(known, Decimal(0))
    return CommandAck(
        command_id=whole.command_id,
        ack_party=party,
        ack_result=result,
        accepted_power=total,
        refuse_reason=_reason_of(reasons) if result is not AckResult.OPTED_OUT else None,
        ack_time=max(each.ack.ack_time for each in answers),
    )


def combined_report(
    whole: ControlCurve, reports: Sequence[ExecutionReport], report_id: str
) -> ExecutionReport:
    """From the first start to the last end, with the sum of the response and the longest delay.

    The state is the worst of the parts: failed, left by itself, cancelled, done. ResponseAccuracy
    is weighted by the amount of each response. Curves are summed where all have the same steps,
    and left out otherwise, as the mean error is: it does not follow from those of the parts.
    """
    weights = [abs(each.response_quantity) for each in reports]
    if not any(weights):
        weights = [Decimal(1)] * len(reports)
    accuracy = sum(
        (w * each.response_accuracy for w, each in zip(weights, reports, strict=True)), Decimal(0)
    ) / sum(weights, Decimal(0))
    states = {each.exec_state for each in reports}
    return ExecutionReport(
        command_id=whole.command_id,
        report_id=report_id,
        exec_state=next(state for state in _WORST_FIRST if state in states),
        actual_start_time=min(each.actual_start_time for each in reports),
        actual_end_time=max(each.actual_end_time for each in reports),
        response_quantity=sum((each.response_quantity for each in reports), Decimal(0)),
        response_accuracy=accuracy.quantize(_PERCENT, ROUND_HALF_EVEN),
        delay_sec=max(each.delay_sec for each in reports),
        actual_points=_summed([each.actual_points for each in reports]),
    )


def _summed(curves: Sequence[tuple[ActualPoint, ...]]) -> tuple[ActualPoint, ...]:
    """The sum of curves of the same steps: a mean over part of a step is not known."""
    steps = {tuple((point.start_time, point.end_time) for point in each) for each in curves}
    if len(steps) != 1:
        return ()
    return tuple(
        replace(points[0], power=sum((each.power for each in points), Decimal(0)))
        for points in zip(*curves, strict=True)
    )


def _result_of(results: Sequence[AckResult]) -> AckResult:
    if all(each is AckResult.ACCEPTED for each in results):
        return AckResult.ACCEPTED
    if any(each in TAKEN for each in results):
        return AckResult.PARTLY
    declined = all(each is AckResult.OPTED_OUT for each in results)
    return AckResult.OPTED_OUT if declined else AckResult.REFUSED


def _reason_of(reasons: Iterable[RefuseReason]) -> RefuseReason | None:
    found = set(reasons)
    if not found:
        return None
    return found.pop() if len(found) == 1 else RefuseReason.OTHER
