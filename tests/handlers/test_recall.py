"""Recall: exactly what was asked for, out of one snapshot, over restarts. PLT-7.6d."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    OTHER,
    PLATFORM,
    STREAM,
    Trio,
    batch,
    kept,
    letters_of,
    record,
)
from vgigw.errors import PeerRefused
from vgigw.handlers.recall_plan import Awaited
from vgigw.handlers.recall_upstream import LOST_AFTER, MOST_ASKED, MOST_AWAITED, bounded
from vgigw.objects import (
    BackfillJob,
    BackfillQuery,
    OperatingRecord,
    RecallReceipt,
    RecallRequest,
    TelemetryBatch,
)
from vgigw.objects.operating_enumerations import (
    JobState,
    RecallCause,
    ReportMode,
    UnavailableReason,
)
from vgigw.operations import QUERY_BACKFILL, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, own_row
from vgigw.ports.letter_groups import of_job


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return filled(request.param)


def filled(door: str = "cec102") -> Trio:
    """A platform that holds records 1 to 9 of OPERATOR, in three rows."""
    made = Trio(door)
    for first in (1, 4, 7):
        made.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    return made


def recall(trio: Trio, recall_id: str = "R1", party: str = DISPATCH, **asked: Any) -> RecallReceipt:
    request = RecallRequest(
        recall_id=recall_id,
        requester_id=party,
        cause=asked.pop("cause", RecallCause.PEER_RECALL),
        **asked,
    )
    receipt: RecallReceipt = trio.call(party, RECALL_DATA, request)
    return receipt


def job(trio: Trio, receipt: RecallReceipt, party: str = DISPATCH) -> BackfillJob:
    found: BackfillJob = trio.call(party, QUERY_BACKFILL, BackfillQuery(job_id=receipt.job_id))
    return found


def arrived(trio: Trio) -> list[OperatingRecord]:
    rows = trio.stores[DISPATCH].read(lambda view: view.rows())
    return [r for row in rows for r in kept(TelemetryBatch, row.payload).records]


def powers(trio: Trio) -> list[float]:
    return sorted(one.active_power or 0.0 for one in arrived(trio))


def test_plt_7_6d_a_recall_by_sequence_brings_exactly_its_numbers(trio: Trio) -> None:
    receipt = recall(trio, stream_id=STREAM, seq_from=3, seq_to=7)
    assert (receipt.count, receipt.unavailable_ranges) == (5, ())
    trio.tick(3)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(3, 8)}


def test_plt_7_6d_a_recall_by_time_has_its_start_and_not_its_end(trio: Trio) -> None:
    receipt = recall(trio, time_from=record(3).data_time, time_to=record(7).data_time)
    assert receipt.count == 4
    trio.tick(3)
    assert powers(trio) == [3, 4, 5, 6]


def test_plt_7_6d_a_recall_by_objects_brings_theirs_and_no_others(trio: Trio) -> None:
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9, object_ids=("C0", "C1"))
    assert receipt.count == 6
    trio.tick(3)
    assert powers(trio) == [1, 3, 4, 6, 7, 9]
    assert {one.object_id for one in arrived(trio)} == {"C0", "C1"}


def test_plt_7_6d_times_quality_and_numbers_come_back_unchanged_and_marked() -> None:
    trio = filled()
    recall(trio, stream_id=STREAM, seq_from=2, seq_to=8)
    trio.tick(3)
    rows = trio.stores[DISPATCH].read(lambda view: view.rows())
    batches = [kept(TelemetryBatch, row.payload) for row in rows]
    assert {found.report_mode for found in batches} == {ReportMode.RECALL}
    assert {found.source_id for found in batches} == {OPERATOR}
    assert [(found.seq_from, found.seq_to) for found in batches] == [(2, 8)]


def test_plt_7_6d_what_came_after_the_recall_is_not_in_it(trio: Trio) -> None:
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=20)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(10, 12))
    trio.tick(4)
    assert receipt.count == 9
    assert sorted(trio.records(DISPATCH)) == list(range(1, 10))
    gone = receipt.unavailable_ranges
    assert [(each.seq_from, each.seq_to, each.reason) for each in gone] == [
        (10, 20, UnavailableReason.NEVER_EXISTED)
    ]


def with_a_hole(**platform_sees: Any) -> Trio:
    """A platform that lacks 3 to 5."""
    trio = Trio(platform_sees=platform_sees)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(6, 8))
    return trio


def test_plt_7_6d_a_hole_that_nobody_can_fill_is_declared_in_the_receipt() -> None:
    trio = with_a_hole(**{OPERATOR: {"paths": ()}})
    trio.wait(LOST_AFTER.total_seconds() + 1)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    assert receipt.count == 5
    assert [(g.seq_from, g.seq_to, g.reason) for g in receipt.unavailable_ranges] == [
        (3, 5, UnavailableReason.DECLARED),
        (9, 9, UnavailableReason.NEVER_EXISTED),
    ]
    assert job(trio, receipt).progress.missing == 4


def test_plt_7_6d_what_we_lack_is_asked_for_upstream_and_follows() -> None:
    trio = with_a_hole()
    trio.journal(OPERATOR, batch(3, 5))
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=8)
    assert (receipt.count, receipt.unavailable_ranges) == (5, ())
    assert job(trio, receipt).progress.missing == 3
    trio.tick(6)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 9)}
    ended = job(trio, receipt)
    assert ended.state is JobState.DONE
    assert (ended.progress.total, ended.progress.sent, ended.progress.missing) == (8, 8, 0)


def test_plt_7_6d_what_was_before_our_first_contact_is_asked_for_upstream() -> None:
    trio = Trio()
    trio.journal(OPERATOR, batch(1, 6))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(7, 8))
    receipt = recall(trio, stream_id=STREAM, seq_from=4, seq_to=8)
    assert (receipt.count, receipt.seq_first, receipt.seq_last) == (2, 7, 8)
    trio.tick(6)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(4, 9)}
    ended = job(trio, receipt)
    assert (ended.state, ended.seq_first, ended.seq_last) == (JobState.DONE, 4, 8)


def test_plt_7_6d_a_recall_by_time_brings_what_was_missing_between_its_rows() -> None:
    trio = with_a_hole()
    trio.journal(OPERATOR, batch(3, 5))
    receipt = recall(trio, time_from=record(2).data_time, time_to=record(5).data_time)
    trio.tick(6)
    assert sorted(trio.records(DISPATCH)) == [2, 3, 4]
    assert job(trio, receipt).state is JobState.DONE


def test_plt_7_9d_what_upstream_does_not_have_either_is_told_with_its_reason() -> None:
    trio = with_a_hole()
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=8)
    trio.tick(6)
    ended = job(trio, receipt)
    assert ended.state is JobState.DONE
    never = [(3, 5, UnavailableReason.NEVER_EXISTED)]
    assert [(g.seq_from, g.seq_to, g.reason) for g in ended.unavailable_ranges] == never
    again = recall(trio, "R2", stream_id=STREAM, seq_from=1, seq_to=8)
    assert [(g.seq_from, g.seq_to, g.reason) for g in again.unavailable_ranges] == never
    asked = [x for x in trio.letters(PLATFORM) if x.operation == RECALL_DATA.name]
    assert len(asked) == 1, "what has its reason is not asked for again"


def test_plt_7_9d_an_upstream_that_does_not_answer_is_waited_for_and_given_up() -> None:
    trio = with_a_hole()
    trio.net.cut.add(OPERATOR)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=8)
    for _ in range(4):
        trio.platform.tick(trio.wait(60))
        trio.dispatch.tick(trio.now)
    waits = job(trio, receipt)
    assert (waits.state, waits.progress.sent, waits.progress.missing) == (JobState.RUNNING, 5, 3)
    trio.platform.tick(trio.wait(61))
    given_up = job(trio, receipt)
    assert (given_up.state, given_up.progress.missing) == (JobState.PARTIAL, 3)
    assert given_up.unavailable_ranges == (), "it may come yet: the asker keeps its gap"


def test_plt_7_6d_a_gap_that_lies_apart_from_the_rows_of_a_time_is_none_of_its_business() -> None:
    """Held are 1 to 4, 6, 7 and 9; asked for is the time of 7 only, or of 3."""
    trio = Trio()
    for first, last in ((1, 3), (4, 4), (6, 6), (7, 7), (9, 9)):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, last))
    for number, (seq, beside) in enumerate({7: 1, 3: 0, 4: 1, 6: 1, 9: 1}.items()):
        at = record(seq).data_time
        receipt = recall(trio, f"R{number}", time_from=at, time_to=at + timedelta(seconds=1))
        assert job(trio, receipt).progress.missing == beside, seq


def test_plt_7_6d_records_without_numbers_hold_no_number() -> None:
    """Two records somewhere between 1 and 9 are no claim on these nine numbers."""
    trio = Trio()
    some = replace(
        batch(1, 9, records=(record(2), record(5))),
        report_mode=ReportMode.RECALL,
        expected_count=2,
        actual_count=2,
    )
    trio.call(OPERATOR, UPLOAD_TELEMETRY, some)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    gone = [(g.seq_from, g.seq_to) for g in receipt.unavailable_ranges]
    assert (receipt.count, gone) == (2, [(1, 9)])


def test_plt_7_6d_what_one_recall_may_ask_for_upstream_is_bounded() -> None:
    far = [Awaited(OPERATOR, STREAM, first, first + 200_000) for first in range(1, 21)]
    asked = bounded(far)
    assert len(asked) == MOST_AWAITED == 16
    assert {each.last - each.first + 1 for each in asked} == {MOST_ASKED} == {100_000}
    (short,) = bounded([Awaited(OPERATOR, STREAM, 7, 9)])
    assert (short.first, short.last) == (7, 9)


def many(rows: int = 40) -> Trio:
    """A platform with more rows than one step of a job may put into the outbox."""
    trio = Trio()
    for seq in range(1, rows + 1):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    return trio


def test_plt_7_9d_a_job_goes_on_page_by_page_and_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters_of(1, monkeypatch)
    trio = many()
    trio.net.cut.add(DISPATCH)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=40)
    assert job(trio, receipt).state is JobState.QUEUED
    trio.platform.tick(trio.now)
    trio.platform.tick(trio.now)
    running = job(trio, receipt)
    assert running.state is JobState.RUNNING
    assert (running.progress.total, running.progress.sent, running.progress.acked) == (40, 8, 0)
    trio.net.cut.clear()
    trio.tick(8, step_s=2)
    done = job(trio, receipt)
    assert done.state is JobState.DONE
    assert (done.progress.sent, done.progress.acked) == (40, 40)
    assert sorted(trio.records(DISPATCH)) == list(range(1, 41))


@pytest.mark.parametrize("ticks", [0, 1, 2, 3])
def test_plt_7_9d_a_job_goes_on_after_a_restart_in_its_middle(
    ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters_of(1, monkeypatch)
    trio = many()
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=40)
    for _ in range(ticks):
        trio.platform.do_chores(trio.now)
    trio.restart(PLATFORM)
    trio.restart(DISPATCH)
    trio.tick(8, step_s=1)
    assert sorted(trio.records(DISPATCH)) == list(range(1, 41))
    assert job(trio, receipt).state is JobState.DONE
    assert len([x for x in trio.letters(PLATFORM) if x.group == of_job(receipt.job_id)]) == 40


def test_plt_7_9d_a_job_whose_letter_was_refused_is_partial_and_says_what_was_taken() -> None:
    trio = filled()
    other = tuple(record(seq, active_power=-1.0) for seq in (4, 5, 6))
    trio.platform.call(DISPATCH, UPLOAD_TELEMETRY, batch(4, 6, records=other), trio.now)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=9)
    trio.tick(5)
    ended = job(trio, receipt)
    assert ended.state is JobState.PARTIAL
    assert (ended.progress.sent, ended.progress.acked) == (9, 6)
    assert [x.state for x in trio.letters(PLATFORM)].count(LetterState.DEAD) == 1


def test_plt_7_9d_a_job_with_nothing_to_bring_is_done(trio: Trio) -> None:
    receipt = recall(trio, stream_id="NONE", seq_from=1, seq_to=9)
    assert receipt.count == 0
    trio.tick()
    assert job(trio, receipt).state is JobState.DONE
    assert arrived(trio) == []


def test_plt_7_6d_a_repeated_recall_is_one_job(trio: Trio) -> None:
    first = recall(trio, stream_id=STREAM, seq_from=1, seq_to=3)
    trio.tick(3)
    assert recall(trio, stream_id=STREAM, seq_from=1, seq_to=3) == first
    trio.tick(3)
    assert len([x for x in trio.letters(PLATFORM) if x.group == of_job(first.job_id)]) == 1


def test_plt_7_6d_a_second_recall_of_the_same_range_changes_nothing_at_the_receiver() -> None:
    trio = filled()
    recall(trio, "R1", stream_id=STREAM, seq_from=1, seq_to=6)
    recall(trio, "R2", stream_id=STREAM, seq_from=4, seq_to=9)
    trio.tick(4)
    assert trio.records(DISPATCH) == {seq: record(seq) for seq in range(1, 10)}


WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no range": ({}, {"/"}),
    "half a range": ({"stream_id": STREAM, "seq_from": 1}, {"/"}),
    "numbers of no stream": ({"seq_from": 1, "seq_to": 2}, {"/StreamID"}),
    "numbers backwards": ({"stream_id": STREAM, "seq_from": 3, "seq_to": 2}, {"/SeqTo"}),
    "times backwards": (
        {"time_from": record(5).data_time, "time_to": record(5).data_time},
        {"/TimeTo"},
    ),
    "everything": (
        {
            "seq_from": 3,
            "seq_to": 2,
            "time_from": record(5).data_time,
            "time_to": record(4).data_time,
        },
        {"/StreamID", "/SeqTo", "/TimeTo"},
    ),
}


@pytest.mark.parametrize(("asked", "paths"), WRONG.values(), ids=WRONG.keys())
def test_plt_7_6d_a_wrong_range_is_4004_with_every_fault_by_its_path(
    trio: Trio, asked: dict[str, Any], paths: set[str]
) -> None:
    trio.events.clear()
    with pytest.raises(PeerRefused) as refused:
        recall(trio, **asked)
    assert refused.value.code == 4004
    told = next(facts for _, event, facts in trio.events if event == "message.refused")
    assert set(told["paths"]) == paths  # type: ignore[call-overload]


def test_a_job_of_another_party_is_answered_as_one_that_does_not_exist(trio: Trio) -> None:
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=3)
    answers = []
    peers = trio.platform.identity.peers
    peers[OTHER] = replace(peers[OTHER], role=peers[DISPATCH].role)  # type: ignore[index]
    for asked in (receipt.job_id, "NONE"):
        with pytest.raises(PeerRefused) as refused:
            trio.call(OTHER, QUERY_BACKFILL, BackfillQuery(job_id=asked))
        answers.append((refused.value.code, refused.value.message))
    assert answers[0] == answers[1]
    assert answers[0][0] == 4201


def test_an_operator_that_is_recalled_gives_its_own_journal_only() -> None:
    """The platform asks OPERATOR; what OPERATOR keeps of others is not handed out."""
    trio = Trio()
    trio.journal(OPERATOR, batch(1, 3))
    foreign = own_row(batch(4, 6), OTHER, batch(4, 6).send_time)
    trio.stores[OPERATOR].write(lambda tx: tx.append(foreign))
    request = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=6,
        cause=RecallCause.MANUAL,
    )
    receipt = trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    assert receipt.count == 3
    trio.tick(3)
    assert sorted(trio.records()) == [1, 2, 3]


def test_plt_7_6d_a_recall_of_some_objects_opens_no_gap_at_the_receiver() -> None:
    trio = filled()
    recall(trio, "R1", stream_id=STREAM, seq_from=1, seq_to=9, object_ids=(record(2).object_id,))
    trio.tick(4)

    assert trio.stores[DISPATCH].read(lambda view: view.gaps()) == []
    assert 2 in trio.records(DISPATCH)


def test_plt_7_6d_nobody_recalls_in_the_name_of_another() -> None:
    request = RecallRequest(
        recall_id="R1",
        requester_id=OTHER,
        stream_id=STREAM,
        seq_from=1,
        seq_to=2,
        cause=RecallCause.PEER_RECALL,
    )
    with pytest.raises(PeerRefused) as refused:
        filled().call(DISPATCH, RECALL_DATA, request)
    assert refused.value.code == 4301


def test_plt_7_6d_records_picked_out_of_a_range_are_stored_once_and_never_otherwise() -> None:
    """A peer of another make may answer a recall with some records of a range of numbers."""
    trio = Trio()

    def upload(batch_id: str, *records: OperatingRecord) -> None:
        some = replace(
            batch(1, 9, records=records),
            batch_id=batch_id,
            report_mode=ReportMode.RECALL,
            expected_count=len(records),
            actual_count=len(records),
        )
        trio.call(OPERATOR, UPLOAD_TELEMETRY, some)

    upload("B1", record(2), record(5))
    upload("B2", record(5), record(8))

    rows = trio.stores[PLATFORM].read(lambda view: view.rows())
    stored = [each for row in rows for each in kept(TelemetryBatch, row.payload).records]
    assert stored == [record(2), record(5), record(8)]
    with pytest.raises(PeerRefused) as refused:
        upload("B3", record(2), record(5, active_power=-1.0))
    assert refused.value.code == 4202
