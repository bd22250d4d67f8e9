"""A decision says how much of what was asked, and why not. PLT-6.3b."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.rules.test_curve import NOW, curve
from vgigw.errors import InvalidObject
from vgigw.objects import CommandAck, ConnectorStatus, ConnectorStatusInfo, ControlCurve
from vgigw.objects.operating_enumerations import AckResult, ControlQuantity, RefuseReason
from vgigw.rules.acknowledgement import check_accepted, check_ack
from vgigw.rules.device_state import check_fault_code


def ack(result: AckResult, power: str | None = None, reason: int | None = None) -> CommandAck:
    return CommandAck(
        command_id="C1",
        ack_result=result,
        accepted_power=None if power is None else Decimal(power),
        refuse_reason=None if reason is None else RefuseReason(reason),
        ack_time=NOW,
    )


ALL, PART, NONE, OUT = (AckResult(n) for n in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("told", "path", "kind"),
    [
        (ack(PART), "/AcceptedPower", "required"),
        (ack(PART, reason=1), "/AcceptedPower", "required"),
        (ack(NONE), "/RefuseReason", "required"),
        (ack(NONE, "1", 1), "/AcceptedPower", "rule"),
        (ack(OUT, "1"), "/AcceptedPower", "rule"),
        (ack(ALL, reason=1), "/RefuseReason", "rule"),
    ],
)
def test_plt_6_3b_a_decision_that_contradicts_itself_is_refused(
    told: CommandAck, path: str, kind: str
) -> None:
    with pytest.raises(InvalidObject) as refused:
        check_ack(told)
    assert [each[:2] for each in refused.value.details] == [(path, kind)]


@pytest.mark.parametrize(
    "told",
    [ack(ALL), ack(ALL, "5"), ack(PART, "0"), ack(PART, "5", 1), ack(NONE, "0", 6), ack(OUT)],
)
def test_plt_6_3b_a_whole_decision_is_taken(told: CommandAck) -> None:
    check_ack(told)


def asked(*targets: str, **changes: Any) -> ControlCurve:
    made = curve(5, [(0, 5)], **changes)
    points = tuple(replace(made.points[0], target_power=Decimal(each)) for each in targets)
    return replace(made, points=points)


@pytest.mark.parametrize(
    ("targets", "power"), [(("10",), "10.001"), (("-10",), "1"), (("5", "-3"), "-3.001")]
)
def test_plt_6_3b_a_part_beyond_what_was_asked_is_refused(
    targets: tuple[str, ...], power: str
) -> None:
    set_point = ControlQuantity.POWER_SET_POINT
    with pytest.raises(InvalidObject) as refused:
        check_accepted(asked(*targets, control_quantity=set_point), ack(PART, power))
    assert [each.path for each in refused.value.details] == ["/AcceptedPower"]
    check_accepted(asked(*targets, control_quantity=set_point), ack(PART, targets[0]))
    check_accepted(asked(*targets, control_quantity=ControlQuantity.POWER_LIMIT), ack(PART, power))


def test_acc_7_3_a_fault_is_named_by_its_code() -> None:
    event = ConnectorStatusInfo(
        event_id="E1", connector_id="C1", status=ConnectorStatus.FAULT, change_time=NOW
    )
    with pytest.raises(InvalidObject) as refused:
        check_fault_code(event)
    assert [each[:2] for each in refused.value.details] == [("/FaultCode", "required")]
    check_fault_code(replace(event, fault_code="E0001"))
    check_fault_code(replace(event, status=ConnectorStatus.IDLE))
