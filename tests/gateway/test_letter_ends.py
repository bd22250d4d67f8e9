"""What becomes of a letter after an attempt, whatever its follower does. PLT-7.6b, PLT-7.9d."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import NOW, PLATFORM
from vgigw.codec.packing import DAMAGED
from vgigw.errors import StoreDamaged
from vgigw.gateway.letter_ends import LetterEnds
from vgigw.objects import HeartbeatAnswer
from vgigw.objects.operating_enumerations import LinkState
from vgigw.operations import BACKFILL_DATA, PUSH_ARCHIVE, Lane
from vgigw.ports import Duties, Letter, LetterState, Transaction, View, letter_groups
from vgigw.rules.retry import DIVIDED_AFTER, POISONED_AFTER

LATER = NOW + timedelta(seconds=7)
REPLY = HeartbeatAnswer(seq=1, time=NOW, state=LinkState.UP)


def letter_of(name: str, lane: Lane = Lane.BULK) -> Letter:
    return Letter(
        destination=PLATFORM,
        operation=BACKFILL_DATA.name,
        message_id=name,
        lane=lane,
        payload=name.encode(),
        created_at=NOW,
        next_at=NOW,
        trace_id=f"trace of {name}",
    )


@dataclass
class Halves:
    """Divides each letter in two, unless it cannot be or ``cause`` keeps it from that."""

    cause: Exception | None = None
    parts: int = 2
    within: list[bool] = field(default_factory=list)

    def divide(
        self, letter: Letter, view: View, /, *, within_rows: bool = False
    ) -> tuple[Letter, ...]:
        self.within.append(within_rows)
        if self.cause is not None:
            raise self.cause
        return tuple(
            replace(letter, id=0, message_id=f"{letter.message_id}/{part}")
            for part in range(self.parts)
        )

    def sent(self, *_: object, **__: object) -> None:
        """Of no matter here."""


class Followed:
    """A store with one letter, and all that is told of it."""

    def __init__(self, bulk: Halves | None = None, lane: Lane = Lane.BULK, group: str = "") -> None:
        self.store = fresh_store()
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.followed: list[tuple[object, ...]] = []
        self.traced: list[tuple[object, ...]] = []
        self.cause: Exception | None = None
        duties = Duties(
            handlers={},
            followers={BACKFILL_DATA.name: self.follow},
            tracer=self,  # type: ignore[arg-type]
            bulk=bulk,
        )
        self.ends = LetterEnds(self.store, duties, self.observe)
        self.store.write(lambda tx: tx.enqueue(replace(letter_of("first", lane), group=group)))
        (self.letter,) = self.letters()

    def observe(self, event: str, /, **facts: Any) -> None:
        self.told.append((event, facts))

    def follow(self, letter: Letter, reply: object, tx: Transaction, now: object) -> None:
        if self.cause is not None:
            raise self.cause
        assert tx.letter(letter.id) == letter
        self.followed.append((letter, reply, now))

    def ended(self, letter: Letter, tx: Transaction, now: object) -> None:
        assert tx.letter(letter.id) == letter
        self.traced.append((letter, now))

    def letters(self) -> list[Letter]:
        return self.store.read(lambda view: view.letters())

    def withdraw(self) -> None:
        """Somebody holds the letter back while it is on its way."""
        held = replace(self.letter, next_at=NOW + timedelta(days=9))
        self.store.write(lambda tx: tx.save_letter(held))

    def told_of(self, letter: Letter, event: str, cause: Exception | None = None) -> None:
        """That one event was told, of ``letter`` as it stands, and without its content."""
        facts = {
            "peer": PLATFORM,
            "operation": BACKFILL_DATA.name,
            "message_id": letter.message_id,
            "attempts": letter.attempts,
            "error": letter.last_error,
            "cause": cause,
        }
        assert self.told == [(event, facts)]


def test_plt_7_6b_a_delivered_letter_ends_with_its_follower_and_its_trace_in_one() -> None:
    on = Followed()
    assert on.ends.delivered(on.letter, REPLY, LATER)
    (after,) = on.letters()
    assert after == replace(
        on.letter, state=LetterState.DELIVERED, attempts=1, next_at=LATER, last_error=""
    )
    assert (on.followed, on.traced) == ([(after, REPLY, LATER)], [(after, LATER)])
    on.told_of(after, "letter.delivered")


def test_plt_7_6b_what_cannot_be_dealt_with_here_yet_waits_and_comes_to_no_end() -> None:
    on = Followed()
    on.cause = RuntimeError("a secret")
    assert not on.ends.delivered(on.letter, REPLY, LATER)
    (after,) = on.letters()
    assert (after.state, after.attempts, after.faults) == (LetterState.WAITING, 1, 0)
    assert after.last_error == "RuntimeError"
    assert after.next_at > LATER
    on.told_of(after, "letter.postponed", on.cause)


def test_plt_7_6b_a_dead_letter_is_kept_with_its_reason_and_told_to_its_follower() -> None:
    on = Followed()
    assert on.ends.died(on.letter, "refused 4004", LATER)
    (after,) = on.letters()
    assert after == replace(
        on.letter, state=LetterState.DEAD, attempts=1, next_at=LATER, last_error="refused 4004"
    )
    assert (on.followed, on.traced) == ([(after, None, LATER)], [(after, LATER)])
    on.told_of(after, "letter.dead")


def test_plt_7_6b_a_letter_whose_follower_fails_at_its_death_is_dead_all_the_same() -> None:
    """Else it would be sent for good, and hold up the round each time."""
    on = Followed()
    on.cause = RuntimeError("a secret")
    assert on.ends.died(on.letter, "expired", LATER)
    (after,) = on.letters()
    assert after == replace(on.letter, state=LetterState.DEAD, last_error="expired")
    on.told_of(after, "letter.dead", on.cause)


def test_f22_a_letter_whose_follower_meets_damage_is_tried_again_and_dead_at_last() -> None:
    """The peer has it, so its follower hears of no failure; the damage is told once, and a letter
    that is well in spite of it stays."""
    on = Followed()
    on.store.write(lambda tx: tx.enqueue(letter_of("second")))
    _, second = on.letters()
    on.cause = StoreDamaged("letter", second.id)
    for faults in range(1, POISONED_AFTER):
        assert not on.ends.delivered(on.letters()[0], REPLY, LATER)
        after, _ = on.letters()
        assert (after.state, after.faults) == (LetterState.WAITING, faults)
        assert after.last_error == "StoreDamaged"
    last = on.letters()[0]
    assert on.ends.delivered(last, REPLY, LATER)
    dead, still = on.letters()
    assert (dead.state, dead.last_error) == (LetterState.DEAD, "damaged")
    assert still == second
    assert (dead.attempts, dead.next_at) == (last.attempts + 1, LATER)
    events = [event for event, _ in on.told]
    assert events == ["store.damaged", *["letter.postponed"] * (POISONED_AFTER - 1), "letter.dead"]
    assert all(facts["cause"] is on.cause for _, facts in on.told)
    assert on.followed == []


def test_f22_a_frame_that_cannot_be_opened_is_told_as_a_damaged_document() -> None:
    on = Followed()
    on.cause = DAMAGED("a secret")
    on.ends.delivered(on.letter, REPLY, LATER)
    assert (on.told[0][0], on.told[0][1]["table"]) == ("store.damaged", "document")


def test_plt_7_6b_a_letter_that_nobody_follows_ends_untraced_where_it_has_no_trace() -> None:
    on = Followed()
    letter = replace(on.letter, trace_id="", operation=PUSH_ARCHIVE.name)
    assert on.ends.delivered(letter, REPLY, LATER)
    assert (on.followed, on.traced) == ([], [])
    assert on.letters()[0].state is LetterState.DELIVERED


def test_plt_7_9d_a_large_letter_refused_of_its_content_is_replaced_by_its_parts() -> None:
    bulk = Halves()
    on = Followed(bulk)
    assert on.ends.died(on.letter, "refused 4004", LATER, of_its_content=True)
    assert [each.message_id for each in on.letters()] == ["first/0", "first/1"]
    assert {each.state for each in on.letters()} == {LetterState.WAITING}
    assert (on.followed, bulk.within) == ([], [False])
    on.told_of(on.letter, "letter.divided")


def test_plt_7_9d_what_is_refused_for_another_reason_than_its_content_stays_whole() -> None:
    on = Followed(Halves())
    assert on.ends.died(on.letter, "refused 4301", LATER)
    assert [each.state for each in on.letters()] == [LetterState.DEAD]


@pytest.mark.parametrize(
    ("group", "reason", "is_divided"),
    [
        (letter_groups.of_job("J1"), "refused 4302", True),
        (letter_groups.of_job("J1"), "refused 4301", False),
        (letter_groups.of_job("J1"), "expired", False),
        ("", "refused 4302", False),
    ],
)
def test_plt_7_9d_what_was_asked_for_goes_in_parts_for_whatever_it_may_have_in_itself(
    group: str, reason: str, is_divided: bool
) -> None:
    on = Followed(Halves(), group=group)
    assert on.ends.died(on.letter, reason, LATER)
    halves = ["first/0", "first/1"] if is_divided else ["first"]
    assert [each.message_id for each in on.letters()] == halves


def test_plt_7_9d_a_letter_too_large_for_the_link_is_divided_within_its_rows_too() -> None:
    bulk = Halves()
    on = Followed(bulk)
    assert on.ends.divided(on.letter, within_rows=True)
    assert bulk.within == [True]


@pytest.mark.parametrize("lane", [lane for lane in Lane if lane is not Lane.BULK])
def test_plt_7_9d_nothing_but_large_letters_is_divided(lane: Lane) -> None:
    on = Followed(Halves(), lane)
    assert not on.ends.divided(on.letter)
    assert (on.letters(), on.told) == ([on.letter], [])


def test_plt_7_9d_where_nobody_divides_a_letter_stays_whole() -> None:
    on = Followed(None)
    assert not on.ends.divided(on.letter)
    assert (on.letters(), on.told) == ([on.letter], [])


def test_plt_7_9d_what_cannot_be_divided_further_stays_whole() -> None:
    on = Followed(Halves(parts=0))
    assert not on.ends.divided(on.letter)
    assert (on.letters(), on.told) == ([on.letter], [])


def test_plt_7_9d_a_division_that_fails_leaves_the_letter_whole_and_is_told() -> None:
    cause = RuntimeError("a secret")
    on = Followed(Halves(cause))
    assert not on.ends.divided(on.letter)
    assert on.letters() == [on.letter]
    on.told_of(on.letter, "letter.not-divided", cause)


def test_plt_7_9d_what_was_withdrawn_on_its_way_is_neither_divided_nor_sent_again() -> None:
    """Its parts would go out, though somebody had taken the letter back."""
    on = Followed(Halves())
    on.withdraw()
    held = on.letters()
    assert not on.ends.divided(on.letter)
    assert not on.ends.postponed(on.letter, "PeerUnreachable", LATER)
    assert on.letters() == held


def test_plt_7_6b_a_link_that_fails_is_no_fault_of_the_letter() -> None:
    on = Followed()
    for attempts in range(1, POISONED_AFTER + 5):
        assert not on.ends.postponed(on.letter, "PeerUnreachable", LATER)
        (on.letter,) = on.letters()
        assert (on.letter.attempts, on.letter.faults) == (attempts, 0)
        assert on.letter.last_error == "PeerUnreachable"


def test_f39_a_postponed_letter_waits_as_long_as_its_peer_asked() -> None:
    on = Followed()
    assert not on.ends.postponed(on.letter, "refused -1", LATER, 900.0)
    (after,) = on.letters()
    assert after.next_at >= LATER + timedelta(seconds=900)
    on.told_of(after, "letter.postponed")


def test_plt_7_6b_after_so_many_faults_of_its_own_a_letter_is_given_up() -> None:
    on = Followed()
    for faults in range(1, POISONED_AFTER):
        assert not on.ends.postponed(on.letter, "KeyError", LATER, at_fault=True)
        (on.letter,) = on.letters()
        assert (on.letter.state, on.letter.faults) == (LetterState.WAITING, faults)
    assert on.ends.postponed(on.letter, "KeyError", LATER, at_fault=True)
    (dead,) = on.letters()
    assert (dead.state, dead.last_error) == (LetterState.DEAD, "given up, KeyError")


def test_plt_7_9d_a_large_letter_is_divided_before_it_is_given_up() -> None:
    on = Followed(Halves())
    for _ in range(1, DIVIDED_AFTER):
        assert not on.ends.postponed(on.letter, "KeyError", LATER, at_fault=True)
        (on.letter,) = on.letters()
    assert on.ends.postponed(on.letter, "KeyError", LATER, at_fault=True)
    assert [each.message_id for each in on.letters()] == ["first/0", "first/1"]


def test_plt_7_9d_a_letter_with_faults_is_not_divided_for_a_link_that_fails() -> None:
    on = Followed(Halves())
    on.letter = replace(on.letter, faults=DIVIDED_AFTER)
    on.store.write(lambda tx: tx.save_letter(on.letter))
    assert not on.ends.postponed(on.letter, "PeerUnreachable", LATER)
    assert [each.message_id for each in on.letters()] == ["first"]
