"""A request for a certificate, PKCS #10, as an authority reads it: whose key, and the proof of it.

Of what is asked for only the subject and the use of the key are looked at; what a certificate says
is for its issuer to decide. RFC 2986.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.x509.oid import SignatureAlgorithmOID as By

from vgigw.crypto.certificate import UNREADABLE, purposes_of
from vgigw.crypto.key_algorithms import Algorithm, algorithm_of, public_key
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2 import Sm2Provider
from vgigw.crypto.sm2_certificate import SM2_WITH_SM3
from vgigw.crypto.sm2_encoding import SignatureForm, decode_signature
from vgigw.crypto.sm2_keys import load_public_key
from vgigw.errors import Misconfigured, NotGenuine

_RSA = frozenset({By.RSA_WITH_SHA256, By.RSA_WITH_SHA384, By.RSA_WITH_SHA512, By.RSASSA_PSS})
_SIGNED_BY = {
    Algorithm.SM2: frozenset({SM2_WITH_SM3}),
    Algorithm.RSA: _RSA,
    Algorithm.ED25519: frozenset({By.ED25519}),
}


@asn1.sequence
class _Info:
    version: int
    subject: asn1.TLV
    key: asn1.TLV
    attributes: asn1.TLV


@asn1.sequence
class _Request:
    info: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


class Request(NamedTuple):
    """Who asks, for which key (SubjectPublicKeyInfo), and what it may be used for."""

    algorithm: Algorithm
    public: bytes
    subject: x509.Name
    purposes: frozenset[Purpose]
    """Both where the request does not say."""


def read_request(der: bytes, provider: Callable[[], Sm2Provider]) -> Request:
    """The request, signed with the private key of the key in it.

    Raises :class:`~vgigw.errors.Misconfigured`, also for a proof that is none.
    """
    try:
        key = asn1.encode_der(asn1.decode_der(_Request, der).info.parse(_Info).key)
        parsed = x509.load_der_x509_csr(der)
        usage = purposes_of(parsed.extensions)
    except UNREADABLE as cause:
        raise Misconfigured("certificate request cannot be read") from cause
    algorithm = algorithm_of(key)
    # Its length, and that it is on its curve, before it is used.
    public_key(algorithm, key)
    if parsed.signature_algorithm_oid not in _SIGNED_BY[algorithm] or not _is_proven(
        parsed, algorithm, key, provider
    ):
        raise Misconfigured("certificate request is not signed with the key that is in it")
    return Request(algorithm, key, parsed.subject, usage)


def _is_proven(
    parsed: x509.CertificateSigningRequest,
    algorithm: Algorithm,
    key: bytes,
    provider: Callable[[], Sm2Provider],
) -> bool:
    if algorithm is not Algorithm.SM2:
        try:
            return parsed.is_signature_valid
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return False
    try:
        signature = decode_signature(parsed.signature, SignatureForm.DER)
        provider().verify(load_public_key(key), parsed.tbs_certrequest_bytes, signature)
    except NotGenuine:
        return False
    return True
