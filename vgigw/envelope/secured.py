"""Bodies that travel encrypted on the typed doors, as SecuredData, by the suite of the link.

The plaintext is what would be the body: on SOAP the element inside Body, on REST the object. What
the ciphertext is about (the operation inside, the parties, time and nonce) the keys are told
beforehand, and the signature covers the message that carries it. ACC-5.4, ACC-5.6, PLT-10.3b.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable

from lxml import etree

from vgigw.codec import json, xsd
from vgigw.crypto.suite import AnyKeys, AnySuite, Secrets
from vgigw.envelope.cec102 import open_data
from vgigw.errors import (
    InvalidObject,
    KeyUnusable,
    Malformed,
    Misconfigured,
    VgigwError,
)
from vgigw.objects import FaultItem, Refusal, SecuredAnswer, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED


def request_in_json(body: bytes) -> SecuredRequest:
    """The carrying request of REST, read for form. Raises ``Malformed`` with every fault."""
    try:
        read = json.decode_fast(SecuredRequest, body)
        if read is not None:
            return read
        if json.crowded(body):
            raise Malformed("the secured request holds too much")
        return json.decode(SecuredRequest, body)
    except InvalidObject as cause:
        raise Malformed("the secured request is not valid", cause.details) from cause


def request_in_xml(payload: etree._Element) -> SecuredRequest:
    """The carrying request of SOAP, as :func:`request_in_json`."""
    try:
        return xsd.unwrap(EXCHANGE_SECURED.name, SecuredRequest, payload)
    except InvalidObject as cause:
        raise Malformed("the secured request is not valid", cause.details) from cause


def sealed(suite: AnySuite, keys: AnyKeys, plaintext: bytes) -> str:
    """SecuredData of ``plaintext``. Raises ``Misconfigured`` without a key to encrypt with."""
    return binascii.b2a_base64(suite.encrypt(keys, plaintext), newline=False).decode()


def opened(suite: AnySuite, keys: AnyKeys, secured_data: str) -> bytes:
    """The plaintext of a SecuredData; line breaks inside it are tolerated.

    Raises ``NotDecrypted``, one for every cause. Only for what was found genuine.
    """
    return open_data(secured_data, suite, keys)


def sealed_answer(suite: AnySuite, keys: AnyKeys, plaintext: bytes) -> SecuredAnswer:
    """The answer that carries ``plaintext``."""
    return SecuredAnswer(secured_data=sealed(suite, keys, plaintext))


def check_answerable(keys: AnyKeys) -> None:
    """Raise ``KeyUnusable`` where no answer could be encrypted: before anything is done, and told
    under our signature, so that the peer learns of it and its message waits."""
    if isinstance(keys, Secrets):
        return
    try:
        keys.to_encrypt()
    except Misconfigured as cause:
        raise KeyUnusable("no key of yours is in use here to encrypt an answer with") from cause


def refusal_of(error: VgigwError) -> Refusal:
    """What a peer is told of ``error``."""
    items = tuple(
        FaultItem(path=item.path[:256] or "/", code=item.code[:32], message=item.message[:200])
        for item in error.details
    )
    return Refusal(ret=error.ret, msg=error.message[:200], details=items)


def sealed_refusal(
    suite: AnySuite, keys: AnyKeys, error: VgigwError, write: Callable[[Refusal], bytes]
) -> Refusal:
    """The refusal of a secured request: its code in the clear, and the whole of it sealed.

    Words and details may tell of what was asked. Where there is no key to encrypt them with, the
    code stands alone.
    """
    try:
        secured_data = sealed(suite, keys, write(refusal_of(error)))
    except Misconfigured:
        secured_data = None
    return Refusal(ret=error.ret, msg=error.text, secured_data=secured_data)


def opened_refusal(
    suite: AnySuite, keys: AnyKeys, refusal: Refusal, read: Callable[[bytes], Refusal]
) -> Refusal:
    """The whole of a refusal, itself where nothing of it is sealed.

    Raises ``NotDecrypted``, and ``Malformed`` where its two codes differ.
    """
    if refusal.secured_data is None:
        return refusal
    whole = read(opened(suite, keys, refusal.secured_data))
    if whole.ret != refusal.ret:
        raise Malformed("a refusal has two codes")
    return whole
