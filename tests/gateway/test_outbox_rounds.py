"""Which letters go in a round: those of one peer, each once, and as many as have room.

PLT-7.9d.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

from tests.gateway.post import Post
from tests.trio import NOW, OTHER, PLATFORM
from vgigw.errors import PeerRefused
from vgigw.gateway.letter_ends import HELD_AGAIN
from vgigw.operations import RECALL_DATA, Lane
from vgigw.ports import Letter, LetterState, View
from vgigw.rules.catch_up import LIVE, NEW_FOR, ROUND, Traffic

LANES = (*LIVE, Lane.BULK)
SOON = timedelta(seconds=3)


def at_the_least_share(post: Post) -> None:
    """Live has been late for so long that what waited has room for one letter at a time."""
    for _ in range(8):
        post.keep("late", Lane.LIVE, post.peer.now)
        post.peer.now += timedelta(seconds=6)
        assert post.deliver(Traffic.NEW) == 1
    assert post.outbox.paces.of(PLATFORM).share < 1 / ROUND
    post.store.write(lambda tx: [tx.drop_letter(each.id) for each in tx.letters()])
    post.peer.calls.clear()


def test_i15_what_waited_rests_after_each_exchange_and_what_is_new_does_not() -> None:
    waited, new = (Post(Lane.LIVE, Lane.LIVE, age_s=age) for age in (60, 0))
    for post, count, traffic in ((waited, 1, Traffic.WAITED), (new, 2, Traffic.NEW)):
        post.peer.took_s = 2.0
        assert post.deliver(traffic) == count
        assert len(post.peer.calls) == count
    assert waited.deliver(Traffic.WAITED) == 0
    waited.keep("command", Lane.CONTROL, waited.peer.now)
    assert waited.deliver(Traffic.URGENT) == 1
    waited.peer.now += timedelta(seconds=4)
    assert waited.deliver(Traffic.WAITED) == 1


def test_i17_a_letter_that_is_held_back_is_left_out_and_the_next_goes() -> None:
    post = Post(Lane.CONTROL, Lane.CONTROL, hold=lambda letter, view: letter.message_id == "M1")
    assert post.deliver() == 1
    held, delivered = post.letters()
    assert (held.state, held.attempts) == (LetterState.WAITING, 0)
    assert delivered.state is LetterState.DELIVERED


def test_i11_one_letter_at_a_time_of_one_kind_of_traffic() -> None:
    """Whoever comes while another delivers goes away at once; other traffic goes beside it."""
    post = Post(Lane.LIVE, Lane.CONTROL)
    found: list[int] = []

    def beside() -> None:
        post.peer.during.clear()
        for traffic in (Traffic.NEW, Traffic.URGENT):
            other = threading.Thread(target=lambda of=traffic: found.append(post.deliver(of)))
            other.start()
            other.join(10)

    post.peer.during.append(beside)
    assert post.deliver(Traffic.NEW) == 1
    assert found == [0, 1]


def test_i11_a_letter_in_hand_is_not_taken_a_second_time_when_it_gets_old() -> None:
    post = Post(Lane.LIVE)
    found: list[int] = []

    def later() -> None:
        post.peer.during.clear()
        post.peer.now += NEW_FOR + timedelta(seconds=1)
        found.append(post.deliver(Traffic.WAITED))
        found.append(post.deliver(Traffic.WAITED))

    post.peer.during.append(later)
    assert post.deliver(Traffic.NEW) == 1
    assert (found, len(post.peer.calls)) == ([0, 0], 1)


def test_who_is_no_peer_gets_nothing() -> None:
    post = Post(Lane.LIVE)
    assert post.outbox.deliver("nobody", NOW) == 0
    assert post.peer.calls == []


def test_i11_a_letter_in_hand_is_left_out_and_the_next_goes() -> None:
    post = Post(Lane.LIVE, Lane.LIVE)
    found: list[int] = []

    def later() -> None:
        post.peer.during.clear()
        post.peer.now += NEW_FOR + timedelta(seconds=1)
        found.append(post.deliver(Traffic.WAITED))

    post.peer.during.append(later)
    assert post.deliver(Traffic.NEW) == 1
    assert (found, len(post.peer.calls)) == ([1], 2)


def test_plt_7_9d_a_round_is_of_one_peer() -> None:
    """What another one is to get waits for its own round, which another thread may be in."""
    post = Post(*LANES, age_s=60)
    for lane in Lane:
        post.keep(f"other {lane.name}", lane, NOW - timedelta(seconds=60), to=OTHER)
    post.keep("other new", Lane.LIVE, NOW, to=OTHER)
    assert post.deliver() == len(LANES)
    assert {call[0] for call in post.peer.calls} == {PLATFORM}
    assert post.outbox.deliver(OTHER, NOW) == len(Lane) + 1


def test_i12_no_round_is_longer_than_its_bound() -> None:
    """What waited has half of one."""
    half = ROUND // 2
    for traffic, lane, age_s, rounds in (
        (Traffic.URGENT, Lane.CONTROL, 0, [ROUND, 5, 0]),
        (Traffic.NEW, Lane.LIVE, 0, [ROUND, 5, 0]),
        (Traffic.WAITED, Lane.LIVE, 60, [half, half, 5]),
    ):
        post = Post(*[lane] * (ROUND + 5), age_s=age_s)
        assert [post.deliver(traffic) for _ in rounds] == rounds


def test_i15_with_room_for_one_letter_the_lanes_of_what_waited_take_turns() -> None:
    post = Post()
    at_the_least_share(post)
    made = post.peer.now - timedelta(seconds=60)
    for lane in LANES * 2:
        post.keep(lane.name, lane, made)
    assert [post.deliver(Traffic.WAITED) for _ in LANES * 2] == [1] * len(LANES) * 2
    went = [call[4] for call in post.peer.calls]
    assert len(set(went)) == len(LANES)
    assert set(went[: len(LANES)]) == set(went[len(LANES) :])


def test_plt_7_9d_a_letter_behind_another_gives_its_place_to_those_that_may_go() -> None:
    post = Post(Lane.LIVE, Lane.LIVE, behind=lambda letter, view: letter.message_id == "M1")
    assert post.deliver(Traffic.NEW) == 1
    behind, delivered = post.letters()
    assert (behind.state, behind.attempts) == (LetterState.WAITING, 0)
    assert behind.next_at == NOW + HELD_AGAIN
    assert delivered.state is LetterState.DELIVERED


def went(post: Post) -> list[str]:
    """Names of the letters that were on the wire, in order."""
    return [str(call[4]).removeprefix("trace of ") for call in post.peer.calls]


def comes_during(post: Post, exchange: int, name: str, **changes: Any) -> None:
    """An emergency is put into the outbox while so many letters have gone, and one is going."""

    def come() -> None:
        if len(post.peer.calls) == exchange:
            post.keep(name, Lane.EMERGENCY, post.peer.now, **changes)

    post.peer.during.append(come)


def test_i17_an_emergency_goes_before_what_is_left_of_a_round_of_control() -> None:
    post = Post(*[Lane.CONTROL] * 5)
    post.peer.took_s = 2.0
    comes_during(post, 2, "E1")
    comes_during(post, 4, "E2")
    assert post.deliver(Traffic.URGENT) == 7
    assert went(post) == ["M1", "M2", "E1", "M3", "E2", "M4", "M5"]


def test_i17_an_emergency_that_is_held_back_ends_no_round_and_hides_no_later_one() -> None:
    looked_at: Counter[str] = Counter()

    def hold(letter: Letter, view: View) -> bool:
        looked_at[letter.message_id] += 1
        return letter.message_id.startswith("H")

    post = Post(*[Lane.CONTROL] * 5, hold=hold)
    post.keep("H0", Lane.EMERGENCY, NOW)
    post.keep("H6", Lane.CONTROL, NOW)
    comes_during(post, 1, "H1")
    comes_during(post, 3, "E")
    assert post.deliver(Traffic.URGENT) == 6
    assert went(post) == ["M1", "M2", "M3", "E", "M4", "M5"]
    assert set(looked_at.values()) == {1}, "each has one turn in a round"


def test_i17_an_emergency_that_was_put_off_and_is_due_again_waits_for_the_next_round() -> None:
    post = Post(*[Lane.CONTROL] * 5, behind=lambda letter, view: letter.message_id == "B")
    post.peer.took_s = HELD_AGAIN.total_seconds()
    post.keep("B", Lane.EMERGENCY, NOW)
    assert post.deliver(Traffic.URGENT) == 5
    assert went(post) == ["M1", "M2", "M3", "M4", "M5"]
    (waits,) = [each for each in post.letters() if each.state is LetterState.WAITING]
    assert waits.next_at == NOW + HELD_AGAIN, "it had its turn once"


def test_i17_an_emergency_that_failed_before_goes_when_it_is_due() -> None:
    """And where it fails again the others go without it."""
    post = Post(*[Lane.CONTROL] * 4)
    post.peer.took_s = 2.0
    post.keep("F", Lane.EMERGENCY, NOW, attempts=3, next_at=NOW + SOON)
    post.peer.faults = [None, None, PeerRefused(500)]
    assert post.deliver(Traffic.URGENT) == 2
    assert went(post) == ["M1", "M2", "F"]
    assert post.deliver(Traffic.URGENT) == 2
    assert went(post)[3:] == ["M3", "M4"]


def test_i12_emergencies_without_end_make_no_round_longer() -> None:
    post = Post(*[Lane.CONTROL] * ROUND)
    post.peer.during.append(
        lambda: post.keep(f"E{len(post.peer.calls)}", Lane.EMERGENCY, post.peer.now)
    )
    assert post.deliver(Traffic.URGENT) == ROUND
    assert went(post) == ["M1", *(f"E{number}" for number in range(1, ROUND))]


def test_i17_no_wait_that_a_peer_asks_of_a_recall_holds_up_a_command() -> None:
    post = Post(RECALL_DATA.lane)
    over = PeerRefused(4302)
    over.retry_after_s = 600.0
    post.peer.faults = [over]
    assert post.deliver() == 0
    assert post.holds() == [Traffic.WAITED]
    post.keep("command", Lane.CONTROL, NOW)
    post.keep("emergency", Lane.EMERGENCY, NOW)
    assert post.deliver() == 2
    assert went(post) == ["M1", "emergency", "command"]


def test_i17_a_command_goes_beside_a_round_of_recalls() -> None:
    post = Post(*[RECALL_DATA.lane] * ROUND)
    found: list[int] = []

    def beside() -> None:
        post.peer.during.clear()
        post.keep("command", Lane.CONTROL, NOW)
        other = threading.Thread(target=lambda: found.append(post.deliver(Traffic.URGENT)))
        other.start()
        other.join(10)

    post.peer.during.append(beside)
    post.deliver(Traffic.WAITED)
    assert (found, went(post)[:2]) == ([1], ["M1", "command"])


def test_i15_a_recall_goes_out_within_its_time_while_a_backlog_drains() -> None:
    """It has its turn with what is live and waited."""
    post = Post(*[Lane.LIVE, Lane.STATE] * 100, age_s=60)
    post.keep("recall", RECALL_DATA.lane, NOW)
    post.peer.took_s = 1.0
    while "recall" not in went(post):
        assert post.peer.now - NOW < timedelta(seconds=10)
        if not post.deliver(Traffic.WAITED):
            post.peer.now += timedelta(seconds=0.1)
