"""A model of two gateways on one store: acknowledge, commit, take over, send, deliver, crash.

A source hands in messages, to either gateway and as often as it likes; what was committed waits as
a letter with a number; whoever has the turn sends letters to a receiver over a wire that drops,
repeats and reorders. A gateway that stands still is one that takes no step. The first message may
be a command, which ends and may be withdrawn. What each step stands for: ``docs/model.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

GATEWAYS = (0, 1)
COMMAND = 1

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"

T = TypeVar("T")
Two = tuple[T, T]


@dataclass(frozen=True)
class Design:
    """What holds the invariants; a wrong variant lacks one of them."""

    acknowledged_after_commit: bool = True
    ordered_and_once: bool = True
    """The receiver applies a number once, and after those before it."""
    numbered_in_the_transaction: bool = True
    """Else a gateway counts for itself, from what it read once."""
    unique_key: bool = True
    fence: bool = True
    """A transaction of the clockwork looks at the epoch."""
    rests_before_it_takes: bool = True
    """Nothing is taken before what was begun in an epoch before has ended."""
    validity: bool = True
    """The receiver looks at when a command ends."""
    delivered_when_answered: bool = True
    """Else a letter counts as delivered once it was sent."""


@dataclass(frozen=True)
class Scope:
    """How far the search goes: how many messages, takings and crashes there are at most."""

    messages: int
    epochs: int
    crashes: int
    command: bool


class Letter(NamedTuple):
    """Durable."""

    message: int
    number: int
    state: str


class Hand(NamedTuple):
    """What a gateway is at: a letter that it looked at, sent, or had answered."""

    message: int
    number: int
    epoch: int
    stage: str


class State(NamedTuple):
    """All of it. ``held``, ``came``, ``counted`` and ``hand`` are lost with their gateway."""

    # The store.
    letters: tuple[Letter, ...] = ()
    last_number: int = 0
    epoch: int = 0
    # The gateways.
    came: Two[int] = (0, 0)
    counted: Two[int] = (0, 0)
    held: Two[int] = (0, 0)
    hand: Two[Hand | None] = (None, None)
    crashes: int = 0
    # The source, the wire, the receiver.
    acknowledged: frozenset[int] = frozenset()
    wire: frozenset[tuple[int, int]] = frozenset()
    stored: frozenset[tuple[int, int]] = frozenset()
    applied: tuple[int, ...] = ()
    carried_out: int = 0
    over: bool = False
    # What must never happen, noted where it does.
    stale_commit: bool = False
    carried_out_late: bool = False
    carried_out_withdrawn: bool = False

    def letter(self, message: int) -> Letter | None:
        return next((each for each in self.letters if each.message == message), None)


Step = tuple[str, State]


def steps_of(design: Design, scope: Scope) -> Callable[[State], Iterator[Step]]:
    """Every step that is possible in a state."""

    def steps(state: State) -> Iterator[Step]:
        for gateway in GATEWAYS:
            yield from _taken_in(state, gateway, design, scope)
            yield from _turn(state, gateway, design, scope)
            yield from _sent(state, gateway, design)
        yield from _received(state, design)
        if scope.command:
            yield from _command(state)

    return steps


def _taken_in(state: State, gateway: int, design: Design, scope: Scope) -> Iterator[Step]:
    message = state.came[gateway]
    if not message:
        for each in range(1, scope.messages + 1):
            if each not in state.acknowledged:
                came = _with(state.came, gateway, each)
                counted = state.counted
                if not design.numbered_in_the_transaction:
                    counted = _with(counted, gateway, state.last_number)
                yield (
                    f"receive {each} at {gateway}",
                    state._replace(came=came, counted=counted),
                )
        return
    letter = state.letter(message)
    if letter is None:
        yield from _committed(state, gateway, message, design)
    if letter is not None or not design.acknowledged_after_commit:
        yield (
            f"acknowledge {message} at {gateway}",
            state._replace(
                acknowledged=state.acknowledged | {message},
                came=_with(state.came, gateway, 0),
            ),
        )


def _committed(state: State, gateway: int, message: int, design: Design) -> Iterator[Step]:
    known = state.last_number
    number = (known if design.numbered_in_the_transaction else state.counted[gateway]) + 1
    if design.unique_key and any(each.number == number for each in state.letters):
        # The store refuses it, and it comes in once more.
        yield f"refuse {message} at {gateway}", state._replace(came=_with(state.came, gateway, 0))
        return
    made = Letter(message, number, WAITING)
    yield (
        f"commit {message} at {gateway}",
        state._replace(
            letters=(*state.letters, made),
            last_number=max(known, number),
        ),
    )


def _turn(state: State, gateway: int, design: Design, scope: Scope) -> Iterator[Step]:
    """Taking over needs no reason here: silence and a freed lock only make it likely."""
    rests = state.hand[gateway] is None or not design.rests_before_it_takes
    first = state.epoch > 0 or gateway == 0  # Until then they are alike.
    may = first and state.epoch < scope.epochs and state.held[gateway] < max(state.epoch, 1)
    if may and rests:
        epoch = state.epoch + 1
        after = _with(state.held, gateway, epoch)
        yield f"take over at {gateway}", state._replace(epoch=epoch, held=after)
    if state.crashes < scope.crashes:
        yield (
            f"crash at {gateway}",
            state._replace(
                came=_with(state.came, gateway, 0),
                counted=_with(state.counted, gateway, 0),
                held=_with(state.held, gateway, 0),
                hand=_with(state.hand, gateway, None),
                crashes=state.crashes + 1,
            ),
        )


def _sent(state: State, gateway: int, design: Design) -> Iterator[Step]:
    hand, held = state.hand[gateway], state.held[gateway]
    if hand is None:
        for letter in state.letters:
            passes = held == state.epoch or not design.fence
            if held and passes and letter.state == WAITING:
                made = Hand(letter.message, letter.number, held, "looked")
                yield f"look at {letter.message} at {gateway}", _handed(state, gateway, made)
        return
    who = f"{hand.message} at {gateway}"
    if hand.stage == "looked":
        after = _handed(state, gateway, hand._replace(stage="sent"))
        wire = after.wire | {(hand.number, hand.message)}
        yield f"send {who}", after._replace(wire=wire)
    if hand.stage == "sent":
        # No answer came: the letter waits, and is looked at again.
        yield f"give up {who}", _handed(state, gateway, None)
        answered = (hand.number, hand.message) in state.stored
        if answered or not design.delivered_when_answered:
            yield f"hear of {who}", _handed(state, gateway, hand._replace(stage="answered"))
    if hand.stage == "answered":
        yield from _saved(state, gateway, hand, design)


def _saved(state: State, gateway: int, hand: Hand, design: Design) -> Iterator[Step]:
    after = _handed(state, gateway, None)
    if design.fence and state.held[gateway] != state.epoch:
        held = _with(state.held, gateway, 0)
        yield f"lose the turn at {gateway}", after._replace(held=held)
        return
    letters = tuple(
        each._replace(state=DELIVERED) if each.message == hand.message else each
        for each in state.letters
    )
    stale = state.stale_commit or hand.epoch < state.epoch
    yield f"save {hand.message} at {gateway}", after._replace(letters=letters, stale_commit=stale)


def _received(state: State, design: Design) -> Iterator[Step]:
    for item in state.wire:
        number, message = item
        gone = state.wire - {item}
        yield f"drop {message}", state._replace(wire=gone)
        after = _arrived(state, number, message, design)
        yield f"deliver {message}", after._replace(wire=gone)
        yield f"deliver {message}, and again later", after


def _arrived(state: State, number: int, message: int, design: Design) -> State:
    known = (number, message) in state.stored
    stored = state.stored | {(number, message)}
    if design.ordered_and_once:
        if known:
            return state
        numbers = {each for each, _ in stored}
        applied = state.applied
        while len(applied) + 1 in numbers:
            applied = (*applied, len(applied) + 1)
    else:
        applied = (*state.applied, number)[:3]
    after = state._replace(stored=stored, applied=applied)
    if message != COMMAND or (state.over and design.validity):
        return after
    letter = state.letter(message)
    withdrawn = letter is not None and letter.state == DEAD
    return after._replace(
        carried_out=min(state.carried_out + 1, 2),
        carried_out_late=state.carried_out_late or state.over,
        carried_out_withdrawn=state.carried_out_withdrawn or withdrawn,
    )


def _command(state: State) -> Iterator[Step]:
    nowhere = not any(message == COMMAND for _, message in state.stored)
    if nowhere and not state.over:
        yield "the command is over", state._replace(over=True)
    letter = state.letter(COMMAND)
    if letter is not None and letter.state == WAITING and nowhere:
        letters = tuple(
            each._replace(state=DEAD) if each == letter else each for each in state.letters
        )
        yield "withdraw the command", state._replace(letters=letters)


def _handed(state: State, gateway: int, hand: Hand | None) -> State:
    return state._replace(hand=_with(state.hand, gateway, hand))


def _with(pair: Two[T], which: int, value: T) -> Two[T]:
    return (value, pair[1]) if which == 0 else (pair[0], value)


def _numbers_are_used_once(state: State) -> bool:
    numbers = [letter.number for letter in state.letters]
    return len(numbers) == len(set(numbers))


def _nowhere(state: State, message: int) -> bool:
    letter = state.letter(message)
    if letter is None:
        return True
    arrived = any(each == message for _, each in state.stored)
    return letter.state == DELIVERED and not arrived


INVARIANTS: Mapping[str, Callable[[State], bool]] = {
    "I1": lambda state: all(state.letter(each) is not None for each in state.acknowledged),
    "I4": _numbers_are_used_once,
    "I5": lambda state: not state.stale_commit,
    "I6": lambda state: state.applied == tuple(range(1, len(state.applied) + 1)),
    "I7": lambda state: not any(_nowhere(state, each) for each in state.acknowledged),
    "I10": lambda state: state.carried_out <= 1 and not state.carried_out_late,
}
"""By the numbers that ``docs/reliability.md`` gives them."""

WITHDRAWN_IS_NOT_CARRIED_OUT: Mapping[str, Callable[[State], bool]] = {
    "withdrawn": lambda state: not state.carried_out_withdrawn
}
"""What nobody promises: a command that is on its way may arrive after it was withdrawn."""
