"""Streams whose numbers begin high, or jump: what never was ends in some steps. PLT-7.9d."""

from __future__ import annotations

from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.trio import OPERATOR, PLATFORM, STREAM, Trio, batch, kept
from vgigw.errors import NotRetained
from vgigw.handlers import gaps, journal
from vgigw.handlers.unavailable import gone_of
from vgigw.objects import RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.operations import RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Call, Transaction
from vgigw.rules.ranges import Range

TEN = 10


def high(last: int, first: int | None = None, **changes: object) -> TelemetryBatch:
    """Ten records, or as many as there are from ``first``, that end at the number ``last``."""
    first = last - TEN + 1 if first is None else first
    named = batch(1, last - first + 1, batch_id=f"B{first}", **changes)
    return replace(named, seq_from=first, seq_to=last)


def until_whole(trio: Trio, most: int = 100, step_s: float = 1) -> int:
    """How many questions were asked until nothing is missing."""
    asked: set[str] = set()
    for _ in range(most):
        trio.tick(1, step_s=step_s)
        letters = trio.letters(PLATFORM)
        asked |= {each.message_id for each in letters if each.operation == RECALL_DATA.name}
        if trio.records() and not trio.stores[PLATFORM].read(lambda view: view.gaps()):
            return len(asked)
    pytest.fail(f"{trio.stores[PLATFORM].read(lambda view: view.gaps())} is still open")


@pytest.mark.parametrize("last", [10**4, 10**9, 10**15])
def test_plt_7_9d_records_that_never_came_live_are_found_however_high_they_are(last: int) -> None:
    trio = Trio()
    trio.operator.keep(high(last), trio.now)
    trio.tick(1)
    trio.operator.beat(PLATFORM, trio.now)
    assert until_whole(trio) < 60
    assert sorted(trio.records()) == list(range(last - TEN + 1, last + 1))
    (gone,) = trio.stores[PLATFORM].read(lambda view: gone_of(view, OPERATOR, STREAM))
    assert gone.numbers == Range(1, last - TEN)
    assert gone.reason is UnavailableReason.NEVER_EXISTED


def test_plt_7_9d_a_counter_that_jumped_leaves_no_gap_for_long() -> None:
    trio = Trio()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 3))
    trio.operator.keep(batch(1, 3), trio.now)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, high(10**12), trio.now)
    assert until_whole(trio) < 60


def test_plt_7_9d_where_a_wide_question_is_too_wide_fewer_numbers_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Behind much that never was lies more than one question may ask for."""
    monkeypatch.setattr(gaps, "MOST_ASKED", 4)
    monkeypatch.setattr(journal, "_MOST_ROWS", 4)
    trio = Trio()
    for number in range(1_000, 1_020):
        trio.operator.keep(high(number, number), trio.now)
    trio.tick(1)
    trio.operator.beat(PLATFORM, trio.now)
    until_whole(trio, 200, step_s=5)
    assert sorted(trio.records()) == list(range(1_000, 1_020))


def test_plt_7_9d_of_a_wide_question_that_is_refused_as_too_old_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A peer may mean the part alone that it does not keep any more."""
    monkeypatch.setattr(gaps, "MOST_ASKED", 4)
    trio = Trio()
    trio.operator.keep(batch(40, 120), trio.now)
    trio.tick(1)
    handlers = cast(dict[str, Any], trio.operator._inbound._handlers)
    inner = handlers[RECALL_DATA.name]

    def only_what_is_kept(call: Call, tx: Transaction) -> object:
        if call.request.seq_from < 40:
            raise NotRetained
        return inner(call, tx)

    handlers[RECALL_DATA.name] = only_what_is_kept
    trio.operator.beat(PLATFORM, trio.now)
    until_whole(trio, 500, step_s=20)
    gone = trio.stores[PLATFORM].read(lambda view: gone_of(view, OPERATOR, STREAM))
    assert [(each.first, each.reason) for each in gone] == [(1, UnavailableReason.EXPIRED)]
    assert gone[0].last < 40 + 4
    assert sorted(trio.records()) == list(range(gone[0].last + 1, 121))


@pytest.mark.parametrize("rows", [3, 7])
def test_f50_where_even_the_least_question_is_too_wide_fewer_numbers_are_asked_for(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "MOST_ASKED", 100)
    monkeypatch.setattr(journal, "_MOST_ROWS", 2)
    trio = Trio()
    for number in range(1, rows + 1):
        trio.operator.keep(high(number, number), trio.now)
    trio.tick(1)
    trio.operator.beat(PLATFORM, trio.now)
    until_whole(trio, 500, step_s=20)
    assert sorted(trio.records()) == list(range(1, rows + 1))


def test_plt_7_9d_what_brings_something_is_asked_for_step_by_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Numbers that exist are asked for so many at a time, as their records come."""
    monkeypatch.setattr(gaps, "MOST_ASKED", 4)
    trio = Trio()
    trio.operator.keep(batch(1, 20), trio.now)
    trio.tick(1)
    trio.operator.beat(PLATFORM, trio.now)
    trio.platform.do_chores(trio.wait(5))
    (letter,) = (each for each in trio.letters(PLATFORM) if each.operation == RECALL_DATA.name)
    request = kept(RecallRequest, letter.payload)
    assert (request.seq_from, request.seq_to) == (1, 4)
