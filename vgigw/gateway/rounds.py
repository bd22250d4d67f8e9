"""Which letters go out next, of one kind of traffic to one peer. PLT-7.9d.

Each look costs no more with a long backlog than without one: what is new is found from its end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from vgigw.operations import Lane
from vgigw.ports import Letter, LetterState, Store, View, waited_up_to
from vgigw.rules.catch_up import LIVE, NEW_FOR, ROUND, URGENT, Traffic, in_turn

_WAITING = LetterState.WAITING


def round_of(
    destination: str,
    traffic: Traffic,
    store: Store,
    time: Callable[[], datetime],
    most: int,
    turn: int,
) -> Iterator[Letter]:
    """The letters of a round, each once. Before each plain one of control it is looked whether an
    emergency came since: then the round is taken anew, and that one goes next. I17."""
    known: set[int] = set()
    passed: set[int] = set()

    def taken() -> list[Letter]:
        found = store.read(lambda view: next_round(destination, traffic, view, time(), most, turn))
        known.update(each.id for each in found if each.lane is Lane.EMERGENCY)
        # What is held back stays due: it had its turn.
        return [each for each in found if each.id not in passed]

    letters = taken()
    while letters and len(passed) < most:
        if (
            passed
            and letters[0].lane is Lane.CONTROL
            and store.read(lambda view: _emergency_came(destination, view, time(), known))
        ):
            letters = taken() or letters
        passed.add(letters[0].id)
        yield letters.pop(0)


def _emergency_came(destination: str, view: View, now: datetime, known: Collection[int]) -> bool:
    """Whether an emergency is due that is not ``known``. One more than these is looked at, as those
    of them that are held back are due, too, and hide none that came later."""
    found = view.letters(
        destination=destination,
        state=_WAITING,
        due=now,
        lane=Lane.EMERGENCY,
        limit=len(known) + 1,
    )
    return any(letter.id not in known for letter in found)


def next_round(
    destination: str,
    traffic: Traffic,
    view: View,
    now: datetime,
    most: int = ROUND,
    turn: int = 0,
) -> list[Letter]:
    """At most ``most`` letters that are due, in order; by ``turn`` another lane of what waited is
    the first, so that none starves where there is time for one letter only."""
    if not view.letters(destination=destination, state=_WAITING, due=now, limit=1):
        return []
    if traffic is Traffic.URGENT:
        return [
            letter
            for lane in URGENT
            for letter in _untried_first(
                view.letters(
                    destination=destination, state=_WAITING, due=now, lane=lane, limit=ROUND
                )
            )
        ][:most]
    if traffic is Traffic.NEW:
        new = [letter for lane in LIVE for letter in _new(destination, lane, view, now, most)]
        return _untried_first(sorted(new, key=lambda letter: letter.id))[:most]
    lanes = (*LIVE, Lane.BULK)
    first = turn % len(lanes)
    queues = [
        _untried_first(_waited(destination, lane, view, now, ROUND))
        for lane in (*lanes[first:], *lanes[:first])
    ]
    return in_turn(queues, most)


def _untried_first(letters: list[Letter]) -> list[Letter]:
    """What failed before, whoever is at fault, goes behind what did not: a round ends with its
    first failure, and some letters that always fail must not end every round."""
    return sorted(letters, key=lambda letter: letter.attempts > 0)


def _new(destination: str, lane: Lane, view: View, now: datetime, most: int) -> list[Letter]:
    return view.letters(
        destination=destination,
        state=_WAITING,
        due=now,
        lane=lane,
        after_id=waited_up_to(view, destination, lane, now - NEW_FOR),
        limit=most,
    )


def _waited(destination: str, lane: Lane, view: View, now: datetime, most: int) -> list[Letter]:
    """Of a live lane all that is not new."""
    last = waited_up_to(view, destination, lane, now - NEW_FOR) if lane in LIVE else None
    if last == 0:
        return []
    return view.letters(
        destination=destination,
        state=_WAITING,
        due=now,
        lane=lane,
        up_to_id=last,
        newest_first=lane is Lane.STATE,
        limit=most,
    )
