"""Certificates of SM2, read with ``cryptography`` and verified with a provider of SM2.

GM certificates come in pairs, one to sign and one to encrypt. GM/T 0015, RFC 5280.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

from cryptography.x509 import ObjectIdentifier

from vgigw.crypto.certificate import Certificate
from vgigw.crypto.certificate_path import SignedBy, trusted_path
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2 import DEFAULT_USER_ID, Sm2Provider
from vgigw.crypto.sm2_curve import PublicKey
from vgigw.crypto.sm2_encoding import SignatureForm, decode_signature
from vgigw.crypto.sm2_keys import load_public_key

SM2_WITH_SM3: Final = ObjectIdentifier("1.2.156.10197.1.501")

Sm2Certificate: TypeAlias = Certificate[PublicKey]


def sm2_certificate(der: bytes) -> Sm2Certificate:
    """The certificate; raises :class:`~vgigw.errors.Misconfigured` where it is none of SM2."""
    return Certificate.read(der, frozenset({SM2_WITH_SM3}), load_public_key)


def signed_by_sm2(provider: Sm2Provider, user_id: bytes = DEFAULT_USER_ID) -> SignedBy[PublicKey]:
    """Verifies with ``provider`` and the user id that issuers sign with."""

    def verify(certificate: Sm2Certificate, issuer: Sm2Certificate) -> None:
        signature = decode_signature(certificate.signature, SignatureForm.DER)
        provider.verify(issuer.public_key, certificate.signed, signature, user_id)

    return verify


def require_trusted(
    provider: Sm2Provider,
    chain: Sequence[Sm2Certificate],
    trusted: Sequence[Sm2Certificate],
    *,
    purpose: Purpose,
    now: datetime,
    user_id: bytes = DEFAULT_USER_ID,
) -> PublicKey:
    """The key of ``chain[0]``; raises as :func:`vgigw.crypto.certificate_path.trusted_path`."""
    by = signed_by_sm2(provider, user_id)
    return trusted_path(chain, trusted, by, purpose=purpose, now=now)[0].public_key
