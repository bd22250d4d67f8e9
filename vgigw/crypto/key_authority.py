"""Authorities in a key ring: our own, which issue certificates, and those of others that we trust.

The private key of an authority has a purpose of its own, and no suite is given it. An authority
issues certificates of keys only, never of other authorities. ACC-5.8, RFC 5280.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from vgigw.crypto.certificate_check import CertificateCheck
from vgigw.crypto.certificate_request import read_request
from vgigw.crypto.certificate_writer import (
    Extensions,
    Holder,
    Signer,
    write_certificate,
    write_request,
)
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.errors import Misconfigured

EVERYBODY: Final = "any"
"""In the place of a party: an authority that may vouch for each of them."""

_CLOCKS_APART: Final = timedelta(minutes=5)
"""A certificate begins so much earlier, for those whose clock is behind."""

_ID_BYTES: Final = 20


def new_authority(
    ring: KeyRing, name: str, algorithm: Algorithm, *, words: str, now: datetime, life: timedelta
) -> KeyRecord:
    """Make an authority of ours, which signs its own certificate; ``words`` are its common name."""
    not_before, not_after = now, now + life
    subject = _name(words, (NameOID.ORGANIZATION_NAME, ring.own))

    def itself(signer: Signer) -> bytes:
        holder = Holder(subject, signer.public, not_before, not_after)
        own_id = _id_of(signer.public)
        return write_certificate(signer, subject.public_bytes(), holder, _of_authority(own_id))

    return ring.new(
        name,
        algorithm,
        Purpose.ISSUE,
        not_before=not_before,
        not_after=not_after,
        certificate=itself,
    )


def request_for(ring: KeyRing, key_id: str) -> bytes:
    """PKCS #10 in DER for a key of ours, whose subject names our operator id and the key."""
    record = ring.record(Place(ring.own, key_id))
    if record.purpose is Purpose.ISSUE:
        raise Misconfigured(f"{key_id} is an authority, which certifies itself")
    subject = _name(ring.own, (NameOID.ORGANIZATIONAL_UNIT_NAME, key_id))
    usage = (_usage(record.purpose, record.algorithm), True)
    return write_request(ring.signer(key_id), subject, [usage])


def issue(
    ring: KeyRing,
    name: str,
    request: bytes,
    *,
    now: datetime,
    life: timedelta,
    purpose: Purpose | None = None,
) -> bytes:
    """DER of a certificate by our authority ``name`` for whoever made ``request`` (PKCS #10).

    What it may be used for is what the request asks, and ``purpose`` where that asks for both. The
    certificate ends with its authority at the latest. Raises
    :class:`~vgigw.errors.Misconfigured`, also where the request does not prove its key.
    """
    asked = read_request(request, ring.provider)
    authority = ring.record(Place(ring.own, name))
    if authority.purpose is not Purpose.ISSUE or not authority.certificates:
        raise Misconfigured(f"{name} is no authority")
    if not _is_in_force(authority, now):
        raise Misconfigured(f"authority {name} is revoked or out of its dates")
    by = x509.load_der_x509_certificate(authority.certificates[0])
    holder = Holder(
        asked.subject,
        asked.public,
        max(now - _CLOCKS_APART, authority.not_before),
        min(now + life, authority.not_after),
    )
    use = _one_of(asked.purposes, purpose)
    if not asked.algorithm.serves(use):
        raise Misconfigured(f"a key of {asked.algorithm} cannot {use.value}")
    extensions: Extensions = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(use, asked.algorithm), True),
        (x509.SubjectKeyIdentifier(_id_of(asked.public)), False),
        (_issuer_id(by), False),
    ]
    return write_certificate(ring.signer(name), by.subject.public_bytes(), holder, extensions)


def trust(ring: KeyRing, name: str, der: bytes, now: datetime, party: str = EVERYBODY) -> KeyRecord:
    """Take the certificate of somebody's authority, which may vouch for ``party`` alone or for all.

    Whoever calls this compared its fingerprint.
    """
    checked = CertificateCheck(ring.provider, now).authority(der)
    return ring.import_public(
        Place(party, name),
        checked.algorithm,
        Purpose.ISSUE,
        checked.public,
        not_before=checked.not_before,
        not_after=checked.not_after,
        certificates=checked.certificates,
    )


def trusted_for(ring: KeyRing, party: str, now: datetime) -> tuple[bytes, ...]:
    """Certificates of the authorities, our own among them, that may vouch for keys of ``party``."""
    return tuple(
        record.certificates[0]
        for record in ring.records()
        if record.purpose is Purpose.ISSUE
        and record.party in (ring.own, party, EVERYBODY)
        and record.certificates
        and _is_in_force(record, now)
    )


def _is_in_force(record: KeyRecord, now: datetime) -> bool:
    in_time = record.not_before <= now <= record.not_after
    return in_time and record.state is KeyState.ACTIVE


def _name(common: str, *more: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    try:
        parts = [(NameOID.COMMON_NAME, common), *more]
        return x509.Name([x509.NameAttribute(oid, words) for oid, words in parts])
    except ValueError as cause:
        raise Misconfigured("a name in a certificate has 1 to 64 characters") from cause


def _id_of(public: bytes) -> bytes:
    """A name of the key, by which certificates find their issuer. RFC 7093."""
    return hashlib.sha256(public).digest()[:_ID_BYTES]


def _issuer_id(by: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    found = by.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found)


def _of_authority(own_id: bytes) -> Extensions:
    return [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_key_usage("key_cert_sign"), True),
        (x509.SubjectKeyIdentifier(own_id), False),
        (x509.AuthorityKeyIdentifier(own_id, None, None), False),
    ]


def _usage(purpose: Purpose, algorithm: Algorithm) -> x509.KeyUsage:
    if purpose is Purpose.SIGN:
        return _key_usage("digital_signature", "content_commitment")
    # SM2 and RSA wrap the key of a message; GM/T 0015 wants the agreement of SM2 told as well.
    agreement = ("data_encipherment", "key_agreement") if algorithm is Algorithm.SM2 else ()
    return _key_usage("key_encipherment", *agreement)


def _key_usage(*allowed: str) -> x509.KeyUsage:
    names: Sequence[str] = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in allowed for name in names})


def _one_of(asked: frozenset[Purpose], purpose: Purpose | None) -> Purpose:
    if purpose is not None and purpose in asked:
        return purpose
    if purpose is not None:
        raise Misconfigured(f"the request is not for a key to {purpose.value}")
    if len(asked) != 1:
        raise Misconfigured("the request does not say what the key is for; say it by --purpose")
    return next(iter(asked))
