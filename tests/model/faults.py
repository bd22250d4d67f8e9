"""What befalls gateways in a model: full disks, processes that die, links that do not carry.

A fault is laid ready for a party; the next commit or exchange that it fits meets it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable, StoreFull
from vgigw.ports import Sender, Store, Transaction, View

T = TypeVar("T")

Process = tuple[str, int]
"""A party, and which of its processes."""


class Killed(BaseException):
    """A process is no more; nothing below the model may catch this."""

    def __init__(self, process: Process) -> None:
        self.process = process
        super().__init__(process)


class OnLink(StrEnum):
    """What happens to one exchange of a party."""

    DROP = "drop"
    LOSE_ANSWER = "lose answer"
    TWICE = "deliver twice"
    HOLD = "deliver later"
    DIE_AFTER_SEND = "die after send, before mark"
    TAKEN_OVER = "taken over between send and mark"


class AtCommit(StrEnum):
    """What happens to one commit of a party."""

    DIE_BEFORE = "die before commit"
    DIE_AFTER = "die after commit, before answer"


class Faults:
    """Those that are laid ready, and the parties whose disk is full or whose links are down."""

    def __init__(self) -> None:
        self.links: dict[str, deque[OnLink]] = defaultdict(deque)
        self.commits: dict[str, deque[AtCommit]] = defaultdict(deque)
        self.full: set[str] = set()
        self.down: set[str] = set()

    def heal(self) -> None:
        """Nothing befalls anybody any more."""
        self.links.clear()
        self.commits.clear()
        self.full.clear()
        self.down.clear()

    def at_commit(self, party: str) -> AtCommit | None:
        waiting = self.commits[party]
        return waiting.popleft() if waiting else None

    def on_link(self, party: str) -> OnLink | None:
        waiting = self.links[party]
        return waiting.popleft() if waiting else None


class _Undone(Exception):
    """Ends a transaction without a trace."""


class ProcessStore:
    """The store of one process, which dies before or after a commit, or finds the disk full.

    ``acknowledges_early`` is the wrong variant: what dies before its commit was answered before.
    """

    acknowledges_early = False

    def __init__(
        self,
        process: Process,
        inner: Callable[[], Store],
        faults: Faults,
        begun: Callable[[], None],
        changed: Callable[[Transaction], Callable[[], None]],
        proxy: Callable[[Transaction], Transaction],
        *,
        dies: bool = True,
    ) -> None:
        self._process = process
        self._inner = inner
        self._faults = faults
        self._begun, self._changed = begun, changed
        self._proxy, self._dies = proxy, dies

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See :class:`vgigw.ports.Store`. Raises ``Killed``, which no gateway catches."""
        party = self._process[0]
        fault = self._faults.at_commit(party) if self._dies else None
        undo = fault is AtCommit.DIE_BEFORE or party in self._faults.full
        found: list[T] = []
        told: list[Callable[[], None]] = []

        def act(tx: Transaction) -> None:
            self._begun()
            found.append(work(self._proxy(tx)))
            told.append(self._changed(tx))
            if undo:
                raise _Undone

        try:
            self._inner().write(act)
        except _Undone:
            if fault is None:
                raise StoreFull("no space") from None
            if not self.acknowledges_early:
                raise Killed(self._process) from None
            return found[0]
        told[0]()
        if fault is AtCommit.DIE_AFTER:
            raise Killed(self._process)
        return found[0]

    def read(self, query: Callable[[View], T]) -> T:
        """See :class:`vgigw.ports.Store`."""
        return self._inner().read(query)

    def close(self) -> None:
        """It is the party's, and stays open."""


class Link:
    """The sender of one process."""

    def __init__(
        self,
        process: Process,
        inner: Sender,
        faults: Faults,
        *,
        died: Callable[[Process], None],
        taken_over: Callable[[Process], None],
    ) -> None:
        self._process = process
        self._inner = inner
        self._faults = faults
        self._died = died
        self._taken_over = taken_over
        self.held: list[tuple[str, WireRequest]] = []

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        """See :class:`vgigw.ports.Sender`."""
        party = self._process[0]
        other = base.partition("://")[2].partition("/")[0]
        if {party, other} & self._faults.down:
            raise PeerUnreachable()
        fault = self._faults.on_link(party)
        if fault is OnLink.HOLD:
            self.held.append((base, request))
        if fault in (OnLink.HOLD, OnLink.DROP):
            raise PeerUnreachable()
        if fault is OnLink.TWICE:
            self.deliver(base, request)
        answer = self.deliver(base, request)
        if fault is OnLink.LOSE_ANSWER:
            raise PeerUnreachable()
        if fault is OnLink.DIE_AFTER_SEND:
            raise Killed(self._process)
        if fault is OnLink.TAKEN_OVER:
            self._taken_over(self._process)
        return answer

    def deliver(self, base: str, request: WireRequest) -> WireAnswer:
        """To whoever is there; raises ``PeerUnreachable`` where that one dies of it."""
        try:
            return self._inner.exchange(base, request)
        except Killed as killed:
            self._died(killed.process)
            raise PeerUnreachable() from None
