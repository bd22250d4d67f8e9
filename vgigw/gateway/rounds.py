"""Which letters go out next, of one kind of traffic to one peer. PLT-7.9d.

Each look costs no more with a long backlog than without one: what is new is found from its end.
"""

from __future__ import annotations

from datetime import datetime

from vgigw.operations import Lane
from vgigw.ports import Letter, LetterState, View
from vgigw.rules.catch_up import LIVE, NEW_FOR, ROUND, URGENT, Traffic, in_turn

_WAITING = LetterState.WAITING


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
    since = now - NEW_FOR
    old = view.letters(
        destination=destination,
        state=_WAITING,
        lane=lane,
        created_before=since,
        newest_first=True,
        limit=1,
    )
    return view.letters(
        destination=destination,
        state=_WAITING,
        due=now,
        lane=lane,
        created_from=since,
        after_id=old[0].id if old else 0,
        limit=most,
    )


def _waited(destination: str, lane: Lane, view: View, now: datetime, most: int) -> list[Letter]:
    return view.letters(
        destination=destination,
        state=_WAITING,
        due=now,
        lane=lane,
        created_before=now - NEW_FOR if lane in LIVE else None,
        newest_first=lane is Lane.STATE,
        limit=most,
    )
