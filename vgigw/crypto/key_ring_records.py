"""What a key ring holds, and how one record of it changes: certified, followed, revoked.

ACC-5.8.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from vgigw.crypto.certificate_form import public_key_of_certificate
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_life import Told, followed
from vgigw.crypto.key_ring_changes import Place, Records, added, ends, found, replaced, revoked
from vgigw.crypto.key_ring_file import KeyRecord, KeyRingFile
from vgigw.crypto.key_ring_material import RingMaterial
from vgigw.crypto.master_key import Master
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.errors import Misconfigured


class RingRecords:
    """The records at ``path`` of the gateway ``own`` (operator id).

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
        self._material = RingMaterial(master, provider)
        self.own = own
        self.provider = provider

    def records(self) -> Records:
        """All keys, as they stand now."""
        return self._file.read()

    def record(self, place: Place) -> KeyRecord:
        """The key at ``place``."""
        return found(self.records(), place)

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
            chain = kept(certificates, old.public, place)
            return replaced(records, msgspec.structs.replace(old, chain=chain))

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
            return tuple(self._material.resealed(one, new) for one in records)

        self._file.change(resealed, new)

    def _added(self, record: KeyRecord) -> KeyRecord:
        def with_it(records: Records) -> Records:
            after = added(records, record)
            if record.algorithm is Algorithm.SECRETS:
                self._material.refuse_alike(records, record)
            return after

        self._file.change(with_it)
        return record


def kept(
    certificates: tuple[bytes, ...], public: bytes, place: Place
) -> tuple[bytes, ...] | msgspec.UnsetType:
    """The certificates as a record keeps them. Raises ``Misconfigured`` for another key's."""
    if not certificates:
        return msgspec.UNSET
    if public_key_of_certificate(certificates[0]) != public:
        raise Misconfigured(f"the certificate is not of key {place.key_id}")
    return certificates
