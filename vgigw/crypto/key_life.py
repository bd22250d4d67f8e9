"""Where a key of the ring stands in its life, and what its owner's word makes of it. ACC-5.8."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from vgigw.crypto.key_algorithms import fingerprint_of
from vgigw.crypto.key_ring_changes import Place, Records, added, ends, replaced, revoked
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.errors import Misconfigured


class Stage(StrEnum):
    """What state, dates and successor make of a key."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRING = "retiring"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Told(NamedTuple):
    """What the owner of a key says of it. ``offered`` is the record to keep where it is not there
    yet: with a key that was checked, in the state that was told; None where none came."""

    state: KeyState
    not_after: datetime
    fingerprint: str
    offered: KeyRecord | None


def state_at(record: KeyRecord, records: Records, now: datetime) -> Stage:
    """Where ``record``, one of ``records``, stands at ``now``."""
    if record.state is not KeyState.ACTIVE:
        return Stage(record.state.value)
    if now < record.not_before:
        return Stage.PENDING
    if now > record.not_after:
        return Stage.EXPIRED
    newer = record.purpose is not Purpose.ISSUE and any(
        (one.party, one.purpose, one.algorithm, one.peer)
        == (record.party, record.purpose, record.algorithm, record.peer)
        and one.state is KeyState.ACTIVE
        and record.not_before < one.not_before <= now <= one.not_after
        for one in records
    )
    return Stage.RETIRING if newer else Stage.ACTIVE


def followed(records: Records, place: Place, told: Told) -> Records:
    """The records after ``told``; the same ones where it changes nothing.

    A key goes forward in its life and never back, is never another, and lives no longer than it
    did. Raises :class:`~vgigw.errors.Misconfigured` for another key of the same name, and for one
    that is not there and did not come along.
    """
    held = next((one for one in records if (one.party, one.key_id) == place), None)
    if held is None:
        return _taken(records, told)
    if held.purpose is Purpose.ISSUE:
        raise Misconfigured("an authority is trusted, or not, by our own operator alone")
    if fingerprint_of(held.public) != told.fingerprint:
        raise Misconfigured("another key is known by this name")
    if held.state is KeyState.REVOKED:
        return records
    if told.state is KeyState.REVOKED:
        return revoked(records, place)
    # One that ends before it begins is no key: its old end stands.
    new = ends(held, told.not_after) if told.not_after > held.not_before else held
    if told.state is KeyState.RETIRING or (
        told.state is KeyState.ACTIVE and held.state is KeyState.PENDING
    ):
        new = msgspec.structs.replace(new, state=told.state)
    return records if new == held else replaced(records, new)


def _taken(records: Records, told: Told) -> Records:
    if told.state is KeyState.REVOKED:
        return records
    if told.offered is None:
        raise Misconfigured("the key is not known, and did not come along")
    return added(records, told.offered)
