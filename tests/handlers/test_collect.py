"""Telemetry in: watermark, gaps that ask by themselves, overlaps. PLT-7.6b, PLT-7.9d."""

from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

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
    kept,
    record,
)
from vgigw.errors import PeerRefused
from vgigw.objects import (
    Heartbeat,
    RecallRequest,
    StreamHeight,
    TelemetryQuery,
    TelemetryReceipt,
)
from vgigw.objects.operating_enumerations import ChannelRole, RecallCause
from vgigw.operations import HEARTBEAT, QUERY_TELEMETRY, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState, Transaction


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def upload(trio: Trio, first: int, last: int, party: str = OPERATOR, stream: str = STREAM) -> int:
    sent = batch(first, last, stream_id=stream)
    receipt: TelemetryReceipt = trio.call(party, UPLOAD_TELEMETRY, sent)
    return receipt.ack_seq


def beat(trio: Trio, highest: int, stream: str = STREAM) -> None:
    height = StreamHeight(stream_id=stream, seq_highest=highest)
    sent = Heartbeat(
        link_id="L", seq=1, time=trio.now, channel_role=ChannelRole.MAIN, streams=(height,)
    )
    trio.call(OPERATOR, HEARTBEAT, sent)


def gaps(trio: Trio, owner: str = OPERATOR) -> list[tuple[int, int]]:
    found = trio.stores[PLATFORM].read(lambda view: view.gaps(owner))
    return [(gap.first, gap.last) for _, _, gap in found]


def recalls(trio: Trio) -> list[RecallRequest]:
    """Recalls that the platform has put into its outbox, oldest first."""
    return [
        kept(RecallRequest, letter.payload)
        for letter in sorted(trio.letters(PLATFORM), key=lambda letter: letter.id)
        if letter.operation == RECALL_DATA.name
    ]


def test_plt_7_6b_the_receipt_tells_the_watermark(trio: Trio) -> None:
    assert upload(trio, 10, 12) == 12
    assert upload(trio, 13, 20) == 20


def test_plt_7_9d_a_loss_opens_a_gap_holds_the_watermark_and_a_backfill_closes_it(
    trio: Trio,
) -> None:
    assert upload(trio, 1, 2) == 2
    assert upload(trio, 6, 8) == 2
    assert gaps(trio) == [(3, 5)]
    assert upload(trio, 4, 4) == 2
    assert gaps(trio) == [(3, 3), (5, 5)]
    assert upload(trio, 3, 3) == 4
    assert upload(trio, 5, 5) == 8
    assert gaps(trio) == []
    assert sorted(trio.records()) == list(range(1, 9))


def test_plt_7_9d_the_platform_recalls_a_gap_and_gets_it_without_anybodys_doing(
    trio: Trio,
) -> None:
    trio.journal(OPERATOR, batch(3, 5))
    upload(trio, 1, 2)
    upload(trio, 6, 8)
    trio.tick(4, step_s=2)
    assert gaps(trio) == []
    assert trio.records() == {seq: record(seq) for seq in range(1, 9)}


def receipts_without_data(trio: Trio) -> None:
    """The peer took every question, and no data came."""

    def work(tx: Transaction) -> None:
        for letter in tx.letters(state=LetterState.WAITING):
            tx.save_letter(replace(letter, state=LetterState.DELIVERED))

    trio.stores[PLATFORM].write(work)


def test_plt_7_9d_a_question_that_waits_for_its_peer_is_not_asked_again() -> None:
    trio = Trio()
    upload(trio, 1, 1)
    upload(trio, 3, 3)
    trio.net.cut.add(OPERATOR)
    for _ in range(60):
        trio.platform.tick(trio.wait(60))
    assert len(trio.letters(PLATFORM)) == 1


def test_plt_7_6b_what_was_declared_missing_and_comes_after_all_is_stored() -> None:
    trio = Trio()
    upload(trio, 1, 1)
    upload(trio, 5, 5)
    trio.tick(6, step_s=2)  # the operator has nothing of 2 to 4, and says so
    assert trio.platform.store.read(lambda view: view.gaps()) == []
    upload(trio, 2, 4)
    assert trio.records() == {seq: record(seq) for seq in range(1, 6)}


