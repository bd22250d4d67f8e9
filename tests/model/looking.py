"""What the stores of a world of gateways say, put into the words of the invariants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.model.ledger import Facts, Key
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, kept
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.handlers.audit import broken_link
from vgigw.handlers.backlog import backlogs_of
from vgigw.handlers.coming import place_of
from vgigw.handlers.recall_plan import plans_of
from vgigw.handlers.tracing import hops_of
from vgigw.handlers.unavailable import gone_within
from vgigw.objects import ControlCurve, TelemetryBatch
from vgigw.objects.alarms import AlarmState
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.objects.tracing import HopEvent
from vgigw.operations import BY_NAME, ISSUE_CONTROL
from vgigw.ports import Letter, LetterState, Store, View
from vgigw.rules.ranges import Range

if TYPE_CHECKING:
    from tests.model.world_stores import StoreWorld


def numbers(store: Store, owner: str = OPERATOR) -> set[int]:
    """Of the records that are stored."""
    rows = store.read(lambda v: v.rows(owner=owner, stream=STREAM, payloads=False))
    return {seq for row in rows for seq in range(row.seq_from, row.seq_to + 1)}


def holds(store: Store, seq: int) -> bool:
    return seq in numbers(store)


def facts(world: StoreWorld) -> Facts:
    """One look at each store."""
    operator, platform, dispatch = (
        world.disks[party].store.read(lambda view, p=party: Look(view, p, world))  # type: ignore[misc]
        for party in (OPERATOR, PLATFORM, DISPATCH)
    )
    return Facts(
        durable={"operator": operator.held, "platform": platform.held},
        twice=(*operator.twice, *platform.twice, *dispatch.twice),
        watermarks=platform.watermarks,
        known=frozenset(platform.known),
        missing=frozenset(platform.missing),
        open_gaps=frozenset(platform.gaps),
        declared=frozenset(platform.declared),
        sent={"platform": operator.sent, "operator": platform.sent},
        arrived=frozenset(
            [key for key in platform.held if key[0] == "record"]
            + [key for key in operator.held if key[0] == "command"]
        ),
        under_way=frozenset(operator.under_way | platform.under_way),
        dead=frozenset(operator.dead | platform.dead),
        unalarmed=(*operator.unalarmed, *platform.unalarmed),
        late=operator.late,
        untraced=(*_untraced(operator, platform), *operator.audit, *platform.audit),
        newest=platform.newest,
        marked_live=dispatch.marked_live,
        waiting=(*operator.waiting, *platform.waiting),
        recalled=_recalled(platform, dispatch, world.recalled),
    )


class Look:
    """What the store of one party says."""

    def __init__(self, view: View, party: str, world: StoreWorld) -> None:
        self._view, self._party = view, party
        self.held: dict[tuple[str, Any], str] = {}
        self.newest: dict[str, datetime] = {}
        twice: list[str] = []
        live: list[str] = []
        for row in view.rows(owner=OPERATOR, stream=STREAM):
            made = kept(TelemetryBatch, row.payload)
            if made.report_mode is not ReportMode.RECALL:
                live.append(made.batch_id)
            for seq, record in enumerate(made.records, start=row.seq_from):
                if ("record", seq) in self.held:
                    twice.append(f"record {seq} at {party}")
                self.held["record", seq] = repr(record)
                at = self.newest.get(record.object_id, record.data_time)
                self.newest[record.object_id] = max(at, record.data_time)
        for name in world.commands:
            for each in view.documents(ControlCurve.__name__, key=name):
                self.held["command", name] = each.digest
            if view.counter(f"executed:{name}") > 1:
                twice.append(f"command {name}")
        self.twice, self.marked_live = tuple(twice), tuple(live)
        self.late = tuple(n for n in world.commands if view.counter(f"late:{n}"))
        broken = broken_link(world.gateways[party].identity, view)
        self.audit = () if broken is None else (f"the audit of {party} at {broken}",)
        self._look_at_stream()
        self._look_at_letters()

    def _look_at_stream(self) -> None:
        state = self._view.stream(OPERATOR, STREAM)
        gaps = [gap for _, _, gap in self._view.gaps(OPERATOR, STREAM)]
        self.gaps = {n for gap in gaps for n in range(gap.first, gap.last + 1)}
        self.watermarks: dict[str, int] = {}
        self.known: set[int] = set()
        self.missing: set[int] = set()
        self.declared: set[int] = set()
        if state is None:
            return
        self.watermarks[STREAM] = state.contiguous
        self.known = set(range(state.begin, state.highest + 1))
        self.missing = {n for each in state.missing for n in range(each.first, each.last + 1)}
        whole = Range(1, max(state.highest, 1))
        for each in gone_within(self._view, OPERATOR, STREAM, whole):
            self.declared |= set(range(each.first, each.last + 1))

    def _look_at_letters(self) -> None:
        view = self._view
        self.letters = view.letters()
        by_state: dict[LetterState, set[Key]] = {state: set() for state in LetterState}
        for letter in self.letters:
            by_state[letter.state] |= set(_keys_of(letter))
        self.under_way = by_state[LetterState.WAITING]
        folded = backlogs_of(view, open_only=True)
        for _, backlog in folded:
            for each in backlog.waiting:
                self.under_way |= {("record", n) for n in range(each.first, each.last + 1)}
        self.sent = frozenset(by_state[LetterState.DELIVERED])
        self.dead = by_state[LetterState.DEAD]
        jobs = [plan.job_id for plan in plans_of(view, open_only=True)]
        self.waiting = (
            *(f"a letter, {each.operation}" for each in self.letters if _waits(each)),
            *(f"a backlog of {each.stream}" for _, each in folded),
            *(f"the gap at {number}" for number in self.gaps),
            *(f"job {each}" for each in jobs),
        )
        died = {each.destination for each in self.letters if _is_of_an_alarm(each)}
        self.unalarmed = tuple(sorted(each for each in died if not self._told_of(each)))

    def _told_of(self, destination: str) -> bool:
        return any(
            (each.alarm_code, each.object_id, each.alarm_state)
            == ("DEAD_LETTERS", destination, AlarmState.RAISED)
            for each in ALARMS.walk(self._view, owner=self._party)
        )

    def hops(self, trace_id: str) -> list[HopEvent]:
        return [hop.event for hop in hops_of(trace_id, self._view)]

    def jobs_done(self) -> set[str]:
        return {plan.job_id for plan in plans_of(self._view) if not plan.runs}


def _keys_of(letter: Letter) -> Iterator[Key]:
    if letter.operation == ISSUE_CONTROL.name:
        yield ("command", kept(ControlCurve, letter.payload).command_id)
        return
    place = place_of(letter)
    if place is not None and place.stream == STREAM:
        yield from (("record", number) for number in range(place.first, place.last + 1))


def _waits(letter: Letter) -> bool:
    return letter.state is LetterState.WAITING


def _is_of_an_alarm(letter: Letter) -> bool:
    """Whether somebody has to be told that ``letter`` died."""
    quiet = BY_NAME[letter.operation].receipted or "Alarm" in letter.operation
    return letter.state is LetterState.DEAD and letter.last_error != "expired" and not quiet


def _untraced(operator: Look, platform: Look) -> Iterator[str]:
    """A command is followed from where it came in over the outbox to where it ended. PLT-7.9a."""
    for letter in platform.letters:
        if letter.operation != ISSUE_CONTROL.name:
            continue
        wanted = [HopEvent.STORED, HopEvent.QUEUED]
        ended = letter.state is not LetterState.WAITING
        found = platform.hops(letter.trace_id)
        if found[:2] != wanted or len(found) != 2 + ended:
            yield f"{letter.message_id} is {letter.state}, with {found}"
        delivered = letter.state is LetterState.DELIVERED
        if delivered and HopEvent.STORED not in operator.hops(letter.trace_id):
            yield f"{letter.message_id} left no trace where it arrived"


def _recalled(platform: Look, dispatch: Look, asked: set[int]) -> dict[str, frozenset[int]]:
    """What came of each job that is over, and what nobody had asked for."""
    came = frozenset(number for _, number in dispatch.held if isinstance(number, int))
    return dict.fromkeys(platform.jobs_done(), came) | {"all": came - asked}
