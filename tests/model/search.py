"""Every state that a model can come to, nearest first, until one breaks an invariant."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S", bound=Hashable)


class Found(NamedTuple, Generic[S]):
    """How many states were seen, and the shortest way to the first that breaks ``broken``."""

    states: int
    broken: str = ""
    trace: tuple[str, ...] = ()


def search(
    begin: S,
    steps: Callable[[S], Iterable[tuple[str, S]]],
    invariants: Mapping[str, Callable[[S], bool]],
) -> Found[S]:
    """Breadth first: no way to a state that breaks one of ``invariants`` is shorter than the one
    that is told."""
    came: dict[S, tuple[str, S] | None] = {begin: None}
    ahead = deque([begin])
    while ahead:
        state = ahead.popleft()
        for name, holds in invariants.items():
            if not holds(state):
                return Found(len(came), name, _way(came, state))
        for label, after in steps(state):
            if after not in came:
                came[after] = (label, state)
                ahead.append(after)
    return Found(len(came))


def _way(came: Mapping[S, tuple[str, S] | None], state: S) -> tuple[str, ...]:
    labels: list[str] = []
    step = came[state]
    while step is not None:
        label, before = step
        labels.append(label)
        step = came[before]
    return tuple(reversed(labels))
