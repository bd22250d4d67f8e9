"""Marks on functions: which operation one handles, keeps what we send of, or follows to its end.

A marked function is passed in, not registered; :func:`marked` finds the marks of functions and of
the methods of objects: of those that their class has when it is first met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from vgigw.objects import InformationObject
from vgigw.operations import Operation
from vgigw.ports import Follower, Letter, Transaction

F = TypeVar("F", bound=Callable[..., object])

HANDLES = "handled_operations"
AUTHORS = "authored_operations"
FOLLOWS = "followed_operations"
CHORE = "is_chore"


def handles(*operations: Operation) -> Callable[[F], F]:
    """Mark a function as the handler of ``operations``."""
    return _mark(HANDLES, operations)


def authors(*operations: Operation) -> Callable[[F], F]:
    """Mark a function as the author of ``operations``: it keeps what we send of our own."""
    return _mark(AUTHORS, operations)


def follows(*operations: Operation) -> Callable[[F], F]:
    """Mark a function as told when an outbound message of ``operations`` came to its end."""
    return _mark(FOLLOWS, operations)


def chore(function: F) -> F:
    """Mark a function as done at each tick."""
    function.__dict__[CHORE] = True
    return function


def marked(things: Iterable[object], mark: str) -> dict[str, Any]:
    """Functions by operation name, of marked functions and of objects with marked methods.

    A later one takes the place of an earlier one.
    """
    return {
        operation.name: function
        for function in _functions(things)
        for operation in getattr(function, mark, ())
    }


def followers(things: Iterable[object]) -> dict[str, Follower]:
    """By operation name, all the functions that follow it, one after the other."""
    found: dict[str, list[Follower]] = {}
    for function in _functions(things):
        for operation in getattr(function, FOLLOWS, ()):
            found.setdefault(operation.name, []).append(cast(Follower, function))
    return {name: _in_turn(tuple(each)) for name, each in found.items()}


def _in_turn(all_of: tuple[Follower, ...]) -> Follower:
    def follow(
        letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime, /
    ) -> None:
        for each in all_of:
            each(letter, reply, tx, now)

    return follow


def chores(things: Iterable[object]) -> tuple[Any, ...]:
    """The marked chores of ``things``."""
    return tuple(each for each in _functions(things) if getattr(each, CHORE, False))


def _functions(things: Iterable[object]) -> Iterator[Callable[..., object]]:
    for thing in things:
        if callable(thing):
            yield thing
            continue
        for name in _marked_names(type(thing)):
            yield getattr(thing, name)


_names: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()


def _marked_names(kind: type) -> tuple[str, ...]:
    """Of the methods that have a mark. Looked for once in each class: most have none."""
    found = _names.get(kind)
    if found is None:
        marks = (HANDLES, AUTHORS, FOLLOWS, CHORE)
        methods = ((name, getattr(kind, name, None)) for name in dir(kind))
        found = tuple(name for name, each in methods if any(hasattr(each, mark) for mark in marks))
        _names[kind] = found
    return found


def _mark(mark: str, operations: tuple[Operation, ...]) -> Callable[[F], F]:
    def put(function: F) -> F:
        function.__dict__[mark] = operations
        return function

    return put
