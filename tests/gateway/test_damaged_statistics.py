"""A damaged statistic, or plan of a stream, holds up nobody's letters. F22; PLT-7.6b, PLT-7.9d."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.gateway.test_damaged_store import alarms, damage
from tests.handlers.test_archive import event
from tests.trio import OPERATOR, PLATFORM, STREAM, Trio, batch, station
from vgigw.handlers.archive import EVENTS_TAKEN
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.objects import RecallReceipt, RecallRequest
from vgigw.objects.operating_enumerations import ConnectorStatus, RecallCause
from vgigw.operations import PUSH_ARCHIVE, PUSH_DEVICE_STATE, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState

pytestmark = pytest.mark.own_store("bits of its rows")


def sent(trio: Trio, batches: int, stream: str) -> None:
    for number in range(batches):
        first = 4 + 3 * number
        told = batch(first, first + 2, stream_id=stream, batch_id=f"{stream} {first}")
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)


def came(trio: Trio, stream: str) -> int:
    rows = trio.stores[PLATFORM].read(lambda view: view.rows(owner=OPERATOR, stream=stream))
    return sum(row.seq_to - row.seq_from + 1 for row in rows)


def behind_an_outage(trio: Trio) -> None:
    """Large letters of one stream in flight; of another there is as much."""
    trio.net.cut.add(PLATFORM)
    for stream in (STREAM, "S2"):
        sent(trio, 20, stream)
        for _ in range(4):
            trio.operator.do_chores(trio.wait(60))


def test_f22_no_counter_of_closed_gaps_stands_between_a_gap_and_its_end() -> None:
    trio = Trio()
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.tick(1)
    damage(
        trio.stores[PLATFORM],
        "INSERT INTO counter (name, value, seal) VALUES ('gaps-closed', 1, 7)",
    )
    trio.operator.keep(batch(4, 6), trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(7, 9), trio.now)
    trio.tick(20, step_s=2)
    assert sorted(trio.records()) == list(range(1, 10))
    assert not trio.stores[PLATFORM].read(lambda view: view.gaps())


def test_f22_a_damaged_count_of_events_is_told_and_begun_anew() -> None:
    trio = Trio()
    store = trio.stores[PLATFORM]
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E1", ConnectorStatus.IDLE, 1))
    damage(store, f"UPDATE counter SET value = value + 64 WHERE name = '{EVENTS_TAKEN}'")
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E2", ConnectorStatus.IDLE, 2))
    trio.call(OPERATOR, PUSH_DEVICE_STATE, event("E3", ConnectorStatus.FAULT, 3))
    assert store.read(lambda view: view.counter(EVENTS_TAKEN)) == 2
    assert alarms(trio).count("STORE_DAMAGED") == 1


def test_f22_a_damaged_backlog_holds_up_its_own_stream_alone_and_its_letters_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BulkSizes, "of", lambda *_: 6)
    trio = Trio()
    behind_an_outage(trio)
    damage(
        trio.stores[OPERATOR],
        f"UPDATE document SET seal = seal + 1 WHERE kind = 'Backlog' AND key = '{STREAM}'",
    )
    trio.net.cut.clear()
    trio.tick(60, step_s=5)
    assert came(trio, "S2") == 60
    assert not [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]
    assert alarms(trio, OPERATOR).count("BACKLOG_DAMAGED") == 1


def test_f22_what_stands_in_a_damaged_backlog_comes_when_its_receiver_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BulkSizes, "of", lambda *_: 6)
    trio = Trio()
    behind_an_outage(trio)
    damage(trio.stores[OPERATOR], "UPDATE document SET seal = seal + 1 WHERE kind = 'Backlog'")
    trio.net.cut.clear()
    request = RecallRequest(
        recall_id="R",
        requester_id=PLATFORM,
        stream_id="S2",
        seq_from=4,
        seq_to=63,
        cause=RecallCause.GAP,
    )
    receipt: RecallReceipt = trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    assert receipt.count
    trio.tick(30, step_s=5)
    assert came(trio, "S2") == 60


def test_f22_a_damaged_drain_is_told_and_begun_anew_and_its_letters_end() -> None:
    trio = Trio()
    store = trio.stores[OPERATOR]
    behind_an_outage(trio)
    trio.net.cut.clear()
    trio.tick(1)
    damage(store, "UPDATE document SET seal = seal + 1 WHERE kind = 'Drain'")
    trio.wait(30)
    trio.tick(30, step_s=5)
    trio.wait(timedelta(minutes=2).total_seconds())
    trio.tick(1)
    assert came(trio, "S2") == came(trio, STREAM) == 60
    assert not [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]
    assert alarms(trio, OPERATOR) == ["STORE_DAMAGED"]
