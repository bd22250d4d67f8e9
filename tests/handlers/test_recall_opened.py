"""What one question may open: so many records, as nobody else writes meanwhile. F50, PLT-7.6d."""

from __future__ import annotations

import time
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_recall import filled, job, recall
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch, record
from vgigw.errors import PeerRefused
from vgigw.handlers import journal
from vgigw.objects import TelemetryQuery
from vgigw.objects.operating_enumerations import JobState, ReportMode
from vgigw.operations import QUERY_TELEMETRY, UPLOAD_TELEMETRY
from vgigw.ports import Transaction, own_row

OBJECTS: dict[str, Any] = {"stream_id": STREAM, "seq_from": 1, "seq_to": 9, "object_ids": ("C0",)}
CUT: dict[str, Any] = {"time_from": record(2).data_time, "time_to": record(9).data_time}
SPARSE: dict[str, Any] = {"stream_id": STREAM, "seq_from": 1, "seq_to": 9}


def cut() -> Trio:
    """Three rows of three records; each spans the times of all."""
    trio = Trio()
    for first in (1, 4, 7):
        records = tuple(record(each) for each in (1, 5, 9))
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(first, first + 2, records=records))
    return trio


def sparse() -> Trio:
    """Three rows of three records, somewhere between 1 and 90."""
    trio = Trio()
    for first in (1, 4, 7):
        records = tuple(record(each) for each in range(first, first + 3))
        some = replace(batch(1, 90, records=records), batch_id=f"B{first}")
        some = replace(some, report_mode=ReportMode.RECALL, expected_count=3, actual_count=3)
        trio.call(OPERATOR, UPLOAD_TELEMETRY, some)
    return trio


ASKED = {
    "objects": (filled, OBJECTS, 3),
    "cut by time": (cut, CUT, 3),
    "sparse": (sparse, SPARSE, 9),
    "objects of sparse": (sparse, OBJECTS, 3),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("bound", ["_MOST_RECORDS", "_MOST_OPENED"])
def test_f50_what_a_recall_has_opened_is_bounded(
    asked: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, question, count = ASKED[asked]
    trio = made()
    enough = {"_MOST_RECORDS": 9, "_MOST_OPENED": 3}[bound]
    monkeypatch.setattr(journal, bound, enough)
    receipt = recall(trio, "R1", **question)
    assert receipt.count == count
    monkeypatch.setattr(journal, bound, enough - 1)
    with pytest.raises(PeerRefused) as refused:
        recall(trio, "R2", **question)
    assert (refused.value.code, "in parts" in refused.value.message) == (4302, True)
    trio.tick(4, step_s=1)
    assert job(trio, receipt).state is JobState.DONE, "what was taken on comes all the same"


@pytest.mark.parametrize("made", [filled, sparse])
def test_f50_what_a_page_has_opened_is_bounded(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trio = made()
    asked = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=9)
    monkeypatch.setattr(journal, "_MOST_RECORDS", 9)
    assert trio.call(DISPATCH, QUERY_TELEMETRY, asked).item_size == 9
    monkeypatch.setattr(journal, "_MOST_RECORDS", 8)
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, QUERY_TELEMETRY, asked)
    assert refused.value.code == 4302


def test_f50_too_wide_a_question_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trio = filled()
    monkeypatch.setattr(journal, "_MOST_RECORDS", 8)
    monkeypatch.setattr(journal, "object_of", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(PeerRefused, match="in parts"):
        recall(trio, **OBJECTS)


def test_f50_whole_rows_are_not_opened_and_not_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_RECORDS", 3)
    trio = filled()
    assert recall(trio, "R1", stream_id=STREAM, seq_from=2, seq_to=9).count == 8
    early = record(1).data_time - timedelta(seconds=1)
    assert recall(trio, "R2", time_from=early, time_to=record(10).data_time).count == 9


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "taken"), [(40, True), (41, False), (600, False)])
def test_f50_the_widest_question_holds_up_no_writer_for_long(rows: int, taken: bool) -> None:
    """200,000 records, and more; the store is nobody else's while they are looked at."""
    trio = Trio()
    whole = batch(1, 5000, records=tuple(record(seq) for seq in range(1, 5001)))
    first = own_row(whole, OPERATOR, trio.now)

    def put(tx: Transaction) -> None:
        for row in range(rows):
            tx.append(replace(first, seq_from=1 + 5000 * row, seq_to=5000 * (row + 1)))

    trio.stores[PLATFORM].write(put)
    asked = OBJECTS | {"seq_to": 5000 * rows}
    began = time.process_time()
    with nullcontext() if taken else pytest.raises(PeerRefused, match="in parts"):
        recall(trio, **asked)
    assert time.process_time() - began < 2
