"""A world of the pure rules: the same messages and faults in a small surrounding of plain values.

Sequence, gaps, recall, retry, lease, freshness and the life of a command are those of
``vgigw.rules``; around them there is no more than it takes to send and to commit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Final

from tests.model.broken import Lacks
from tests.model.faults import Process
from tests.model.ledger import Facts, Recalled
from tests.model.plain import Held, Note
from tests.model.plain_links import PlainLinks
from tests.model.plain_processes import facts_of
from tests.model.plain_receiving import Refused, Wire, content, filled
from tests.trio import DISPATCH, OPERATOR, PLATFORM
from vgigw.errors import PeerUnreachable, VgigwError
from vgigw.rules import gap, retry

LASTS_S: Final = 120
_ROUNDS: Final = 60


class RulesWorld(PlainLinks):
    """What the rules of the machine do to plain values."""

    def __init__(self, lacks: Lacks = frozenset()) -> None:
        super().__init__(lacks)
        self.commands: dict[str, tuple[str, datetime]] = {}
        self.replies: dict[str, str] = {}
        self.batches: list[tuple[int, int]] = []
        self._names = count(1)
        self.pass_time(1.0)
        self.pass_time(1.0)

    # --- what is sent ------------------------------------------------------------------------

    def measure(self, size: int, number: int) -> None:
        """Numbers and their letter in one transaction of a process of the operator."""
        own = self.parties[OPERATOR].workers[number]
        if own.paused:
            return

        def work(held: Held) -> list[int]:
            first = held.number if own.counted is None else own.counted
            held.number = max(held.number, first + size)
            given = list(range(first + 1, first + size + 1))
            if "numbers in the transaction" in self.lacks:
                own.counted = given[-1]
            held.records |= {n: content(n) for n in given}
            held.letters.append(Note("records", tuple(given), self.now, self.now))
            return given

        given = self._guarded((OPERATOR, number), lambda: self._commit(OPERATOR, number, work))
        if given:
            self.ledger.numbers += given
            self.batches.append((given[0], given[-1]))
            for each in given:
                self.ledger.acknowledge("operator", ("record", each), content(each))

    def again(self, place: int, *, other: bool) -> None:
        if not self.batches:
            return
        first, last = self.batches[place % len(self.batches)]
        contents = {n: "other" if other else content(n) for n in range(first, last + 1)}
        held = self.parties[PLATFORM].held.records.keys() & contents.keys()
        told = self._told(OPERATOR, PLATFORM, "records", contents)
        if told is None:
            return
        if other:
            if not held:
                self.batches.remove((first, last))
        else:
            for each in contents:
                self.ledger.acknowledge("platform", ("record", each), content(each))

    def command(self) -> None:
        name = f"C{next(self._names)}"
        self.commands[name] = ("as issued", self.now + timedelta(seconds=LASTS_S))
        self.issue(name)

    def issue(self, name: str, *, other: bool = False) -> None:
        what, until = self.commands[name]
        key = ("command", name)
        body = (name, "other" if other else what, until)
        told = self._told(DISPATCH, PLATFORM, "command", body, refusals=True)
        if isinstance(told, str) and other and name in self.replies:
            self.ledger.conflicts.append((key, not told.startswith("refused")))
        elif isinstance(told, str) and not other:
            if name in self.replies:
                self.ledger.replies.append((key, self.replies[name], told))
            if not told.startswith("refused"):
                self.replies.setdefault(name, told)
                self.ledger.acknowledge("platform", key, what)
        elif isinstance(told, str) and not told.startswith("refused"):
            self.commands[name] = ("other", until)

    def recall(self, first: int, size: int) -> None:
        name = f"R{next(self._names)}"
        asked = range(first, first + size)
        told = self._told(DISPATCH, PLATFORM, "recall", (name, first, first + size - 1))
        if told is not None:
            stored = frozenset(asked) & self.parties[PLATFORM].held.records.keys()
            self.ledger.recalls[name] = Recalled(
                asked=frozenset(asked), stored=stored, told=told, declared=frozenset()
            )

    def forge(self, how: str) -> None:
        signed = 0 if how != "old" else self.keys[OPERATOR][0]
        at = self.now - timedelta(hours=2) if how == "old" else self.now
        body = {901: content(901)}
        wire = Wire(OPERATOR, PLATFORM, "records", body, next(self._nonce), at, signed)
        with suppress(VgigwError, Refused):
            self._delivered(wire)
        taken = 901 in self.parties[PLATFORM].held.records
        self.ledger.forged.append((how, taken))

    # --- the clockwork -----------------------------------------------------------------------

    def tick(self, party: str, number: int = 0) -> None:
        own = self.parties[party]
        if number >= len(own.workers) or own.workers[number].paused:
            return
        if party != DISPATCH and own.works(number, self.mono_s):
            own.workers[number].at_work = True
            self._guarded((party, number), lambda: self._work(party, number))
            own.workers[number].at_work = False

    def _work(self, party: str, number: int) -> None:
        to = PLATFORM if party == OPERATOR else OPERATOR
        for place, note in enumerate(self.parties[party].held.letters):
            if note.state == "waiting" and note.next_at <= self.now:
                self._attempt((party, number), to, place, note)
        if party == PLATFORM:
            self._ask_for_gaps(number)
            self._feed_jobs(number)

    def _attempt(self, process: Process, to: str, place: int, note: Note) -> None:
        after = replace(note, attempts=note.attempts + 1)
        if note.until is not None and note.until <= self.now:
            after.state = "dead"
        else:
            body: Any = note.keys
            if note.kind == "records":
                held = self.parties[process[0]].held.records
                body = {n: held[n] for n in note.keys}
            try:
                self._exchange(process, to, note.kind, body)
                after.state = "delivered"
            except Refused as refused:
                after.state = "dead" if refused.final else "waiting"
            except PeerUnreachable:
                if "delivered when answered" in self.lacks:
                    after.state = "delivered"
            wait = "another attempt" in self.lacks
            after.next_at = retry.next_attempt(after.attempts, self.now, 0.5)
            after.next_at += timedelta(days=3650 if wait else 0)

        def work(held: Held) -> None:
            held.letters[place] = after
            if note.kind == "control" and after.state != "waiting":
                held.hops[note.keys[0]].append(after.state)

        self._commit(process[0], process[1], work, fenced=True)

    def _ask_for_gaps(self, number: int) -> None:
        for each in gap.due(self.parties[PLATFORM].held.gaps, self.now):
            asked = gap.asked(each, self.now)

            def note(held: Held, old: gap.Gap = each, new: gap.Gap = asked) -> None:
                held.gaps = tuple(sorted([*(g for g in held.gaps if g != old), new]))

            self._commit(PLATFORM, number, note, fenced=True)
            with suppress(PeerUnreachable, Refused):
                told = self._exchange((PLATFORM, number), OPERATOR, "gap", (each.first, each.last))
                work = partial(filled, told=told, now=self.now, lacks=self.lacks)
                self._commit(PLATFORM, number, work, fenced=True)

    def _feed_jobs(self, number: int) -> None:
        for name in list(self.parties[PLATFORM].held.jobs):

            def work(held: Held, job: str = name) -> None:
                held.brought[job] = frozenset(held.jobs.pop(job))

            self._commit(PLATFORM, number, work, fenced=True)

    # --- what there is -----------------------------------------------------------------------

    def facts(self) -> Facts:
        return facts_of(self.parties[OPERATOR].held, self.parties[PLATFORM].held)

    def settle(self) -> None:
        """Every fault is over, and everybody has time until nothing waits."""
        self.heal()
        for turn in range(_ROUNDS):
            self.pass_time(3.0 if turn < 8 else 31.0)
            for party in (OPERATOR, PLATFORM):
                for number in (0, 1):
                    self.tick(party, number)
            highest = max(self.parties[OPERATOR].held.records, default=0)
            if highest:
                self._told(OPERATOR, PLATFORM, "height", highest)
            if turn > 3 and not self.facts().waiting:
                return

    def close(self) -> None:
        """Nothing is left."""
