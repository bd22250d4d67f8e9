"""What every suite must hold, ours or a third party's: call ``check_suite`` in a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vgigw.crypto.suite import Secrets, Suite
from vgigw.errors import NotDecrypted, NotGenuine, VgigwError

_MESSAGES = (b"", b"\x00", b"0" * 15, b"0" * 16, b"0" * 17, "中电联示例站".encode(), b"\xff" * 4099)


def check_suite(suite: Suite, secrets: Secrets) -> None:
    """Raise ``AssertionError`` where ``suite`` breaks the contract of a suite.

    Checked with ``secrets``: round trips of every length class, each flipped byte of message and
    signature, foreign keys, texts that are no signature, ciphertexts that are none, and that
    nothing but the promised errors, in one wording, comes out.
    """
    _hold(bool(suite.name) and suite.name.isascii(), "a suite has a name in ASCII")
    for message in _MESSAGES:
        _round_trip(suite, secrets, message)
    _flips(suite, secrets)
    _foreign_key(suite, secrets)
    _no_signature(suite, secrets)
    _no_ciphertext(suite, secrets)


def _round_trip(suite: Suite, secrets: Secrets, message: bytes) -> None:
    ciphertext = suite.encrypt(secrets, message)
    _hold(suite.decrypt(secrets, ciphertext) == message, "decrypt undoes encrypt")
    _hold(len(message) < 15 or message not in ciphertext, "a ciphertext hides its plaintext")
    signature = suite.sign(secrets, message)
    _hold(bool(signature) and signature.isascii(), "a signature is ASCII text")
    _hold(signature.isprintable() and " " not in signature, "a signature has no white space")
    suite.verify(secrets, message, signature)


def _flips(suite: Suite, secrets: Secrets) -> None:
    message = bytes(range(96))
    signature = suite.sign(secrets, message)
    for place in range(len(message)):
        changed = message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]
        _refused(NotGenuine, suite.verify, secrets, changed, signature)
    for place, sign in enumerate(signature):
        other = signature[:place] + ("A" if sign != "A" else "B") + signature[place + 1 :]
        _refused(NotGenuine, suite.verify, secrets, message, other)
    for cut in (message[:-1], message[1:], message + b"\0", b""):
        _refused(NotGenuine, suite.verify, secrets, cut, signature)


def _foreign_key(suite: Suite, secrets: Secrets) -> None:
    foreign = replace(
        secrets,
        data_secret=bytes(byte ^ 0x55 for byte in secrets.data_secret),
        sig_secret=bytes(byte ^ 0x55 for byte in secrets.sig_secret),
    )
    message = b"one message"
    signature, ciphertext = suite.sign(secrets, message), suite.encrypt(secrets, message)
    _refused(NotGenuine, suite.verify, foreign, message, signature)
    try:
        opened = suite.decrypt(foreign, ciphertext)
    except NotDecrypted:
        return
    _hold(opened != message, "another key does not open a ciphertext")


def _no_signature(suite: Suite, secrets: Secrets) -> None:
    message = b"one message"
    signature = suite.sign(secrets, message)
    forms = (
        "",
        "0",
        signature.swapcase(),
        signature[:-1],
        signature + "0",
        signature * 2,
        " " + signature,
    )
    strange = ("中" * len(signature), "\0" * len(signature), "\ud800", "null", "é" + signature[1:])
    for text in (*forms, *strange):
        _refused(NotGenuine, suite.verify, secrets, message, text)


def _no_ciphertext(suite: Suite, secrets: Secrets) -> None:
    ciphertext = suite.encrypt(secrets, b"one message that is longer than one block")
    texts = set()
    for cut in (b"", b"\0", ciphertext[:-1], ciphertext + b"\0", ciphertext[1:]):
        texts.add(_refused(NotDecrypted, suite.decrypt, secrets, cut))
    for place in range(len(ciphertext)):
        changed = ciphertext[:place] + bytes([ciphertext[place] ^ 1]) + ciphertext[place + 1 :]
        try:
            opened = suite.decrypt(secrets, changed)
        except NotDecrypted as refusal:
            texts.add(str(refusal))
        else:
            _hold(opened != b"one message that is longer than one block", "a change shows")
    _hold(len(texts) == 1, "every cause of a failed decryption reads the same")


def _refused(error: type[VgigwError], call: Callable[..., object], *arguments: object) -> str:
    try:
        call(*arguments)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{error.__name__} was expected")


def _hold(condition: bool, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)
