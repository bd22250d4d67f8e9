"""A damaged record is told and holds up nothing but itself. F19, F21, F22; I7, I9."""

from __future__ import annotations

from typing import Any

import pytest

from tests.trio import DISPATCH, OPERATOR, PLATFORM, Trio, batch, kept
from vgigw.errors import PeerRefused, StoreDamaged
from vgigw.handlers.recall_plan import PLAN
from vgigw.objects import AlarmEvent, BackfillQuery, RecallReceipt, RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.operations import QUERY_BACKFILL, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, Store
from vgigw.testing.store_records import letter

pytestmark = pytest.mark.own_store("bits of its rows")


def damage(store: Store, sql: str) -> None:
    """Change a column and leave the seal, as a flipped bit does."""
    store.write(lambda tx: tx._change(sql, ()))  # type: ignore[attr-defined]


def recall(trio: Trio, recall_id: str, **asked: Any) -> RecallReceipt:
    request = RecallRequest(
        recall_id=recall_id, requester_id=DISPATCH, cause=RecallCause.PEER_RECALL, **asked
    )
    receipt: RecallReceipt = trio.call(DISPATCH, RECALL_DATA, request)
    return receipt


def state_of(trio: Trio, receipt: RecallReceipt) -> JobState:
    job = trio.call(DISPATCH, QUERY_BACKFILL, BackfillQuery(job_id=receipt.job_id))
    return job.state  # type: ignore[no-any-return]


def alarms(trio: Trio, party: str = PLATFORM) -> list[str]:
    found = trio.stores[party].read(lambda view: view.documents("AlarmEvent", owner=party))
    return [kept(AlarmEvent, each.payload).alarm_code for each in found]


def detail_of(trio: Trio, code: str) -> str:
    found = trio.stores[PLATFORM].read(lambda view: view.documents("AlarmEvent", owner=PLATFORM))
    (alarm,) = (e for e in (kept(AlarmEvent, d.payload) for d in found) if e.alarm_code == code)
    return str(alarm.detail)


def streams_at_dispatch(trio: Trio) -> set[str]:
    rows = trio.stores[DISPATCH].read(lambda view: view.rows())
    return {kept(TelemetryBatch, row.payload).stream_id for row in rows}


def two_streams() -> Trio:
    trio = Trio()
    for stream in ("S0", "S1"):
        told = batch(1, 3, stream_id=stream, batch_id=f"of {stream}")
        trio.call(OPERATOR, UPLOAD_TELEMETRY, told)
    return trio


@pytest.mark.parametrize("damaged", ["columns", "payload"])
def test_f22_a_recall_that_meets_a_damaged_row_has_failed_and_the_others_go_on(
    damaged: str,
) -> None:
    trio = two_streams()
    bad, good = (recall(trio, f"R{n}", stream_id=f"S{n}", seq_from=1, seq_to=3) for n in (0, 1))
    store = trio.stores[PLATFORM]
    if damaged == "columns":
        damage(store, "UPDATE journal SET received_at = received_at + 4 WHERE stream = 'S0'")
    else:
        damage(store, "UPDATE journal SET payload = x'00ff' WHERE stream = 'S0'")
    trio.tick(10, step_s=1)
    assert state_of(trio, bad) is JobState.FAILED
    assert state_of(trio, good) is JobState.DONE
    assert streams_at_dispatch(trio) == {"S1"}
    assert alarms(trio).count("RECALL_DAMAGED") == 1
    assert bad.job_id in detail_of(trio, "RECALL_DAMAGED"), "a person has to find it"


def test_f22_a_job_that_fails_half_way_leaves_nothing_of_that_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trio = two_streams()
    receipt = recall(trio, "R", stream_id="S1", seq_from=1, seq_to=3)

    def half(plan: Any, tx: Any, *_: Any, **__: Any) -> bool:
        tx.enqueue(letter("half", destination=DISPATCH, group="half"))
        raise StoreDamaged("journal", 1)

    monkeypatch.setattr("vgigw.handlers.recall.fed", half)
    trio.platform.do_chores(trio.now)
    assert state_of(trio, receipt) is JobState.FAILED
    assert not [each for each in trio.letters(PLATFORM) if each.group == "half"]


def test_f22_a_damaged_plan_is_told_and_the_others_go_on() -> None:
    trio = two_streams()
    bad, good = (recall(trio, f"R{n}", stream_id=f"S{n}", seq_from=1, seq_to=3) for n in (0, 1))
    where = f"kind = '{PLAN}' AND key = '{bad.job_id}'"
    damage(trio.stores[PLATFORM], f"UPDATE document SET at = at + 1 WHERE {where}")
    trio.tick(10, step_s=1)
    assert state_of(trio, good) is JobState.DONE
    assert alarms(trio).count("RECALL_DAMAGED") == 1


def test_f22_a_recall_of_what_is_damaged_is_refused_told_and_never_answered_in_part() -> None:
    trio = two_streams()
    damage(
        trio.stores[PLATFORM],
        "UPDATE journal SET received_at = received_at + 4 WHERE stream = 'S0'",
    )
    with pytest.raises(PeerRefused, match="500"):
        recall(trio, "R0", stream_id="S0", seq_from=1, seq_to=3)
    trio.platform.look_after(trio.now)
    assert alarms(trio) == ["STORE_DAMAGED"], "told by who met it, before any chore does"
    good = recall(trio, "R1", stream_id="S1", seq_from=1, seq_to=3)
    trio.tick(10, step_s=1)
    assert state_of(trio, good) is JobState.DONE


@pytest.mark.parametrize(
    "column",
    ["attempts = 7", "message_id = 'other'", "trace_id = CAST(x'ff41' AS TEXT)", "lane = 77"],
)
def test_i7_a_damaged_letter_is_laid_aside_with_an_alarm_and_the_others_go_out(
    column: str,
) -> None:
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    for first in (1, 4):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(first, first + 2), trio.now)
    damage(trio.stores[OPERATOR], f"UPDATE letter SET {column} WHERE id = 1")
    trio.net.cut.clear()
    trio.tick(30, step_s=2)
    states = {each.id: each for each in trio.letters(OPERATOR)}
    assert states[1].state is LetterState.DEAD
    assert states[1].last_error == "damaged"
    assert sorted(trio.records())[-3:] == [4, 5, 6]
    assert "STORE_DAMAGED" in alarms(trio, OPERATOR)


def test_what_is_not_damaged_is_not_laid_aside() -> None:
    trio = Trio()
    trio.net.cut.add(PLATFORM)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    store = trio.stores[OPERATOR]
    assert not store.write(lambda tx: tx.lay_aside(1))
    assert not store.write(lambda tx: tx.lay_aside(99))
    assert trio.letters(OPERATOR)[0].state is LetterState.WAITING
