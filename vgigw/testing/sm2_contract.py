"""What every provider of SM2 must hold: call ``check_sm2_provider`` in a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vgigw.crypto.sm2 import LONGEST_USER_ID, PrivateKey, Sm2Provider, message_digest
from vgigw.crypto.sm2_curve import G, N, PublicKey, Signature, is_on_curve, number
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine, OwnFault, VgigwError

_USER_ID: Final = b"1234567812345678"
_MESSAGE: Final = "中电联示例站".encode()
_MESSAGES: Final = (b"", b"\x00", _MESSAGE, b"\xff" * 4099)
_PLAINTEXTS: Final = (b"\x00", b"k" * 16, b"k" * 31, b"k" * 32, b"k" * 33, b"k" * 1025)


class _Stranger:
    """A handle that no provider made."""

    public_key: Final = PublicKey(*G)


def check_sm2_provider(provider: Sm2Provider, key: PrivateKey, other: PrivateKey) -> None:
    """Raise ``AssertionError`` where ``provider`` breaks the contract of a provider.

    ``key`` and ``other`` are two of its keys. Checked are round trips, fresh nonces, user ids,
    every way to change a signature or a ciphertext a little, foreign keys and handles, and that
    nothing but the promised errors, in one wording, comes out.
    """
    _hold(bool(provider.name) and provider.name.isascii(), "a provider has a name in ASCII")
    _hold(key.public_key != other.public_key, "two keys to check with are two")
    _signatures(provider, key)
    _nonces(provider, key)
    _user_ids(provider, key)
    _changed_signatures(provider, key, other)
    _ciphertexts(provider, key)
    _changed_ciphertexts(provider, key, other)
    _handles(provider, key)


def _signatures(provider: Sm2Provider, key: PrivateKey) -> None:
    for message in _MESSAGES:
        signature = provider.sign(key, message)
        provider.verify(key.public_key, message, signature)
        # One who names no user id is the default one.
        provider.verify(key.public_key, message, signature, _USER_ID)


def _nonces(provider: Sm2Provider, key: PrivateKey) -> None:
    """What r is more than the digest is the nonce's own; a second time it gives the key away."""
    seen = []
    for message in (_MESSAGE, _MESSAGE, b"another", b"a third"):
        signature = provider.sign(key, message)
        digest = number(message_digest(key.public_key, message, _USER_ID))
        seen.append((signature.r - digest) % N)
    _hold(len({*seen, *(N - nonce for nonce in seen)}) == 2 * len(seen), "a nonce is used once")
    points = {provider.encrypt(key.public_key, b"plaintext").x for _ in range(3)}
    _hold(len(points) == 3, "a nonce is used once")


def _user_ids(provider: Sm2Provider, key: PrivateKey) -> None:
    signature = provider.sign(key, _MESSAGE, b"A")
    provider.verify(key.public_key, _MESSAGE, signature, b"A")
    for other in (b"a", b"A\x00", b"AA", _USER_ID, b"x" * LONGEST_USER_ID):
        _refused(NotGenuine, provider.verify, key.public_key, _MESSAGE, signature, other)
    longest = b"x" * LONGEST_USER_ID
    provider.verify(key.public_key, _MESSAGE, provider.sign(key, _MESSAGE, longest), longest)
    for none in (b"", longest + b"x"):
        _refused(Misconfigured, provider.sign, key, _MESSAGE, none)
        _refused(Misconfigured, provider.verify, key.public_key, _MESSAGE, signature, none)


def _changed_signatures(provider: Sm2Provider, key: PrivateKey, other: PrivateKey) -> None:
    own = key.public_key
    signature = provider.sign(key, _MESSAGE)
    r, s = signature.r, signature.s
    flipped = [(r ^ 1 << bit, s) for bit in (0, 1, 127, 200)]
    flipped += [(r, s ^ 1 << bit) for bit in (0, 1, 127, 200)]
    texts = set()
    for pair in (*flipped, (s, r), (r, N - s), (N - r, s), (N - r, N - s), (1, 1), (r, 1)):
        texts.add(_refused(NotGenuine, _verify_numbers, provider, own, pair))
    for message in (
        b"",
        _MESSAGE[:-1],
        _MESSAGE + b"\x00",
        bytes([_MESSAGE[0] ^ 1]) + _MESSAGE[1:],
    ):
        texts.add(_refused(NotGenuine, provider.verify, own, message, signature))
    texts.add(_refused(NotGenuine, provider.verify, other.public_key, _MESSAGE, signature))
    _hold(len(texts) == 1, "every cause of a refused signature reads the same")


def _verify_numbers(provider: Sm2Provider, key: PublicKey, pair: tuple[int, int]) -> None:
    provider.verify(key, _MESSAGE, Signature(*pair))


def _ciphertexts(provider: Sm2Provider, key: PrivateKey) -> None:
    for plaintext in _PLAINTEXTS:
        ciphertext = provider.encrypt(key.public_key, plaintext)
        _hold(is_on_curve(ciphertext.x, ciphertext.y), "C1 is a point of the curve")
        _hold(len(ciphertext.masked) == len(plaintext), "C2 is as long as the plaintext")
        _hold(ciphertext.masked != plaintext, "a ciphertext hides its plaintext")
        _hold(provider.decrypt(key, ciphertext) == plaintext, "decrypt undoes encrypt")
    _refused(OwnFault, provider.encrypt, key.public_key, b"")


def _changed_ciphertexts(provider: Sm2Provider, key: PrivateKey, other: PrivateKey) -> None:
    made = provider.encrypt(key.public_key, _MESSAGE)
    foreign = provider.encrypt(key.public_key, _MESSAGE)
    # Each kind of change once at each end: C3 must speak for all of it.
    changed = [
        *(replace(made, digest=_flip(made.digest, at)) for at in (0, 15, 31)),
        *(replace(made, masked=_flip(made.masked, at)) for at in (0, 7, len(_MESSAGE) - 1)),
        replace(made, masked=made.masked[:-1]),
        replace(made, masked=made.masked + b"\x00"),
        replace(made, x=foreign.x, y=foreign.y),
        replace(made, digest=foreign.digest),
        replace(made, masked=foreign.masked),
        # C1C2C3 that was read as C1C3C2.
        replace(
            made,
            digest=(made.masked + made.digest)[:32],
            masked=(made.masked + made.digest)[32:],
        ),
    ]
    texts = {_refused(NotDecrypted, provider.decrypt, key, one) for one in changed}
    texts.add(_refused(NotDecrypted, provider.decrypt, other, made))
    _hold(len(texts) == 1, "every cause of a failed decryption reads the same")


def _handles(provider: Sm2Provider, key: PrivateKey) -> None:
    ciphertext = provider.encrypt(key.public_key, b"plaintext")
    for stranger in (_Stranger(), None, b"\x01" * 32):
        _refused(Misconfigured, provider.sign, stranger, _MESSAGE)
        _refused(Misconfigured, provider.decrypt, stranger, ciphertext)


def _flip(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def _refused(error: type[VgigwError], call: Callable[..., object], *arguments: object) -> str:
    try:
        call(*arguments)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{error.__name__} was expected")


def _hold(condition: bool, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)
