"""A certificate as it is judged, whichever kind its key is of: its key, and who says so until when.

Read with ``cryptography``, and refused where it says in a critical extension what is not looked at.
RFC 5280, GM/T 0015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Self, TypeVar

from cryptography import x509

from vgigw.crypto.certificate_form import form_of
from vgigw.crypto.link_keys import Purpose
from vgigw.errors import Misconfigured

_UNDERSTOOD: Final = frozenset({x509.BasicConstraints.oid, x509.KeyUsage.oid})
"""Extensions that may be critical: the others would be ignored, which "critical" forbids."""

UNREADABLE: Final = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for what is no certificate or request."""

KeyT = TypeVar("KeyT")


@dataclass(frozen=True, slots=True)
class Certificate(Generic[KeyT]):
    """What is asked of one certificate.

    ``subject`` and ``issuer`` are names in DER without their frame, ``signed`` is what
    ``signature`` is of.
    """

    der: bytes
    public_key: KeyT
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
    def read(
        cls, der: bytes, signatures: frozenset[x509.ObjectIdentifier], key: Callable[[bytes], KeyT]
    ) -> Self:
        """One that is signed by one of the algorithms ``signatures``; ``key`` reads a
        SubjectPublicKeyInfo. Raises :class:`~vgigw.errors.Misconfigured`."""
        try:
            form = form_of(der)
            parsed = x509.load_der_x509_certificate(der)
            _require_plain(parsed, signatures)
            may_issue, path_length = _authority(parsed.extensions)
            return cls(
                der=der,
                public_key=key(form.spki),
                subject=form.subject,
                issuer=form.issuer,
                not_before=parsed.not_valid_before_utc,
                not_after=parsed.not_valid_after_utc,
                may_issue=may_issue,
                path_length=path_length,
                purposes=purposes_of(parsed.extensions),
                signed=parsed.tbs_certificate_bytes,
                signature=parsed.signature,
            )
        except UNREADABLE as cause:
            raise Misconfigured("certificate cannot be read") from cause


def _require_plain(parsed: x509.Certificate, signatures: frozenset[x509.ObjectIdentifier]) -> None:
    if parsed.signature_algorithm_oid not in signatures:
        raise ValueError("signed by another algorithm")
    if parsed.version is not x509.Version.v3:
        raise ValueError("not of version 3")
    if any(one.critical and one.oid not in _UNDERSTOOD for one in parsed.extensions):
        raise ValueError("critical extension not understood")


def _authority(extensions: x509.Extensions) -> tuple[bool, int | None]:
    """Whether it may issue others, and how many authorities may stand below it."""
    usage = _usage(extensions)
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False, None
    return basic.ca and (usage is None or usage.key_cert_sign), basic.path_length


def purposes_of(extensions: x509.Extensions) -> frozenset[Purpose]:
    """What the holder may do with its key on a link; both where nothing is said."""
    usage = _usage(extensions)
    if usage is None:
        return frozenset({Purpose.SIGN, Purpose.ENCRYPT})
    encrypts = usage.key_encipherment or usage.data_encipherment or usage.key_agreement
    signs = usage.digital_signature or usage.content_commitment
    allowed = {Purpose.SIGN: signs, Purpose.ENCRYPT: encrypts}
    return frozenset(purpose for purpose, is_allowed in allowed.items() if is_allowed)


def _usage(extensions: x509.Extensions) -> x509.KeyUsage | None:
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
