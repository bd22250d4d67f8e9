"""What is on its way, told from the store alone: state, rate, and an end or why there is none.

PLT-7.9d. That the stated end comes true is held by ``tests/gateway/test_outage.py``.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.handlers.test_backlog import folded, send
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, Trio, batch, letters_of
from vgigw.handlers.backfills import DAMAGED, RUNNING, UPSTREAM, WAITING, Backfill, backfills
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Transaction


def told(trio: Trio, party: str = OPERATOR) -> list[Backfill]:
    identity = trio.gateways[party].identity
    return trio.stores[party].read(lambda view: backfills(identity, view, trio.now))


def only(trio: Trio, party: str = OPERATOR) -> Backfill:
    (found,) = told(trio, party)
    return found


@pytest.fixture
def trio(monkeypatch: pytest.MonkeyPatch) -> Trio:
    letters_of(6, monkeypatch)
    return Trio("rest")


def test_plt_7_9d_while_the_peer_is_away_there_is_no_end_to_tell_and_why(trio: Trio) -> None:
    folded(trio, batches=40)
    found = only(trio)
    assert (found.direction, found.kind, found.peer, found.stream) == (
        "out",
        "backlog",
        PLATFORM,
        STREAM,
    )
    assert (found.left, found.sent, found.acknowledged, found.since) == (120, 24, 0, NOW)
    assert (found.state, found.unknown) == (RUNNING, "nothing was measured yet")

    trio.operator.tick(trio.wait(1))
    found = only(trio)
    assert (found.state, found.ends_in_s, found.ends_at) == (WAITING, None, None)
    assert found.unknown == f"{WAITING}: PeerUnreachable"


def test_plt_7_9d_what_comes_is_counted_and_the_end_is_told_over_a_restart(trio: Trio) -> None:
    folded(trio, batches=80)
    trio.net.cut.clear()
    for _ in range(5):
        trio.operator.tick(trio.wait(1))
    trio.restart(OPERATOR)
    found = only(trio)
    assert found.acknowledged is not None
    assert 0 < found.left == 240 - found.acknowledged < 240
    assert (found.state, found.share) == (RUNNING, 0.5)
    assert found.records_per_s is not None
    assert found.ends_in_s == pytest.approx(found.left / found.records_per_s)
    assert found.ends_at is not None
    assert (found.ends_at - trio.now).total_seconds() == pytest.approx(found.ends_in_s, abs=0.1)
    assert found.left_bytes is not None
    assert found.left_bytes > found.left
    for _ in range(30):
        trio.operator.tick(trio.wait(1))
    assert told(trio) == []
    assert sorted(trio.records()) == list(range(1, 241))


def test_plt_7_9d_a_damaged_stream_is_told_and_another_one_is_not(trio: Trio) -> None:
    trio.net.cut.add(PLATFORM)
    send(trio, 20)
    for first in range(1, 60, 3):
        other = batch(first, first + 2, stream_id="S2", batch_id=f"X{first}")
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, other, trio.now)
    trio.operator.do_chores(trio.wait(120))

    def spoil(tx: Transaction) -> None:
        for row in tx.rows(owner=OPERATOR, stream=STREAM):
            tx.save_row(replace(row, payload=b"spoilt"))

    trio.stores[OPERATOR].write(spoil)
    states = {each.stream: each.state for each in told(trio)}
    assert states == {STREAM: DAMAGED, "S2": RUNNING}
    assert "vgigw doctor" in next(e.unknown for e in told(trio) if e.stream == STREAM)


def test_plt_7_9d_a_job_is_told_by_its_number_and_held_to_its_rate(trio: Trio) -> None:
    for first in range(1, 121, 3):
        trio.journal(OPERATOR, batch(first, first + 2))
    asked = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=120,
        cause=RecallCause.MANUAL,
        rate_limit=1,
    )
    receipt = trio.call(PLATFORM, RECALL_DATA, asked, to=OPERATOR)
    for _ in range(5):
        trio.operator.tick(trio.wait(1))
    found = only(trio)
    assert (found.kind, found.job_id, found.peer) == ("job", receipt.job_id, PLATFORM)
    assert (found.state, found.left) == (RUNNING, 120 - (found.acknowledged or 0))
    assert found.ends_in_s is not None
    assert found.ends_in_s >= found.left


def test_plt_7_9d_a_job_that_waits_for_upstream_says_so(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(5, 5))
    trio.net.cut.add(OPERATOR)
    asked = RecallRequest(
        recall_id="R1",
        requester_id=DISPATCH,
        stream_id=STREAM,
        seq_from=2,
        seq_to=4,
        cause=RecallCause.MANUAL,
    )
    trio.call(DISPATCH, RECALL_DATA, asked)
    (found,) = [each for each in told(trio, PLATFORM) if each.kind == "job"]
    assert (found.state, found.left, found.ends_in_s) == (UPSTREAM, 3, None)
    assert "3 records are asked for upstream" in found.unknown


def test_plt_7_9d_a_gap_that_a_peer_fills_is_told_from_the_other_side(trio: Trio) -> None:
    last = folded(trio, batches=200)
    trio.net.cut.clear()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(last + 1, last + 1))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1, batch_id="B"))
    before = only(trio, PLATFORM)
    assert (before.direction, before.kind, before.peer) == ("in", "gap", OPERATOR)
    assert before.left == last - 1
    assert (before.state, before.ends_in_s) == (WAITING, None)
    for _ in range(6):
        trio.operator.tick(trio.wait(1))
    after = only(trio, PLATFORM)
    assert (after.state, after.left < before.left) == (RUNNING, True)
    assert after.records_per_s is not None
    assert after.ends_in_s == pytest.approx(after.left / after.records_per_s)
