"""What is done with an answer needs a record that is damaged: the letter ends all the same. F22."""

from __future__ import annotations

import pytest

from tests.gateway.test_damaged_store import alarms, damage
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState
from vgigw.rules.retry import POISONED_AFTER

pytestmark = pytest.mark.own_store("bits of its rows")

DAMAGES = {
    "columns": "UPDATE document SET at = at + 1 WHERE kind = 'AskedRecall' AND key = 'R0'",
    "payload": "UPDATE document SET payload = x'00ff' WHERE kind = 'AskedRecall' AND key = 'R0'",
}
BACK = "UPDATE document SET at = at - 1 WHERE kind = 'AskedRecall' AND key = 'R0'"


def asked(damaged: str, requester_id: str = DISPATCH) -> Trio:
    """The dispatch recalls twice, and what it kept of the first is damaged."""
    trio = Trio()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 3))
    for number in range(2):
        request = RecallRequest(
            recall_id=f"R{number}",
            requester_id=requester_id,
            stream_id=STREAM,
            seq_from=1,
            seq_to=3,
            cause=RecallCause.PEER_RECALL,
        )
        trio.dispatch.send(PLATFORM, RECALL_DATA, request, trio.now)
    damage(trio.stores[DISPATCH], DAMAGES[damaged])
    return trio


def recalls(trio: Trio) -> list[Letter]:
    return [each for each in trio.letters(DISPATCH) if each.operation == RECALL_DATA.name]


@pytest.mark.parametrize("damaged", list(DAMAGES))
def test_f22_a_letter_whose_answer_meets_damage_is_dead_after_the_usual_tries(
    damaged: str,
) -> None:
    trio = asked(damaged)
    trio.tick(3, step_s=3)
    first, second = recalls(trio)
    assert first.state is LetterState.WAITING, "it may come back from a backup"
    assert second.state is LetterState.DELIVERED, "it holds up itself alone"
    assert "STORE_DAMAGED" in alarms(trio, DISPATCH), "told at once"
    trio.tick(POISONED_AFTER, step_s=70)
    first, _ = recalls(trio)
    assert (first.state, first.last_error) == (LetterState.DEAD, "damaged")
    assert first.attempts == POISONED_AFTER
    told = [facts["error"] for who, event, facts in trio.events if event == "letter.dead"]
    assert told == ["damaged"]


def test_f22_what_comes_back_in_time_is_delivered() -> None:
    trio = asked("columns")
    trio.tick(3, step_s=3)
    damage(trio.stores[DISPATCH], BACK)
    trio.tick(2, step_s=70)
    assert [each.state for each in recalls(trio)] == [LetterState.DELIVERED] * 2


@pytest.mark.parametrize("damaged", list(DAMAGES))
def test_f22_a_letter_that_is_refused_and_meets_damage_is_dead_and_the_damage_told(
    damaged: str,
) -> None:
    trio = asked(damaged, requester_id=OPERATOR)
    trio.tick(3, step_s=3)
    assert [each.state for each in recalls(trio)] == [LetterState.DEAD] * 2
    assert "STORE_DAMAGED" in alarms(trio, DISPATCH)