def test_plt_7_9d_a_gap_is_asked_for_once_after_its_grace_and_then_ever_more_rarely() -> None:
    trio = Trio()
    upload(trio, 1, 1)
    upload(trio, 3, 3)
    trio.net.cut.add(OPERATOR)
    asked_at = []
    for _ in range(200):
        before = len(recalls(trio))
        trio.platform.do_chores(trio.now)
        new = len(recalls(trio)) - before
        assert new <= 1
        if new:
            asked_at.append((trio.now - NOW).total_seconds())
            receipts_without_data(trio)
        trio.wait(1)
    assert asked_at[0] == 2
    assert [later - earlier for earlier, later in pairwise(asked_at)] == [5, 10, 20, 40, 80]
    first = recalls(trio)[0]
    assert (first.stream_id, first.seq_from, first.seq_to) == (STREAM, 2, 2)
    assert (first.cause, first.requester_id) == (RecallCause.GAP, PLATFORM)
    assert len({found.recall_id for found in recalls(trio)}) == len(asked_at)


def test_plt_7_9d_a_batch_that_was_only_overtaken_is_not_recalled() -> None:
    trio = Trio()
    upload(trio, 1, 1)
    upload(trio, 3, 3)
    trio.platform.do_chores(trio.wait(1.9))
    upload(trio, 2, 2)
    trio.platform.do_chores(trio.wait(10))
    assert recalls(trio) == []


def test_plt_7_9d_gap_and_its_times_outlive_a_restart() -> None:
    trio = Trio()
    upload(trio, 1, 1)
    upload(trio, 3, 3)
    trio.platform.do_chores(trio.wait(2))
    receipts_without_data(trio)
    trio.restart(PLATFORM)
    trio.platform.do_chores(trio.wait(4.9))
    assert len(recalls(trio)) == 1
    trio.platform.do_chores(trio.wait(0.1))
    assert len(recalls(trio)) == 2


def test_plt_7_6b_an_overlap_with_equal_content_takes_only_the_new_part(trio: Trio) -> None:
    upload(trio, 3, 6)
    assert upload(trio, 1, 8) == 8
    assert trio.records() == {seq: record(seq) for seq in range(1, 9)}
    rows = trio.stores[PLATFORM].read(lambda view: view.rows(owner=OPERATOR))
    assert [(row.seq_from, row.seq_to) for row in rows] == [(3, 6), (1, 2), (7, 8)]


@pytest.mark.parametrize("spoilt", [3, 4, 6])
def test_plt_7_6b_an_overlap_with_other_content_is_4202_and_takes_nothing(
    trio: Trio, spoilt: int
) -> None:
    upload(trio, 3, 6)
    records = tuple(
        record(seq, active_power=-1.0) if seq == spoilt else record(seq) for seq in range(1, 9)
    )
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 8, records=records))
    assert refused.value.code == 4202
    assert trio.records() == {seq: record(seq) for seq in range(3, 7)}
    assert gaps(trio) == []


def test_plt_7_6b_a_heartbeat_announces_a_lost_tail_and_it_is_fetched(trio: Trio) -> None:
    trio.journal(OPERATOR, batch(3, 5))
    upload(trio, 1, 2)
    beat(trio, 5)
    assert gaps(trio) == [(3, 5)]
    trio.tick(4, step_s=2)
    assert gaps(trio) == []
    assert sorted(trio.records()) == [1, 2, 3, 4, 5]


def test_plt_7_6b_a_heartbeat_that_is_level_or_behind_opens_nothing(trio: Trio) -> None:
    upload(trio, 1, 5)
    beat(trio, 5)
    beat(trio, 3)
    assert gaps(trio) == []


def test_plt_7_6b_a_stream_that_was_first_heard_of_in_a_heartbeat_can_be_delivered(
    trio: Trio,
) -> None:
    """Nothing of it is stored up to any number yet: the receipt says 0, and is a receipt."""
    beat(trio, 5)
    assert upload(trio, 3, 5) == 0
    assert gaps(trio) == [(1, 2)]
    assert upload(trio, 1, 2) == 5


