"""The key ring: keys of ours and of our peers, with purpose, dates and state. ACC-5.8."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from vgigw.crypto.certificate_key import public_key_of_certificate
from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm, KeyForms, decrypted
from vgigw.crypto.key_ring_file import KeyRecord, KeyRingFile
from vgigw.crypto.link_keys import AnyLinkKeys, KeyState, LinkKey, LinkKeys, Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.crypto.sm2_pbes2 import encrypt_pbes2
from vgigw.errors import Misconfigured

OVERLAP: Final = timedelta(hours=24)
"""How long a rotation leaves to bring the new key to the peers, and then the old one to finish."""


class Place(NamedTuple):
    """Whose key, and which."""

    party: str
    key_id: str


class KeyRing:
    """The keys at ``path`` of the gateway ``own`` (operator id).

    Each change is on disk when its method returns, and in force with the next message of every
    process that reads the ring. All methods raise :class:`~vgigw.errors.Misconfigured`.
    """

    def __init__(
        self,
        path: Path,
        master: MasterKey,
        own: str,
        provider: Callable[[], Sm2SoftwareProvider] = sm2_provider,
    ) -> None:
        self._file = KeyRingFile(path, master)
        self._master = master
        self._forms = KeyForms(provider)
        self.own = own
        # Handles of keys are dear to make and met in each message.
        self._private = lru_cache(maxsize=64)(self._load_private)
        self._public = lru_cache(maxsize=1024)(self._forms.public)

    def records(self) -> tuple[KeyRecord, ...]:
        """All keys, as they stand now."""
        return self._file.read()

    def record(self, place: Place) -> KeyRecord:
        """The key at ``place``."""
        return _at(self.records(), place)

    def new(
        self,
        key_id: str,
        algorithm: Algorithm,
        purpose: Purpose,
        *,
        not_before: datetime,
        not_after: datetime,
        peer: str | None = None,
    ) -> KeyRecord:
        """Make a private key of ours, for all peers or for ``peer`` alone."""
        private = self._forms.generate(algorithm)
        dates = {"not_before": not_before, "not_after": not_after}
        record = self._own_record(key_id, algorithm, purpose, private, peer=peer, **dates)
        self._file.change(lambda records: _with(records, record))
        return record

    def import_public(
        self,
        place: Place,
        algorithm: Algorithm,
        purpose: Purpose,
        der: bytes,
        *,
        not_before: datetime,
        not_after: datetime,
    ) -> KeyRecord:
        """Take a peer's public key (SubjectPublicKeyInfo)."""
        if place.party == self.own:
            raise Misconfigured("a key of ours is imported with its private part")
        self._forms.public(algorithm, der)
        record = KeyRecord(
            party=place.party,
            key_id=place.key_id,
            algorithm=algorithm,
            purpose=purpose,
            not_before=not_before,
            not_after=not_after,
            public=der,
        )
        self._file.change(lambda records: _with(records, record))
        return record

    def import_private(
        self,
        key_id: str,
        algorithm: Algorithm,
        purpose: Purpose,
        der: bytes,
        passphrase: bytes,
        *,
        not_before: datetime,
        not_after: datetime,
        peer: str | None = None,
    ) -> KeyRecord:
        """Take a private key of ours from PKCS#8 that is encrypted with ``passphrase``."""
        private = decrypted(der, passphrase)
        dates = {"not_before": not_before, "not_after": not_after}
        record = self._own_record(key_id, algorithm, purpose, private, peer=peer, **dates)
        self._file.change(lambda records: _with(records, record))
        return record

    def export_private(self, key_id: str, passphrase: bytes) -> bytes:
        """PKCS#8 of a key of ours, encrypted with ``passphrase``; never plain."""
        record = self.record(Place(self.own, key_id))
        return encrypt_pbes2(self._unsealed(record), passphrase)

    def rotate(
        self, key_id: str, new_id: str, *, now: datetime, life: timedelta, at_once: bool = False
    ) -> KeyRecord:
        """Make the successor of a key of ours, of the same kind, purpose and peer.

        The successor begins after :data:`OVERLAP`, in which it is brought to the peers; the old
        key goes on until then and opens what is under way for as long again. ``at_once`` the
        successor begins now, and the old key makes nothing from now on.
        """
        place = Place(self.own, key_id)
        kind = self.record(place)
        begin = now if at_once else now + OVERLAP
        record = self._own_record(
            new_id,
            kind.algorithm,
            kind.purpose,
            self._forms.generate(kind.algorithm),
            peer=kind.peer,
            not_before=begin,
            not_after=begin + life,
        )

        def succeed(records: tuple[KeyRecord, ...]) -> tuple[KeyRecord, ...]:
            old = _at(records, place)
            if old.state is not KeyState.ACTIVE:
                raise Misconfigured(f"key {key_id} is {old.state}; only an active key is rotated")
            # One that has not begun yet ends as soon as it can.
            last = max(min(old.not_after, begin + OVERLAP), old.not_before + timedelta(seconds=1))
            state = KeyState.RETIRING if at_once else KeyState.ACTIVE
            ended = msgspec.structs.replace(old, not_after=last, state=state)
            return _with(_replaced(records, ended), record)

        self._file.change(succeed)
        return record

    def revoke(self, place: Place) -> KeyRecord:
        """Never use the key again; a private one is erased. It cannot be undone."""

        def revoked(records: tuple[KeyRecord, ...]) -> tuple[KeyRecord, ...]:
            old = _at(records, place)
            return _replaced(
                records, msgspec.structs.replace(old, state=KeyState.REVOKED, sealed=None)
            )

        self._file.change(revoked)
        return self.record(place)

    def certify(self, place: Place, certificates: tuple[bytes, ...]) -> KeyRecord:
        """Keep X.509 certificates in DER with the key at ``place``: its own, then its issuers'.

        The first must be of this very key; who issued it is asked by whoever takes it in.
        """
        if not certificates:
            raise Misconfigured("no certificate")

        def certified(records: tuple[KeyRecord, ...]) -> tuple[KeyRecord, ...]:
            old = _at(records, place)
            if public_key_of_certificate(certificates[0]) != old.public:
                raise Misconfigured(f"the certificate is not of key {place.key_id}")
            return _replaced(records, msgspec.structs.replace(old, chain=certificates))

        self._file.change(certified)
        return self.record(place)

    def link(self, peer: str, suite: str, operator_secret: bytes = b"") -> AnyLinkKeys:
        """The keys of the link with ``peer`` for ``suite``, always as the ring stands."""
        if suite not in OF_SUITE:
            raise Misconfigured(f"suite {suite} takes no keys of a ring")
        return LinkKeys(
            own=_Own(self, peer, suite),
            peer=_Theirs(self, peer, suite),
            operator_secret=operator_secret,
        )

    def own_keys(self, peer: str, suite: str) -> list[LinkKey[Any]]:
        """Our keys on the link with ``peer``."""
        return [
            _link_key(record, self._private(record))
            for record in self.records()
            if record.party == self.own
            and record.peer in (None, peer)
            and record.algorithm in OF_SUITE[suite]
            and record.sealed is not None
        ]

    def peer_keys(self, peer: str, suite: str) -> list[LinkKey[Any]]:
        """The keys of ``peer``."""
        return [
            _link_key(record, self._public(record.algorithm, record.public))
            for record in self.records()
            if record.party == peer and record.algorithm in OF_SUITE[suite]
        ]

    def _own_record(
        self,
        key_id: str,
        algorithm: Algorithm,
        purpose: Purpose,
        private: bytes,
        *,
        not_before: datetime,
        not_after: datetime,
        peer: str | None,
    ) -> KeyRecord:
        record = KeyRecord(
            party=self.own,
            key_id=key_id,
            algorithm=algorithm,
            purpose=purpose,
            not_before=not_before,
            not_after=not_after,
            public=self._forms.public_of(algorithm, private),
            peer=peer,
        )
        return msgspec.structs.replace(record, sealed=self._master.seal(private, record.about()))

    def _unsealed(self, record: KeyRecord) -> bytes:
        if record.sealed is None:
            raise Misconfigured(f"key {record.key_id} has no private part here")
        return self._master.unseal(record.sealed, record.about())

    def _load_private(self, record: KeyRecord) -> Any:
        return self._forms.private(record.algorithm, self._unsealed(record))


