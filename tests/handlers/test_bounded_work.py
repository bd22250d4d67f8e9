"""What a message or a tick costs does not grow with what was kept before: one party with a long
history, or with many streams, holds up nobody else.

Work is counted in steps of the database's machine, not in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest

from tests.trio import NOW, OPERATOR, OTHER, PLATFORM, STREAM, Trio, batch, record, station
from vgigw.errors import PeerRefused
from vgigw.handlers import archive, collect, shelf
from vgigw.objects import ConnectorStatusInfo, Heartbeat, StationQuery, StreamHeight
from vgigw.objects.operating_enumerations import ChannelRole, ConnectorStatus, ReportMode
from vgigw.operations import (
    BACKFILL_DATA,
    HEARTBEAT,
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    RECALL_DATA,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Store, Transaction
from vgigw.rules.gap import Gap
from vgigw.rules.ranges import Range
from vgigw.rules.sequence import StreamState
from vgigw.stores.sql_transaction import SqlTransaction

pytestmark = pytest.mark.own_store("counts the steps of SQLite's machine")

_GRAIN = 10
_CONNECTOR = station().equipment_infos[0].connector_infos[0].connector_id


def steps_of(store: Store, work: Callable[[], object]) -> int:
    """How many steps the database's machine takes for ``work``, to the nearest ten below."""
    taken = count()

    def tick() -> None:
        next(taken)

    connection = store._connection  # type: ignore[attr-defined]
    connection.set_progress_handler(tick, _GRAIN)
    try:
        work()
    finally:
        connection.set_progress_handler(None, 0)
    return next(taken) * _GRAIN


def with_streams(trio: Trio, owner: str, number: int) -> None:
    def work(tx: Transaction) -> None:
        for each in range(number):
            tx.save_stream(owner, f"old-{each}", StreamState(1, 4, 4))

    trio.stores[PLATFORM].write(work)


def with_gaps(trio: Trio, owner: str, number: int) -> None:
    """As many single holes in one stream, found now."""

    def work(tx: Transaction) -> None:
        holes = tuple(Range(2 * each, 2 * each) for each in range(1, number + 1))
        tx.save_stream(owner, STREAM, StreamState(1, 1, 2 * number + 1, holes))
        for hole in holes:
            tx.open_gap(owner, STREAM, Gap(hole.first, hole.last, NOW))

    trio.stores[PLATFORM].write(work)


def beat(trio: Trio, new: int) -> None:
    """A beat that tells of so many streams for the first time."""
    heights = tuple(StreamHeight(stream_id=f"new-{each}", seq_highest=5) for each in range(new))
    sent = Heartbeat(
        link_id="L", seq=1, time=trio.now, channel_role=ChannelRole.MAIN, streams=heights
    )
    trio.call(OPERATOR, HEARTBEAT, sent)


def asked(trio: Trio, party: str) -> int:
    letters = trio.letters(PLATFORM)
    return sum((each.operation, each.destination) == (RECALL_DATA.name, party) for each in letters)


def test_streams_that_are_known_make_a_beat_with_new_ones_no_dearer() -> None:
    few, many = Trio(), Trio()
    with_streams(many, OTHER, 2000)
    with_streams(many, OPERATOR, 200)
    cheap = steps_of(few.stores[PLATFORM], lambda: beat(few, 100))
    assert steps_of(many.stores[PLATFORM], lambda: beat(many, 100)) <= cheap * 1.2 + 2000


def test_the_new_streams_of_a_beat_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collect, "_MOST_STREAMS", 10)
    trio = Trio()
    with_streams(trio, OTHER, 10)
    with_streams(trio, OPERATOR, 5)
    with pytest.raises(PeerRefused):
        beat(trio, 6)
    assert trio.stores[PLATFORM].read(lambda view: view.count_streams(OPERATOR)) == 5
    beat(trio, 5)
    beat(trio, 5)  # known by now
    assert trio.stores[PLATFORM].read(lambda view: view.count_streams(OPERATOR)) == 10
    with pytest.raises(PeerRefused):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))


def test_a_tick_looks_at_a_slice_of_a_partys_gaps_and_comes_round_to_all() -> None:
    few, many = Trio(), Trio()
    for trio, number in ((few, 100), (many, 1050)):
        with_gaps(trio, OPERATOR, number)
        with_gaps(trio, OTHER, 3)
        trio.net.cut.add(OPERATOR)
        trio.wait(3)
    cheap = steps_of(few.stores[PLATFORM], lambda: few.platform.do_chores(few.now))
    dear = steps_of(many.stores[PLATFORM], lambda: many.platform.do_chores(many.now))
    assert dear <= cheap * 1.2
    assert (asked(many, OPERATOR), asked(many, OTHER)) == (32, 3)
    for _ in range(50):
        many.platform.do_chores(many.now)
    assert (asked(many, OPERATOR), asked(many, OTHER)) == (1050, 3)


