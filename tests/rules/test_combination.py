"""The answers of the parts as one answer to the whole. PLT-6.3, JES-6.5.3."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.rules.test_curve import NOW, curve
from vgigw.objects import CommandAck, ExecutionReport
from vgigw.objects.control import ActualPoint
from vgigw.objects.operating_enumerations import AckResult, ExecState, RefuseReason
from vgigw.rules.combination import PartAnswer, combined_ack, combined_report

WHOLE = curve(5, [(0, 5)])
TARGET = WHOLE.points[0].target_power
powers = st.integers(-(10**6), 10**6).map(lambda watts: Decimal(watts).scaleb(-3))
ENDS = (ExecState.DONE, ExecState.CANCELLED, ExecState.AUTO_EXIT, ExecState.FAILED)
"""From the best to the worst."""


def answer(
    result: AckResult,
    power_kw: str | None = None,
    reason: RefuseReason | None = None,
    after_s: float = 0,
) -> PartAnswer:
    ack = CommandAck(
        command_id="part",
        ack_result=result,
        accepted_power=None if power_kw is None else Decimal(power_kw),
        refuse_reason=reason,
        ack_time=NOW + timedelta(seconds=after_s),
    )
    return PartAnswer(ack, WHOLE)


YES, NO = answer(AckResult.ACCEPTED), answer(AckResult.REFUSED, reason=RefuseReason.SOC_FLOOR)
OUT, SOME = answer(AckResult.OPTED_OUT), answer(AckResult.PARTLY, "-4.000")


@pytest.mark.parametrize(
    ("answers", "result", "power_kw"),
    [
        ((YES, YES), AckResult.ACCEPTED, None),
        ((YES, answer(AckResult.ACCEPTED, "-3.000")), AckResult.ACCEPTED, TARGET - 3),
        ((YES, NO), AckResult.PARTLY, TARGET),
        ((YES, SOME), AckResult.PARTLY, TARGET - 4),
        ((SOME, OUT), AckResult.PARTLY, Decimal(-4)),
        ((answer(AckResult.PARTLY), YES), AckResult.PARTLY, TARGET),
        ((NO, NO), AckResult.REFUSED, None),
        ((NO, OUT), AckResult.REFUSED, None),
        ((OUT, OUT), AckResult.OPTED_OUT, None),
    ],
)
def test_plt_6_3b_the_shortfall_is_told(
    answers: tuple[PartAnswer, ...], result: AckResult, power_kw: Decimal | None
) -> None:
    both = replace(WHOLE, points=(replace(WHOLE.points[0], target_power=2 * TARGET),))
    ack = combined_ack(both, answers, "100000001")
    assert (ack.ack_result, ack.accepted_power) == (result, power_kw)
    assert (ack.command_id, ack.ack_party) == (WHOLE.command_id, "100000001")


def test_plt_6_3b_no_part_is_told_as_more_than_the_whole() -> None:
    ack = combined_ack(WHOLE, (YES, SOME), "100000001")
    assert (ack.ack_result, ack.accepted_power) == (AckResult.PARTLY, TARGET)


def test_a_reason_that_all_share_is_told() -> None:
    other = answer(AckResult.REFUSED, reason=RefuseReason.MAINTENANCE)
    assert combined_ack(WHOLE, (NO, NO), "p").refuse_reason is RefuseReason.SOC_FLOOR
    assert combined_ack(WHOLE, (NO, other), "p").refuse_reason is RefuseReason.OTHER
    assert combined_ack(WHOLE, (YES, NO), "p").refuse_reason is RefuseReason.SOC_FLOOR
    assert combined_ack(WHOLE, (YES, YES), "p").refuse_reason is None
    assert combined_ack(WHOLE, (OUT, OUT), "p").refuse_reason is None


def test_the_decision_is_as_late_as_the_last_part() -> None:
    late = answer(AckResult.ACCEPTED, after_s=7)
    assert combined_ack(WHOLE, (late, YES), "p").ack_time == NOW + timedelta(seconds=7)


def report(state: ExecState = ExecState.DONE, **changes: Any) -> ExecutionReport:
    members: dict[str, Any] = {
        "command_id": "part",
        "report_id": "R",
        "exec_state": state,
        "actual_start_time": NOW,
        "actual_end_time": NOW + timedelta(minutes=5),
        "response_quantity": Decimal("1.000"),
        "response_accuracy": Decimal("90.00"),
        "delay_sec": Decimal("2.0"),
    }
    return ExecutionReport(**members | changes)


@given(st.lists(st.sampled_from(ENDS), min_size=1, max_size=6))
def test_the_whole_is_as_good_as_its_worst_part(states: list[ExecState]) -> None:
    combined = combined_report(WHOLE, [report(each) for each in states], "R1")
    assert combined.exec_state is max(states, key=ENDS.index)


def test_jes_6_5_3_quantities_sum_up_and_the_longest_delay_counts() -> None:
    first = report(delay_sec=Decimal("9.5"), actual_start_time=NOW + timedelta(minutes=1))
    second = report(
        response_quantity=Decimal("3.000"),
        response_accuracy=Decimal("50.00"),
        actual_end_time=NOW + timedelta(minutes=9),
    )
    combined = combined_report(WHOLE, [first, second], "R1")
    assert combined.response_quantity == Decimal(4)
    assert combined.delay_sec == Decimal("9.5")
    assert combined.response_accuracy == Decimal("60.00")  # (1 x 90 + 3 x 50) / 4
    assert combined.actual_start_time == NOW
    assert combined.actual_end_time == NOW + timedelta(minutes=9)
    assert (combined.command_id, combined.report_id) == (WHOLE.command_id, "R1")


def test_jes_a_6_without_any_response_each_accuracy_counts_alike() -> None:
    none = [report(response_quantity=Decimal(0), response_accuracy=Decimal(n)) for n in (80, 91)]
    assert combined_report(WHOLE, none, "R1").response_accuracy == Decimal("85.50")


def steps(*powers: str, minutes: int = 5) -> tuple[ActualPoint, ...]:
    return tuple(
        ActualPoint(
            start_time=NOW + timedelta(minutes=minutes * place),
            end_time=NOW + timedelta(minutes=minutes * (place + 1)),
            power=Decimal(power),
        )
        for place, power in enumerate(powers)
    )


@given(st.lists(st.tuples(powers, powers), min_size=1, max_size=5))
def test_jes_6_5_3_curves_of_the_same_steps_sum_up_exactly(
    parts: list[tuple[Decimal, Decimal]],
) -> None:
    """0.1 and 0.2 kW are 0.3 kW, and no step gets what belongs to another."""
    given = [report(actual_points=steps(str(first), str(second))) for first, second in parts]
    whole = combined_report(WHOLE, given, "R1").actual_points
    assert [point.power for point in whole] == [
        sum(each, Decimal(0)) for each in zip(*parts, strict=True)
    ]
    assert [(point.start_time, point.end_time) for point in whole] == [
        (point.start_time, point.end_time) for point in steps("0", "0")
    ]


def test_jes_6_5_3_a_sum_that_nobody_knows_is_left_out() -> None:
    """Of steps of another length, and of a part that tells no curve."""
    first = report(actual_points=steps("1", "2"))
    for other in (report(), report(actual_points=steps("1", "2", minutes=10))):
        assert combined_report(WHOLE, [first, other], "R1").actual_points == ()
    assert combined_report(WHOLE, [report(), report()], "R1").actual_points == ()
