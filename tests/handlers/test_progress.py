"""Reports on a command: kept within bounds, none after its end. JES-6.5.3, PLT-8.8a."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, Trio, curve, station
from vgigw.errors import PeerRefused
from vgigw.handlers import progress
from vgigw.objects import CommandQuery, CommandStatus, ExecutionReport
from vgigw.objects.operating_enumerations import CommandState, ExecState
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE, QUERY_CONTROL, REPORT_EXECUTION
from vgigw.ports import Transaction

ENDS = (ExecState.DONE, ExecState.FAILED, ExecState.CANCELLED, ExecState.AUTO_EXIT)


@pytest.fixture
def trio() -> Trio:
    """A command of dispatch has come to OPERATOR."""
    trio = Trio()
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    trio.call(DISPATCH, ISSUE_CONTROL, curve())
    trio.tick()
    return trio


def report(trio: Trio, report_id: str, state: ExecState, **changes: Any) -> CommandState:
    told: dict[str, Any] = {
        "command_id": "CMD1",
        "actual_start_time": NOW,
        "actual_end_time": NOW + timedelta(minutes=15),
        "response_quantity": Decimal(25),
        "response_accuracy": Decimal("99.5"),
        "delay_sec": Decimal(1),
    }
    sent = ExecutionReport(report_id=report_id, exec_state=state, **told | changes)
    answered: CommandState = trio.call(OPERATOR, REPORT_EXECUTION, sent).state
    return answered


def refused(trio: Trio, report_id: str, state: ExecState, **changes: Any) -> int:
    with pytest.raises(PeerRefused) as found:
        report(trio, report_id, state, **changes)
    return found.value.code


def shown(trio: Trio, party: str = DISPATCH) -> list[str]:
    status: CommandStatus = trio.call(party, QUERY_CONTROL, CommandQuery(command_id="CMD1"))
    return sorted(each.report_id for each in status.reports)


def kept(trio: Trio) -> list[str]:
    found = trio.stores[PLATFORM].read(lambda view: view.documents("ExecutionReport"))
    return sorted(each.key for each in found)


@pytest.mark.parametrize("end", ENDS)
def test_plt_8_8a_nothing_is_reported_after_the_end_but_the_same_again(
    trio: Trio, end: ExecState
) -> None:
    report(trio, "R1", ExecState.EXECUTING)
    over = report(trio, "R2", end)
    for state in ExecState:
        assert refused(trio, f"R3-{state}", state) == 4203
    assert report(trio, "R2", end) is over
    assert (shown(trio), kept(trio)) == (["R1", "R2"], ["R1", "R2"])


def test_a_report_whose_answer_is_forgotten_is_known_again(trio: Trio) -> None:
    over = report(trio, "R1", ExecState.DONE)

    def forget(tx: Transaction) -> int:
        return tx.purge(NOW, NOW + timedelta(days=9))

    assert trio.stores[PLATFORM].write(forget)
    before = len(trio.letters(PLATFORM))
    assert report(trio, "R1", ExecState.DONE) is over
    assert refused(trio, "R1", ExecState.DONE, delay_sec=Decimal(2)) in (4202, 4203)
    assert len(trio.letters(PLATFORM)) == before


def test_jes_6_5_3_the_status_shows_the_end_and_the_last_report_before_it(trio: Trio) -> None:
    for number in range(5):
        report(trio, f"R{number}", ExecState.EXECUTING)
        assert shown(trio) == shown(trio, OPERATOR) == [f"R{number}"]
    report(trio, "R9", ExecState.DONE)
    assert shown(trio) == ["R4", "R9"]
    assert kept(trio) == ["R0", "R1", "R2", "R3", "R4", "R9"]


def test_reports_without_end_are_refused_and_the_end_is_not(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MOST_KEPT", 3)
    for number in range(3):
        report(trio, f"R{number}", ExecState.EXECUTING)
    assert refused(trio, "R3", ExecState.EXECUTING) == 4203
    assert kept(trio) == ["R0", "R1", "R2"]
    assert report(trio, "R9", ExecState.DONE) is CommandState.DONE


def test_reports_on_a_command_that_was_issued_past_its_gateway_are_bounded_too(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        report(trio, f"R{number}", ExecState.EXECUTING)
    monkeypatch.setattr(progress, "MOST_KEPT", 2)
    trio.tick(3)
    found = trio.stores[DISPATCH].read(lambda view: view.documents("ExecutionReport"))
    assert [each.key for each in found] == ["R0", "R1"]