def test_the_holes_of_a_stream_make_its_next_record_no_dearer() -> None:
    few, many = Trio(), Trio()
    with_gaps(few, OPERATOR, 10)
    with_gaps(many, OPERATOR, 900)

    def fill_and_open(trio: Trio) -> Callable[[], object]:
        """One hole in the middle is filled, and another one is opened at the end."""
        highest = max(gap.last for _, _, gap in _gaps(trio)) + 1

        def work() -> None:
            trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(highest // 4 * 2, highest // 4 * 2))
            trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(highest + 2, highest + 2))

        return work

    cheap = steps_of(few.stores[PLATFORM], fill_and_open(few))
    assert steps_of(many.stores[PLATFORM], fill_and_open(many)) <= cheap * 1.2 + 500
    assert (len(_gaps(few)), len(_gaps(many))) == (10, 900)
    assert trio_records(many) == 2


def _gaps(trio: Trio) -> list[tuple[str, str, Gap]]:
    return trio.stores[PLATFORM].read(lambda view: view.gaps(OPERATOR))


def trio_records(trio: Trio) -> int:
    found = trio.records()
    assert all(found[seq] == record(seq) for seq in found)
    return len(found)


def test_acc_7_3_a_late_event_is_no_dearer_for_those_of_other_times() -> None:
    looked_at = []
    for number in (5, 300):
        trio = with_states(number)
        late = state("late", NOW - timedelta(hours=1))
        work = partial(trio.call, OPERATOR, PUSH_DEVICE_STATE, late)
        looked_at.append(steps_of(trio.stores[PLATFORM], work))
        kept = trio.stores[PLATFORM].read(
            lambda view: view.history("ConnectorStatusInfo", OPERATOR, _CONNECTOR)
        )
        assert len(kept) == number + 1
    assert looked_at[1] <= looked_at[0] * 1.2 + 200


def test_acc_7_3_too_many_events_at_one_time_are_refused_and_those_kept_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "_MOST_AT_ONCE", 1)
    trio = with_states(3)
    with pytest.raises(PeerRefused):
        trio.call(OPERATOR, PUSH_DEVICE_STATE, state("other", NOW - timedelta(seconds=2)))
    trio.call(OPERATOR, PUSH_DEVICE_STATE, state("E2", NOW - timedelta(seconds=2)))
    trio.call(OPERATOR, PUSH_DEVICE_STATE, state("other", NOW - timedelta(seconds=9)))


def with_states(number: int) -> Trio:
    """As many events of one connector, each a second before the last."""
    trio = Trio()
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    for each in range(number):
        sent = state(f"E{each}", NOW - timedelta(seconds=each))
        trio.call(OPERATOR, PUSH_DEVICE_STATE, sent)
    return trio


def state(event_id: str, changed: datetime) -> ConnectorStatusInfo:
    return ConnectorStatusInfo(
        event_id=event_id,
        connector_id=_CONNECTOR,
        status=ConnectorStatus.IDLE,
        change_time=changed,
    )


def test_acc_7_7_a_page_of_what_fits_is_cut_out_of_any_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shelf, "_MOST_LOOKED_AT", 1)
    monkeypatch.setattr(shelf, "_AT_A_TIME", 3)
    trio = Trio()
    for number in range(9):
        trio.call(OPERATOR, PUSH_ARCHIVE, station(f"ST{number}"))
    shown = trio.stores[PLATFORM].read(
        lambda view: archive.STATIONS.page(
            view,
            StationQuery(page_no=2, page_size=3),
            OPERATOR,
            where=lambda each: each.station_id != "ST4",
        )
    )
    assert [each.station_id for each in shown.items] == ["ST3", "ST5", "ST6"]
    assert (shown.item_size, shown.page_count) == (8, 3)


def test_plt_7_6d_a_recalled_batch_fills_many_holes_with_one_change_of_its_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trio = Trio()
    with_gaps(trio, OPERATOR, 200)
    saved: list[StreamState] = []
    plain = SqlTransaction.save_stream

    def counting(tx: SqlTransaction, owner: str, stream: str, state: StreamState) -> None:
        saved.append(state)
        plain(tx, owner, stream, state)

    monkeypatch.setattr(SqlTransaction, "save_stream", counting)
    trio.call(OPERATOR, BACKFILL_DATA, batch(1, 401, report_mode=ReportMode.RECALL))
    assert saved == [StreamState(1, 401, 401)]
    assert _gaps(trio) == []
