"""Bytes and requests under way are bounded, control has a part of its own, who waits has his turn.

I11, F61, F62.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import Busy
from vgigw.gateway.room import URGENT_PLACES, Room
from vgigw.ports import Limits

AT_ONCE = Limits(wait_s=0, requests_waiting=0)
PATIENT = Limits(wait_s=30)
HOLDS = st.lists(st.tuples(st.integers(0, 40_000), st.booleans(), st.integers(0, 9)), max_size=40)


@given(HOLDS)
def test_i11_bytes_in_flight_never_exceed_their_bound_and_are_given_back(
    holds: list[tuple[int, bool, int]],
) -> None:
    """Each hold is (bytes, of control, how many of the others end before it)."""
    room = Room(Limits(bytes_in_flight=80_000, wait_s=0), 100)
    open_ones: list[tuple[ExitStack, int, bool]] = []
    for size, urgent, ends in holds:
        for _ in range(min(ends, len(open_ones))):
            open_ones.pop(0)[0].close()
        stack, most = ExitStack(), 80_000 if urgent else 70_000
        before = sum(each for _, each, _ in open_ones)
        try:
            stack.enter_context(room.hold(size, urgent=urgent))
        except Busy:
            assert before + size > most
        else:
            assert before + size <= most
            open_ones.append((stack, size, urgent))
        assert room.bytes_held == sum(each for _, each, _ in open_ones)
        assert room.most_bytes_held <= 80_000
    for stack, _, _ in open_ones:
        stack.close()
    assert room.bytes_held == 0


def test_f61_an_eighth_of_the_bytes_is_kept_for_control() -> None:
    room = Room(Limits(bytes_in_flight=80_000), 9)
    with room.hold(70_000, urgent=False):
        with pytest.raises(Busy), room.hold(1, urgent=False):
            pass
        with room.hold(10_000, urgent=True), pytest.raises(Busy), room.hold(1, urgent=True):
            pass


def test_i11_a_body_of_untold_length_is_held_piece_by_piece() -> None:
    room = Room(Limits(bytes_in_flight=80_000), 9)
    with room.hold(0, urgent=False) as hold_more:
        hold_more(40_000)
        hold_more(30_000)
        with pytest.raises(Busy):
            hold_more(1)
        assert room.bytes_held == 70_000
    assert room.bytes_held == 0


def test_f62_requests_that_are_read_or_wait_are_bounded_and_control_has_more() -> None:
    room = Room(Limits(requests_waiting=3), 2)
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(room.hold(0, urgent=False))
        with pytest.raises(Busy) as busy, room.hold(0, urgent=False):
            pass
        assert busy.value.retry_after_s == 2
        for _ in range(URGENT_PLACES):
            stack.enter_context(room.hold(0, urgent=True))
        with pytest.raises(Busy), room.hold(0, urgent=True):
            pass
    with room.hold(0, urgent=False):
        assert room.threads == 2 + 3 + 2 * URGENT_PLACES


def test_f61_all_places_taken_by_bulk_leave_those_of_control() -> None:
    room = Room(AT_ONCE, 2)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(room.place(urgent=False))
        with pytest.raises(Busy), room.place(urgent=False):
            pass
        for _ in range(URGENT_PLACES):
            stack.enter_context(room.place(urgent=True))
        with pytest.raises(Busy), room.place(urgent=True):
            pass
    with room.place(urgent=False):
        pass


class Queue:
    """Threads that wait for a place, in the order in which they began to."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.order: list[str] = []
        self.refused: list[str] = []
        self._threads: list[threading.Thread] = []

    def join(self, name: str, *, urgent: bool = False) -> None:
        thread = threading.Thread(target=self._run, args=(name, urgent))
        thread.start()
        self._threads.append(thread)
        waiting = len(self._threads)
        until(lambda: self._waiting() + len(self.order) + len(self.refused) >= waiting)

    def _waiting(self) -> int:
        return sum(map(len, self._room._waiting.values()))

    def _run(self, name: str, urgent: bool) -> None:
        try:
            with self._room.place(urgent=urgent):
                self.order.append(name)
        except Busy:
            self.refused.append(name)

    def end(self) -> None:
        for thread in self._threads:
            thread.join(30)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_f61_who_waits_goes_in_turn_and_control_passes_by() -> None:
    room = Room(PATIENT, 1)
    queue = Queue(room)
    with ExitStack() as bulk, ExitStack() as control:
        bulk.enter_context(room.place(urgent=False))
        for _ in range(URGENT_PLACES):
            control.enter_context(room.place(urgent=True))
        for name in ("one", "two", "three"):
            queue.join(name)
        queue.join("command", urgent=True)
        assert queue.order == []
        control.close()
        until(lambda: queue.order == ["command"])
    queue.end()
    assert (queue.order, queue.refused) == (["command", "one", "two", "three"], [])


def test_a_wait_ends_and_leaves_no_place_taken_and_nobody_behind() -> None:
    room = Room(Limits(wait_s=0.05), 1)
    queue = Queue(room)
    with room.place(urgent=False):
        queue.join("late")
        queue.end()
    assert queue.refused == ["late"]
    for _ in range(3):
        with room.place(urgent=False):
            pass


def test_an_error_inside_gives_back_what_was_held() -> None:
    room = Room(AT_ONCE, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), room.hold(9, urgent=False), room.place(urgent=False):
            raise ZeroDivisionError
    assert room.bytes_held == 0


def test_f62_a_thousand_at_once_are_carried_out_so_many_at_a_time() -> None:
    room = Room(Limits(wait_s=60, requests_waiting=1_000), 8)
    inside, most, done = 0, 0, 0
    lock, start = threading.Lock(), threading.Event()

    def run() -> None:
        nonlocal inside, most, done
        start.wait(30)
        with room.hold(10, urgent=False), room.place(urgent=False):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0)
            with lock:
                inside -= 1
                done += 1

    threads = [threading.Thread(target=run) for _ in range(1_000)]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join(60)
    assert (done, inside, room.bytes_held) == (1_000, 0, 0)
    assert most <= 8
