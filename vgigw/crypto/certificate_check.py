"""Whether a certificate that somebody brings may be taken, and what it says of its key. ACC-5.8.

Either somebody who is trusted issued it, or whoever keeps the ring compared its fingerprint and
pins it. Whose it is, its subject says: the operator id of its party is the whole of its common
name, or of its organization identifier, or of both; where these two differ, it is of nobody. What
else stands there its holder may have chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

from vgigw.crypto.certificate import Certificate
from vgigw.crypto.certificate_form import public_key_of_certificate
from vgigw.crypto.certificate_path import SignedBy, require_chain, trusted_path
from vgigw.crypto.intl_certificate import intl_certificate, signed_by_intl
from vgigw.crypto.key_algorithms import Algorithm, algorithm_of
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2 import Sm2Provider
from vgigw.crypto.sm2_certificate import signed_by_sm2, sm2_certificate
from vgigw.crypto.sm2_keys import is_sm2
from vgigw.errors import KeyUnusable, Misconfigured, NotGenuine

_NAMING: Final = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_IDENTIFIER)


class Checked(NamedTuple):
    """The key of a certificate (SubjectPublicKeyInfo), for how long, and the certificates to keep:
    the first is the key's own, the one that is trusted is not among them."""

    algorithm: Algorithm
    public: bytes
    not_before: datetime
    not_after: datetime
    certificates: tuple[bytes, ...]


class CertificateCheck:
    """Checks certificates at ``now``; ``provider`` is asked for only where SM2 is met.

    Its methods raise :class:`~vgigw.errors.Misconfigured`, with the reason.
    """

    def __init__(self, provider: Callable[[], Sm2Provider], now: datetime) -> None:
        self._provider = provider
        self._now = now

    def trusted(
        self, chain: Sequence[bytes], authorities: Sequence[bytes], purpose: Purpose, party: str
    ) -> Checked:
        """Of ``chain`` (DER, its own first), which one of ``authorities`` stands behind."""
        kind = _Kind.of(chain, self._provider)
        anchors = [kind.read(each) for each in authorities if _is_sm2(each) is kind.is_sm2]
        read = [kind.read(each) for each in chain]

        def path() -> Sequence[Certificate[Any]]:
            return trusted_path(read, anchors, kind.signed_by, purpose=purpose, now=self._now)

        found = _explained(path)
        if not _names(chain[0], party):
            raise Misconfigured(
                f"subject of the certificate ({subject_of(chain[0])}) does not name {party}; "
                "pin it where it is that party's all the same"
            )
        return _checked(kind, found, len(found) - 1)

    def pinned(self, chain: Sequence[bytes], purpose: Purpose) -> Checked:
        """Of ``chain``, whose first was compared by a person; nobody need stand behind it."""
        kind = _Kind.of(chain, self._provider)
        read = [kind.read(each) for each in chain]
        _explained(lambda: require_chain(read, kind.signed_by, purpose=purpose))
        if read[0].may_issue:
            raise Misconfigured("the certificate of an authority is not pinned, but trusted")
        if not all(one.not_before <= self._now <= one.not_after for one in read):
            raise Misconfigured("certificate is not valid now")
        return _checked(kind, read, len(read))

    def authority(self, der: bytes) -> Checked:
        """Of an authority that a person compared; one that signed itself did so genuinely."""
        kind = _Kind.of((der,), self._provider)
        read = kind.read(der)
        if not read.may_issue:
            raise Misconfigured("certificate is of no authority: it may not issue others")
        if read.subject == read.issuer:
            _explained(lambda: kind.signed_by(read, read))
        if not read.not_before <= self._now <= read.not_after:
            raise Misconfigured("certificate is not valid now")
        return _checked(kind, (read,), 1)


def subject_of(der: bytes) -> str:
    """Whose certificate it is, as RFC 4514 writes a name."""
    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


class _Kind(NamedTuple):
    """How certificates of one kind are read, and how their signatures are verified."""

    algorithm: Algorithm
    is_sm2: bool
    read: Callable[[bytes], Certificate[Any]]
    signed_by: SignedBy[Any]

    @classmethod
    def of(cls, chain: Sequence[bytes], provider: Callable[[], Sm2Provider]) -> _Kind:
        if not chain:
            raise Misconfigured("no certificate")
        algorithm = algorithm_of(public_key_of_certificate(chain[0]))
        if algorithm is Algorithm.SM2:
            return cls(algorithm, True, sm2_certificate, signed_by_sm2(provider()))
        return cls(algorithm, False, intl_certificate, signed_by_intl)


def _is_sm2(der: bytes) -> bool:
    return is_sm2(public_key_of_certificate(der))


def _names(der: bytes, party: str) -> bool:
    """Whether the subject is of ``party`` and of nobody else: two names would be of two."""
    subject = x509.load_der_x509_certificate(der).subject
    told = [str(each.value) for oid in _NAMING for each in subject.get_attributes_for_oid(oid)]
    return set(told) == {party}


def _checked(kind: _Kind, path: Sequence[Certificate[Any]], kept: int) -> Checked:
    return Checked(
        kind.algorithm,
        public_key_of_certificate(path[0].der),
        max(one.not_before for one in path),
        min(one.not_after for one in path),
        tuple(one.der for one in path[:kept]),
    )


def _explained(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except KeyUnusable as cause:
        raise Misconfigured("certificate is not valid now, or one of its issuers is not") from cause
    except NotGenuine as cause:
        known = isinstance(cause.__cause__, ValueError)
        why = cause.__cause__ if known else "a signature is not its issuer's"
        raise Misconfigured(f"certificate is not taken: {why}") from cause
