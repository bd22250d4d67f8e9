"""What drawn objects need besides their shape: amounts, reasons, ends that follow beginnings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Draw
from tests.cases.worlds import NOW
from tests.strategies import objects_of
from vgigw.objects import CommandAck, ControlCurve, ExecutionReport
from vgigw.objects.operating_enumerations import AckResult, RefuseReason


def completed(draw: Draw, drawn: CommandAck, command: ControlCurve) -> CommandAck:
    """PLT-6.3b holds: a part has its amount, a refusal its reason, and neither the other's."""
    match drawn.ack_result:
        case AckResult.ACCEPTED:
            return replace(drawn, refuse_reason=None)
        case AckResult.PARTLY:
            whole = command.points[0].target_power
            return replace(drawn, accepted_power=draw(st.sampled_from((Decimal("0.000"), whole))))
    reason = drawn.refuse_reason or draw(st.sampled_from(RefuseReason))
    return replace(drawn, accepted_power=None, refuse_reason=reason)


def execution(draw: Draw, command: ControlCurve) -> ExecutionReport:
    """JES-6.5.3 holds: it and its steps end after they start, in order of time."""
    drawn: ExecutionReport = draw(objects_of(ExecutionReport))
    hour = timedelta(hours=1)
    return replace(
        drawn,
        command_id=command.command_id,
        actual_end_time=max(drawn.actual_start_time, drawn.actual_end_time),
        actual_points=tuple(
            replace(point, start_time=NOW + place * hour, end_time=NOW + (place + 1) * hour)
            for place, point in enumerate(drawn.actual_points)
        ),
    )


def in_order(query: Any, start: str, end: str) -> Any:
    """``query`` with that pair of members, where both are told, in order."""
    first, last = getattr(query, start), getattr(query, end)
    if first is None or last is None or first <= last:
        return query
    return replace(query, **{start: last, end: first})
