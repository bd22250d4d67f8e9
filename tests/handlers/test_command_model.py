"""Whatever the links do, dispatch is told of a command what became of it. PLT-8.8a, PLT-8.5b.

Two members of a region are issued, replaced and withdrawn commands; they decide and report; links
are cut and lose answers; the platform restarts on its file; time passes. A plain model says what
is true.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from tests.handlers.test_decomposition import region_of, whole
from tests.stores.fresh import store_at
from tests.trio import BASES, DISPATCH, OPERATOR, OTHER, PLATFORM, curve, kept
from vgigw.errors import PeerRefused, PeerUnreachable
from vgigw.handlers.commands import record_of
from vgigw.handlers.edge import commands_in_force
from vgigw.objects import (
    AckResult,
    CommandAck,
    CommandCancel,
    CommandQuery,
    CommandState,
    CommandStatus,
    ControlCurve,
    ExecState,
    ExecutionReport,
    RefuseReason,
)
from vgigw.operations import (
    ACK_CONTROL,
    CANCEL_CONTROL,
    ISSUE_CONTROL,
    QUERY_CONTROL,
    REPORT_EXECUTION,
)
from vgigw.ports import View

MEMBERS = (OPERATOR, OTHER)
OVER = {CommandState.DONE, CommandState.FAILED, CommandState.CANCELLED, CommandState.AUTO_EXIT}
TURNED_DOWN = {CommandState.REFUSED, CommandState.EXPIRED}
ANSWER_S = 60
LASTS_S = 600
names = st.sampled_from(["A", "B", "W"])
"""``A`` is for one station, ``B`` for the other, ``W`` for the region of both."""


class Told:
    """What the platform acknowledged to have heard of one command, oldest first."""

    def __init__(self, issued: ControlCurve) -> None:
        self.issued = issued
        self.withdrawn = False
        self.decided: dict[str, AckResult] = {}
        self.ended: dict[str, ExecState] = {}


def _running_in(view: View) -> list[ControlCurve]:
    """The curves that a store has in force and that are not over."""
    found = []
    for document in view.documents(ControlCurve.__name__):
        record = record_of(view, document.key)
        if record is not None and record.runs:
            found.append(kept(ControlCurve, document.payload))
    return found


def _curve_in(view: View, command_id: str) -> ControlCurve | None:
    found = view.documents(ControlCurve.__name__, key=command_id)
    return kept(ControlCurve, found[0].payload) if found else None


def _over_in(view: View) -> list[tuple[str, str]]:
    """Commands that are over in a store, and who carries them out."""
    found = []
    for document in view.documents(ControlCurve.__name__):
        record = record_of(view, document.key)
        if record is not None and not record.runs:
            found.append((record.command_id, record.carrier))
    return found


class Commands(RuleBasedStateMachine):
    """The model holds what was answered with a success, and nothing else."""

    @initialize(door=st.sampled_from(list(BASES)))
    def begin(self, door: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "platform.sqlite3"
        self.trio = region_of(door, stores={PLATFORM: store_at(self.path)})
        self.known: dict[str, Told] = {}
        self.versions = dict.fromkeys("ABW", 0)
        self.taken: dict[tuple[str, int], ControlCurve] = {}
        self.count = 0
        self.seen: dict[str, CommandState] = {}

    # --- what dispatch does ------------------------------------------------------------------

    def _curve(self, name: str, version: int) -> ControlCurve:
        now = self.trio.now
        end = now + timedelta(seconds=LASTS_S)
        point = replace(curve().points[0], start_time=now, end_time=end)
        times: dict[str, Any] = {
            "ack_deadline": now + timedelta(seconds=ANSWER_S),
            "valid_until": end,
            "version": version,
        }
        if name == "W":
            points = (replace(point, target_power=Decimal(80)),)
            return whole("80", "W", points=points, **times)
        site = {"A": ("ST1", OPERATOR), "B": ("ST2", OTHER)}[name]
        points = (replace(point, target_power=Decimal(30)),)
        return curve(name, points=points, resource_id=site[0], aggregator_id=site[1], **times)

    def _asked(self, party: str, operation: Any, request: Any, lost: bool = False) -> Any:
        """The answer, None where it was refused or never came; where the first is ``lost``, that
        to the same message once more, which changes nothing more."""
        if lost:
            self.trio.net.lose_answers.add(PLATFORM)
            with suppress(PeerUnreachable):
                self.trio.call(party, operation, request)
            self.trio.net.lose_answers.discard(PLATFORM)
        try:
            return self.trio.call(party, operation, request)
        except (PeerRefused, PeerUnreachable):
            return None

    @rule(name=names, ahead=st.sampled_from([2, 1, 0, -1]))
    def issue(self, name: str, ahead: int) -> None:
        """A higher version, or one that is none; numbers that were left out are tried as well."""
        version = max(1, self.versions[name] + ahead)
        issued = self._curve(name, version)
        if self._asked(DISPATCH, ISSUE_CONTROL, issued) is None:
            return
        held = self.known.get(name)
        # A lower version is heard only where it is the very message that was taken before.
        taken = self.taken.setdefault((name, version), issued)
        assert held is None or held.issued.version < version or taken == issued
        if held is None or held.issued.version < version:
            self.taken[name, version] = issued
            assert held is None or self.seen.get(name) not in OVER
            self.known[name] = Told(issued)
            self.versions[name] = version
            self.seen.pop(name, None)

    @rule(name=names)
    def repeat(self, name: str) -> None:
        """The very message that was acknowledged: answered as before, whatever has become of it."""
        held = self.known.get(name)
        if held is not None:
            before = self._status(name)
            assert self._asked(DISPATCH, ISSUE_CONTROL, held.issued) is not None
            assert self._status(name) == before

    @rule(name=names)
    def withdraw(self, name: str) -> None:
        held = self.known.get(name)
        version = held.issued.version if held else 1
        asked = CommandCancel(
            command_id=name, version=version, reason="model", cancel_time=self.trio.now
        )
        before = self._status(name) if held else None
        answer = self._asked(DISPATCH, CANCEL_CONTROL, asked)
        if held is None:
            assert answer is None
        elif answer is not None:
            held.withdrawn = True
        elif before is not None:
            assert before.state in (OVER | TURNED_DOWN)

    # --- what members do ---------------------------------------------------------------------

    def _running(self, party: str) -> list[ControlCurve]:
        """What a member has and may still decide on, by its own gateway."""
        return self.trio.stores[party].read(_running_in)

    @rule(
        party=st.sampled_from(MEMBERS),
        pick=st.integers(0, 5),
        result=st.sampled_from([AckResult.ACCEPTED, AckResult.PARTLY, AckResult.REFUSED]),
        lost=st.booleans(),
    )
    def decide(self, party: str, pick: int, result: AckResult, lost: bool) -> None:
        running = self._running(party)
        if not running:
            return
        chosen = running[pick % len(running)]
        ack = CommandAck(
            command_id=chosen.command_id,
            ack_result=result,
            accepted_power=Decimal(1) if result is AckResult.PARTLY else None,
            refuse_reason=RefuseReason.CAPABILITY if result is AckResult.REFUSED else None,
            ack_time=self.trio.now,
        )
        answer = self._asked(party, ACK_CONTROL, ack, lost)
        told = self._of(chosen)
        if answer is None or told is None:
            return
        # No decision is taken after its deadline and the time that it may travel.
        assert self.trio.now <= chosen.ack_deadline
        told.decided.setdefault(party, result)

    @rule()
    def all_accept(self) -> None:
        """Whatever they have, in one breath."""
        for party in MEMBERS:
            for pick in range(len(self._running(party))):
                self.decide(party, pick, AckResult.ACCEPTED, False)

    @rule(
        party=st.sampled_from(MEMBERS),
        pick=st.integers(0, 5),
        state=st.sampled_from([ExecState.EXECUTING, ExecState.DONE, ExecState.FAILED]),
        lost=st.booleans(),
    )
    def report(self, party: str, pick: int, state: ExecState, lost: bool) -> None:
        running = self._running(party)
        if not running:
            return
        chosen = running[pick % len(running)]
        self.count += 1
        given = ExecutionReport(
            report_id=f"R{self.count}",
            command_id=chosen.command_id,
            exec_state=state,
            actual_start_time=self.trio.now,
            actual_end_time=self.trio.now,
            response_quantity=Decimal(1),
            response_accuracy=Decimal(90),
            delay_sec=Decimal(1),
        )
        answer = self._asked(party, REPORT_EXECUTION, given, lost)
        told = self._of(chosen)
        if answer is not None and told is not None and state is not ExecState.EXECUTING:
            told.ended.setdefault(party, state)

    def _of(self, chosen: ControlCurve) -> Told | None:
        """The command of dispatch that a member's belongs to, while this version is in force."""
        name = chosen.parent_command_id or chosen.command_id
        told = self.known.get(name)
        return told if told is not None and told.issued.version == chosen.version else None

    # --- what happens ------------------------------------------------------------------------

    @rule(party=st.sampled_from([PLATFORM, *MEMBERS]))
    def cut(self, party: str) -> None:
        if party != PLATFORM:  # Dispatch has to be heard, or there is nothing to compare.
            self.trio.net.cut.add(party)

    @rule(party=st.sampled_from(MEMBERS))
    def lose_answers(self, party: str) -> None:
        self.trio.net.lose_answers.add(party)

    @rule()
    def heal(self) -> None:
        self.trio.net.cut.clear()
        self.trio.net.lose_answers.clear()

    @rule()
    def restart(self) -> None:
        """On the same file, with nothing else kept."""
        self.trio.stores[PLATFORM].close()
        self.trio.stores[PLATFORM] = store_at(self.path)
        self.trio.restart(PLATFORM)

    @rule(step_s=st.sampled_from([0.0, 0.6, 3.0, 20.0, 80.0, 700.0]))
    def tick(self, step_s: float) -> None:
        gone = self._gone()
        self.trio.tick(step_s=step_s)
        for party, command_id in gone:
            came = self.trio.stores[party].read(partial(_curve_in, command_id=command_id))
            assert came is None

    def _gone(self) -> list[tuple[str, str]]:
        """What is over at the platform and never reached its member: it must not do so later."""
        over = self.trio.stores[PLATFORM].read(_over_in)
        return [
            (carrier, command_id)
            for command_id, carrier in over
            if carrier in MEMBERS
            and self.trio.stores[carrier].read(partial(_curve_in, command_id=command_id)) is None
        ]

    # --- what holds --------------------------------------------------------------------------

    def _status(self, name: str) -> CommandStatus:
        found: CommandStatus = self.trio.call(
            DISPATCH, QUERY_CONTROL, CommandQuery(command_id=name)
        )
        return found

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def dispatch_sees_what_was_acknowledged(self) -> None:
        for name, told in self.known.items():
            seen = self._status(name)
            assert seen.command.version == told.issued.version
            self._holds(name, told, seen)
            before = self.seen.get(name)
            if before in OVER:
                assert seen.state is before
            self.seen[name] = seen.state

    def _holds(self, name: str, told: Told, seen: CommandStatus) -> None:
        members = MEMBERS if name == "W" else (OPERATOR,) if name == "A" else (OTHER,)
        if told.withdrawn:
            assert seen.state is CommandState.CANCELLED
        elif len(members) == 1 and told.ended:
            assert seen.state is CommandState[told.ended[members[0]].name]
        elif len(members) == 1 and told.decided:
            (result,) = told.decided.values()
            refused = result is AckResult.REFUSED
            assert seen.state in (
                {CommandState.REFUSED} if refused else {CommandState.ACKED, CommandState.EXECUTING}
            )
        if len(members) == 1 and told.decided:
            assert [ack.ack_result for ack in seen.acks] == [*told.decided.values()]
        if seen.state is CommandState.ACKED and len(members) == 2:
            (ack,) = seen.acks
            all_accepted = len(told.decided) == 2 and {*told.decided.values()} == {
                AckResult.ACCEPTED
            }
            assert all_accepted or ack.ack_result is AckResult.PARTLY
        assert len(seen.acks) <= 1

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def nothing_is_handed_out_after_its_end(self) -> None:
        now = self.trio.now
        for party in MEMBERS:
            handed_out = partial(commands_in_force, carrier=party, now=now)
            for each in self.trio.stores[PLATFORM].read(handed_out):
                assert each.valid_until > now
                told = self._of(each)
                assert told is not None
                assert not told.withdrawn

    def teardown(self) -> None:
        if not hasattr(self, "known"):
            return
        self.heal()
        for _ in range(40):
            self.trio.tick(step_s=10)
        self.dispatch_sees_what_was_acknowledged()
        for name in self.known:
            self._came_to_rest(name)
        self.trio.stores[PLATFORM].close()
        self.folder.cleanup()

    def _came_to_rest(self, name: str) -> None:
        """Nobody waits for an answer any more, and nobody has what its issuer thinks is over."""
        seen = self._status(name)
        waiting = {CommandState.RECEIVED, CommandState.DECOMPOSED, CommandState.ISSUED}
        assert seen.state not in waiting
        if seen.state in {CommandState.CANCELLED, *TURNED_DOWN}:
            for party in MEMBERS:
                for each in self._running(party):
                    mine = each.parent_command_id or each.command_id
                    # Of what is past nothing can be carried out; calling it back has no sense.
                    past = each.points[-1].end_time <= self.trio.now
                    assert mine != name or past or self._told_so(party, each)

    def _told_so(self, party: str, each: ControlCurve) -> bool:
        """Whether a member that still has it refused it itself, so that nobody called it back."""
        told = self._of(each)
        return told is not None and told.decided.get(party) is AckResult.REFUSED


TestCommands = Commands.TestCase
TestCommands.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
