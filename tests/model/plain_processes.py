"""Processes of parties of plain values: who works, who stands still, what befalls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from tests.model.broken import Lacks
from tests.model.faults import Faults, Killed, Process
from tests.model.ledger import Facts, Ledger
from tests.model.plain import Held, Note, Party
from tests.model.plain_receiving import Refused
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, record
from vgigw.errors import VgigwError
from vgigw.rules.gap import Gap
from vgigw.rules.lease import KEEP_EVERY_S, SILENT_S
from vgigw.rules.ranges import Range

SIZES: Final = {OPERATOR: 2, PLATFORM: 2, DISPATCH: 1}


class PlainProcesses:
    """Parties, clocks and keys; ``tick`` is what a process does."""

    def __init__(self, lacks: Lacks) -> None:
        self.lacks, self.ledger, self.faults = lacks, Ledger(), Faults()
        self.now, self.latest, self.mono_s = NOW, NOW, 1000.0
        self.parties = {
            name: Party(name, self.faults, self.ledger, lacks, size) for name, size in SIZES.items()
        }
        self.keys = dict.fromkeys(SIZES, (1, frozenset({1})))
        self._phases = dict.fromkeys(SIZES, 0)

    def tick(self, party: str, number: int = 0) -> None:
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        """Everybody awake keeps its turn."""
        self.now += timedelta(seconds=seconds)
        self.mono_s += seconds
        for party in (OPERATOR, PLATFORM):
            for number in (0, 1):
                self._keep(party, number)

    def jump(self, seconds: float) -> None:
        self.latest = max(self.latest, self.now)
        self.now += timedelta(seconds=seconds)

    def pause(self, party: str, number: int) -> None:
        own = self.parties[party]
        if not own.workers[number].paused:
            own.workers[number].at_work = own.works(number, self.mono_s)
            own.workers[number].paused = True

    def wake(self, party: str, number: int) -> None:
        """It goes on in the middle of what it was at."""
        worker = self.parties[party].workers[number]
        if not worker.paused:
            return
        worker.paused = False
        if worker.at_work:
            self._guarded((party, number), lambda: self._work(party, number))
            worker.at_work = False
        self._keep(party, number)

    def take_over(self, party: str) -> None:
        for number, worker in enumerate(self.parties[party].workers):
            if worker.epoch:
                self.pause(party, number)
        for _ in range(3):
            self.pass_time(SILENT_S / 2 + KEEP_EVERY_S)

    def crashed(self, process: Process) -> None:
        self.parties[process[0]].crashed(process[1])

    def power_loss(self, party: str) -> None:
        self.parties[party].power_loss()

    def checkpoint(self, party: str) -> None:
        self.parties[party].sync()

    def rotate(self, party: str) -> None:
        """A new key is known, then it signs, then the old one is forgotten."""
        signs, known = self.keys[party]
        phase = self._phases[party] = self._phases[party] % 3 + 1
        if phase == 1:
            self.keys[party] = (signs, known | {signs + 1})
        elif phase == 2:
            self.keys[party] = (signs + 1, known)
        else:
            self.keys[party] = (signs, frozenset({signs}))

    def heal(self) -> None:
        """Every fault is over, the clocks are right."""
        self.faults.heal()
        for party in SIZES:
            while self._phases[party] % 3:
                self.rotate(party)
        for party in (OPERATOR, PLATFORM):
            for number in (0, 1):
                self.wake(party, number)
        self.jump(max((self.latest - self.now).total_seconds(), 0.0))

    def _taken_over(self, process: Process) -> None:
        """While its exchange lasts a process stands still, and another one works."""
        party, number = process
        if party == DISPATCH or self.parties[party].workers[number].paused:
            return
        worker = self.parties[party].workers[number]
        worker.paused = True
        for _ in range(3):
            self.pass_time(SILENT_S / 2 + KEEP_EVERY_S)
        self.tick(party, 1 - number)
        worker.paused = False

    def _work(self, party: str, number: int) -> None:
        raise NotImplementedError

    def _keep(self, party: str, number: int) -> None:
        own = self.parties[party]
        self._guarded((party, number), lambda: own.keep(number, self.mono_s, self.now))

    def _commit(
        self, party: str, number: int, work: Callable[[Held], Any], *, fenced: bool = False
    ) -> Any:
        return self.parties[party].commit(number, work, fenced=fenced)

    def _guarded(self, process: Process, work: Callable[[], Any]) -> Any:
        """What ``work`` returns; None where it failed, or somebody died of it."""
        try:
            return work()
        except Killed as killed:
            self.crashed(killed.process)
        except (VgigwError, Refused):
            return None
        return None


Keyed = dict[tuple[str, Any], str]


def facts_of(operator: Held, platform: Held) -> Facts:
    """What the plain values say, in the words of the invariants."""
    state = platform.stream
    known = set(range(state.begin, state.highest + 1)) if state else set()
    missing = numbers_in(state.missing) if state else set()
    letters = {"platform": operator.letters, "operator": platform.letters}
    once = sorted(platform.applied)
    twice = [f"record {a}" for a, b in pairwise(once) if a == b]
    twice += [f"command {name}" for name, times in operator.executed.items() if times > 1]
    taken: Keyed = {("command", name): "" for name in operator.commands}
    own: Keyed = {("record", n): text for n, text in operator.records.items()}
    stored: Keyed = {("record", n): text for n, text in platform.records.items()}
    issued: Keyed = {("command", name): what for name, (what, _) in platform.replies.items()}
    notes = [*operator.letters, *platform.letters]
    waiting = [f"a letter, {each.kind}" for each in notes if each.state == "waiting"]
    open_gaps = numbers_in(platform.gaps)
    newest = {STREAM: record(max(platform.records)).data_time} if platform.records else {}
    return Facts(
        durable={
            "operator": own | taken,
            "platform": stored | issued,
        },
        twice=tuple(twice),
        watermarks={} if state is None else {STREAM: state.contiguous},
        known=frozenset(known),
        missing=frozenset(missing),
        open_gaps=frozenset(open_gaps),
        declared=frozenset(platform.declared),
        sent={place: keys_of(found, "delivered") for place, found in letters.items()},
        arrived=frozenset(stored) | frozenset(taken),
        under_way=keys_of(notes, "waiting"),
        dead=keys_of(notes, "dead"),
        unalarmed=(),
        late=tuple(operator.late),
        untraced=tuple(_untraced(platform)),
        newest=newest,
        marked_live=(),
        waiting=(*waiting, *(f"the gap at {n}" for n in open_gaps), *platform.jobs),
        recalled=dict(platform.brought),
    )


def numbers_in(ranges: Iterable[Range | Gap]) -> set[int]:
    """All of them."""
    return {number for each in ranges for number in range(each.first, each.last + 1)}


def keys_of(notes: Iterable[Note], state: str) -> frozenset[tuple[str, Any]]:
    """What those bring that are in ``state``."""
    found = [note for note in notes if note.state == state]
    records = {("record", n) for note in found if note.kind == "records" for n in note.keys}
    return frozenset(records | {("command", n.keys[0]) for n in found if n.kind == "control"})


def _untraced(platform: Held) -> list[str]:
    return [
        f"{note.keys[0]} is {note.state}, with {platform.hops[note.keys[0]]}"
        for note in platform.letters
        if note.kind == "control"
        and platform.hops[note.keys[0]][:3]
        != ["stored", "queued", *([note.state] if note.state != "waiting" else [])]
    ]
