"""What a case is: the steps before, the message that is looked at, and whom it is sent to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.cases.worlds import PLATFORM, ROLES, World
from vgigw.objects import InformationObject
from vgigw.operations import Operation, Role

Draw = Callable[[st.SearchStrategy[Any]], Any]
Asked = Callable[[list[InformationObject]], InformationObject]
Builder = Callable[[Operation, Draw], "Case"]
"""Draws a case of an operation that the business rules accept."""


Change = Mapping[str, Any]
"""A member of a keyed request that is no part of its key, and a value that nobody draws."""


class Step(NamedTuple):
    """One message: who sends it, and its content, which may depend on earlier replies.

    With ``to`` it is an act of the gateway itself, which sends it to that party.
    """

    party: str
    operation: Operation
    asked: Asked
    to: str | None = None


class Case(NamedTuple):
    """The steps before, the message that is looked at, and the party that is called."""

    before: tuple[Step, ...]
    last: Step
    served: str = PLATFORM

    def prepared(
        self,
        door: str,
        parties: Mapping[str, Role] = ROLES,
        *,
        suite: str = "tcec102",
        scheme: str = "loop",
    ) -> tuple[World, list[InformationObject]]:
        """A world of ``parties`` in which the steps before were taken through ``door``, and their
        replies."""
        world = World(self.served, parties, suite=suite, scheme=scheme)
        return world, taken(world, door, self.before)


def taken(world: World, door: str, steps: tuple[Step, ...]) -> list[InformationObject]:
    """The replies to ``steps``; an act of the gateway itself has none."""
    replies: list[InformationObject] = []
    for party, operation, asked, to in steps:
        if to is not None:
            world.act(to, operation, asked(replies))
        else:
            replies.append(world.call(door, party, operation, asked(replies)))
    return replies


def step(party: str, operation: Operation, request: InformationObject) -> Step:
    return Step(party, operation, lambda _: request)


def act(to: str, operation: Operation, request: InformationObject) -> Step:
    """What the gateway that is called did before, by itself."""
    return Step("", operation, lambda _: request, to)
