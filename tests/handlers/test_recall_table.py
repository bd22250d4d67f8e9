"""Faults F50 to F54 of recall, by exact code and exact content, over restarts and writes.

PLT-7.6d, PLT-7.9d, CARD-7. F54, the lost tail, is in tests/gateway/test_beats.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_recall import arrived, filled, job, recall
from tests.stores.fresh import store_at
from tests.trio import (
    BASES,
    DISPATCH,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    curve,
    kept,
    letters_of,
    record,
)
from vgigw.codec import json
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import NotRetained, PeerRefused
from vgigw.handlers.recall import MOST_AT_ONCE, MOST_OPEN
from vgigw.handlers.recall_plan import RecallPlan, cancelled, plans_of, resumed
from vgigw.objects import RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import (
    JobState,
    RecallCause,
    ReportMode,
    ReportTrigger,
    UnavailableReason,
)
from vgigw.operations import (
    BACKFILL_DATA,
    ISSUE_CONTROL,
    RECALL_DATA,
    UPLOAD_TELEMETRY,
    Lane,
    Operation,
)
from vgigw.ports import LetterState, Transaction, own_row
from vgigw.ports.letter_groups import of_job
from vgigw.rules.recall import NO_RECORDS, RETAINED, with_record


def on_disk(folder: Path, door: str = "cec102") -> Trio:
    """A trio whose platform is on a file; records 1 to 40 of OPERATOR, one in a row."""
    trio = Trio(door, stores={PLATFORM: store_at(folder / "platform.sqlite3")})
    for seq in range(1, 41):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    return trio


def opened_anew(trio: Trio, folder: Path) -> None:
    """The platform's process ended and begins again."""
    trio.stores[PLATFORM].close()
    trio.stores[PLATFORM] = store_at(folder / "platform.sqlite3")
    trio.restart(PLATFORM)


def digest_of(seqs: range, owner: str = OPERATOR) -> str:
    """By the definition of RecordsDigest, over the records as they were measured."""
    total = NO_RECORDS
    for seq in seqs:
        total = with_record(total, owner, STREAM, seq, json.encode(record(seq)))
    return total


REFUSED: dict[str, tuple[dict[str, Any], int, set[str]]] = {
    "future": (
        {"time_from": NOW + timedelta(hours=1), "time_to": NOW + timedelta(hours=2)},
        4004,
        {"/TimeFrom"},
    ),
    "reversed times": ({"time_from": NOW, "time_to": NOW - timedelta(hours=1)}, 4004, {"/TimeTo"}),
    "empty times": ({"time_from": NOW, "time_to": NOW}, 4004, {"/TimeTo"}),
    "reversed numbers": ({"stream_id": STREAM, "seq_from": 2, "seq_to": 1}, 4004, {"/SeqTo"}),
    "ten years": (
        {"time_from": NOW - timedelta(days=3652), "time_to": NOW},
        4503,
        {"/TimeFrom"},
    ),
    "parts of records": (
        {"stream_id": STREAM, "seq_from": 1, "seq_to": 2, "point_types": ("ActivePower",)},
        4004,
        {"/PointTypes"},
    ),
}


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("door", BASES)
@pytest.mark.parametrize(("asked", "code", "paths"), REFUSED.values(), ids=REFUSED)
def test_f51_what_cannot_be_recalled_is_refused_by_its_code_and_path(
    door: str, asked: dict[str, Any], code: int, paths: set[str], restarted: bool
) -> None:
    trio = filled(door)
    if restarted:
        trio.restart(PLATFORM)
    trio.events.clear()
    with pytest.raises(PeerRefused) as refused:
        recall(trio, **asked)
    assert refused.value.code == code
    told = next(facts for _, event, facts in trio.events if event == "message.refused")
    assert set(told["paths"]) == paths  # type: ignore[call-overload]
    assert trio.stores[PLATFORM].read(plans_of) == []


def test_f51_three_years_are_kept_to_the_day_and_no_more() -> None:
    trio = filled()
    oldest = NOW - RETAINED
    assert recall(trio, "R1", time_from=oldest, time_to=NOW).count == 9
    with pytest.raises(PeerRefused) as refused:
        recall(trio, "R2", time_from=oldest - timedelta(milliseconds=1), time_to=NOW)
    assert refused.value.code == 4503


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("door", BASES)
def test_f51_an_empty_range_is_answered_and_its_job_is_done(door: str, restarted: bool) -> None:
    trio = filled(door)
    early = NOW - timedelta(days=30)
    receipt = recall(trio, time_from=early, time_to=early + timedelta(hours=1))
    if restarted:
        trio.restart(PLATFORM)
    trio.tick(2)
    assert (receipt.count, receipt.unavailable_ranges) == (0, ())
    ended = job(trio, receipt)
    assert (ended.state, ended.records_digest) == (JobState.DONE, NO_RECORDS)
    assert arrived(trio) == []


