"""A message that its peer fails at time after time is given up, told of, and kept. PLT-7.6b."""

from __future__ import annotations

from typing import cast

import pytest

from tests.trio import BASES, OPERATOR, PLATFORM, Trio, batch
from vgigw.errors import NotFresh, OwnFault, PeerUnreachable, VgigwError
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.objects import AlarmEvent, AlarmState
from vgigw.operations import BACKFILL_DATA, PUSH_ALARM, RECALL_DATA, UPLOAD_TELEMETRY, Lane
from vgigw.ports import Letter, LetterState
from vgigw.rules.retry import POISONED_AFTER


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def failing(trio: Trio, monkeypatch: pytest.MonkeyPatch, fault: type[VgigwError]) -> None:
    """Whatever the platform is told, it answers with ``fault``."""

    def fail(*_: object) -> None:
        raise fault()

    for operation in (UPLOAD_TELEMETRY, BACKFILL_DATA, RECALL_DATA):
        handlers = cast(dict[str, object], trio.platform._inbound._handlers)
        monkeypatch.setitem(handlers, operation.name, fail)


def of_telemetry(trio: Trio) -> Letter:
    (found,) = [each for each in trio.letters(OPERATOR) if each.operation == UPLOAD_TELEMETRY.name]
    return found


def open_alarms(trio: Trio, party: str) -> list[AlarmEvent]:
    found = trio.stores[party].read(lambda view: ALARMS.all(view, owner=party))
    return [each for each in found if each.alarm_state is AlarmState.RAISED]


def hours(trio: Trio, count: int) -> None:
    trio.tick(rounds=count * 60, step_s=60)


def test_plt_7_6b_a_poisoned_letter_is_given_up_told_of_and_kept(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(trio, monkeypatch, OwnFault)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    before = of_telemetry(trio)

    hours(trio, 1)

    dead = of_telemetry(trio)
    assert (dead.state, dead.faults) == (LetterState.DEAD, POISONED_AFTER - 1)
    assert dead.last_error == "given up, refused 500"
    assert (dead.message_id, dead.payload) == (before.message_id, before.payload)
    (alarm,) = open_alarms(trio, OPERATOR)
    assert (alarm.alarm_code, alarm.object_id) == ("DEAD_LETTERS", PLATFORM)
    told = [each for each in trio.letters(OPERATOR) if each.operation == PUSH_ALARM.name]
    assert len(told) == 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", [NotFresh, PeerUnreachable])
def test_a_link_or_a_clock_that_is_wrong_for_a_day_kills_no_letter(
    trio: Trio, monkeypatch: pytest.MonkeyPatch, fault: type[VgigwError]
) -> None:
    failing(trio, monkeypatch, fault)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)

    trio.tick(rounds=24 * 6, step_s=600)
    (waiting,) = [each for each in trio.letters(OPERATOR) if each.lane is Lane.BULK]
    assert (waiting.state, waiting.faults) == (LetterState.WAITING, 0)
    monkeypatch.undo()
    hours(trio, 2)

    states = {each.state for each in trio.letters(OPERATOR)}
    assert states == {LetterState.DELIVERED}
    assert sorted(trio.records()) == [1, 2]


def test_the_alarm_is_over_when_the_dead_letter_was_dealt_with(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(trio, monkeypatch, OwnFault)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    hours(trio, 1)
    assert open_alarms(trio, OPERATOR)

    letter = of_telemetry(trio)
    assert trio.stores[OPERATOR].write(lambda tx: tx.drop_letter(letter.id))
    assert not trio.stores[OPERATOR].write(lambda tx: tx.drop_letter(letter.id))
    trio.tick(rounds=2, step_s=61)

    assert open_alarms(trio, OPERATOR) == []


def test_a_letter_that_waits_cannot_be_dropped(trio: Trio) -> None:
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    letter = of_telemetry(trio)
    assert not trio.stores[OPERATOR].write(lambda tx: tx.drop_letter(letter.id))
    assert of_telemetry(trio).state is LetterState.WAITING
