"""What goes out next is what the rules say, whatever waits. PLT-7.9d, I12, I17."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from vgigw.gateway import rounds
from vgigw.gateway.rounds import next_round, round_of
from vgigw.operations import Lane
from vgigw.ports import Letter, LetterState, Store, Transaction, View
from vgigw.rules.catch_up import LIVE, NEW_FOR, ROUND, URGENT, Traffic

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PEER, OTHER = "123456789", "987654321"
LANES = (*LIVE, Lane.BULK)


def a_letter(lane: Lane, age_s: float = 0, **changes: object) -> Letter:
    letter = Letter(
        destination=PEER,
        operation="PushDeviceState",
        message_id="m",
        lane=lane,
        payload=b"{}",
        created_at=NOW - age_s * SECOND,
        next_at=NOW,
    )
    return replace(letter, **changes)


def waiting(letters: Iterable[Letter]) -> tuple[Store, list[Letter]]:
    """A store that has them in this order, and they as it has them."""
    store = fresh_store()

    def put(tx: Transaction) -> list[Letter]:
        kept = []
        for number, letter in enumerate(letters):
            tx.enqueue(replace(letter, message_id=f"m{number}", state=LetterState.WAITING))
            (new,) = [each for each in tx.letters() if each.message_id == f"m{number}"]
            tx.save_letter(replace(new, state=letter.state))
            kept.append(replace(new, state=letter.state))
        return kept

    return store, store.write(put)


def of_store(store: Store, traffic: Traffic, most: int, turn: int) -> list[Letter]:
    return store.read(lambda view: next_round(PEER, traffic, view, NOW, most, turn))


def expected(letters: list[Letter], traffic: Traffic, most: int, turn: int) -> list[Letter]:
    """The same by going through all of them."""
    mine = [e for e in letters if e.destination == PEER and e.state is LetterState.WAITING]
    due = sorted((e for e in mine if e.next_at <= NOW), key=lambda e: e.id)
    since = NOW - NEW_FOR

    def of(lane: Lane) -> list[Letter]:
        return [each for each in due if each.lane is lane]

    def waited_up_to(lane: Lane) -> int:
        return max((e.id for e in mine if e.lane is lane and e.created_at < since), default=0)

    def failed_last(found: list[Letter]) -> list[Letter]:
        return [e for e in found if not e.attempts] + [e for e in found if e.attempts]

    if traffic is Traffic.URGENT:
        return [e for lane in URGENT for e in failed_last(of(lane)[:ROUND])][:most]
    if traffic is Traffic.NEW:
        found = []
        for lane in LIVE:
            found += [e for e in of(lane) if e.id > waited_up_to(lane)][:most]
        return failed_last(sorted(found, key=lambda e: e.id))[:most]
    first = turn % len(LANES)
    queues = []
    for lane in (*LANES[first:], *LANES[:first]):
        waited = [e for e in of(lane) if lane is Lane.BULK or e.id <= waited_up_to(lane)]
        queues.append(failed_last((waited[::-1] if lane is Lane.STATE else waited)[:ROUND]))
    dealt = [q[place] for place in range(ROUND) for q in queues if place < len(q)]
    return dealt[:most]


some = st.builds(
    a_letter,
    lane=st.sampled_from(Lane),
    age_s=st.sampled_from([-3600, 0, 29.999, 30, 30.001, 3600]),
    destination=st.sampled_from([PEER, PEER, PEER, OTHER]),
    state=st.sampled_from([*[LetterState.WAITING] * 4, LetterState.DELIVERED, LetterState.DEAD]),
    next_at=st.sampled_from([NOW - SECOND, NOW, NOW, NOW + SECOND]),
    attempts=st.sampled_from([0, 0, 1, 7]),
)


@settings(max_examples=60)
@given(st.lists(some, max_size=24), st.integers(1, 6), st.integers(0, 4))
def test_i12_i17_a_round_is_what_the_rules_say_of_all_that_waits(
    letters: list[Letter], most: int, turn: int
) -> None:
    store, kept = waiting(letters)
    for traffic in Traffic:
        found = of_store(store, traffic, most, turn)
        assert found == expected(kept, traffic, most, turn), traffic
    store.close()


@settings(max_examples=60)
@given(st.lists(some, max_size=12))
def test_f55_what_is_live_and_due_is_either_new_or_waited_whenever_it_was_made(
    letters: list[Letter],
) -> None:
    """Also what a clock made that was ahead, and was set back."""
    store, kept = waiting(letters)
    found = [
        each
        for traffic in (Traffic.NEW, Traffic.WAITED)
        for each in of_store(store, traffic, ROUND, 0)
        if each.lane in LIVE
    ]
    due = [
        each
        for each in kept
        if each.destination == PEER and each.state is LetterState.WAITING and each.next_at <= NOW
    ]
    assert sorted(each.id for each in found) == [e.id for e in due if e.lane in LIVE]
    store.close()


@pytest.mark.parametrize("traffic", list(Traffic))
def test_i12_a_round_of_a_long_backlog_has_its_bound(traffic: Traffic) -> None:
    """More than a round in each lane, the first ones failed already: those come last of a round,
    and never bring more letters into it."""
    lanes = {Traffic.URGENT: URGENT, Traffic.NEW: LIVE, Traffic.WAITED: LANES}[traffic]
    age_s = 3600 if traffic is Traffic.WAITED else 0
    letters = [
        a_letter(lane, age_s, attempts=int(number < 3))
        for number in range(ROUND + 3)
        for lane in lanes
    ]
    store, kept = waiting(letters)
    for turn in range(4):
        found = of_store(store, traffic, ROUND, turn)
        assert len(found) == ROUND
        assert found == expected(kept, traffic, ROUND, turn)
    every = len(letters)
    found = of_store(store, traffic, every, 0)
    assert found == expected(kept, traffic, every, 0)
    store.close()


class Counting:
    """A view that notes what letters are asked for, and how many came."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.came: list[int] = []

    def letters(self, **wanted: Any) -> list[Letter]:
        found = self._view.letters(**wanted)
        self.came.append(len(found))
        return found


