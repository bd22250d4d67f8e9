"""The keys of one link out of a key ring, read anew by each who looks. ACC-5.8."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm
from vgigw.crypto.key_ring_changes import Records, link_key
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import LinkKey, Purpose
from vgigw.crypto.secret_sets import SecretSet

Handle = Callable[[KeyRecord], Any]


class RingKeys(Collection[LinkKey[Any]]):
    """Keys of a ring as they stand whenever somebody asks."""

    def __init__(self, look: Callable[[], list[LinkKey[Any]]]) -> None:
        self._look = look

    def __iter__(self) -> Iterator[LinkKey[Any]]:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())

    def __contains__(self, key: object) -> bool:
        return key in self._look()


def own_keys(
    records: Records, own: str, peer: str, suite: str, handle: Handle
) -> list[LinkKey[Any]]:
    """Our keys on the link with ``peer``; ``handle`` opens a private key. One that was revoked has
    none, and stands there so that nobody takes an older one for the newest."""
    return [
        link_key(record, None if record.sealed is None else handle(record))
        for record in records
        if record.party == own and record.peer in (None, peer) and _is_of_suite(record, suite)
    ]


def peer_keys(records: Records, peer: str, suite: str, handle: Handle) -> list[LinkKey[Any]]:
    """The keys of ``peer``; ``handle`` reads a public key."""
    return [
        link_key(record, handle(record))
        for record in records
        if record.party == peer and _is_of_suite(record, suite)
    ]


def sets_between(
    records: Records, issuer: str, user: str, handle: Callable[[KeyRecord], SecretSet | None]
) -> list[LinkKey[SecretSet]]:
    """The sets of secrets that ``issuer`` gave ``user``; ``handle`` opens one, as far as it can be
    opened still."""
    return [
        link_key(record, opened)
        for record in records
        if record.algorithm is Algorithm.SECRETS
        and (record.party, record.peer) == (issuer, user)
        and (opened := handle(record)) is not None
    ]


def _is_of_suite(record: KeyRecord, suite: str) -> bool:
    return record.algorithm in OF_SUITE[suite] and record.purpose is not Purpose.ISSUE
