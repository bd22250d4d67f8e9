"""Certificates of RSA and Ed25519; ``cryptography`` reads them and verifies their signatures.

Its verification of a whole path follows the rules of browsers, which forbid Ed25519, and knows no
SM2: one path for all kinds is :mod:`vgigw.crypto.certificate_path`.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import SignatureAlgorithmOID as By

from vgigw.crypto.certificate import Certificate
from vgigw.crypto.certificate_path import refusal
from vgigw.crypto.intl import LEAST_RSA_BITS

SIGNATURES: Final = frozenset(
    {
        *(By.ED25519, By.RSASSA_PSS),
        *(By.RSA_WITH_SHA256, By.RSA_WITH_SHA384, By.RSA_WITH_SHA512),
        *(By.ECDSA_WITH_SHA256, By.ECDSA_WITH_SHA384, By.ECDSA_WITH_SHA512),
    }
)
"""How an authority may sign. SHA-1 is none of it."""

IntlCertificate: TypeAlias = Certificate[Any]


def intl_certificate(der: bytes) -> IntlCertificate:
    """The certificate; raises :class:`~vgigw.errors.Misconfigured` for one of another kind."""
    return Certificate.read(der, SIGNATURES, _public_key)


def signed_by_intl(certificate: IntlCertificate, issuer: IntlCertificate) -> None:
    """See :data:`vgigw.crypto.certificate_path.SignedBy`."""
    try:
        parsed = x509.load_der_x509_certificate(certificate.der)
        parsed.verify_directly_issued_by(x509.load_der_x509_certificate(issuer.der))
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise refusal("signature is not its issuer's") from cause


def _public_key(spki: bytes) -> Any:
    try:
        key = load_der_public_key(spki)
    except UnsupportedAlgorithm as cause:
        raise ValueError("key is of no known kind") from cause
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise ValueError("key is too short")
    return key
