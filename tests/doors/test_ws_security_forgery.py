"""What is not of the one profile of WS-Security is not genuine, even signed by the right key. F82.

So each message below but those of the flips is signed anew by the operator's own key: what refuses
it is the profile, and not a signature that no longer holds.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA512
from msgspec.structs import replace

from tests.doors.ws_security_shapes import SHAPES, keyed_with_the_public_key
from tests.forging import Envelope, again, forged
from tests.trio import ret_of
from tests.wsse import SignedTrio, stranger
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireAnswer, WireRequest

SEED = int(os.environ.get("VGIGW_FLIP_SEED", "20261121"))
BITS = range(8) if os.environ.get("VGIGW_EVERY_BIT") else None
"""All eight of each byte, some 48 000 messages, where the environment asks for it; else one."""

SHA1_URI = "http://www.w3.org/2000/09/xmldsig#sha1"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
STR = term.BASE64.replace("Base64Binary", "STR-Transform")


@pytest.fixture(scope="module")
def trio() -> SignedTrio:
    return SignedTrio()


@pytest.fixture(scope="module")
def wire(trio: SignedTrio) -> WireRequest:
    return trio.pushed()


@pytest.fixture(scope="module")
def refusal(trio: SignedTrio) -> WireAnswer:
    return trio.give(stranger(trio))


def test_f82_no_bit_of_a_signed_message_can_be_changed(trio: SignedTrio, wire: WireRequest) -> None:
    """Every byte of the whole envelope: namespaces, ids, certificate, references, content."""
    chosen, tried = random.Random(SEED), 0
    for place, byte in enumerate(wire.body):
        for bit in BITS or (chosen.randrange(8),):
            changed = bytes([byte ^ 1 << bit])
            body = wire.body[:place] + changed + wire.body[place + 1 :]
            answer = trio.give(replace(wire, body=body))
            assert ret_of(answer) in {4001, 4003}, (SEED, place, bit, body[place - 20 : place + 20])
            tried += 1
    assert tried >= len(wire.body) > 5000
    assert trio.kept() == []


def refused(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, change: Callable[[Envelope], object]
) -> None:
    assert ret_of(refusal) == 4001
    assert trio.give(forged(wire, change)) == refusal
    assert trio.kept() == []


def test_what_is_signed_anew_without_a_change_is_genuine() -> None:
    trio = SignedTrio()

    assert ret_of(trio.give(forged(trio.pushed(), again(lambda message: None)))) == 0


@pytest.mark.parametrize(
    ("tag", "uri", "how"),
    [
        (term.SIGNATURE_METHOD, f"{term.DS}rsa-sha1", {"sign": SHA1()}),
        (term.SIGNATURE_METHOD, f"{MORE}rsa-sha512", {"sign": SHA512()}),
        (term.SIGNATURE_METHOD, f"{term.DS}hmac-sha1", {}),
        (term.SIGNATURE_METHOD, f"{MORE}hmac-sha256", {}),
        (term.SIGNATURE_METHOD, "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", {}),
        (term.SIGNATURE_METHOD, "none", {}),
        (term.SIGNATURE_METHOD, "", {}),
        (term.DIGEST_METHOD, SHA1_URI, {"digest": hashlib.sha1}),
        (term.DIGEST_METHOD, "http://www.w3.org/2001/04/xmlenc#sha512", {"digest": hashlib.sha512}),
        (term.DIGEST_METHOD, "", {}),
        (term.CANONICALIZATION, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", {}),
        (term.CANONICALIZATION, f"{term.EXC_C14N}WithComments", {}),
        (term.TRANSFORM, f"{term.DS}enveloped-signature", {}),
        (term.TRANSFORM, f"{term.EXC_C14N}WithComments", {}),
        (term.TRANSFORM, "http://www.w3.org/TR/1999/REC-xpath-19991116", {}),
        (term.TRANSFORM, "http://www.w3.org/2002/06/xmldsig-filter2", {}),
        (term.TRANSFORM, "http://www.w3.org/TR/1999/REC-xslt-19991116", {}),
        (term.TRANSFORM, f"{term.DS}base64", {}),
        (term.TRANSFORM, STR, {}),
    ],
    ids=lambda value: value.rpartition("#")[2] if isinstance(value, str) else None,
)  # fmt: skip
def test_f82_no_other_algorithm_is_taken_even_from_the_right_key(
    trio: SignedTrio,
    wire: WireRequest,
    refusal: WireAnswer,
    tag: str,
    uri: str,
    how: dict[str, Any],
) -> None:
    def change(message: Envelope) -> None:
        message.find(tag)[-1].set("Algorithm", uri)

    refused(trio, wire, refusal, again(change, **how))


@pytest.mark.parametrize("change", SHAPES, ids=lambda change: change.__name__)
def test_f82_no_other_form_is_taken_even_from_the_right_key(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, change: Callable[[Envelope], None]
) -> None:
    if change is keyed_with_the_public_key:
        refused(trio, wire, refusal, change)
        return
    refused(trio, wire, refusal, again(change))
