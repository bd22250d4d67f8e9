"""What every suite must hold, ours or a third party's: call ``check_suite`` in a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import Keys, Secrets, SuiteFor
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine, VgigwError

_MESSAGES = (b"", b"\x00", b"0" * 15, b"0" * 16, b"0" * 17, "中电联示例站".encode(), b"\xff" * 4099)
_TEXT: Final = b"one message that is longer than one block"
_EXCHANGE: Final = Exchange(
    operation="PushTelemetry",
    sender="100000001",
    receiver="200000002",
    sent_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
    nonce="0001",
    answers="A" * 12,
)

AT: Final = _EXCHANGE.sent_at
"""When the messages of the contract are sent: the keys given must be usable then."""


@dataclass(frozen=True)
class _Link:
    """A suite and the keys of its two sides, and of somebody else, all of them of one exchange."""

    suite: SuiteFor[Any]
    ours: Any
    theirs: Any
    foreign: Any
    shared: bool


def check_suite(
    suite: SuiteFor[Any], ours: Keys, theirs: Keys | None = None, foreign: Keys | None = None
) -> None:
    """Raise ``AssertionError`` where ``suite`` breaks the contract of a suite.

    For one with secrets in common ``ours`` are the secrets. Else ``ours`` and ``theirs`` are the
    keys of the two sides of a link, ``foreign`` those of a stranger who uses the same key ids, and
    all must be usable at :data:`AT`. Checked are round trips of every length class, each flipped
    byte of message and signature, foreign keys, texts that are no signature, ciphertexts that are
    none, and that nothing but the promised errors, in one wording, comes out; of keys that are not
    in common, that every member of the exchange is covered and no message is taken for the
    peer's own.
    """
    _hold(bool(suite.name) and suite.name.isascii(), "a suite has a name in ASCII")
    link = _link(suite, ours, theirs, foreign)
    for message in _MESSAGES:
        _round_trip(link, message)
    _flips(link)
    _foreign_key(link)
    _no_signature(link)
    _no_ciphertext(link)
    if not link.shared:
        _exchange_is_covered(link)
        _sides_are_two(link)
        _exchange_must_be_told(suite, ours)


def _link(suite: SuiteFor[Any], ours: Keys, theirs: Keys | None, foreign: Keys | None) -> _Link:
    shared = isinstance(ours, Secrets)
    if isinstance(ours, Secrets):
        theirs = theirs or ours
        foreign = foreign or replace(
            ours,
            data_secret=bytes(byte ^ 0x55 for byte in ours.data_secret),
            sig_secret=bytes(byte ^ 0x55 for byte in ours.sig_secret),
        )
    if theirs is None or foreign is None:
        raise AssertionError("keys that are not in common are given for both sides and a stranger")
    return _Link(
        suite, ours.about(_EXCHANGE), theirs.about(_EXCHANGE), foreign.about(_EXCHANGE), shared
    )


def _round_trip(link: _Link, message: bytes) -> None:
    suite = link.suite
    ciphertext = suite.encrypt(link.ours, message)
    _hold(suite.decrypt(link.theirs, ciphertext) == message, "decrypt undoes encrypt")
    _hold(len(message) < 15 or message not in ciphertext, "a ciphertext hides its plaintext")
    signature = suite.sign(link.ours, message)
    _hold(bool(signature) and signature.isascii(), "a signature is ASCII text")
    _hold(len(signature) <= 1024, "a signature has at most 1024 characters")
    _hold(signature.isprintable() and " " not in signature, "a signature has no white space")
    suite.verify(link.theirs, message, signature)


def _flips(link: _Link) -> None:
    verify, message = link.suite.verify, bytes(range(96))
    signature = link.suite.sign(link.ours, message)
    for place in range(len(message)):
        changed = message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]
        _refused(NotGenuine, verify, link.theirs, changed, signature)
    for place, sign in enumerate(signature):
        other = signature[:place] + ("A" if sign != "A" else "B") + signature[place + 1 :]
        _refused(NotGenuine, verify, link.theirs, message, other)
    for cut in (message[:-1], message[1:], message + b"\0", b""):
        _refused(NotGenuine, verify, link.theirs, cut, signature)


def _foreign_key(link: _Link) -> None:
    suite, message = link.suite, b"one message"
    signature, ciphertext = suite.sign(link.ours, message), suite.encrypt(link.ours, message)
    _refused(NotGenuine, suite.verify, link.foreign, message, signature)
    _refused(NotGenuine, suite.verify, link.theirs, message, suite.sign(link.foreign, message))
    try:
        opened = suite.decrypt(link.foreign, ciphertext)
    except NotDecrypted:
        return
    _hold(link.shared and opened != message, "another key does not open a ciphertext")


def _no_signature(link: _Link) -> None:
    message = b"one message"
    signature = link.suite.sign(link.ours, message)
    forms = (
        "",
        "0",
        signature.swapcase(),
        signature[:-1],
        signature + "0",
        signature + "=",
        signature + "\n",
        signature * 2,
        " " + signature,
    )
    strange = ("中" * len(signature), "\0" * len(signature), "\ud800", "null", "é" + signature[1:])
    for text in (*forms, *strange):
        _refused(NotGenuine, link.suite.verify, link.theirs, message, text)


def _no_ciphertext(link: _Link) -> None:
    decrypt, ciphertext = link.suite.decrypt, link.suite.encrypt(link.ours, _TEXT)
    texts = set()
    for cut in (b"", b"\0", ciphertext[:-1], ciphertext + b"\0", ciphertext[1:]):
        texts.add(_refused(NotDecrypted, decrypt, link.theirs, cut))
    for place in range(len(ciphertext)):
        changed = ciphertext[:place] + bytes([ciphertext[place] ^ 1]) + ciphertext[place + 1 :]
        try:
            opened = decrypt(link.theirs, changed)
        except NotDecrypted as refusal:
            texts.add(str(refusal))
        else:
            # Secrets in common may have a cipher that leaves this to the signature.
            _hold(link.shared and opened != _TEXT, "a change shows")
    if not link.shared:
        for end in range(len(ciphertext)):
            texts.add(_refused(NotDecrypted, decrypt, link.theirs, ciphertext[:end]))
    _hold(len(texts) == 1, "every cause of a failed decryption reads the same")


def _exchange_is_covered(link: _Link) -> None:
    """What a message is about is as much under the signature as the message."""
    suite, message = link.suite, b"one message"
    signature, ciphertext = suite.sign(link.ours, message), suite.encrypt(link.ours, message)
    for other in (
        replace(_EXCHANGE, operation="PushTelemetr"),
        replace(_EXCHANGE, sender="100000003"),
        replace(_EXCHANGE, receiver="200000003"),
        replace(_EXCHANGE, sender=_EXCHANGE.receiver, receiver=_EXCHANGE.sender),
        replace(_EXCHANGE, sent_at=AT + timedelta(seconds=1)),
        replace(_EXCHANGE, nonce="0002"),
        replace(_EXCHANGE, answers=""),
        replace(_EXCHANGE, nonce="0001A", answers="A" * 11),
    ):
        keys = link.theirs.about(other)
        _refused(NotGenuine, suite.verify, keys, message, signature)
        _refused(NotDecrypted, suite.decrypt, keys, ciphertext)


def _sides_are_two(link: _Link) -> None:
    suite, message = link.suite, b"one message"
    _refused(NotGenuine, suite.verify, link.ours, message, suite.sign(link.ours, message))
    _refused(NotDecrypted, suite.decrypt, link.ours, suite.encrypt(link.ours, message))
    _hold(
        len({suite.encrypt(link.ours, message) for _ in range(3)}) == 3,
        "equal plaintexts have ciphertexts that differ",
    )


def _exchange_must_be_told(suite: SuiteFor[Any], untold: Keys) -> None:
    for call in (suite.sign, suite.encrypt, suite.decrypt):
        _refused(Misconfigured, call, untold, b"one message")
    _refused(Misconfigured, suite.verify, untold, b"one message", "key.AAAA")


def _refused(error: type[VgigwError], call: Callable[..., object], *arguments: object) -> str:
    try:
        call(*arguments)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{error.__name__} was expected")


def _hold(condition: bool, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)
