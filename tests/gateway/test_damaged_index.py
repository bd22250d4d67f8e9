"""A row that no question finds any more: what was taken in never "never existed". F21, F22."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_damaged_store import alarms, damage, detail_of, state_of
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch, record
from vgigw.errors import PeerRefused
from vgigw.objects import (
    BackfillQuery,
    RecallReceipt,
    RecallRequest,
    TelemetryQuery,
    UnavailableRange,
)
from vgigw.objects.operating_enumerations import JobState, RecallCause, UnavailableReason
from vgigw.operations import QUERY_BACKFILL, QUERY_TELEMETRY, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.rules.sequence import StreamState

pytestmark = pytest.mark.own_store("bits of its rows")

COLUMNS = {
    "seq_from": "seq_from = seq_from - 1024, seq_to = seq_from - 1024",
    "seq": "seq_from = seq_from + 1024, seq_to = seq_to + 1024",
    "stream": "stream = 'S3'",
    "owner": "owner = '123456788'",
}
"""What is changed by hand stands so in the indexes, too: no question for its numbers finds it."""


def hidden(columns: str) -> Trio:
    """The platform took 1 to 9, and does not find 4 to 6."""
    trio = Trio()
    for first in (1, 4, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    damage(trio.stores[PLATFORM], f"UPDATE journal SET {COLUMNS[columns]} WHERE seq_from = 4")
    return trio


def recall(trio: Trio, first: int, last: int, cause: RecallCause) -> Any:
    request = RecallRequest(
        recall_id=f"R{first}",
        requester_id=DISPATCH,
        stream_id=STREAM,
        seq_from=first,
        seq_to=last,
        cause=cause,
    )
    return trio.call(DISPATCH, RECALL_DATA, request)


@pytest.mark.parametrize("columns", list(COLUMNS))
@pytest.mark.parametrize("last", [6, 9])
def test_f22_who_looks_again_for_what_is_hidden_is_refused_and_it_is_told(
    columns: str, last: int
) -> None:
    trio = hidden(columns)
    with pytest.raises(PeerRefused, match="500"):
        recall(trio, 4, last, RecallCause.PEER_RECALL)
    trio.platform.look_after(trio.now)
    assert alarms(trio) == ["STORE_DAMAGED"]
    assert detail_of(trio, "STORE_DAMAGED").startswith("journal: ")
    assert recall(trio, 7, 9, RecallCause.PEER_RECALL).count == 3, "it holds up itself alone"


@pytest.mark.parametrize("columns", list(COLUMNS))
def test_f22_a_gap_is_filled_around_what_is_hidden_and_it_is_never_declared(columns: str) -> None:
    trio = hidden(columns)
    receipt: RecallReceipt = recall(trio, 1, 12, RecallCause.GAP)
    never = UnavailableRange(seq_from=10, seq_to=12, reason=UnavailableReason.NEVER_EXISTED)
    # A row that is found and bears no party's name may hold any number: then of none it is said.
    told = () if columns == "owner" else (never,)
    assert (receipt.count, receipt.unavailable_ranges) == (6, told)
    assert "STORE_DAMAGED" in alarms(trio)
    trio.tick(10, step_s=1)
    assert state_of(trio, receipt) is JobState.PARTIAL
    assert sorted(trio.records(DISPATCH)) == [1, 2, 3, 7, 8, 9]


@pytest.mark.parametrize("columns", list(COLUMNS))
def test_f22_a_page_is_never_shorter_by_what_is_hidden(columns: str) -> None:
    trio = hidden(columns)
    asked = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=9)
    with pytest.raises(PeerRefused, match="500"):
        trio.call(DISPATCH, QUERY_TELEMETRY, asked)
    sound = TelemetryQuery(stream_id=STREAM, seq_from=7, seq_to=9)
    assert trio.call(DISPATCH, QUERY_TELEMETRY, sound).item_size == 3


def test_what_never_came_is_not_taken_for_hidden() -> None:
    trio = Trio()
    for first in (1, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    receipt = recall(trio, 1, 12, RecallCause.PEER_RECALL)
    assert receipt.count == 6
    assert not alarms(trio)


def test_f22_a_question_by_time_is_not_refused_for_numbers_that_no_row_holds() -> None:
    """Which of them it meant nobody can say."""
    trio = Trio()
    for first in (1, 4, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    damage(trio.stores[PLATFORM], "DELETE FROM journal WHERE seq_from = 4")
    asked = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=9)
    with pytest.raises(PeerRefused, match="500"):
        trio.call(DISPATCH, QUERY_TELEMETRY, asked)
    timed = replace(asked, time_from=record(1).data_time, time_to=record(10).data_time)
    for each in (timed, replace(timed, seq_from=None, seq_to=None)):
        assert trio.call(DISPATCH, QUERY_TELEMETRY, each).item_size == 6


def test_f22_what_is_hidden_of_another_party_is_no_matter_of_an_operator() -> None:
    trio = Trio()
    trio.journal(OPERATOR, batch(1, 3))
    state = StreamState(begin=1, contiguous=9, highest=9)
    trio.stores[OPERATOR].write(lambda tx: tx.save_stream(PLATFORM, STREAM, state))
    request = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=6,
        cause=RecallCause.PEER_RECALL,
    )
    assert trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR).count == 3


def test_f22_of_a_damaged_row_that_the_range_cuts_no_record_is_counted() -> None:
    trio = Trio()
    for first in (1, 4, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    damage(trio.stores[PLATFORM], "UPDATE journal SET payload = x'00ff' WHERE seq_from = 4")
    receipt = recall(trio, 1, 5, RecallCause.GAP)
    assert (receipt.count, receipt.seq_first, receipt.seq_last) == (3, 1, 3)


def test_f22_a_damaged_row_that_is_opened_counts_once() -> None:
    trio = Trio()
    for first in (1, 4, 7):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2))
    damage(trio.stores[PLATFORM], "UPDATE journal SET seal = seal + 1 WHERE seq_from = 4")
    request = RecallRequest(
        recall_id="R",
        requester_id=DISPATCH,
        stream_id=STREAM,
        seq_from=1,
        seq_to=9,
        object_ids=("C0",),
        cause=RecallCause.GAP,
    )
    receipt = trio.call(DISPATCH, RECALL_DATA, request)
    found = trio.call(DISPATCH, QUERY_BACKFILL, BackfillQuery(job_id=receipt.job_id))
    assert found.progress.missing == 1
