"""What each outcome of an attempt means: for its letter, for those after it, and for the peer.

PLT-7.6b, PLT-7.9d.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.post import Post
from tests.trio import NOW, PLATFORM, batch
from vgigw.errors import (
    Busy,
    InvalidObject,
    PeerAnswerInvalid,
    PeerNotTrusted,
    PeerRefused,
    PeerUnreachable,
    StoreFailed,
)
from vgigw.gateway.outbox import FINAL
from vgigw.operations import UPLOAD_TELEMETRY, Lane
from vgigw.ports import LetterState
from vgigw.rules.catch_up import Traffic
from vgigw.rules.pacing import Pace
from vgigw.rules.retry import DIVIDED_AFTER, OF_ITS_CONTENT, OF_THE_MESSAGE

ALL = list(Traffic)


def test_plt_7_6b_a_letter_that_was_answered_is_delivered_as_it_was_kept() -> None:
    post = Post(Lane.LIVE, Lane.LIVE)
    assert post.deliver() == 2
    assert [each.state for each in post.letters()] == [LetterState.DELIVERED] * 2
    request = batch(1, 3)
    assert post.peer.calls == [
        (PLATFORM, UPLOAD_TELEMETRY, request, NOW, "trace of M1"),
        (PLATFORM, UPLOAD_TELEMETRY, request, NOW, "trace of M2"),
    ]
    assert post.holds() == []


@pytest.mark.parametrize("code", sorted(FINAL))
def test_plt_7_6b_a_final_refusal_ends_the_letter_and_holds_up_nothing(code: int) -> None:
    post = Post(Lane.LIVE, Lane.LIVE)
    post.peer.faults = [PeerRefused(code)]
    assert post.deliver(Traffic.NEW) == 2
    dead, delivered = post.letters()
    assert (dead.state, dead.last_error) == (LetterState.DEAD, f"refused {code}")
    assert (dead.attempts, dead.next_at) == (1, NOW)
    assert delivered.state is LetterState.DELIVERED
    assert post.holds() == []


@pytest.mark.parametrize("code", sorted(OF_ITS_CONTENT & FINAL))
def test_plt_7_9d_a_large_letter_refused_of_its_content_goes_in_parts(code: int) -> None:
    post = Post(Lane.BULK)
    post.peer.faults = [PeerRefused(code)]
    assert post.deliver(Traffic.WAITED) == 1
    assert [each.message_id for each in post.letters()] == ["part 0", "part 1"]


def test_plt_7_9d_a_large_letter_refused_for_who_sent_it_stays_whole() -> None:
    post = Post(Lane.BULK)
    post.peer.faults = [PeerRefused(4301)]
    post.deliver(Traffic.WAITED)
    assert post.letter().state is LetterState.DEAD


@pytest.mark.parametrize("code", [500, 4003, 4101, 4102, 4302])
def test_plt_7_6b_what_may_pass_yet_waits_and_counts_where_it_speaks_of_the_message(
    code: int,
) -> None:
    post = Post(Lane.LIVE)
    post.peer.faults = [PeerRefused(code)]
    assert post.deliver() == 0
    letter = post.letter()
    assert (letter.state, letter.last_error) == (LetterState.WAITING, f"refused {code}")
    assert (letter.attempts, letter.faults) == (1, int(code in OF_THE_MESSAGE))
    assert post.holds() == []


def asked(fault: Any, retry_after_s: float) -> Any:
    fault.retry_after_s = retry_after_s
    return fault


@pytest.mark.parametrize("refused", [PeerRefused(Busy.ret), asked(PeerRefused(4302), 5.0)])
def test_f39_a_peer_that_is_busy_or_asks_for_it_is_left_alone_by_that_traffic(
    refused: PeerRefused,
) -> None:
    post = Post(Lane.LIVE, Lane.LIVE)
    post.peer.faults = [refused]
    assert post.deliver(Traffic.NEW) == 0
    assert len(post.peer.calls) == 1
    assert post.holds() == [Traffic.NEW]
    wait_s = refused.retry_after_s or 0.25
    assert post.letters()[0].next_at >= NOW + timedelta(seconds=wait_s)
    post.peer.now += timedelta(seconds=wait_s - 0.01)
    assert post.holds() == [Traffic.NEW]
    post.peer.now += timedelta(seconds=0.02)
    assert post.holds() == []


@pytest.mark.parametrize(
    ("fault", "named", "held"),
    [
        (PeerUnreachable(), "PeerUnreachable", ALL),
        (PeerNotTrusted("its name is another"), "PeerNotTrusted: its name is another", ALL),
        (PeerNotTrusted(), "PeerNotTrusted", ALL),
        (PeerAnswerInvalid(), "PeerAnswerInvalid", [Traffic.URGENT]),
        (StoreFailed(), "StoreFailed", [Traffic.URGENT]),
    ],
)
def test_plt_7_6b_a_link_that_fails_costs_one_try_and_is_no_fault_of_the_letter(
    fault: Exception, named: str, held: list[Traffic]
) -> None:
    """Only a peer that cannot be reached is left alone by what is less urgent, too."""
    post = Post(Lane.CONTROL, Lane.CONTROL)
    post.peer.faults = [fault, fault]
    assert post.deliver(Traffic.URGENT) == 0
    first, second = post.letters()
    assert (first.attempts, first.faults, first.last_error) == (1, 0, named)
    assert (second.attempts, len(post.peer.calls)) == (0, 1)
    assert post.holds() == held
    assert (post.deliver(Traffic.URGENT), len(post.peer.calls)) == (0, 1)


def test_f39_as_long_as_a_peer_asks_together_with_nonsense() -> None:
    post = Post(Lane.LIVE)
    post.peer.faults = [asked(PeerAnswerInvalid(), 90.0)]
    post.deliver()
    assert post.letter().next_at >= NOW + timedelta(seconds=90)
    post.peer.now += timedelta(seconds=89)
    assert post.holds() == [Traffic.NEW]


def test_plt_9_4_the_first_answer_after_an_outage_ends_it_whatever_it_says() -> None:
    post = Post(Lane.LIVE)
    away = [Traffic.NEW, Traffic.WAITED]
    outcomes: tuple[tuple[Exception, list[Traffic]], ...] = (
        (PeerUnreachable(), away),
        (PeerRefused(500), []),
        (PeerUnreachable(), away),
    )
    for fault, held in outcomes:
        post.peer.faults = [fault]
        post.deliver()
        assert post.holds() == held
        post.peer.now += timedelta(seconds=0.3)
        assert post.holds() == []  # each outage is the first, and is no longer than a quarter
        post.peer.now += timedelta(seconds=3)
    assert post.deliver() == 1
    assert post.holds() == []


def test_plt_7_6b_a_letter_that_breaks_the_contract_dies_and_the_next_goes() -> None:
    post = Post(Lane.LIVE, Lane.LIVE)
    post.peer.faults = [InvalidObject()]
    assert post.deliver() == 2
    dead, delivered = post.letters()
    assert (dead.state, dead.last_error) == (LetterState.DEAD, "invalid, InvalidObject")
    assert (dead.attempts, dead.next_at) == (1, NOW)
    assert delivered.state is LetterState.DELIVERED


def test_plt_7_6b_a_letter_that_fails_here_waits_with_a_fault_and_no_words_of_it_get_out() -> None:
    post = Post(Lane.LIVE)
    cause = KeyError("a secret")
    post.peer.faults = [cause]
    assert post.deliver() == 0
    letter = post.letter()
    assert (letter.attempts, letter.faults, letter.last_error) == (1, 1, "KeyError")
    assert [(event, facts["cause"]) for event, facts in post.told] == [("letter.postponed", cause)]
    assert post.holds() == []


@pytest.mark.parametrize("left_s", [-1.0, 0.0, 0.001])
def test_plt_7_6b_what_has_expired_is_not_sent(left_s: float) -> None:
    post = Post()
    post.keep("M", Lane.CONTROL, NOW, valid_until=NOW + timedelta(seconds=left_s))
    assert post.deliver() == 1
    assert len(post.peer.calls) == int(left_s > 0)
    letter = post.letter()
    assert letter.last_error == ("" if left_s > 0 else "expired")
    assert (letter.attempts, letter.next_at) == (1, NOW)


def test_plt_7_9d_how_long_large_letters_take_is_told_with_the_share_they_have() -> None:
    post = Post(Lane.BULK)
    post.peer.took_s = 3.0
    assert post.deliver() == 1
    share = post.outbox.paces.of(PLATFORM).share
    assert post.sizes.told == [(PLATFORM, 3, 3.0, True, share)]


def test_plt_7_9d_the_share_is_that_of_the_peer_and_falls_while_live_is_late() -> None:
    post = Post(Lane.LIVE)
    post.peer.took_s = 5.0
    assert post.deliver(Traffic.NEW) == 1
    post.keep("M2", Lane.LIVE, post.peer.now)
    assert post.deliver(Traffic.NEW) == 1
    post.peer.now += timedelta(seconds=60)
    post.keep("M3", Lane.BULK, post.peer.now)
    assert post.deliver(Traffic.WAITED) == 1
    ((_, _, _, _, share),) = post.sizes.told
    assert share == post.outbox.paces.of(PLATFORM).share < Pace().share


def test_plt_7_9d_what_waited_for_the_end_of_an_outage_was_not_late_by_the_load() -> None:
    post = Post(Lane.LIVE)
    assert post.deliver(Traffic.NEW) == 1
    assert post.outbox.paces.of(PLATFORM).late_s == (0.0,)
    post.keep("M2", Lane.LIVE, post.peer.now)
    post.peer.faults = [PeerUnreachable()]
    post.deliver(Traffic.NEW)
    post.peer.now += timedelta(seconds=20)
    assert post.deliver(Traffic.NEW) == 1
    assert post.outbox.paces.of(PLATFORM).late_s == (0.0,)


def test_plt_7_9d_nothing_is_told_of_what_is_not_large() -> None:
    post = Post(Lane.LIVE, Lane.CONTROL)
    assert post.deliver() == 2
    assert post.sizes.told == []


@pytest.mark.parametrize("fault", [PeerUnreachable(), PeerAnswerInvalid()])
def test_plt_7_9d_a_large_letter_that_fails_twice_while_others_pass_is_divided(
    fault: Exception,
) -> None:
    post = Post(Lane.BULK)
    post.peer.took_s = 2.0
    for attempts in (1, 2):
        post.peer.heard_at = post.peer.now - timedelta(seconds=7)
        post.peer.faults = [fault]
        assert post.deliver() == 0
        share = post.outbox.paces.of(PLATFORM).share
        assert post.sizes.told == [(PLATFORM, 3, 2.0, False, share)] * attempts
        post.peer.now += timedelta(seconds=10)
    assert (post.sizes.within, len(post.peer.calls)) == ([True], 2)
    assert [each.message_id for each in post.letters()] == ["part 0", "part 1"]


@pytest.mark.parametrize("heard_s", [None, 11.0])
def test_plt_7_9d_while_nothing_passes_a_large_letter_is_not_too_large(
    heard_s: float | None,
) -> None:
    post = Post(Lane.BULK)
    for _ in range(DIVIDED_AFTER + 3):
        post.peer.faults = [PeerUnreachable()]
        if heard_s is not None:
            post.peer.heard_at = post.peer.now - timedelta(seconds=heard_s)
        post.deliver()
        post.peer.now += timedelta(seconds=70)
    assert post.letter().state is LetterState.WAITING
    assert (post.sizes.told, post.sizes.within) == ([], [])


def test_plt_7_9d_neither_our_own_store_nor_another_lane_makes_a_letter_too_large() -> None:
    for lane, fault in ((Lane.BULK, StoreFailed()), (Lane.LIVE, PeerUnreachable())):
        post = Post(lane)
        for _ in range(3):
            post.peer.heard_at = post.peer.now
            post.peer.faults = [fault]
            post.deliver()
            post.peer.now += timedelta(seconds=70)
        assert (post.sizes.told, post.sizes.within) == ([], [])


def test_without_a_clock_all_happens_at_the_moment_given() -> None:
    post = Post(Lane.LIVE)
    later = NOW + timedelta(seconds=3)
    assert post.outbox.deliver(PLATFORM, later) == 1
    assert post.letter().next_at == later