class _Own(Collection[LinkKey[Any]]):
    """Keys of a ring, read anew by each who looks."""

    def __init__(self, ring: KeyRing, peer: str, suite: str) -> None:
        self._ring, self._peer, self._suite = ring, peer, suite

    def _now(self) -> list[LinkKey[Any]]:
        return self._ring.own_keys(self._peer, self._suite)

    def __iter__(self) -> Iterator[LinkKey[Any]]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __contains__(self, key: object) -> bool:
        return key in self._now()


class _Theirs(_Own):
    def _now(self) -> list[LinkKey[Any]]:
        return self._ring.peer_keys(self._peer, self._suite)


def _link_key(record: KeyRecord, key: Any) -> LinkKey[Any]:
    return LinkKey(
        key_id=record.key_id,
        purpose=record.purpose,
        key=key,
        not_before=record.not_before,
        not_after=record.not_after,
        state=record.state,
        certificates=record.certificates,
    )


def _at(records: tuple[KeyRecord, ...], place: Place) -> KeyRecord:
    for record in records:
        if (record.party, record.key_id) == place:
            return record
    raise Misconfigured(f"no key {place.key_id} of {place.party}")


def _with(records: tuple[KeyRecord, ...], record: KeyRecord) -> tuple[KeyRecord, ...]:
    if any((one.party, one.key_id) == (record.party, record.key_id) for one in records):
        raise Misconfigured(f"key {record.key_id} of {record.party} stands there already")
    if not record.algorithm.serves(record.purpose):
        raise Misconfigured(f"a key of {record.algorithm} cannot {record.purpose.value}")
    # Id and dates are checked by what suites use.
    _link_key(record, None)
    return (*records, record)


def _replaced(records: tuple[KeyRecord, ...], new: KeyRecord) -> tuple[KeyRecord, ...]:
    place = (new.party, new.key_id)
    return tuple(new if (one.party, one.key_id) == place else one for one in records)
