"""A message that its peer always refuses: the stream skips it with a declared gap, or waits. F63.

PLT-7.6b, PLT-7.9d. Gateways face to face; the platform is told to refuse every batch that holds one
record. I7, I9: nothing is lost silently, and every gap ends with data or with a reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.trio import OPERATOR, PLATFORM, STREAM, Trio, batch, kept, letters_of
from vgigw.errors import InvalidObject, NotAllowed, OwnFault, UnknownObject, VgigwError
from vgigw.handlers.dropping import dropped
from vgigw.handlers.poison_numbers import held_in
from vgigw.handlers.recall_plan import job_of, plans_of
from vgigw.handlers.unavailable import gone_of
from vgigw.objects import RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.operations import BACKFILL_DATA, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Call, Letter, LetterState, OnPoison, Transaction

BAD = 5
OTHER_STREAM = "S2"


class Refusing:
    """The platform's handler of telemetry, that fails at every batch with record ``BAD``."""

    def __init__(self, trio: Trio, fault: type[VgigwError]) -> None:
        self.trio, self.fault, self.active = trio, fault, True
        self.everything = False
        self.handlers = cast(dict[str, Any], trio.platform._inbound._handlers)
        self._inner = self.handlers[UPLOAD_TELEMETRY.name]
        for operation in (UPLOAD_TELEMETRY, BACKFILL_DATA):
            self.handlers[operation.name] = self

    def __call__(self, call: Call, tx: Transaction) -> object:
        told: TelemetryBatch = call.request
        bad = told.stream_id == STREAM and told.seq_from <= BAD <= told.seq_to
        if self.active and (bad or self.everything):
            raise self.fault
        return self._inner(call, tx)


def sent(trio: Trio, *batches: tuple[int, int], stream: str = STREAM) -> None:
    for first, last in batches:
        told = batch(first, last, stream_id=stream, batch_id=f"{stream}/{first}")
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)


def dead(trio: Trio) -> list[Letter]:
    return [each for each in trio.letters(OPERATOR) if each.state is LetterState.DEAD]


def gone(trio: Trio) -> list[tuple[int, int, UnavailableReason]]:
    found = trio.stores[PLATFORM].read(lambda view: gone_of(view, OPERATOR, STREAM))
    return [(each.first, each.last, each.reason) for each in found]


def gaps(trio: Trio) -> list[tuple[int, int]]:
    found = trio.stores[PLATFORM].read(lambda view: view.gaps(OPERATOR, STREAM))
    return [(gap.first, gap.last) for _, _, gap in found]


def held(trio: Trio) -> object:
    found = trio.stores[OPERATOR].read(lambda view: held_in(view, PLATFORM, STREAM))
    return found.get(OPERATOR, ())


def came(trio: Trio, stream: str) -> list[int]:
    rows = trio.stores[PLATFORM].read(lambda view: view.rows(owner=OPERATOR, stream=stream))
    return sorted(
        seq
        for row in rows
        for seq, _ in enumerate(kept(TelemetryBatch, row.payload).records, row.seq_from)
    )


def forget_dead(trio: Trio) -> list[object]:
    identity, now = trio.operator.identity, trio.now

    def work(tx: Transaction) -> list[object]:
        found: list[object] = []
        for letter in tx.letters(destination=PLATFORM, state=LetterState.DEAD):
            tx.drop_letter(letter.id)
            found += dropped(identity, letter, tx, now)
        return found

    return trio.stores[OPERATOR].write(work)


def try_again(trio: Trio, at: datetime) -> None:
    def work(tx: Transaction) -> None:
        for letter in tx.letters(destination=PLATFORM, state=LetterState.DEAD):
            tx.save_letter(replace(letter, state=LetterState.WAITING, faults=0, next_at=at))

    trio.stores[OPERATOR].write(work)


def test_f55_a_refusal_before_the_clock_was_set_back_holds_up_no_declaration() -> None:
    """The clock was a month ahead when the letter died."""
    month_s = 30 * 86_400.0
    trio = Trio()
    trio.wait(month_s)
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(1)
    trio.wait(-month_s)
    for seq in range(10, 40):  # The peer takes others of the stream all the time.
        sent(trio, (seq, seq))
        trio.tick(1, step_s=30)
    assert (gaps(trio), gone(trio)) == ([], [(BAD, BAD, UnavailableReason.DECLARED)])