@pytest.mark.parametrize("restarted", [False, True])
def test_f51_numbers_that_never_were_are_told_as_such(restarted: bool) -> None:
    trio = filled()
    if restarted:
        trio.restart(PLATFORM)
    receipt = recall(trio, stream_id=STREAM, seq_from=10, seq_to=12)
    gone = [(g.seq_from, g.seq_to, g.reason) for g in receipt.unavailable_ranges]
    assert gone == [(10, 12, UnavailableReason.NEVER_EXISTED)]
    assert (receipt.count, receipt.seq_first, receipt.seq_last) == (0, None, None)


def test_f51_the_data_of_another_party_is_not_there_for_an_operator() -> None:
    """An operator may not recall at all; the stream of a foreign one is as one that never was."""
    trio = filled()
    with pytest.raises(PeerRefused) as refused:
        recall(trio, party=OTHER, stream_id=STREAM, seq_from=1, seq_to=9)
    assert refused.value.code == 4301
    trio.journal(OTHER, batch(20, 22))
    request = RecallRequest(
        recall_id="R9",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=9,
        cause=RecallCause.MANUAL,
    )
    receipt = trio.call(PLATFORM, RECALL_DATA, request, to=OTHER)
    assert receipt.count == 0


def test_f51_what_was_deleted_upstream_is_expired_here_and_further_down() -> None:
    """The operator refuses with 4503; the gap is closed for that reason, and who asks is told."""

    def forgotten(*_: object) -> object:
        raise NotRetained()

    def wrap(duties: Any) -> Any:
        return replace(duties, handlers=duties.handlers | {RECALL_DATA.name: forgotten})

    trio = Trio(wrap={OPERATOR: wrap})
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(5, 6))
    trio.tick(3, step_s=2)
    assert trio.stores[PLATFORM].read(lambda view: view.gaps()) == []
    trio.restart(PLATFORM)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=6)
    gone = [(g.seq_from, g.seq_to, g.reason) for g in receipt.unavailable_ranges]
    assert gone == [(3, 4, UnavailableReason.EXPIRED)]


@pytest.mark.slow
def test_f50_a_storm_is_queued_and_paced_and_over_the_quota_it_is_4302() -> None:
    trio = filled()
    trio.net.cut.add(DISPATCH)
    assert (MOST_OPEN, MOST_AT_ONCE) == (64, 4), "as the how-to says"
    codes = []
    for number in range(100):
        try:
            recall(trio, f"R{number}", stream_id=STREAM, seq_from=1, seq_to=9)
            codes.append(0)
        except PeerRefused as refused:
            codes.append(refused.code)
    assert codes == [0] * MOST_OPEN + [4302] * (100 - MOST_OPEN)
    trio.platform.do_chores(trio.now)
    plans = trio.stores[PLATFORM].read(plans_of)
    begun = [plan.request.recall_id for plan in plans if plan.sent]
    assert len(begun) == MOST_AT_ONCE
    trio.net.cut.clear()
    for _ in range(200):
        trio.tick(1, step_s=1)
    ended = {plan.state for plan in trio.stores[PLATFORM].read(plans_of)}
    assert ended == {JobState.DONE}
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 10)}
    assert recall(trio, "R99", stream_id=STREAM, seq_from=1, seq_to=9).count == 9


def test_f50_a_gap_goes_before_who_only_wants_to_look_again() -> None:
    trio = filled()
    for number in range(MOST_AT_ONCE):
        recall(trio, f"R{number}", stream_id=STREAM, seq_from=1, seq_to=9)
    trio.wait(1)
    gap = recall(trio, "G", stream_id=STREAM, seq_from=2, seq_to=3, cause=RecallCause.GAP)
    trio.platform.do_chores(trio.now)
    assert job(trio, gap).progress.sent == 2
    sent = {plan.request.recall_id for plan in trio.stores[PLATFORM].read(plans_of) if plan.sent}
    assert len(sent) == MOST_AT_ONCE


def test_f50_jobs_that_only_wait_for_upstream_hold_up_no_other() -> None:
    trio = filled()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(12, 12))
    trio.net.cut.add(OPERATOR)
    for number in range(MOST_AT_ONCE):
        recall(trio, f"R{number}", stream_id=STREAM, seq_from=10, seq_to=11)
    last = recall(trio, "LAST", stream_id=STREAM, seq_from=1, seq_to=9)
    trio.platform.tick(trio.wait(1))
    assert job(trio, last).progress.sent == 9
    trio.platform.tick(trio.wait(1))
    assert job(trio, last).state is JobState.DONE