def came_of_looks(view: View, traffic: Traffic) -> list[int]:
    counting = Counting(view)
    next_round(PEER, traffic, cast("View", counting), NOW)
    return counting.came


@pytest.mark.parametrize("traffic", list(Traffic))
def test_a_peer_for_whom_nothing_is_due_costs_one_look_for_one_letter(traffic: Traffic) -> None:
    """However much there is for others, was delivered, or waits for its time."""
    letters = [
        a_letter(lane, 3600, **changes)
        for lane in Lane
        for changes in (
            {"destination": OTHER},
            {"state": LetterState.DELIVERED},
            {"next_at": NOW + SECOND},
        )
    ]
    store, _ = waiting(letters)

    assert store.read(lambda view: came_of_looks(view, traffic)) == [0]
    store.write(lambda tx: tx.enqueue(a_letter(Lane.BULK)))
    store.write(lambda tx: tx.enqueue(a_letter(Lane.BULK)))
    came = store.read(lambda view: came_of_looks(view, Traffic.WAITED))
    assert came[0] == 1, "whether anything is due is asked of one letter"
    store.close()


class Watched:
    """A store whose looks for emergencies are noted: how many letters each may bring."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.limits: list[int] = []

    def read(self, work: Any) -> Any:
        return self._store.read(lambda view: work(_Noting(view, self.limits)))


class _Noting:
    def __init__(self, view: View, limits: list[int]) -> None:
        self._view, self._limits = view, limits

    def letters(self, **wanted: Any) -> list[Letter]:
        if wanted.get("lane") is Lane.EMERGENCY and wanted["limit"] != ROUND:
            self._limits.append(wanted["limit"])
        return self._view.letters(**wanted)


@pytest.mark.parametrize("emergencies", [0, 2])
def test_i17_an_emergency_is_looked_for_before_each_letter_of_control_but_the_first(
    emergencies: int,
) -> None:
    """One letter more than the round had of them; other traffic looks for none."""
    lanes = [*[Lane.EMERGENCY] * emergencies, *[Lane.CONTROL] * 4, *[Lane.LIVE] * 4]
    store, _ = waiting(a_letter(lane) for lane in lanes)
    watched = Watched(store)

    def went(traffic: Traffic) -> int:
        return len(list(round_of(PEER, traffic, cast("Store", watched), lambda: NOW, ROUND, 0)))

    assert went(Traffic.URGENT) == emergencies + 4
    assert watched.limits == [emergencies + 1] * (4 if emergencies else 3)
    assert went(Traffic.NEW) == 4
    assert len(watched.limits) == (4 if emergencies else 3)
    store.close()


ELSEWHERE: dict[str, dict[str, Any]] = {
    "of another peer": {"destination": OTHER},
    "delivered": {"state": LetterState.DELIVERED},
    "not due yet": {"next_at": NOW + SECOND},
}


@pytest.mark.parametrize("which", list(ELSEWHERE))
def test_i17_an_emergency_that_is_not_to_go_now_takes_no_round_anew(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    took: list[int] = []

    def counted(*wanted: Any) -> list[Letter]:
        took.append(1)
        return next_round(*wanted)

    monkeypatch.setattr(rounds, "next_round", counted)
    emergency = a_letter(Lane.EMERGENCY, **ELSEWHERE[which])
    store, kept = waiting([emergency, *[a_letter(Lane.CONTROL)] * 3])
    assert list(round_of(PEER, Traffic.URGENT, store, lambda: NOW, ROUND, 0)) == kept[1:]
    assert len(took) == 1
    store.close()
