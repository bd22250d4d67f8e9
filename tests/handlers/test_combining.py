"""What the members answered, as one answer to the issuer of the whole. PLT-6.3, PLT-8.8a."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_cancel import PAST_DEADLINE_S, cancel, held, withdraw
from tests.handlers.test_decomposition import both_ways, parts, region_of, whole
from tests.handlers.test_relay import acks_at, issue, refused_code, status
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, kept
from vgigw.codec.convention import Convention
from vgigw.objects import (
    AckResult,
    CommandAck,
    CommandState,
    ExecState,
    ExecutionReport,
    PolarityMode,
    RefuseReason,
)
from vgigw.objects.control import ActualPoint
from vgigw.operations import ACK_CONTROL, REPORT_EXECUTION

SITES = {"ST1": OPERATOR, "ST2": OTHER}
"""``ST1`` is told 60 kW of 80 and ``ST2`` 20."""


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return told(request.param)


def told(door: str = "rest", **given: Any) -> Trio:
    """80 kW for the region, told to both members."""
    made = region_of(door, **given)
    issue(made, whole())
    made.tick()
    return made


def answer(trio: Trio, site: str, result: AckResult, **changes: Any) -> None:
    refused = result is AckResult.REFUSED
    given = CommandAck(
        command_id=parts(trio)[site].command_id,
        ack_result=result,
        refuse_reason=RefuseReason.MAINTENANCE if refused else None,
        ack_time=trio.now,
    )
    trio.call(SITES[site], ACK_CONTROL, replace(given, **changes))


def report(trio: Trio, site: str, state: ExecState, **changes: Any) -> None:
    given = ExecutionReport(
        report_id=f"R{state.value}",
        command_id=parts(trio)[site].command_id,
        exec_state=state,
        actual_start_time=NOW,
        actual_end_time=NOW + timedelta(minutes=15),
        response_quantity=Decimal(5),
        response_accuracy=Decimal(90),
        delay_sec=Decimal(2),
    )
    trio.call(SITES[site], REPORT_EXECUTION, replace(given, **changes))


def heard(trio: Trio) -> list[CommandAck]:
    trio.tick()
    return acks_at(trio, DISPATCH)


def reported(trio: Trio) -> list[ExecutionReport]:
    trio.tick()
    found = trio.stores[DISPATCH].read(lambda view: view.documents("ExecutionReport"))
    return [kept(ExecutionReport, each.payload) for each in found]


def test_plt_6_3a_the_issuer_hears_one_decision_when_all_have_decided(trio: Trio) -> None:
    answer(trio, "ST1", AckResult.ACCEPTED)
    assert heard(trio) == []
    assert status(trio, "W1").state is CommandState.ISSUED
    trio.wait(1)
    answer(trio, "ST2", AckResult.ACCEPTED)
    (ack,) = heard(trio)
    assert (ack.command_id, ack.ack_party) == ("W1", PLATFORM)
    assert (ack.ack_result, ack.accepted_power) == (AckResult.ACCEPTED, None)
    assert status(trio, "W1").state is CommandState.ACKED
    assert status(trio, "W1").acks == (ack,)


def test_plt_6_3b_a_shortfall_is_told_and_not_hidden(trio: Trio) -> None:
    answer(trio, "ST2", AckResult.PARTLY, accepted_power=Decimal("12.345"))
    answer(trio, "ST1", AckResult.REFUSED)
    (ack,) = heard(trio)
    assert (ack.ack_result, ack.accepted_power) == (AckResult.PARTLY, Decimal("12.345"))
    assert status(trio, "W1").state is CommandState.ACKED


def test_plt_6_3b_what_is_accepted_is_summed_to_the_watt(trio: Trio) -> None:
    answer(trio, "ST1", AckResult.PARTLY, accepted_power=Decimal("0.1"))
    answer(trio, "ST2", AckResult.PARTLY, accepted_power=Decimal("0.2"))
    (ack,) = heard(trio)
    assert ack.accepted_power == Decimal("0.3")


def test_plt_8_8a_where_all_refuse_the_whole_is_refused(trio: Trio) -> None:
    for site in SITES:
        answer(trio, site, AckResult.REFUSED)
    (ack,) = heard(trio)
    assert (ack.ack_result, ack.refuse_reason) == (AckResult.REFUSED, RefuseReason.MAINTENANCE)
    assert status(trio, "W1").state is CommandState.REFUSED


@pytest.mark.parametrize("delivered", [True, False])
def test_plt_8_8a_a_member_that_never_answers_does_not_hold_up_the_others(
    delivered: bool,
) -> None:
    trio = region_of()
    if not delivered:
        trio.net.cut.add(OTHER)
    issue(trio, whole())
    trio.tick()
    answer(trio, "ST1", AckResult.ACCEPTED)
    silent = parts(trio)["ST2"].command_id
    trio.tick(30, step_s=2)
    (ack,) = heard(trio)
    assert (ack.ack_result, ack.accepted_power) == (AckResult.PARTLY, Decimal(60))
    assert ack.refuse_reason is RefuseReason.EXPIRED
    assert held(trio, PLATFORM, silent).state is CommandState.EXPIRED
    trio.net.cut.clear()
    trio.tick(30, step_s=2)
    assert held(trio, OTHER, silent).state is CommandState.CANCELLED
    assert len(heard(trio)) == 1
    assert status(trio, "W1").state is CommandState.ACKED


def test_plt_8_8a_where_nobody_answers_the_whole_is_refused(trio: Trio) -> None:
    trio.tick(2, step_s=PAST_DEADLINE_S)
    (ack,) = heard(trio)
    assert (ack.ack_result, ack.refuse_reason) == (AckResult.REFUSED, RefuseReason.EXPIRED)
    assert status(trio, "W1").state is CommandState.REFUSED


# --- carried out -----------------------------------------------------------------------------


def test_jes_6_5_3_the_whole_is_over_when_every_part_is(trio: Trio) -> None:
    for site in SITES:
        answer(trio, site, AckResult.ACCEPTED)
    report(trio, "ST1", ExecState.EXECUTING)
    assert status(trio, "W1").state is CommandState.EXECUTING
    report(trio, "ST1", ExecState.DONE, response_quantity=Decimal("15.1"))
    assert reported(trio) == []
    report(trio, "ST2", ExecState.AUTO_EXIT, response_quantity=Decimal("4.2"))
    (told_,) = reported(trio)
    assert (told_.command_id, told_.exec_state) == ("W1", ExecState.AUTO_EXIT)
    assert told_.response_quantity == Decimal("19.3")
    assert status(trio, "W1").state is CommandState.AUTO_EXIT
    assert len(status(trio, "W1").reports) == 1


def test_jes_6_5_3_who_refused_need_not_report(trio: Trio) -> None:
    answer(trio, "ST1", AckResult.ACCEPTED)
    answer(trio, "ST2", AckResult.REFUSED)
    report(trio, "ST1", ExecState.DONE)
    (told_,) = reported(trio)
    assert told_.exec_state is ExecState.DONE
    assert status(trio, "W1").state is CommandState.DONE


def actual(*powers: str) -> tuple[ActualPoint, ...]:
    step = timedelta(minutes=5)
    return tuple(
        ActualPoint(
            start_time=NOW + place * step,
            end_time=NOW + (place + 1) * step,
            power=Decimal(power),
        )
        for place, power in enumerate(powers)
    )


def test_jes_6_5_3_the_actual_curves_are_summed_and_told_in_the_issuers_polarity() -> None:
    trio = told(
        platform_sees={DISPATCH: {"convention": Convention(polarity=PolarityMode.LOAD)}},
    )
    report(trio, "ST1", ExecState.DONE, actual_points=actual("0.1", "60"))
    report(trio, "ST2", ExecState.DONE, actual_points=actual("0.2", "19.999"))
    (told_,) = reported(trio)
    assert [str(each.power) for each in told_.actual_points] == ["0.300", "79.999"]
    assert held(trio, PLATFORM, "W1").report is not None


def test_plt_7_4b_answers_of_either_polarity_are_summed_in_that_of_the_whole() -> None:
    """One takes 50 kW, the other 20; it counts delivery: -50 - 20."""
    trio = both_ways("-90")
    trio.tick()
    answer(trio, "ST1", AckResult.PARTLY, accepted_power=Decimal(50))
    answer(trio, "ST2", AckResult.PARTLY, accepted_power=Decimal(-20))
    (ack,) = heard(trio)
    assert ack.accepted_power == Decimal(-70)
    report(trio, "ST1", ExecState.DONE, actual_points=actual("50", "0.1"))
    report(trio, "ST2", ExecState.DONE, actual_points=actual("-20", "0.3"))
    (told_,) = reported(trio)
    assert [str(each.power) for each in told_.actual_points] == ["-70.000", "0.200"]


def test_plt_8_5b_the_end_of_a_withdrawn_whole_is_still_told(trio: Trio) -> None:
    for site in SITES:
        answer(trio, site, AckResult.ACCEPTED)
    withdraw(trio, cancel("W1"))
    for site in SITES:
        report(trio, site, ExecState.CANCELLED, response_quantity=Decimal(2))
    (told_,) = reported(trio)
    assert (told_.exec_state, told_.response_quantity) == (ExecState.CANCELLED, Decimal(4))
    assert status(trio, "W1").state is CommandState.CANCELLED


def test_plt_8_5b_what_comes_late_for_a_replaced_version_says_nothing_of_the_new_one(
    trio: Trio,
) -> None:
    old = parts(trio)
    issue(trio, whole("40", version=2))
    trio.tick()
    for site, party in SITES.items():
        late = CommandAck(
            command_id=old[site].command_id, ack_result=AckResult.ACCEPTED, ack_time=trio.now
        )
        assert trio.call(party, ACK_CONTROL, late).state is CommandState.CANCELLED
    assert heard(trio) == []
    assert status(trio, "W1").state is CommandState.ISSUED
    answer(trio, "ST1", AckResult.REFUSED)
    answer(trio, "ST2", AckResult.REFUSED)
    assert status(trio, "W1").state is CommandState.REFUSED


def test_plt_4_3_nobody_answers_for_another_member_nor_for_the_whole(trio: Trio) -> None:
    theirs = CommandAck(
        command_id=parts(trio)["ST1"].command_id,
        ack_result=AckResult.ACCEPTED,
        ack_time=trio.now,
    )
    nowhere = refused_code(trio, OTHER, ACK_CONTROL, replace(theirs, command_id="NONE"))
    for name in (theirs.command_id, "W1"):
        given = replace(theirs, command_id=name)
        assert refused_code(trio, OTHER, ACK_CONTROL, given) == nowhere
    assert status(trio, "W1").state is CommandState.ISSUED


EVENTS = (
    ("ST1", AckResult.ACCEPTED),
    ("ST2", AckResult.PARTLY),
    ("ST1", ExecState.DONE),
    ("ST2", ExecState.FAILED),
)


@pytest.mark.parametrize("order", list(permutations(EVENTS)))
def test_plt_8_8a_whatever_comes_first_the_issuer_hears_the_same(
    order: tuple[tuple[str, AckResult | ExecState], ...],
) -> None:
    """A report may overtake the acknowledgement that it implies; then that says nothing new."""
    trio = told()
    for site, event in order:
        if isinstance(event, AckResult):
            partly = event is AckResult.PARTLY
            answer(trio, site, event, accepted_power=Decimal(9) if partly else None)
        else:
            report(trio, site, event)
    trio.restart(PLATFORM)
    (told_,) = reported(trio)
    assert told_.exec_state is ExecState.FAILED
    (ack,) = heard(trio)
    implied = order.index(EVENTS[3]) < order.index(EVENTS[1])
    assert ack.ack_result in (
        {AckResult.PARTLY, AckResult.ACCEPTED} if implied else {AckResult.PARTLY}
    )
    assert status(trio, "W1").state is CommandState.FAILED