def test_f50_what_is_live_goes_before_everything_recalled() -> None:
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.platform.do_chores(trio.now)
    live = replace(batch(50, 50), stream_id="LIVE")
    trio.platform.send(DISPATCH, UPLOAD_TELEMETRY, live, trio.now)
    waiting = [x for x in trio.letters(PLATFORM) if x.state is LetterState.WAITING]
    assert [x.lane is Lane.BULK for x in waiting] == [False, True]


@pytest.mark.parametrize("restart_at", [None, 0, 1, 2])
def test_f52_one_snapshot_while_the_same_range_is_written(
    tmp_path: Path, restart_at: int | None
) -> None:
    """Of the numbers 1 to 400, forty are stored when it is asked; a writer stores on meanwhile."""
    trio = on_disk(tmp_path)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=400)
    assert (receipt.count, receipt.seq_first, receipt.seq_last) == (40, 1, 40)
    written = threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for seq in range(41, 141):
                made = batch(seq, seq)
                trio.stores[PLATFORM].write(lambda tx, made=made: _stored(tx, made))  # type: ignore[misc]
        except BaseException as cause:  # noqa: BLE001 - told by the assertion below
            failed.append(cause)
        finally:
            written.set()

    def _stored(tx: Transaction, made: TelemetryBatch) -> None:
        tx.append(replace(own_row(made, OPERATOR, NOW), door="rest"))

    writer = threading.Thread(target=write)
    writer.start()
    trio.platform.do_chores(trio.now)
    writer.join()
    assert (failed, written.is_set()) == ([], True)
    for step in range(4):
        if step == restart_at:
            opened_anew(trio, tmp_path)
        trio.tick(1, step_s=1)
    ended = job(trio, receipt)
    assert ended.state is JobState.DONE
    assert (ended.progress.total, ended.progress.sent, ended.progress.acked) == (40, 40, 40)
    assert ended.records_digest == digest_of(range(1, 41))
    assert sorted(trio.records(DISPATCH)) == list(range(1, 41))


def test_f52_the_digest_is_that_of_the_records_that_came_whatever_their_batches() -> None:
    trio = filled()
    receipt = recall(trio, stream_id=STREAM, seq_from=2, seq_to=8)
    trio.tick(3)
    total = NO_RECORDS
    for seq, one in trio.records(DISPATCH).items():
        total = with_record(total, OPERATOR, STREAM, seq, json.encode(one))
    assert job(trio, receipt).records_digest == total == digest_of(range(2, 9))
    assert total != digest_of(range(2, 8))


@pytest.mark.parametrize("door", BASES)
def test_f53_a_batch_that_was_changed_on_its_way_is_refused_and_repaired_within_60_s(
    door: str,
) -> None:
    trio = Trio(door)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), trio.now)
    trio.tick()
    spoil_next(trio, UPLOAD_TELEMETRY)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(4, 6), trio.now)
    trio.operator.tick(trio.now)
    assert sorted(trio.records()) == [1, 2, 3], "what is not genuine is not stored"
    begun = trio.now
    while sorted(trio.records()) != [1, 2, 3, 4, 5, 6]:
        trio.operator.beat(PLATFORM, trio.now)
        trio.tick(1, step_s=2)
        assert (trio.now - begun).total_seconds() < 60
    assert trio.records() == {seq: record(seq) for seq in range(1, 7)}


@pytest.mark.parametrize("cause", [RecallCause.PEER_RECALL, RecallCause.GAP])
@pytest.mark.parametrize("door", BASES)
def test_card_7_what_comes_again_is_byte_for_byte_what_came_live(
    door: str, cause: RecallCause
) -> None:
    trio = Trio(door)
    live = batch(1, 6, records=tuple(record(seq, quality=seq % 3) for seq in range(1, 7)))
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, live, trio.now)
    trio.operator.tick(trio.now)
    trio.wait(3600)
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=6, cause=cause)
    trio.tick(2)
    (row,) = trio.stores[DISPATCH].read(lambda view: view.rows())
    again = kept(TelemetryBatch, row.payload)
    mark = ReportMode.BACKFILL if cause is RecallCause.GAP else ReportMode.RECALL
    assert again == replace(
        live,
        batch_id=again.batch_id,
        report_mode=mark,
        trigger=ReportTrigger.REQUEST,
        send_time=again.send_time,
    )
    assert [json.encode(one) for one in again.records] == [json.encode(r) for r in live.records]
    operations = {x.operation for x in trio.letters(PLATFORM) if x.destination == DISPATCH}
    assert operations == {(BACKFILL_DATA if cause is RecallCause.GAP else UPLOAD_TELEMETRY).name}


