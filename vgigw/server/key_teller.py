"""Peers are told of our keys by themselves: of each that their link uses, in each state. ACC-5.8.

What the ring holds is compared with what was told, which stands in the store: so a key that a
command makes, rotates or revokes beside a running server is told, once to each peer and state,
by whichever process sees it first. The outbox sees to the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from vgigw.crypto.key_algorithms import Algorithm, algorithms_of, fingerprint_of
from vgigw.crypto.key_life import Stage, state_at
from vgigw.crypto.key_ring import KeyRing
from vgigw.crypto.key_ring_file import KeyRecord as RingRecord
from vgigw.crypto.link_keys import Purpose
from vgigw.errors import IllegalState, KeyUnusable
from vgigw.handlers.key_material import PURPOSES, material
from vgigw.handlers.keys import was_told
from vgigw.objects import KeyRecord
from vgigw.objects.security import KeyState
from vgigw.operations import NOTIFY_KEY_CHANGE
from vgigw.ports import Observer, Peer

if TYPE_CHECKING:
    from vgigw.gateway import Gateway

_AFTERWARDS: Final = timedelta(days=1)
_PURPOSES: Final = {ours: theirs for theirs, ours in PURPOSES.items()}


class KeyTeller:
    """Tells those of ``told`` (operator ids) that can be called of the keys of ``ring``."""

    def __init__(
        self, ring: KeyRing, gateway: Gateway, told: Collection[str], observer: Observer
    ) -> None:
        self._ring, self._gateway, self._observe = ring, gateway, observer
        role = gateway.identity.role
        peers = (gateway.identity.peers[each] for each in told)
        self._peers = [
            each for each in peers if each.paths and NOTIFY_KEY_CHANGE.may_call(role, each.role)
        ]
        self._known: set[tuple[str, str, KeyState]] = set()

    def tell(self, now: datetime) -> int:
        """Put what is new into the outbox; how many notices."""
        return sum(self._tell(peer, record, now) for peer, record in self._new(now))

    def _new(self, now: datetime) -> list[tuple[Peer, KeyRecord]]:
        """What was not told yet, as far as the store knows."""
        records = self._ring.records()
        open_ones = [
            (peer, notice)
            for peer in self._peers
            for notice in _notices(self._ring.own, peer, records, now)
            if (peer.operator_id, notice.key_id, notice.state) not in self._known
        ]
        if not open_ones:
            return []
        return self._gateway.store.read(
            lambda view: [
                (peer, notice)
                for peer, notice in open_ones
                if not was_told(view, peer.operator_id, notice.key_id, notice.state)
                or self._remember(peer, notice)
            ]
        )

    def _tell(self, peer: Peer, notice: KeyRecord, now: datetime) -> bool:
        until = None if notice.state is KeyState.REVOKED else notice.not_after
        told, party = "key.told", peer.operator_id
        try:
            self._gateway.send(party, NOTIFY_KEY_CHANGE, notice, now, valid_until=until)
        except IllegalState:
            # Another process was quicker, or another machine is further on with this key.
            told = ""
        except KeyUnusable:
            # Peers know another key by this name, and would refuse this one, too.
            told = "key.not-told"
        self._remember(peer, notice)
        if told:
            state = notice.state.name.lower()
            self._observe(told, peer=party, key_id=notice.key_id, state=state)
        return told == "key.told"

    def _remember(self, peer: Peer, notice: KeyRecord) -> bool:
        self._known.add((peer.operator_id, notice.key_id, notice.state))
        return False


def _notices(
    own: str, peer: Peer, records: tuple[RingRecord, ...], now: datetime
) -> Iterator[KeyRecord]:
    """What there is to tell ``peer`` of our keys, in the order in which they began."""
    for record in sorted(records, key=lambda one: one.not_before):
        stage = state_at(record, records, now)
        is_of_link = (
            record.party == own
            and record.purpose is not Purpose.ISSUE
            and record.peer in (None, peer.operator_id)
            and record.algorithm in algorithms_of(peer.suite)
        )
        # A message may be as old as its window, so that a key is worth revoking after its end.
        last = record.not_after + (_AFTERWARDS if stage is Stage.REVOKED else timedelta())
        if is_of_link and stage is not Stage.EXPIRED and now <= last:
            yield notice_of(record, KeyState[stage.name])


def notice_of(record: RingRecord, state: KeyState) -> KeyRecord:
    """What is told of a key of ours in ``state``: of one that is revoked without the key, and of a
    set of secrets never with it."""
    alone = state is KeyState.REVOKED or record.algorithm is Algorithm.SECRETS
    return KeyRecord(
        key_id=record.key_id,
        owner_id=record.party,
        purpose=_PURPOSES[record.purpose],
        algorithm=record.algorithm.value.upper(),
        not_before=record.not_before,
        not_after=record.not_after,
        state=state,
        fingerprint=fingerprint_of(record.public),
        wrapped_key=None if alone else material(record.public, record.certificates),
    )
