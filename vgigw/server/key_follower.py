"""The key ring follows what peers tell of their keys: new ones come, old ones end. ACC-5.8.

A notice came to the store by a genuine message: signed by a key of its sender that was valid then,
and for keys of the sender only. Here it comes into the ring of this machine, of which there may be
several on one store. What is done is in the audit, without the key.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec

from vgigw.crypto.certificate_check import CertificateCheck, Checked
from vgigw.crypto.key_authority import EVERYBODY, trusted_for
from vgigw.crypto.key_life import Told
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord as RingRecord
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.errors import InvalidObject, KeyUnusable, Misconfigured
from vgigw.handlers.audit import Audit, Entry
from vgigw.handlers.key_material import ToldKey, told_key
from vgigw.handlers.keys import MOST_KEYS_OF_A_PARTY, notices
from vgigw.objects import KeyRecord
from vgigw.objects.security import KeyState as ToldState
from vgigw.ports import Identity, Observer, Store

ALL_EVERY: Final = timedelta(seconds=20)
"""How often every notice is looked at; in between only those of the last minutes."""

_LATELY: Final = timedelta(minutes=2)
"""What one machine keeps may be dated by a clock that is behind ours, and be seen late."""

ACTION: Final = "FollowKeyChange"
"""In the audit."""


class KeyFollower:
    """Brings notices of ``followed`` parties, and of our own keys that end, into ``ring``."""

    def __init__(
        self,
        ring: KeyRing,
        identity: Identity,
        store: Store,
        followed: Collection[str],
        observer: Observer,
    ) -> None:
        self._ring, self._identity, self._store = ring, identity, store
        self._followed, self._observe = tuple(followed), observer
        self._audit = Audit(identity)
        self._last_whole: datetime | None = None
        self._done: dict[tuple[str, str], KeyRecord] = {}
        self._refused: dict[tuple[str, str], tuple[KeyRecord, str]] = {}

    def follow(self, now: datetime) -> int:
        """Look for notices that are new here; how many changed the ring."""
        whole = self._last_whole is None or now - self._last_whole >= ALL_EVERY
        since = None if whole else now - _LATELY
        owners = (*self._followed, self._ring.own)
        found = self._store.read(
            lambda view: [each for owner in owners for each in notices(view, owner, since)]
        )
        changed = sum(self._apply(each, now) for each in found)
        if whole:
            self._last_whole = now
            self._forget_all_but({(each.owner_id, each.key_id) for each in found})
        return changed

    def _forget_all_but(self, known: Collection[tuple[str, str]]) -> None:
        """What is kept here is of notices that are kept there."""
        self._done = {name: done for name, done in self._done.items() if name in known}
        self._refused = {name: why for name, why in self._refused.items() if name in known}

    def _apply(self, notice: KeyRecord, now: datetime) -> bool:
        """Whether ``notice`` changed the ring. One that cannot be taken is tried again, as whoever
        keeps the ring may change that, and told once."""
        name = (notice.owner_id, notice.key_id)
        if self._done.get(name) == notice:
            return False
        try:
            changed = self._followed_by(notice, now)
        except (Misconfigured, InvalidObject) as fault:
            if self._refused.get(name) != (notice, fault.message):
                self._refused[name] = (notice, fault.message)
                self._tell(notice, KeyUnusable.ret, now, why=fault.message)
            return False
        self._done[name] = notice
        if changed:
            self._tell(notice, 0, now)
        return changed

    def _followed_by(self, notice: KeyRecord, now: datetime) -> bool:
        key = told_key(notice)
        ours = notice.owner_id == self._ring.own
        if key is None or (ours and notice.state is not ToldState.REVOKED):
            return False
        place, state = Place(notice.owner_id, notice.key_id), _STATES[notice.state]
        if state is KeyState.PENDING and notice.not_before > now:
            # Its dates say when it begins, and no message needs to.
            state = KeyState.ACTIVE
        known = any((one.party, one.key_id) == place for one in self._ring.records())
        offered = None
        if not (ours or known or state is KeyState.REVOKED or key.public is None):
            offered = self._offered(place, notice, key, state, now)
        told = Told(state, notice.not_after, notice.fingerprint.lower(), offered)
        return self._ring.follow(place, told)

    def _offered(
        self, place: Place, notice: KeyRecord, key: ToldKey, state: KeyState, now: datetime
    ) -> RingRecord:
        """The record of a key that is not in the ring yet. Raises ``Misconfigured``."""
        held = sum(1 for one in self._ring.records() if one.party == place.party)
        if held >= MOST_KEYS_OF_A_PARTY:
            raise Misconfigured(f"{held} keys of this party are in the ring; it gets no more")
        begin, end = notice.not_before, notice.not_after
        chain: tuple[bytes, ...] = ()
        if key.certificates:
            checked = self._checked(place.party, key, now)
            chain = checked.certificates
            begin, end = max(begin, checked.not_before), min(end, checked.not_after)
        elif self._are_certified(place.party):
            raise Misconfigured("the keys of this party have certificates, and this one has none")
        return RingRecord(
            party=place.party,
            key_id=place.key_id,
            algorithm=key.algorithm,
            purpose=key.purpose,
            not_before=begin,
            not_after=end,
            public=key.public or b"",
            state=state,
            chain=chain or msgspec.UNSET,
        )

    def _checked(self, party: str, key: ToldKey, now: datetime) -> Checked:
        """By those whom the ring trusts for the party; with nobody there, its own word counts, but
        not where somebody was and ended."""
        check = CertificateCheck(self._ring.provider, now)
        authorities = trusted_for(self._ring, party, now)
        if authorities or self._had_authority(party):
            return check.trusted(key.certificates, authorities, key.purpose, party)
        return check.pinned(key.certificates, key.purpose)

    def _are_certified(self, party: str) -> bool:
        """Whether any key of the party ever had a certificate, or somebody vouches for it: who
        stole one key must not bring another by taking the first one away."""
        certified = any(
            one.certificates
            for one in self._ring.records()
            if one.party == party and one.purpose is not Purpose.ISSUE
        )
        return certified or self._had_authority(party)

    def _had_authority(self, party: str) -> bool:
        return any(
            one.party in (party, EVERYBODY)
            for one in self._ring.records()
            if one.purpose is Purpose.ISSUE
        )

    def _tell(
        self, notice: KeyRecord, result: int, now: datetime, *, why: str | None = None
    ) -> None:
        """In the log, and in the audit: whose key, and what became of it; never the key."""
        owner, state = notice.owner_id, notice.state.name.lower()
        event = "key.followed" if result == 0 else "key.not-followed"
        self._observe(event, peer=owner, key_id=notice.key_id, state=state, ret=result, why=why)
        peer = self._identity.peers.get(owner)
        role = self._identity.role if peer is None else peer.role
        entry = Entry(owner, role.value, ACTION, f"{owner}/{notice.key_id}/{state}", result)
        self._store.write(lambda tx: self._audit.note(entry, tx, now))


_STATES: Final = {each: KeyState(each.name.lower()) for each in ToldState}
