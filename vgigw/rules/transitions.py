"""A state machine as one table. Section 3.2 of the operation catalogue.

A row is the present state, a column an event, a cell the next state; ``=`` keeps the state (a late
repeat, or an event that another overtook), ``x`` is refused.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from vgigw.errors import IllegalState

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


class Transitions(Generic[S, E]):
    """The table of ``what``; its columns stand in the order of ``events``, its first line names
    them for the reader."""

    def __init__(self, what: str, states: type[S], events: type[E], table: str) -> None:
        self._what = what
        self.next = MappingProxyType(_read(states, events, table))

    def advance(self, state: S, event: E) -> S:
        """The state after ``event``; the same one for a repeat.

        Raises :class:`~vgigw.errors.IllegalState` where the table has an ``x``.
        """
        after = self.next.get((state, event))
        if after is None:
            raise IllegalState(f"{self._what} is {state.name} and cannot be {event.value}")
        return after


def _read(states: type[S], events: type[E], table: str) -> dict[tuple[S, E], S]:
    after: dict[tuple[S, E], S] = {}
    for line in table.strip().splitlines()[1:]:
        name, *cells = line.split()
        state = states[name]
        for event, cell in zip(events, cells, strict=True):
            if cell != "x":
                after[state, event] = state if cell == "=" else states[cell]
    return after