def test_f63_skip_declares_the_one_record_and_all_the_rest_comes() -> None:
    trio = Trio("soap")
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    sent(trio, (1, 4), stream=OTHER_STREAM)
    trio.tick(1)
    assert [each.last_error for each in dead(trio)] == ["refused 4004"]
    assert sorted(trio.records()) == [1, 2, 3, 7, 8, 9], "what follows goes on at once"
    trio.restart(OPERATOR)
    trio.tick(60, step_s=2)
    assert sorted(trio.records()) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert came(trio, OTHER_STREAM) == [1, 2, 3, 4]
    assert (gaps(trio), gone(trio)) == ([], [(BAD, BAD, UnavailableReason.DECLARED)])
    before = len(dead(trio))
    trio.tick(20, step_s=60)
    assert len(dead(trio)) == before, "it is not sent again and again"


def test_f63_what_was_declared_comes_when_it_is_tried_again_or_recalled_by_hand() -> None:
    trio = Trio()
    refusing = Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(60, step_s=2)
    assert gone(trio) == [(BAD, BAD, UnavailableReason.DECLARED)]
    refusing.active = False
    try_again(trio, trio.now)
    trio.tick(3, step_s=2)
    assert (sorted(trio.records()), gone(trio)) == (list(range(1, 10)), [])


def test_f63_a_peer_that_fails_at_everything_is_no_poison_and_gets_all_when_it_is_well() -> None:
    trio = Trio()
    refusing = Refusing(trio, OwnFault)
    refusing.active = False
    sent(trio, (1, 3))
    trio.operator.keep(batch(4, 6), trio.now)
    sent(trio, (7, 9))
    trio.tick(1)
    assert gaps(trio) == [(4, 6)]
    refusing.active = refusing.everything = True
    trio.tick(40, step_s=45)
    assert {each.operation for each in dead(trio)} == {BACKFILL_DATA.name}, "what it asked for"
    refusing.active = False
    trio.tick(40, step_s=20)
    assert (gaps(trio), gone(trio)) == ([], [])
    assert sorted(trio.records()) == list(range(1, 10))


@pytest.mark.parametrize("fault", [InvalidObject, UnknownObject])
def test_f63_a_peer_that_refuses_everything_for_good_loses_nothing(
    fault: type[VgigwError],
) -> None:
    """As one whose archive names the wrong polarity for a while."""
    trio = Trio()
    refusing = Refusing(trio, fault)
    refusing.active = False
    sent(trio, (1, 3))
    trio.tick(2, step_s=1)
    refusing.active = refusing.everything = True
    sent(trio, (4, 43), (44, 83))
    for _ in range(60):
        trio.tick(1, step_s=5)
        trio.operator.beat(PLATFORM, trio.now)
    assert (gaps(trio), gone(trio)) == ([(4, 83)], []), "the gap stays open"
    assert len(dead(trio)) == 2, "one for each range, however often it is asked for"
    assert len(trio.letters(OPERATOR)) < 20
    refusing.active = False
    trio.tick(40, step_s=30)
    assert (sorted(trio.records()), gaps(trio)) == (list(range(1, 84)), [])


def test_f63_a_code_for_one_record_declares_that_one_alone() -> None:
    trio = Trio()
    Refusing(trio, UnknownObject)
    sent(trio, (1, 3), (4, 20), (21, 23))
    trio.tick(60, step_s=2)
    assert gone(trio) == [(BAD, BAD, UnavailableReason.DECLARED)]
    assert sorted(trio.records()) == [1, 2, 3, 4, *range(6, 24)]


def test_f63_dropping_declares_only_what_nobody_brought_since() -> None:
    trio = Trio()
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 20), (21, 23))
    trio.tick(60, step_s=2)
    assert forget_dead(trio) == [(STREAM, (BAD, BAD))]


def test_plt_7_9d_what_was_dropped_of_a_job_is_not_acknowledged() -> None:
    trio = Trio()
    Refusing(trio, InvalidObject)
    trio.operator.keep(batch(1, 9), trio.now)
    request = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=9,
        cause=RecallCause.LINK_DOWN,
    )
    trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    trio.tick(12, step_s=1)
    forget_dead(trio)
    plans = trio.stores[OPERATOR].read(plans_of)
    (plan,) = (each for each in plans if each.request.recall_id == "R1")
    job = trio.stores[OPERATOR].read(lambda view: job_of(plan, view))
    assert (job.progress.sent, job.progress.acked) == (9, len(trio.records())) == (9, 8)


def test_f63_what_may_not_be_sent_now_is_not_declared() -> None:
    trio = Trio()
    refusing = Refusing(trio, NotAllowed)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(20, step_s=2)
    assert gone(trio) == []
    refusing.active = False
    trio.tick(40, step_s=30)
    assert sorted(trio.records()) == list(range(1, 10))


def holding(door: str = "cec102") -> Trio:
    return Trio(door, peer_changes={"on_poison": OnPoison.HOLD})