def test_card_7_the_source_that_our_own_batch_had_live_it_has_again() -> None:
    trio = Trio()
    passed_on = replace(batch(1, 3), source_id="STATION-7")
    trio.operator.keep(passed_on, trio.now)
    request = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=3,
        cause=RecallCause.GAP,
    )
    trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    trio.tick(2)
    (row,) = trio.stores[PLATFORM].read(lambda view: view.rows())
    assert (row.owner, kept(TelemetryBatch, row.payload).source_id) == (OPERATOR, "STATION-7")


def test_card_7_an_expired_command_is_not_replayed_by_any_recall() -> None:
    trio = filled()
    late = curve()
    trio.net.cut.add(OPERATOR)
    trio.platform.send(OPERATOR, ISSUE_CONTROL, late, trio.now, valid_until=late.valid_until)
    trio.tick(2)
    trio.wait((late.valid_until - trio.now).total_seconds())
    trio.net.cut.clear()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.tick(5, step_s=60)
    (letter,) = [x for x in trio.letters(PLATFORM) if x.operation == ISSUE_CONTROL.name]
    assert (letter.state, letter.last_error) == (LetterState.DEAD, "expired")
    assert trio.stores[OPERATOR].read(lambda view: view.documents("ControlCurve")) == []


def spoil_next(trio: Trio, operation: Operation) -> None:
    """The next message of ``operation`` to the platform arrives with one byte changed."""
    exchange = trio.net.exchange
    left = [operation]

    def spoilt(base: str, request: WireRequest) -> WireAnswer:
        hit = any(name in base + request.path for name in (*operation.cec102, "telemetry", "soap"))
        if left and hit and len(request.body) > 400:
            left.pop()
            place = len(request.body) // 2
            body = bytearray(request.body)
            body[place] = ord("A") if body[place] != ord("A") else ord("B")
            request = replace(request, body=bytes(body))
        return exchange(base, request)

    trio.net.exchange = spoilt  # type: ignore[method-assign]


# Cancel and resume


def change(trio: Trio, step: Callable[[RecallPlan, Transaction, Any], RecallPlan]) -> None:
    def work(tx: Transaction) -> None:
        (plan,) = plans_of(tx)
        step(plan, tx, trio.now)

    trio.stores[PLATFORM].write(work)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("fed", [0, 1, 2])
def test_plt_7_9d_a_cancelled_job_feeds_no_more_and_resumed_goes_on_where_it_stood(
    tmp_path: Path, fed: int, restarted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters_of(1, monkeypatch)
    trio = on_disk(tmp_path)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=40)
    for step in range(fed):
        trio.platform.do_chores(trio.now)
        if step:
            trio.platform.deliver(DISPATCH, trio.now)
    had = len(arrived(trio))
    change(trio, cancelled)
    if restarted:
        opened_anew(trio, tmp_path)
    trio.tick(5, step_s=30)
    assert len(arrived(trio)) == had
    stopped = job(trio, receipt)
    assert (stopped.state, stopped.progress.acked) == (JobState.CANCELLED, had)
    change(trio, resumed)
    if restarted:
        opened_anew(trio, tmp_path)
    trio.tick(8, step_s=1)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 41)}
    ended = job(trio, receipt)
    assert (ended.state, ended.records_digest) == (JobState.DONE, digest_of(range(1, 41)))
    assert len([x for x in trio.letters(PLATFORM) if x.group == of_job(receipt.job_id)]) == 40


def test_plt_7_9d_a_letter_on_its_way_when_its_job_is_cancelled_is_not_put_back() -> None:
    """Its attempt fails after the job was cancelled: it stays held back."""
    trio = filled()
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.platform.do_chores(trio.now)
    trio.net.cut.add(DISPATCH)
    exchange = trio.net.exchange

    def cut_off(base: str, request: WireRequest) -> WireAnswer:
        change(trio, cancelled)
        return exchange(base, request)

    trio.net.exchange = cut_off  # type: ignore[method-assign]
    trio.platform.deliver(DISPATCH, trio.now)
    trio.net.exchange = exchange  # type: ignore[method-assign]
    trio.net.cut.clear()
    trio.tick(5, step_s=60)
    assert arrived(trio) == []
    assert job(trio, receipt).state is JobState.CANCELLED


def test_plt_7_9d_a_letter_read_before_its_job_was_cancelled_is_not_sent() -> None:
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.platform.do_chores(trio.now)
    exchange = trio.net.exchange
    seen: list[str] = []

    def first_then_cancel(base: str, request: WireRequest) -> WireAnswer:
        answer = exchange(base, request)
        if DISPATCH in base and "token" not in request.path:
            seen.append(request.path)
            if len(seen) == 1:
                change(trio, cancelled)
        return answer

    trio.net.exchange = first_then_cancel  # type: ignore[method-assign]
    trio.platform.deliver(DISPATCH, trio.now)
    assert len(seen) == 1
