"""How the records of a key ring change: one comes, one is in the place of another, one ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, LinkKey
from vgigw.crypto.secret_sets import MOST_IN_USE
from vgigw.errors import Misconfigured

Records = tuple[KeyRecord, ...]


class Place(NamedTuple):
    """Whose key, and which."""

    party: str
    key_id: str


def found(records: Records, place: Place) -> KeyRecord:
    """The key at ``place``. Raises :class:`~vgigw.errors.Misconfigured`."""
    for record in records:
        if (record.party, record.key_id) == place:
            return record
    raise Misconfigured(f"no key {place.key_id} of {place.party}")


def added(records: Records, record: KeyRecord) -> Records:
    """With one more, whose name is new. Raises :class:`~vgigw.errors.Misconfigured`."""
    if any((one.party, one.key_id) == (record.party, record.key_id) for one in records):
        raise Misconfigured(f"key {record.key_id} of {record.party} stands there already")
    if not record.algorithm.serves(record.purpose):
        raise Misconfigured(f"a key of {record.algorithm} cannot {record.purpose.value}")
    # Id and dates are checked by what suites use.
    link_key(record, None)
    if record.algorithm is Algorithm.SECRETS:
        _check_set(records, record)
    return (*records, record)


def _check_set(records: Records, record: KeyRecord) -> None:
    """A set is for one peer, which tries not too many at a time."""
    if record.peer in (None, record.party):
        raise Misconfigured("a set of secrets is for one peer; name it")
    others = [
        one
        for one in records
        if one.algorithm is Algorithm.SECRETS
        and (one.party, one.peer) == (record.party, record.peer)
        and one.state is not KeyState.REVOKED
    ]
    if any(one.public == record.public for one in records):
        raise Misconfigured("these secrets stand there already, under another name")
    begins = {one.not_before for one in others} | {record.not_before}
    for instant in begins:
        at_once = sum(one.not_before <= instant <= one.not_after for one in (*others, record))
        if record.not_before <= instant <= record.not_after and at_once > MOST_IN_USE:
            raise Misconfigured(
                f"{MOST_IN_USE} sets of {record.party} for {record.peer} are valid at that time; "
                "revoke one that is not used any more"
            )


def replaced(records: Records, new: KeyRecord) -> Records:
    """With ``new`` in the place of its name."""
    place = (new.party, new.key_id)
    return tuple(new if (one.party, one.key_id) == place else one for one in records)


def succeeded(
    records: Records, place: Place, successor: KeyRecord, overlap: timedelta, *, at_once: bool
) -> Records:
    """The key at ``place`` ends ``overlap`` after its successor begins; ``at_once`` it makes
    nothing that is new. Raises :class:`~vgigw.errors.Misconfigured`."""
    old = found(records, place)
    if old.state is not KeyState.ACTIVE:
        raise Misconfigured(f"key {place.key_id} is {old.state}; only an active key is rotated")
    # One that has not begun yet ends as soon as it can.
    first_end = old.not_before + timedelta(seconds=1)
    last = max(min(old.not_after, successor.not_before + overlap), first_end)
    state = KeyState.RETIRING if at_once else KeyState.ACTIVE
    ended = msgspec.structs.replace(old, not_after=last, state=state)
    return added(replaced(records, ended), successor)


def revoked(records: Records, place: Place) -> Records:
    """The key at ``place`` is never used again; a private one is erased."""
    old = found(records, place)
    gone = msgspec.structs.replace(old, state=KeyState.REVOKED, sealed=None)
    return replaced(records, gone)


def link_key(record: KeyRecord, key: Any) -> LinkKey[Any]:
    """The record as suites use it, with its handle."""
    return LinkKey(
        key_id=record.key_id,
        purpose=record.purpose,
        key=key,
        not_before=record.not_before,
        not_after=record.not_after,
        state=record.state,
        certificates=record.certificates,
    )


def ends(record: KeyRecord, last: datetime) -> KeyRecord:
    """The same, which ends at ``last`` where that is earlier."""
    return msgspec.structs.replace(record, not_after=min(record.not_after, last))
