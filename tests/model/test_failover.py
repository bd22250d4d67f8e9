"""The model of a failover, searched to its end: it holds, and each wrong variant is found out.

Reliability M6. The search is breadth first: a length is that of the shortest way to the harm.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.model.failover import (
    INVARIANTS,
    WITHDRAWN_IS_NOT_CARRIED_OUT,
    Design,
    Scope,
    State,
    steps_of,
)
from tests.model.search import Found, search

TWO_MESSAGES = Scope(messages=2, epochs=2, crashes=0, command=False)
ONE_COMMAND = Scope(messages=1, epochs=3, crashes=1, command=True)
ALL = Scope(messages=2, epochs=2, crashes=1, command=True)
SCOPES = (TWO_MESSAGES, ONE_COMMAND, *([ALL] if os.environ.get("VGIGW_MODEL_STEPS") else []))
STATES = {TWO_MESSAGES: 40_427, ONE_COMMAND: 13_440, ALL: 540_394}


def found(design: Design, scope: Scope) -> Found[State]:
    return search(State(), steps_of(design, scope), INVARIANTS)


@pytest.mark.parametrize("scope", SCOPES)
def test_m6_nothing_breaks_in_any_state_of_the_design(
    scope: Scope, record_property: Callable[[str, object], None]
) -> None:
    result = found(Design(), scope)
    record_property("states", result.states)
    assert (result.broken, result.trace) == ("", ())
    assert result.states == STATES[scope]


@pytest.mark.parametrize(
    ("lacks", "scope", "broken", "length"),
    [
        ({"acknowledged_after_commit"}, TWO_MESSAGES, "I1", 2),
        ({"ordered_and_once"}, TWO_MESSAGES, "I6", 7),
        ({"numbered_in_the_transaction", "unique_key"}, TWO_MESSAGES, "I4", 4),
        ({"fence"}, TWO_MESSAGES, "I5", 9),
        ({"rests_before_it_takes"}, ONE_COMMAND, "I5", 10),
        ({"validity"}, ONE_COMMAND, "I10", 7),
        ({"delivered_when_answered"}, TWO_MESSAGES, "I7", 8),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else None,
)
def test_m6_what_lacks_one_thing_is_found_out_by_its_shortest_way(
    lacks: set[str], scope: Scope, broken: str, length: int
) -> None:
    result = found(Design(**dict.fromkeys(lacks, False)), scope)
    assert (result.broken, len(result.trace)) == (broken, length), result.trace


def test_m6_the_way_to_a_number_that_is_used_twice() -> None:
    design = Design(numbered_in_the_transaction=False, unique_key=False)
    assert found(design, TWO_MESSAGES).trace == (
        "receive 1 at 0",
        "receive 2 at 1",
        "commit 1 at 0",
        "commit 2 at 1",
    )


def test_m6_a_unique_key_alone_keeps_numbers_apart() -> None:
    scope = Scope(messages=3, epochs=0, crashes=1, command=False)
    assert found(Design(numbered_in_the_transaction=False), scope).broken == ""


def test_what_is_left_a_command_on_its_way_may_be_carried_out_after_it_was_withdrawn() -> None:
    """Nobody can call back what is on the wire; `docs/reliability.md` says what bounds it."""
    result = search(State(), steps_of(Design(), ONE_COMMAND), WITHDRAWN_IS_NOT_CARRIED_OUT)
    assert result.broken == "withdrawn"
    assert result.trace[-3:] == ("send 1 at 0", "withdraw the command", "deliver 1")
