"""The key ring: keys of ours and of our peers, with purpose, dates and state. ACC-5.8."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from vgigw.crypto.certificate_writer import Signer
from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm, decrypted, public_key
from vgigw.crypto.key_ring_changes import Place, succeeded
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.key_ring_link import RingKeys, own_keys, peer_keys, sets_between
from vgigw.crypto.key_ring_records import RingRecords, kept
from vgigw.crypto.link_keys import AnyLinkKeys, LinkKeys, Purpose
from vgigw.crypto.secret_set_form import read, written
from vgigw.crypto.secret_sets import SecretSets
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.sm2_pbes2 import encrypt_pbes2
from vgigw.errors import Misconfigured

__all__ = ["OVERLAP", "KeyRing", "Place"]

OVERLAP: Final = timedelta(hours=24)
"""How long a rotation leaves to bring the new key to the peers, and then the old one to finish."""


class KeyRing(RingRecords):
    """The keys at ``path`` of the gateway ``own``: made, exchanged, rotated, handed to suites.

    All methods raise :class:`~vgigw.errors.Misconfigured`.
    """

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
        """Make a private key of ours, for all peers or for ``peer`` alone; or a set of secrets for
        ``peer``, who uses it towards us.

        ``certificate`` writes one that the key signs itself, in DER.
        """
        private = self._material.made(algorithm)
        dates = {"not_before": not_before, "not_after": not_after}
        place = Place(self.own, key_id)
        record = self._sealed(place, algorithm, purpose, private, peer=peer, **dates)
        if certificate is not None:
            written = certificate(self._material.signer(record))
            record = msgspec.structs.replace(record, chain=(written,))
        return self._added(record)

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
            chain=kept(certificates, der, place),
        )
        return self._added(record)

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
        private, place = decrypted(der, passphrase), Place(self.own, key_id)
        dates = {"not_before": not_before, "not_after": not_after}
        record = self._sealed(place, algorithm, purpose, private, peer=peer, **dates)
        return self._added(record)

    def export_private(self, key_id: str, passphrase: bytes) -> bytes:
        """PKCS#8 of a key of ours, encrypted with ``passphrase``; never plain."""
        record = self.record(Place(self.own, key_id))
        if record.algorithm is Algorithm.SECRETS:
            raise Misconfigured(f"{key_id} is a set of secrets, which leaves with its dates")
        return encrypt_pbes2(self._material.unsealed(record), passphrase)

    def keep_set(
        self, place: Place, user: str, four: Secrets, *, not_before: datetime, not_after: datetime
    ) -> KeyRecord:
        """Take a set of secrets that ``place`` names, and that its issuer gave ``user``; we are one
        of the two."""
        if self.own not in (place.party, user):
            raise Misconfigured("a set of secrets is of our own links only")
        record = self._sealed(
            place,
            Algorithm.SECRETS,
            Purpose.EXCHANGE,
            written(four),
            peer=user,
            not_before=not_before,
            not_after=not_after,
        )
        return self._added(record)

    def opened_set(self, place: Place) -> Secrets:
        """The set at ``place``. Raises ``Misconfigured`` for one that was revoked."""
        return read(self._material.unsealed(self.record(place)))

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
        """Make the successor of a key or set of ours, of the same kind, purpose and peer.

        The successor begins after ``overlap``, in which it is brought to the peers; the old key
        goes on until then and opens what is under way for as long again. ``at_once`` the successor
        begins now, and the old key makes nothing that is new from now on.
        """
        place = Place(self.own, key_id)
        kind = self.record(place)
        if kind.purpose is Purpose.ISSUE:
            raise Misconfigured(f"{key_id} is an authority; its successor is a new authority")
        begin = now if at_once else now + overlap
        record = self._sealed(
            Place(self.own, new_id),
            kind.algorithm,
            kind.purpose,
            self._material.made(kind.algorithm),
            peer=kind.peer,
            not_before=begin,
            not_after=begin + life,
        )
        self._file.change(
            lambda records: succeeded(records, place, record, overlap, at_once=at_once)
        )
        return record

    def signer(self, key_id: str) -> Signer:
        """A private key of ours that signs certificates and requests."""
        return self._material.signer(self.record(Place(self.own, key_id)))

    def link(self, peer: str, suite: str, operator_secret: bytes = b"") -> AnyLinkKeys:
        """The keys of the link with ``peer`` for ``suite``, always as the ring stands."""
        if suite not in OF_SUITE:
            raise Misconfigured(f"suite {suite} takes no keys of a ring")
        held = self._material
        return LinkKeys(
            own=RingKeys(lambda: own_keys(self.records(), self.own, peer, suite, held.private)),
            peer=RingKeys(lambda: peer_keys(self.records(), peer, suite, held.public)),
            operator_secret=operator_secret,
        )

    def sets(self, issuer: str, user: str) -> SecretSets:
        """The sets of secrets that ``issuer`` gave ``user``, always as the ring stands."""
        opened = self._material.secret_set
        return SecretSets(lambda: sets_between(self.records(), issuer, user, opened))

    def _sealed(
        self,
        place: Place,
        algorithm: Algorithm,
        purpose: Purpose,
        private: bytes,
        *,
        not_before: datetime,
        not_after: datetime,
        peer: str | None,
    ) -> KeyRecord:
        record = KeyRecord(
            party=place.party,
            key_id=place.key_id,
            algorithm=algorithm,
            purpose=purpose,
            not_before=not_before,
            not_after=not_after,
            public=b"",
            peer=peer,
        )
        return self._material.sealed(record, private)
