"""Letters that were erased with a consent hold up nothing, and no number is lost. JES-6.4.1c, F63.

PLT-7.6b, PLT-7.9d. What a letter said goes; what it brought is in the journal without the vehicle,
and comes from there.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.gateway.test_poison import (
    OTHER_STREAM,
    Refusing,
    dead,
    forget_dead,
    gaps,
    gone,
    held,
    holding,
    sent,
)
from tests.trio import OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.errors import InvalidObject
from vgigw.handlers.anonymising import begin
from vgigw.handlers.anonymous_records import Left
from vgigw.handlers.backlog import find_backlog
from vgigw.handlers.brought import told_by
from vgigw.handlers.dropping import dropped
from vgigw.handlers.refusals import keep_once
from vgigw.objects import TelemetryBatch
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import UnavailableReason
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState, Transaction, letter_for, letter_groups
from vgigw.rules.anonymity import ERASED
from vgigw.rules.ranges import Range

VEHICLE = "CAR1"


def of_a_vehicle(first: int, last: int, stream: str = STREAM) -> TelemetryBatch:
    """A batch whose first record names the vehicle."""
    told = batch(first, last, stream_id=stream, batch_id=f"V{first}")
    named = replace(told.records[0], object_kind=ObjectKind.VEHICLE, object_id=VEHICLE)
    return replace(told, records=(named, *told.records[1:]))


def send_vehicle(trio: Trio, first: int, last: int) -> None:
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, of_a_vehicle(first, last), trio.now)


def first_of(letter: Letter) -> int:
    told = told_by(letter)
    return 0 if told is None else told.first


def withdraw(trio: Trio, party: str = OPERATOR) -> None:
    """What the commit of a withdrawal does to all that names the vehicle."""
    left = Left(vehicle_id=VEHICLE, owner=OPERATOR)
    trio.stores[party].write(lambda tx: begin("K1", left, tx, trio.now))


def refused(trio: Trio) -> Refusing:
    """A held stream, whose letter names the vehicle, with a letter behind it."""
    refusing = Refusing(trio, InvalidObject)
    sent(trio, (1, 3))
    trio.tick(1)
    send_vehicle(trio, 4, 6)
    trio.tick(1)
    assert held(trio) == ((4, 6),)
    sent(trio, (7, 9))
    trio.tick(1)
    return refusing


def unanswered(trio: Trio, first: int, last: int, *, arrives: bool) -> None:
    """One attempt to send a batch with the vehicle, of which no answer comes back."""
    send_vehicle(trio, first, last)
    failing = trio.net.lose_answers if arrives else trio.net.cut
    failing.add(PLATFORM)
    trio.operator.tick(trio.wait(1))
    failing.clear()


def waiting(trio: Trio) -> list[Letter]:
    return [each for each in trio.letters(OPERATOR) if each.state is LetterState.WAITING]


def test_f63_a_stream_held_for_a_letter_that_was_erased_goes_on_by_itself() -> None:
    trio = holding()
    refused(trio).active = False
    withdraw(trio)
    assert [each.is_erased for each in dead(trio)] == [True]
    trio.tick(40, step_s=5)
    assert (held(trio), gaps(trio), gone(trio)) == ((), [], [])
    assert sorted(trio.records()) == list(range(1, 10)), "what was refused comes from the journal"
    assert trio.records()[4].object_id == ERASED


def test_f63_what_is_refused_again_without_the_vehicle_is_held_again() -> None:
    trio = holding()
    refused(trio)
    withdraw(trio)
    trio.tick(60, step_s=5)
    assert 5 not in trio.records()
    assert any(not each.is_erased for each in dead(trio))
    assert held(trio) != (), "there is a letter again to decide about"


def test_f63_who_drops_an_erased_letter_at_once_declares_what_was_held() -> None:
    trio = holding()
    refused(trio)
    withdraw(trio)
    assert forget_dead(trio) == [(STREAM, (4, 6))]
    trio.tick(40, step_s=5)
    assert sorted(trio.records()) == [1, 2, 3, 7, 8, 9]
    assert (held(trio), gone(trio)) == ((), [(4, 6, UnavailableReason.DECLARED)])


def test_f63_who_drops_another_letter_declares_nothing_of_an_erased_one() -> None:
    trio = holding()
    refused(trio).active = False
    withdraw(trio)
    told = batch(1, 3, stream_id=OTHER_STREAM, batch_id="x")

    other = letter_for(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)
    declared = trio.stores[OPERATOR].write(
        lambda tx: dropped(trio.operator.identity, other, tx, trio.now)
    )
    assert declared == [(OTHER_STREAM, (1, 3))]
    trio.tick(40, step_s=5)
    assert sorted(trio.records()) == list(range(1, 10))


@pytest.mark.parametrize("arrives", [True, False])
def test_plt_7_6b_what_was_tried_and_names_the_vehicle_is_not_said_twice_otherwise(
    arrives: bool,
) -> None:
    trio = holding()
    sent(trio, (1, 2))
    trio.tick(1)
    unanswered(trio, 3, 5, arrives=arrives)
    withdraw(trio)
    assert waiting(trio) == []
    for first in range(6, 12, 2):
        sent(trio, (first, first + 1))
        trio.tick(12, step_s=5)
    assert (held(trio), gaps(trio)) == ((), [])
    assert sorted(trio.records()) == list(range(1, 12))
    assert (trio.records()[3].object_id == ERASED) is not arrives
    assert [each.is_erased for each in dead(trio)] == [True], "nothing was refused"


def test_plt_7_6b_the_tail_of_an_idle_stream_comes_by_its_height() -> None:
    trio = holding()
    sent(trio, (1, 2))
    trio.tick(1)
    unanswered(trio, 3, 5, arrives=False)
    withdraw(trio)
    assert waiting(trio) == []
    for _ in range(20):
        trio.tick(1, step_s=5)
        trio.operator.beat(PLATFORM, trio.now)
    assert sorted(trio.records()) == [1, 2, 3, 4, 5]
    assert trio.records()[3].object_id == ERASED


def test_jes_6_4_1c_what_was_never_tried_goes_without_the_vehicle() -> None:
    trio = Trio()
    send_vehicle(trio, 1, 3)
    withdraw(trio)
    (letter,) = waiting(trio)
    assert not letter.is_erased
    trio.tick(2, step_s=1)
    assert trio.records()[1].object_id == ERASED


def test_plt_7_9d_an_erased_letter_that_waits_keeps_no_other_out_of_the_backlog() -> None:
    """A person may have tried it again before it was known what it is."""
    trio = Trio()
    sent(trio, (1, 3))
    trio.tick(1)
    trio.net.cut.add(PLATFORM)
    send_vehicle(trio, 4, 6)
    sent(trio, (7, 9))

    def erase_and_try(tx: Transaction) -> None:
        (number,) = (each.id for each in tx.letters() if first_of(each) == 4)
        tx.erase_letter(number)
        erased = tx.letter(number)
        assert erased is not None
        tx.save_letter(replace(erased, state=LetterState.WAITING))

    trio.stores[OPERATOR].write(erase_and_try)
    trio.operator.do_chores(trio.wait(120))
    backlog = trio.stores[OPERATOR].read(lambda view: find_backlog(PLATFORM, STREAM, view))
    assert backlog is not None
    assert backlog.total == 3
    trio.net.cut.clear()
    trio.tick(40, step_s=5)
    assert sorted(trio.records()) == list(range(1, 10))


@pytest.mark.parametrize("erased", [False, True])
def test_f63_a_letter_that_was_erased_brings_nothing_that_another_need_not(erased: bool) -> None:
    """Of letters that were asked for and refused one is kept, which can be tried again."""
    trio = Trio()
    store, kept = trio.stores[OPERATOR], []
    told = batch(4, 6)
    for job in ("J1", "J2"):
        group = letter_groups.of_job(job)
        asked = letter_for(PLATFORM, BACKFILL_DATA, told, trio.now, message_id=job, group=group)

        def die(tx: Transaction, asked: Letter = asked) -> int:
            died = replace(asked, id=tx.enqueue(asked), state=LetterState.DEAD)
            tx.save_letter(died)
            keep_once(tx, died, STREAM, OPERATOR, Range(4, 6), trio.now, asked=True)
            return died.id

        kept.append(store.write(die))
        if erased:
            store.write(lambda tx: tx.erase_letter(kept[0]))
    second = store.read(lambda view: view.letter(kept[1]))
    assert (second is not None) is erased
