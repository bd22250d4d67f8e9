"""What ``vgigw keys`` shows of a key, and what its dates and its successor make of its state."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from cryptography import x509

from vgigw.crypto.key_algorithms import fingerprint_of
from vgigw.crypto.key_life import state_at
from vgigw.crypto.key_ring_file import KeyRecord

COLUMNS: Final = (
    *("party", "key", "algorithm", "purpose", "peer", "state"),
    *("from", "to", "fingerprint"),
)


class CertificateReport(msgspec.Struct, frozen=True):
    """What may be shown of a certificate; ``fingerprint`` is SHA-256 of it in DER."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    fingerprint: str


class KeyReport(msgspec.Struct, frozen=True):
    """What may be shown of a key; ``fingerprint`` is SHA-256 of the public key in DER."""

    party: str
    key_id: str
    algorithm: str
    purpose: str
    peer: str | None
    state: str
    not_before: datetime
    not_after: datetime
    private: bool
    fingerprint: str
    certificate: CertificateReport | None = None


def report_of(record: KeyRecord, records: tuple[KeyRecord, ...], now: datetime) -> KeyReport:
    """What is shown of ``record``, one of ``records``, at ``now``."""
    return KeyReport(
        party=record.party,
        key_id=record.key_id,
        algorithm=record.algorithm.value,
        purpose=record.purpose.value,
        peer=record.peer,
        state=state_at(record, records, now).value,
        not_before=record.not_before,
        not_after=record.not_after,
        private=record.sealed is not None,
        fingerprint=fingerprint_of(record.public),
        certificate=_certificate(record.certificates[0]) if record.certificates else None,
    )


def row_of(each: KeyReport) -> tuple[str, ...]:
    """The cells of :data:`COLUMNS`."""
    dates = (
        each.not_before.isoformat(timespec="seconds"),
        each.not_after.isoformat(timespec="seconds"),
    )
    told = (each.party, each.key_id, each.algorithm, each.purpose, each.peer or "", each.state)
    return (*told, *dates, each.fingerprint)


def _certificate(der: bytes) -> CertificateReport:
    parsed = x509.load_der_x509_certificate(der)
    return CertificateReport(
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        serial=f"{parsed.serial_number:x}",
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        fingerprint=fingerprint_of(der),
    )