def test_f63_hold_keeps_the_stream_back_and_nothing_else_until_somebody_drops() -> None:
    trio = holding("rest")
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6))
    trio.tick(1)
    assert len(dead(trio)) == 1
    for first in range(7, 199, 3):
        sent(trio, (first, first + 2))
    sent(trio, (1, 4), stream=OTHER_STREAM)
    trio.tick(8, step_s=1)
    trio.restart(OPERATOR)
    trio.tick(30, step_s=10)
    trio.operator.beat(PLATFORM, trio.now)
    trio.tick(10, step_s=5)
    assert sorted(trio.records()) == [1, 2, 3]
    assert came(trio, OTHER_STREAM) == [1, 2, 3, 4]
    assert (gaps(trio), gone(trio)) == ([], []), "no gap, as it is on its way"
    assert len(dead(trio)) == 1
    waiting = [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]
    assert len(waiting) <= 4, "it is folded"

    assert forget_dead(trio) == [(STREAM, (4, 6))]
    trio.tick(60, step_s=2)
    assert sorted(trio.records()) == [1, 2, 3, *range(7, 199)]
    assert (gaps(trio), gone(trio)) == ([], [(4, 6, UnavailableReason.DECLARED)])
    assert held(trio) == ()


def test_f63_hold_goes_on_when_what_was_refused_is_taken() -> None:
    trio = holding()
    refusing = Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(1)
    sent(trio, (10, 12))
    trio.tick(10, step_s=10)
    assert 10 not in trio.records()
    try_again(trio, trio.now)
    trio.tick(3, step_s=6)
    assert (held(trio), 10 in trio.records()) == (((4, 6),), False), "refused again"
    refusing.active = False
    try_again(trio, trio.now)
    trio.tick(30, step_s=2)
    assert (sorted(trio.records()), gone(trio), held(trio)) == (list(range(1, 13)), [], ())


def test_f63_hold_counts_a_gap_that_is_seen_already_as_on_its_way() -> None:
    """It failed for so long that what follows was there before it died."""
    trio = holding()
    refusing = Refusing(trio, OwnFault)
    sent(trio, (1, 3), (4, 6), (7, 9))
    for first in range(10, 70, 3):
        trio.tick(2, step_s=30)
        sent(trio, (first, first + 2))
        trio.tick(1)
    assert (held(trio), gaps(trio)) == (((4, 6),), [(4, 6)])
    trio.tick(20, step_s=60)
    assert (len(dead(trio)), gaps(trio)) == (1, [(4, 6)])
    refusing.active = False
    try_again(trio, trio.now)
    trio.tick(10, step_s=6)
    assert (sorted(trio.records()), gaps(trio)) == (list(range(1, 70)), [])


def test_f63_hold_covers_a_backlog_and_leaves_the_places_of_others_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters_of(12, monkeypatch)
    trio = holding()
    Refusing(trio, InvalidObject)
    trio.net.cut.add(PLATFORM)
    for stream in (STREAM, OTHER_STREAM):  # the places of large letters are taken by the first
        sent(trio, *((first, first + 2) for first in range(1, 100, 3)), stream=stream)
        trio.operator.do_chores(trio.wait(120))
    trio.net.cut.clear()
    trio.tick(60, step_s=2)
    assert came(trio, OTHER_STREAM) == list(range(1, 100))
    assert BAD not in trio.records()
    assert held(trio) == ((4, 6),)
    waiting = [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]
    assert waiting == [], "those that were on their way are taken back"
    forget_dead(trio)
    trio.tick(60, step_s=2)
    assert sorted(trio.records()) == [1, 2, 3, *range(7, 100)]
    assert gone(trio) == [(4, 6, UnavailableReason.DECLARED)]


def test_f63_another_policy_after_a_restart_lets_the_stream_go_on() -> None:
    trio = holding()
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6))
    trio.tick(1)
    sent(trio, (7, 9))
    trio.tick(3, step_s=1)
    trio._changes = {}
    trio.restart(OPERATOR)
    trio.tick(60, step_s=2)
    assert sorted(trio.records()) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert gone(trio) == [(BAD, BAD, UnavailableReason.DECLARED)]


def test_f63_a_recall_to_look_again_gets_what_was_declared() -> None:
    trio = Trio()
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(60, step_s=2)
    assert gone(trio) == [(BAD, BAD, UnavailableReason.DECLARED)]
    request = RecallRequest(
        recall_id="R1",
        requester_id=PLATFORM,
        stream_id=STREAM,
        seq_from=1,
        seq_to=9,
        cause=RecallCause.MANUAL,
    )
    told = trio.call(PLATFORM, RECALL_DATA, request, to=OPERATOR)
    assert (told.count, told.unavailable_ranges) == (9, ())
