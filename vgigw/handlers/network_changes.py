"""Parties whose network changed: noted when seen, held or only told of as the profile says.

PLT-8.11b. A message that is refused leaves nothing in the store. So a change is noted in memory,
one entry for a party and a kind of change, and written with what else each process tells.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final, NamedTuple

from vgigw.errors import NotApproved
from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.handlers.audit import Audit, Entry
from vgigw.handlers.standing import Standing, found_standing, hold_access, standing_of
from vgigw.objects import AlarmDomain, AlarmLevel, AlarmObjectKind
from vgigw.operations import Role
from vgigw.ports import Call, Identity, OnChange, Peer, Transaction, View
from vgigw.rules.access import SHUT
from vgigw.rules.network_change import WORDS, Change, change_of

CODES: Final = frozenset(change.value for change in Change)


class Noted(NamedTuple):
    """How often a change was seen since it was written, and from where and by what last."""

    times: int = 1
    source: str = ""
    certificate: str = ""


Changes = dict[tuple[str, Change], Noted]


class NetworkChanges:
    """The changes that one process saw. Any number of threads may note some."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._audit = Audit(identity)
        self._noted: Changes = {}
        self._lock = threading.Lock()

    def note(self, call: Call, change: Change) -> None:
        """Note what a genuine call shows; quick, and no more is kept the more come."""
        key = call.peer.operator_id, change
        with self._lock:
            before = self._noted.get(key)
            times = before.times + 1 if before else 1
            self._noted[key] = Noted(times, call.source, call.certificate)

    def taken(self) -> Changes:
        """What there is to write, which is forgotten here."""
        with self._lock:
            noted, self._noted = self._noted, {}
        return noted

    def again(self, noted: Changes) -> None:
        """What could not be written is to be written still."""
        with self._lock:
            self._noted = noted | self._noted

    def write(self, noted: Changes, tx: Transaction, now: datetime) -> None:
        """Raise the alarms, and hold who is to be held; what was approved since is no change."""
        for (party, change), seen in noted.items():
            peer, standing = self._identity.peers[party], found_standing(tx, party)
            if change_in(peer, standing, seen.source, seen.certificate) is change:
                self.changed(party, change, seen, tx, now)

    def changed(
        self, party: str, change: Change, seen: Noted, tx: Transaction, now: datetime
    ) -> None:
        """One alarm of a change; held is who is to be held and is not on its way back already."""
        identity, peer = self._identity, self._identity.peers[party]
        alarm = raise_alarm(
            identity, matter(party, change), tx, now, detail=WORDS[change], times=seen.times
        )
        gives_access = identity.role is Role.PLATFORM
        holds = gives_access and peer.upon_change is OnChange.HOLD
        if holds and not is_shut(identity, party, tx):
            hold_access(identity, party, tx, now)
        if (alarm.repeat_count or 0) < seen.times:
            code = 0 if peer.upon_change is OnChange.ALARM else NotApproved.ret
            entry = Entry(party, peer.role.value, change.value, party, code)
            self._audit.note(entry, tx, now, seen.source)


def change_in(
    peer: Peer, standing: Standing | None, source: str, certificate: str
) -> Change | None:
    """What changed of ``peer``, if it calls from ``source`` by ``certificate``: is neither what the
    configuration names, where it names any, nor what was approved since."""
    networks, certificates = peer.networks, peer.certificates
    if standing is not None:
        networks = networks and networks + standing.networks
        certificates = certificates and certificates + standing.certificates
    return change_of(source, certificate, networks, certificates)


def matter(party: str, change: Change) -> Matter:
    """The matter of a party whose network changed."""
    return Matter(
        code=change.value,
        domain=AlarmDomain.INFORMATION_SECURITY,
        object_kind=AlarmObjectKind.PARTY,
        object_id=party,
        level=AlarmLevel.MAJOR,
    )


def is_shut(identity: Identity, party: str, view: View) -> bool:
    """Whether ``party`` is held, on its way back, or has no access."""
    return standing_of(view, identity, party).stage in SHUT
