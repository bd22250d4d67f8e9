"""What a notice of a key carries: a public key or its certificate, as it is written and read.

``WrappedKey`` is the SubjectPublicKeyInfo in DER, or the certificate of the key followed by those
of its issuers, each in DER and Base64, with commas between. ``Fingerprint`` is SHA-256 of the
SubjectPublicKeyInfo in hex. ``Algorithm`` is SM2, RSA or ED25519, ``Purpose`` 3 to sign and 2 to
encrypt; of a set of secrets in common it is SECRETS and 1, and such a notice carries nothing. A
notice of any other key is of no key ring: what it carries is left alone. ACC-5.8.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, NamedTuple, NoReturn

from vgigw.crypto.certificate_form import public_key_of_certificate
from vgigw.crypto.key_algorithms import Algorithm, fingerprint_of, public_key
from vgigw.crypto.link_keys import KEY_ID, Purpose
from vgigw.errors import Detail, InvalidObject, Misconfigured
from vgigw.objects import KeyRecord
from vgigw.objects.security import KeyPurpose

PURPOSES: Final = {
    KeyPurpose.IDENTITY: Purpose.EXCHANGE,
    KeyPurpose.DATA: Purpose.ENCRYPT,
    KeyPurpose.SIGNING: Purpose.SIGN,
}
MOST_CHARACTERS: Final = 4096
"""That ``WrappedKey`` has room for."""

_ALGORITHMS: Final = {one.value.upper(): one for one in Algorithm}


class ToldKey(NamedTuple):
    """A key as a notice tells of it; ``public`` (SubjectPublicKeyInfo) is None where it carries
    none."""

    algorithm: Algorithm
    purpose: Purpose
    public: bytes | None
    certificates: tuple[bytes, ...]


def told_key(record: KeyRecord) -> ToldKey | None:
    """The key that a notice tells of; None where it is of no key ring.

    Raises :class:`~vgigw.errors.InvalidObject`, which tells nothing of what stands there.
    """
    purpose = PURPOSES.get(record.purpose)
    algorithm = _ALGORITHMS.get(record.algorithm.upper())
    if purpose is None or algorithm is None:
        return None
    is_set = algorithm is Algorithm.SECRETS
    if is_set and record.wrapped_key is not None:
        # What stands in a notice is kept, by both sides, and may travel by a set that was stolen.
        _refuse("/WrappedKey", "secrets in common do not travel in a notice")
    if is_set != (purpose is Purpose.EXCHANGE):
        return None
    if not KEY_ID.match(record.key_id):
        _refuse("/KeyID", "a key of a ring has 1 to 32 letters, digits, - or _")
    if not algorithm.serves(purpose):
        _refuse("/Purpose", f"a key of {algorithm} cannot {purpose.value}")
    if record.wrapped_key is None:
        return ToldKey(algorithm, purpose, None, ())
    public, certificates = _carried(record.wrapped_key)
    try:
        public_key(algorithm, public)
    except Misconfigured:
        # Not chained: somebody may have put a private key there.
        public = b""
    if not public:
        _refuse("/WrappedKey", f"no public key of {algorithm}")
    if fingerprint_of(public) != record.fingerprint.lower():
        _refuse("/Fingerprint", "not that of the key in WrappedKey")
    return ToldKey(algorithm, purpose, public, certificates)


def material(public: bytes, certificates: tuple[bytes, ...]) -> str:
    """``WrappedKey`` of a key: its certificates, as many as there is room for, or itself."""
    for count in range(len(certificates), 0, -1):
        text = ",".join(map(_written, certificates[:count]))
        if len(text) <= MOST_CHARACTERS:
            return text
    return _written(public)


def _carried(text: str) -> tuple[bytes, tuple[bytes, ...]]:
    ders = tuple(_read(part) for part in text.split(","))
    try:
        public = public_key_of_certificate(ders[0])
    except Misconfigured:
        # One alone that is no certificate is the key itself.
        return (ders[0], ()) if len(ders) == 1 else (b"", ())
    return public, ders


def _read(part: str) -> bytes:
    try:
        return base64.b64decode(part, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _written(der: bytes) -> str:
    return base64.b64encode(der).decode("ascii")


def _refuse(path: str, words: str) -> NoReturn:
    raise InvalidObject(details=(Detail(path, "rule", f"{words}; ACC-5.8"),))
