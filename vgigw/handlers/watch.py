"""Watches what is refused and how the store stands, and raises alarms of our own. PLT-7.9c.

Refusals are counted in memory, for each peer and kind; whoever is no peer is one matter with all
other strangers, so that nobody can make us keep, or write, the more the more he sends. What was
counted is written every few seconds by each process, and what has been quiet for long is over. F57,
F66, F81, F82.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from vgigw.errors import NotFresh, StoreDamaged, StoreFull
from vgigw.handlers.alarm_raising import ALARMS, Matter, clear_alarm, raise_alarm
from vgigw.handlers.damaged import raise_store_damaged
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore
from vgigw.handlers.network_changes import CODES, Changes, NetworkChanges, is_shut
from vgigw.objects import AlarmDomain, AlarmEvent, AlarmLevel, AlarmObjectKind, AlarmState
from vgigw.ports import Identity, Refusal, Store, Strain, Transaction
from vgigw.rules.suspicion import (
    QUIET,
    SUSPICIONS,
    Count,
    Suspicion,
    counted,
    forgotten,
    ripe,
    told,
)

STORE_SHORT: Final = "STORE_SHORT"

_TELL_EVERY: Final = timedelta(seconds=5)
_LOOK_EVERY: Final = timedelta(seconds=2)
_STORE_QUIET: Final = timedelta(seconds=8)
_MOST_DAMAGED: Final = 100
_MIB: Final = 1024 * 1024


_AT_ONCE: Final = 256
"""Refusals that are counted together: the tally of a peer lies elsewhere in memory than that of all
strangers, and one by one their times would tell who is a peer (F84)."""


class _Seen(NamedTuple):
    """A kind of refusals of one party: how often, and what the last one said."""

    tally: Count
    last: Refusal


class _Short(NamedTuple):
    """Why bulk cannot be stored, and how the store stands where that is known."""

    why: str
    strain: Strain | None


_Counted = dict[tuple[int, str], _Seen]


class Watch:
    """The watch of one process. Any number of threads may tell it; one at a time writes."""

    def __init__(self, identity: Identity, changes: NetworkChanges | None = None) -> None:
        self._identity = identity
        self.changes = changes or NetworkChanges(identity)
        self._seen: _Counted = {}
        self._uncounted: list[Refusal] = []
        self._short: _Short | None = None
        self._damaged: dict[tuple[str, int | None], None] = {}
        self._told_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._lock = threading.Lock()

    def refused(self, refusal: Refusal) -> None:
        """Keep a refusal to be counted; of no use to a caller, and the same whoever it names."""
        error = refusal.error
        if isinstance(error, StoreDamaged):
            self.damaged(error)
            return
        if isinstance(error, StoreFull):
            self.short(error.message, None)
            return
        suspicion = SUSPICIONS.get(error.ret)
        if suspicion is None or refusal.claimed is None:
            return
        if suspicion.genuine and not refusal.genuine:
            return
        if isinstance(error, NotFresh) and error.ahead_s is None:
            return
        # Else the frames of its way would stay, and with them all that a stranger sent.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        with self._lock:
            self._uncounted.append(refusal)
            if len(self._uncounted) >= _AT_ONCE:
                self._count()

    def short(self, why: str, strain: Strain | None) -> None:
        """Bulk cannot be stored now; ``strain`` is how the store stands, where that is known."""
        with self._lock:
            self._short = _Short(why, strain)

    def damaged(self, fault: StoreDamaged) -> None:
        """A record of the store is not what was stored: one alarm a table, which stays."""
        with self._lock:
            if len(self._damaged) < _MOST_DAMAGED:
                self._damaged[fault.table, fault.row_id] = None

    def _count(self) -> None:
        """Count what was refused since the last time, whoever it names; with the lock."""
        for refusal in self._uncounted:
            party = refusal.claimed
            if party is None or party not in self._identity.peers:
                party = self._identity.operator_id
            key = refusal.error.ret, party
            before = self._seen.get(key)
            tally = counted(before.tally if before else None, refusal.now)
            self._seen[key] = _Seen(tally, refusal)
        self._uncounted.clear()

    def tell(self, store: Store, now: datetime) -> None:
        """Write down what there is to tell, every few seconds at most."""
        if self._told_at is not None and timedelta(0) <= now - self._told_at < _TELL_EVERY:
            return
        with self._lock:
            self._count()
            self._seen = {k: v for k, v in self._seen.items() if not forgotten(v.tally, now)}
            due = {k: v for k, v in self._seen.items() if ripe(SUSPICIONS[k[0]], v.tally)}
            short, damaged = self._short, tuple(self._damaged)
        noted = self.changes.taken()
        if not due and short is None and not noted and not damaged:
            return
        try:
            store.write(partial(self._raise, due, short, noted, now))
        except BaseException:
            self.changes.again(noted)
            raise
        if damaged:
            store.write(partial(self._raise_damaged, damaged, now))
        self._told_at = now
        with self._lock:
            self._short = None
            self._damaged = {each: None for each in self._damaged if each not in damaged}
            for key, seen in due.items():
                present = self._seen[key]
                more = present.tally.times - seen.tally.times
                self._seen[key] = present._replace(tally=told(present.tally)._replace(times=more))

    @chore
    def end(self, tx: Transaction, now: datetime) -> None:
        """Chore: what has been quiet for long is over, whichever process saw it last."""
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= now - looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        own = self._identity.operator_id
        open_ones = tx.documents(ALARMS.kind, owner=own, group=str(int(AlarmState.RAISED)))
        for document in open_ones:
            alarm = object_of(AlarmEvent, document.payload)
            quiet = _quiet_after(alarm.alarm_code)
            held = alarm.alarm_code in CODES and is_shut(self._identity, alarm.object_id, tx)
            if quiet is not None and now - document.at > quiet and not held:
                clear_alarm(
                    self._identity, self._matter(alarm.alarm_code, alarm.object_id), tx, now
                )

    def _raise(
        self, due: _Counted, short: _Short | None, noted: Changes, now: datetime, tx: Transaction
    ) -> None:
        self.changes.write(noted, tx, now)
        for (ret, party), seen in due.items():
            suspicion = SUSPICIONS[ret]
            value, threshold = self._measured(seen.last, party)
            raise_alarm(
                self._identity,
                self._matter(suspicion.code, party),
                tx,
                now,
                detail=self._words(suspicion, party, seen),
                value=value,
                threshold=threshold,
                times=seen.tally.times,
            )
        if short is not None:
            strain = short.strain
            free = None if strain is None else strain.free_bytes
            raise_alarm(
                self._identity,
                self._matter(STORE_SHORT, self._identity.operator_id),
                tx,
                now,
                detail=f"{short.why}; bulk is refused until there is space, see vgigw doctor",
                value=None if free is None else Decimal(free // _MIB),
            )

    def _raise_damaged(
        self, damaged: tuple[tuple[str, int | None], ...], now: datetime, tx: Transaction
    ) -> None:
        for table, row_id in damaged:
            raise_store_damaged(self._identity, table, row_id, tx, now)

    def _measured(self, last: Refusal, party: str) -> tuple[Decimal | None, Decimal | None]:
        """By how many seconds the clock of ``party`` is ahead of ours, and how many it may be."""
        error, peer = last.error, self._identity.peers.get(party)
        if not isinstance(error, NotFresh) or error.ahead_s is None or peer is None:
            return None, None
        return Decimal(round(error.ahead_s)), Decimal(self._identity.window_of(peer))

    def _words(self, suspicion: Suspicion, party: str, seen: _Seen) -> str:
        own = party == self._identity.operator_id
        whose = ", by parties that are no peers" if own else ""
        last, count = seen.last, seen.tally
        what = f"{last.door} {last.operation or ''}".strip()
        if isinstance(last.error, NotFresh):
            what += f": {last.error.message}"
        return (
            f"{suspicion.words}{whose}; {count.times} since {count.first_at:%H:%M:%S}Z, last {what}"
        )

    def _matter(self, code: str, party: str) -> Matter:
        """The matter of an alarm of ours; that of strangers is our own."""
        own = party == self._identity.operator_id
        store = code == STORE_SHORT
        return Matter(
            code=code,
            domain=AlarmDomain.PERFORMANCE if store else AlarmDomain.INFORMATION_SECURITY,
            object_kind=AlarmObjectKind.PLATFORM if own else AlarmObjectKind.PARTY,
            object_id=party,
            level=AlarmLevel.CRITICAL if store else AlarmLevel.MAJOR,
        )


def _quiet_after(code: str) -> timedelta | None:
    if code == STORE_SHORT:
        return _STORE_QUIET
    return QUIET if code in CODES | {each.code for each in SUSPICIONS.values()} else None