def test_plt_7_9d_a_range_that_is_declared_unavailable_closes_the_gap(trio: Trio) -> None:
    """The operator has nothing of the gap: it says so, and is not asked for ever."""
    trio.journal(OPERATOR, batch(4, 4))
    upload(trio, 1, 2)
    upload(trio, 6, 8)
    trio.tick(4, step_s=2)
    assert gaps(trio) == []
    assert sorted(trio.records()) == [1, 2, 4, 6, 7, 8]
    assert upload(trio, 9, 9) == 9
    asked = len(recalls(trio))
    trio.tick(4, step_s=100)
    assert len(recalls(trio)) == asked


def test_plt_7_9d_a_declared_record_that_turns_up_later_is_no_gap_and_no_loss() -> None:
    trio = Trio()
    upload(trio, 1, 2)
    upload(trio, 4, 4)
    trio.tick(4, step_s=2)
    assert gaps(trio) == []
    upload(trio, 1, 4)
    assert set(trio.records()) >= {1, 2, 4}


def test_two_operators_with_the_same_stream_do_not_mix(trio: Trio) -> None:
    upload(trio, 1, 2)
    upload(trio, 5, 6, party=OTHER)
    upload(trio, 3, 3)
    assert sorted(trio.records(owner=OPERATOR)) == [1, 2, 3]
    assert sorted(trio.records(owner=OTHER)) == [5, 6]
    assert gaps(trio) == gaps(trio, OTHER) == []


def test_a_source_named_in_the_batch_does_not_make_it_anothers_data(trio: Trio) -> None:
    trio.call(OTHER, UPLOAD_TELEMETRY, replace(batch(1, 2), source_id=OPERATOR))
    assert trio.records(owner=OPERATOR) == {}
    assert sorted(trio.records(owner=OTHER)) == [1, 2]


def test_two_streams_of_one_operator_have_numbers_of_their_own(trio: Trio) -> None:
    upload(trio, 1, 2)
    assert upload(trio, 7, 8, stream="S2") == 8
    assert gaps(trio) == []


def seen_by(trio: Trio, party: str, **asked: object) -> list[float | None]:
    found = trio.call(party, QUERY_TELEMETRY, TelemetryQuery(**asked))  # type: ignore[arg-type]
    return [one.active_power for one in found.records]


def test_plt_7_6d_an_operator_sees_its_own_records_only_and_the_dispatch_all(trio: Trio) -> None:
    upload(trio, 1, 2)
    upload(trio, 8, 9, party=OTHER)
    assert seen_by(trio, OPERATOR) == [1.0, 2.0]
    assert seen_by(trio, OTHER) == [8.0, 9.0]
    assert sorted(filter(None, seen_by(trio, DISPATCH))) == [1.0, 2.0, 8.0, 9.0]


def test_plt_7_6d_a_query_by_numbers_by_objects_and_by_time(trio: Trio) -> None:
    upload(trio, 1, 9)
    assert seen_by(trio, OPERATOR, stream_id=STREAM, seq_from=3, seq_to=5) == [3.0, 4.0, 5.0]
    assert seen_by(trio, OPERATOR, object_ids=("C0",)) == [3.0, 6.0, 9.0]
    from_, to = record(4).data_time, record(6).data_time
    assert seen_by(trio, OPERATOR, time_from=from_, time_to=to) == [4.0, 5.0]


def test_plt_7_6d_pages_of_a_query_hold_every_record_once(trio: Trio) -> None:
    upload(trio, 1, 4)
    upload(trio, 5, 7)
    pages = [
        trio.call(OPERATOR, QUERY_TELEMETRY, TelemetryQuery(page_no=n, page_size=3))
        for n in (1, 2, 3, 4)
    ]
    assert [[one.active_power for one in page.records] for page in pages] == [
        [1, 2, 3],
        [4, 5, 6],
        [7],
        [],
    ]
    assert {(page.page_count, page.item_size) for page in pages} == {(3, 7)}
