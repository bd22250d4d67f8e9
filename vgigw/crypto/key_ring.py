"""The key ring: keys of ours and of our peers, with purpose, dates and state. ACC-5.8."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from vgigw.crypto.certificate_form import public_key_of_certificate
from vgigw.crypto.certificate_writer import Signer
from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm, KeyForms, decrypted, public_key
from vgigw.crypto.key_life import Told, followed
from vgigw.crypto.key_ring_changes import (
    Place,
    Records,
    added,
    ends,
    found,
    replaced,
    revoked,
    sealed,
    succeeded,
)
from vgigw.crypto.key_ring_file import KeyRecord, KeyRingFile
from vgigw.crypto.key_ring_link import RingKeys, own_keys, peer_keys
from vgigw.crypto.link_keys import AnyLinkKeys, LinkKeys, Purpose
from vgigw.crypto.master_key import Master
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.crypto.sm2_pbes2 import encrypt_pbes2
from vgigw.errors import Misconfigured

__all__ = ["OVERLAP", "KeyRing", "Place"]

OVERLAP: Final = timedelta(hours=24)
"""How long a rotation leaves to bring the new key to the peers, and then the old one to finish."""


class KeyRing:
    """The keys at ``path`` of the gateway ``own`` (operator id).

    Each change is on disk when its method returns, and in force with the next message of every
    process that reads the ring. All methods raise :class:`~vgigw.errors.Misconfigured`.
    """

    def __init__(
        self,
        path: Path,
        master: Master,
        own: str,
        provider: Callable[[], Sm2SoftwareProvider] = sm2_provider,
    ) -> None:
        self._file = KeyRingFile(path, master)
        self._master = master
        self._forms = KeyForms(provider)
        self.own = own
        self.provider = provider
        # Handles of keys are dear to make and met in each message.
        self._private = lru_cache(maxsize=64)(self._load_private)
        self._public = lru_cache(maxsize=1024)(public_key)

    def records(self) -> Records:
        """All keys, as they stand now."""
        return self._file.read()

    def record(self, place: Place) -> KeyRecord:
        """The key at ``place``."""
        return found(self.records(), place)

    def new(
        self,
        key_id: str,
        algorithm: Algorithm,
        purpose: Purpose,
        *,
        not_before: datetime,
        not_after: datetime,
        peer: str | None = None,
        certificate: Callable[[Signer], bytes] | None = None,
    ) -> KeyRecord:
        """Make a private key of ours, for all peers or for ``peer`` alone.

        ``certificate`` writes one that the key signs itself, in DER.
        """
        private = self._forms.generate(algorithm)
        dates = {"not_before": not_before, "not_after": not_after}
        record = self._own_record(key_id, algorithm, purpose, private, peer=peer, **dates)
        if certificate is not None:
            written = certificate(self._signer(record, self._forms.private(algorithm, private)))
            record = msgspec.structs.replace(record, chain=(written,))
        self._file.change(lambda records: added(records, record))
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
        certificates: tuple[bytes, ...] = (),
    ) -> KeyRecord:
        """Take a peer's public key (SubjectPublicKeyInfo), with certificates that were checked."""
        if place.party == self.own:
            raise Misconfigured("a key of ours is imported with its private part")
        public_key(algorithm, der)
        record = KeyRecord(
            party=place.party,
            key_id=place.key_id,
            algorithm=algorithm,
            purpose=purpose,
            not_before=not_before,
            not_after=not_after,
            public=der,
            chain=_kept(certificates, der, place),
        )
        self._file.change(lambda records: added(records, record))
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
        self._file.change(lambda records: added(records, record))
        return record

    def export_private(self, key_id: str, passphrase: bytes) -> bytes:
        """PKCS#8 of a key of ours, encrypted with ``passphrase``; never plain."""
        record = self.record(Place(self.own, key_id))
        return encrypt_pbes2(self._unsealed(record), passphrase)

    def rotate(
        self,
        key_id: str,
        new_id: str,
        *,
        now: datetime,
        life: timedelta,
        at_once: bool = False,
        overlap: timedelta = OVERLAP,
    ) -> KeyRecord:
        """Make the successor of a key of ours, of the same kind, purpose and peer.

        The successor begins after ``overlap``, in which it is brought to the peers; the old key
        goes on until then and opens what is under way for as long again. ``at_once`` the successor
        begins now, and the old key makes nothing from now on.
        """
        place = Place(self.own, key_id)
        kind = self.record(place)
        if kind.purpose is Purpose.ISSUE:
            raise Misconfigured(f"{key_id} is an authority; its successor is a new authority")
        begin = now if at_once else now + overlap
        record = self._own_record(
            new_id,
            kind.algorithm,
            kind.purpose,
            self._forms.generate(kind.algorithm),
            peer=kind.peer,
            not_before=begin,
            not_after=begin + life,
        )
        self._file.change(
            lambda records: succeeded(records, place, record, overlap, at_once=at_once)
        )
        return record

    def revoke(self, place: Place) -> KeyRecord:
        """Never use the key again; a private one is erased. It cannot be undone."""
        self._file.change(lambda records: revoked(records, place))
        return self.record(place)

    def certify(
        self, place: Place, certificates: tuple[bytes, ...], not_after: datetime
    ) -> KeyRecord:
        """Keep X.509 certificates in DER with the key at ``place``: its own, then its issuers'.

        The first must be of this very key, which ends at ``not_after`` where that is earlier; who
        issued it is asked by whoever takes it in.
        """
        if not certificates:
            raise Misconfigured("no certificate")

        def certified(records: Records) -> Records:
            old = ends(found(records, place), not_after)
            kept = _kept(certificates, old.public, place)
            return replaced(records, msgspec.structs.replace(old, chain=kept))

        self._file.change(certified)
        return self.record(place)

    def follow(self, place: Place, told: Told) -> bool:
        """Take what the owner of a key says of it; whether that changed anything."""
        return self._file.change(lambda records: followed(records, place, told))

    def reseal(self, master: Master | None = None) -> None:
        """Seal each private key anew, with the cipher that is in use now; with ``master``, whose
        ring it is from then on, and which this object does not know."""
        new = master or self._master

        def resealed(records: Records) -> Records:
            return tuple(
                one if one.sealed is None else sealed(one, self._unsealed(one), new)
                for one in records
            )

        self._file.change(resealed, new)

    def signer(self, key_id: str) -> Signer:
        """A private key of ours that signs certificates and requests."""
        record = self.record(Place(self.own, key_id))
        return self._signer(record, self._private(record))

    def link(self, peer: str, suite: str, operator_secret: bytes = b"") -> AnyLinkKeys:
        """The keys of the link with ``peer`` for ``suite``, always as the ring stands."""
        if suite not in OF_SUITE:
            raise Misconfigured(f"suite {suite} takes no keys of a ring")
        return LinkKeys(
            own=RingKeys(lambda: own_keys(self.records(), self.own, peer, suite, self._private)),
            peer=RingKeys(lambda: peer_keys(self.records(), peer, suite, self._handle)),
            operator_secret=operator_secret,
        )

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
        return sealed(record, private, self._master)

    def _signer(self, record: KeyRecord, key: Any) -> Signer:
        algorithm = record.algorithm
        return Signer(
            algorithm, record.public, lambda octets: self._forms.certify(algorithm, key, octets)
        )

    def _unsealed(self, record: KeyRecord) -> bytes:
        if record.sealed is None:
            raise Misconfigured(f"key {record.key_id} has no private part here")
        return self._master.unseal(record.sealed, record.about(), record.cipher)

    def _load_private(self, record: KeyRecord) -> Any:
        return self._forms.private(record.algorithm, self._unsealed(record))

    def _handle(self, record: KeyRecord) -> Any:
        return self._public(record.algorithm, record.public)


def _kept(
    certificates: tuple[bytes, ...], public: bytes, place: Place
) -> tuple[bytes, ...] | msgspec.UnsetType:
    if not certificates:
        return msgspec.UNSET
    if public_key_of_certificate(certificates[0]) != public:
        raise Misconfigured(f"the certificate is not of key {place.key_id}")
    return certificates
