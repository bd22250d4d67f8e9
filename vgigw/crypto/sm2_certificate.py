"""Certificates of SM2, read with ``cryptography`` and verified with a provider of SM2.

GM certificates come in pairs, one to sign and one to encrypt. Whether a certificate was revoked is
not asked here. GM/T 0015, RFC 5280.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2 import DEFAULT_USER_ID, Sm2Provider
from vgigw.crypto.sm2_curve import PublicKey
from vgigw.crypto.sm2_encoding import SignatureForm, decode_signature
from vgigw.crypto.sm2_keys import PublicKeyInfo, der_of_pem, public_key_of_info
from vgigw.errors import KeyUnusable, Misconfigured, NotGenuine

SM2_WITH_SM3: Final = ObjectIdentifier("1.2.156.10197.1.501")
LONGEST_CHAIN: Final = 5
"""Certificates below the trusted one."""

_UNDERSTOOD: Final = frozenset({x509.BasicConstraints.oid, x509.KeyUsage.oid})
"""Extensions that may be critical: the others would be ignored, which "critical" forbids."""

_UNREADABLE: Final = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@asn1.sequence
class _Tbs:
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: int
    algorithm: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: PublicKeyInfo
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class _Certificate:
    tbs: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


@dataclass(frozen=True, slots=True)
class Sm2Certificate:
    """What is asked of one certificate: its key, and who says so until when."""

    der: bytes
    public_key: PublicKey
    subject: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    may_issue: bool
    path_length: int | None
    purposes: frozenset[Purpose]
    signed: bytes
    signature: bytes

    @classmethod
    def of_der(cls, der: bytes) -> Sm2Certificate:
        """The certificate; raises :class:`~vgigw.errors.Misconfigured` where it is none of SM2."""
        try:
            return _read(der)
        except _UNREADABLE as cause:
            raise Misconfigured("SM2 certificate cannot be read") from cause

    @classmethod
    def of_pem(cls, text: str) -> Sm2Certificate:
        """As :meth:`of_der`, of one PEM block."""
        return cls.of_der(der_of_pem(text, "CERTIFICATE"))


def require_issued_by(
    provider: Sm2Provider,
    certificate: Sm2Certificate,
    issuer: Sm2Certificate,
    user_id: bytes = DEFAULT_USER_ID,
) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless ``issuer`` may issue and signed this one."""
    if not issuer.may_issue:
        raise _refusal("issuer is no authority")
    if certificate.issuer != issuer.subject:
        raise _refusal("certificate names another issuer")
    signature = decode_signature(certificate.signature, SignatureForm.DER)
    provider.verify(issuer.public_key, certificate.signed, signature, user_id)


def require_trusted(
    provider: Sm2Provider,
    chain: Sequence[Sm2Certificate],
    trusted: Sequence[Sm2Certificate],
    *,
    purpose: Purpose,
    now: datetime,
    user_id: bytes = DEFAULT_USER_ID,
) -> PublicKey:
    """The key of ``chain[0]``, which may be used for ``purpose``.

    Each of ``chain`` (1 to 5) was issued by the next, the last by one of ``trusted``. Raises
    :class:`~vgigw.errors.NotGenuine` where that is not so, in one wording, and then
    :class:`~vgigw.errors.KeyUnusable` where one of them is not valid at ``now``.
    """
    if not 0 < len(chain) <= LONGEST_CHAIN:
        raise _refusal(f"chain must have 1 to {LONGEST_CHAIN} certificates")
    if len(chain) > 1 and chain[-1] in trusted:
        # Many send the trusted one along.
        chain = chain[:-1]
    if purpose not in chain[0].purposes:
        raise _refusal("certificate is for another purpose")
    anchor = _issuer_among(provider, chain[-1], trusted, user_id)
    path = (*chain, anchor)
    for certificate, issuer in pairwise(chain):
        require_issued_by(provider, certificate, issuer, user_id)
    for below, issuer in enumerate(path[1:]):
        if issuer.path_length is not None and below > issuer.path_length:
            raise _refusal("chain is longer than its issuer allows")
    if not all(one.not_before <= now <= one.not_after for one in path):
        raise KeyUnusable
    return chain[0].public_key


def _issuer_among(
    provider: Sm2Provider,
    certificate: Sm2Certificate,
    trusted: Sequence[Sm2Certificate],
    user_id: bytes,
) -> Sm2Certificate:
    # An authority that renewed its key stands there twice by one name.
    for anchor in trusted:
        try:
            require_issued_by(provider, certificate, anchor, user_id)
        except NotGenuine:
            continue
        return anchor
    raise _refusal("nobody who is trusted issued the last certificate")


def _read(der: bytes) -> Sm2Certificate:
    outer = asn1.decode_der(_Certificate, der)
    inner = outer.tbs.parse(_Tbs)
    if inner.serial <= 0:
        # cryptography would warn of it, and refuse it one day.
        raise ValueError("serial number is not positive")
    parsed = x509.load_der_x509_certificate(der)
    is_sm2 = parsed.signature_algorithm_oid == SM2_WITH_SM3
    if not is_sm2 or not _is_same(outer.algorithm, inner.algorithm):
        raise ValueError("not signed with SM2 and SM3")
    if parsed.version is not x509.Version.v3:
        raise ValueError("not of version 3")
    if any(one.critical and one.oid not in _UNDERSTOOD for one in parsed.extensions):
        raise ValueError("critical extension not understood")
    may_issue, path_length = _authority(parsed.extensions)
    return Sm2Certificate(
        der=der,
        public_key=public_key_of_info(inner.key),
        subject=bytes(inner.subject.data),
        issuer=bytes(inner.issuer.data),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        may_issue=may_issue,
        path_length=path_length,
        purposes=_purposes(parsed.extensions),
        signed=parsed.tbs_certificate_bytes,
        signature=parsed.signature,
    )


def _is_same(left: asn1.TLV, right: asn1.TLV) -> bool:
    return (left.tag_bytes, bytes(left.data)) == (right.tag_bytes, bytes(right.data))


def _usage(extensions: x509.Extensions) -> x509.KeyUsage | None:
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _authority(extensions: x509.Extensions) -> tuple[bool, int | None]:
    """Whether it may issue others, and how many authorities may stand below it."""
    usage = _usage(extensions)
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False, None
    return basic.ca and (usage is None or usage.key_cert_sign), basic.path_length


def _purposes(extensions: x509.Extensions) -> frozenset[Purpose]:
    usage = _usage(extensions)
    if usage is None:
        return frozenset(Purpose)
    encrypts = usage.key_encipherment or usage.data_encipherment or usage.key_agreement
    signs = usage.digital_signature or usage.content_commitment
    allowed = {Purpose.SIGN: signs, Purpose.ENCRYPT: encrypts}
    return frozenset(purpose for purpose, is_allowed in allowed.items() if is_allowed)


def _refusal(why: str) -> NotGenuine:
    # The reason is for our own log: whoever shows a certificate is not told.
    refusal = NotGenuine()
    refusal.__cause__ = ValueError(why)
    return refusal
