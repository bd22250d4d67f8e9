"""A damaged row of the journal inside a gap: its neighbours come, its numbers stay open. F22."""

from __future__ import annotations

import pytest

from tests.gateway.test_damaged_store import alarms, damage
from tests.trio import OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.handlers.recall_plan import PLAN
from vgigw.objects import RecallReceipt, RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, Store
from vgigw.rules.gap import Gap

pytestmark = pytest.mark.own_store("bits of its rows")

LAST = 63
DAMAGED = range(31, 34)
DAMAGES = {
    "columns": "UPDATE journal SET seal = seal + 1 WHERE seq_from = 31",
    "payload": "UPDATE journal SET payload = x'00ff' WHERE seq_from = 31",
}


def behind_a_gap(damaged: str) -> Trio:
    """The operator keeps 4 to 60, a row of them damaged; the platform has what is around."""
    trio = Trio()
    for first in range(1, LAST, 3):
        told = batch(first, first + 2)
        if first in (1, LAST - 2):
            trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)
            trio.tick(1)
            continue
        trio.operator.keep(told, trio.now)
    damage(trio.stores[OPERATOR], DAMAGES[damaged])
    return trio


def gaps(trio: Trio) -> list[Gap]:
    return [gap for _, _, gap in trio.stores[PLATFORM].read(lambda view: view.gaps())]


def plans(store: Store) -> int:
    return store.read(lambda view: view.count_documents(PLAN))


@pytest.mark.parametrize("damaged", list(DAMAGES))
def test_f22_a_damaged_row_in_a_gap_is_left_out_and_its_numbers_stay_open(damaged: str) -> None:
    trio = behind_a_gap(damaged)
    trio.tick(40, step_s=3)
    around = sorted(set(range(1, LAST + 1)) - set(DAMAGED))
    assert sorted(trio.records()) == around
    assert [(gap.first, gap.last) for gap in gaps(trio)] == [(31, 33)]
    assert alarms(trio, OPERATOR).count("STORE_DAMAGED") == 1
    kept = plans(trio.stores[OPERATOR])
    trio.tick(60, step_s=100)
    assert gaps(trio)[0].attempts >= 15
    assert plans(trio.stores[OPERATOR]) <= kept + 1, "one is kept of those that bring nothing"
    assert not [each for each in trio.letters(PLATFORM) if each.state is LetterState.DEAD]


def test_f22_what_comes_back_from_a_backup_ends_the_gap() -> None:
    trio = behind_a_gap("columns")
    trio.tick(40, step_s=3)
    damage(trio.stores[OPERATOR], "UPDATE journal SET seal = seal - 1 WHERE seq_from = 31")
    trio.tick(20, step_s=60)
    assert sorted(trio.records()) == list(range(1, LAST + 1))
    assert not gaps(trio)


def test_f22_a_damaged_row_is_never_declared_as_what_never_existed() -> None:
    trio = behind_a_gap("columns")
    request = RecallRequest(
        recall_id="R",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=31,
        seq_to=33,
        cause=RecallCause.GAP,
    )
    receipt: RecallReceipt = trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    assert (receipt.count, receipt.unavailable_ranges) == (0, ())


DAMAGED_REASONS = {
    "columns": "UPDATE document SET seal = seal + 1 WHERE kind = 'UnavailableNumbers'",
    "payload": "UPDATE document SET payload = x'00ff' WHERE kind = 'UnavailableNumbers'",
}


@pytest.mark.parametrize("damaged", list(DAMAGED_REASONS))
def test_f22_a_damaged_reason_of_one_stream_holds_up_no_question(damaged: str) -> None:
    """The platform was told that 4 to 6 are not to be had, and lacks more of each stream."""
    trio = Trio()
    for stream in ("S1", "S2"):
        for first in (1, 7, 13):
            told = batch(first, first + 2, stream_id=stream, batch_id=f"{stream}/{first}")
            trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)
            trio.tick(1)
        if stream == "S1":
            trio.tick(20, step_s=1)
            damage(trio.stores[PLATFORM], DAMAGED_REASONS[damaged])
            trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(19, 21, batch_id="S1/19"))
    trio.tick(20, step_s=1)
    open_ones = trio.stores[PLATFORM].read(lambda view: view.gaps())
    assert [stream for _, stream, _ in open_ones if stream != STREAM] == []
    asked = [each for each in trio.letters(PLATFORM) if each.operation == RECALL_DATA.name]
    assert len(asked) >= 5, "of the damaged stream, too"
