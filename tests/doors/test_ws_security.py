"""WS-Security on the SOAP door: who may use it, and whose certificate counts. ACC-5.5, ACC-5.8."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from msgspec.structs import replace

from tests.forging import Envelope, again, forged
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, curve, ret_of, station
from tests.wsse import (
    NOT_AFTER,
    Certified,
    SignedTrio,
    certificate_of,
    certified,
    link,
    ours,
    stranger,
    theirs,
    to_platform,
)
from vgigw.codec import xml
from vgigw.crypto.link_keys import KeyState, LinkKeys
from vgigw.envelope.wire import WireAnswer
from vgigw.errors import PeerRefused
from vgigw.objects import TimeQuery
from vgigw.operations import ISSUE_CONTROL, PUSH_ARCHIVE, QUERY_TIME
from vgigw.ports import SoapSignature


@pytest.fixture(params=["1.1", "1.2"], ids=["SOAP 1.1", "SOAP 1.2"])
def trio(request: pytest.FixtureRequest) -> SignedTrio:
    return SignedTrio(str(request.param))


def strangers_answer(trio: SignedTrio) -> WireAnswer:
    return trio.give(stranger(trio))


def test_two_gateways_talk_by_ws_security_both_ways(trio: SignedTrio) -> None:
    """A command from the dispatch to the platform and on to the operator, each signed so."""
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    answer = trio.call(DISPATCH, ISSUE_CONTROL, curve())
    trio.tick(3, step_s=1)

    assert answer.command_id == "CMD1"
    bodies = [wire.body for wire, _ in trio.net.exchanged]
    assert any(wire.path.endswith("aggregator") for wire, _ in trio.net.exchanged)
    assert all(b"BinarySecurityToken" in body and b"<Sig>" not in body for body in bodies)
    assert all(b"SignatureConfirmation" in answer.body for _, answer in trio.net.exchanged)


def test_no_downgrade_a_peer_by_ws_security_is_not_heard_by_message_header() -> None:
    trio = SignedTrio()
    refusal = strangers_answer(trio)
    by_header = SoapSignature.MESSAGE_HEADER

    wire = trio.resealed(soap_signature=by_header)

    assert b"<Sig>" in wire.body
    assert trio.give(wire) == refusal
    assert trio.kept() == []


def test_no_downgrade_a_peer_by_message_header_is_not_heard_by_ws_security() -> None:
    sees = {OPERATOR: {"soap_signature": SoapSignature.MESSAGE_HEADER}}
    trio = SignedTrio(platform_sees=sees)
    _, peer = trio.courier()
    wire = trio.resealed(token="token")

    assert peer.soap_signature is SoapSignature.WS_SECURITY
    assert ret_of(trio.give(wire)) == 4001
    assert trio.give(wire) == strangers_answer(trio)


def test_a_message_with_neither_is_not_genuine() -> None:
    trio = SignedTrio()

    def bare(message: Envelope) -> None:
        message.header.remove(message.security)

    assert trio.give(forged(trio.pushed(), bare)) == strangers_answer(trio)


def test_a_security_block_is_nothing_to_a_peer_whose_secret_signs() -> None:
    """And it does not make a message that was good a bad one for another reason."""
    plain, signed = Trio("soap"), SignedTrio()
    wire = plain.sealed(PUSH_ARCHIVE, station(), plain.token())
    security = Envelope(signed.pushed().body).security

    def with_security(message: bytes) -> bytes:
        block = etree.tostring(security)
        return message.replace(b"</soap:Header>", block + b"</soap:Header>")

    changed = replace(wire, body=with_security(wire.body))
    assert changed.body != wire.body
    assert ret_of(plain.give(changed)) == 4001
    assert ret_of(plain.give(wire)) == 0


def test_an_unknown_certificate_is_as_a_stranger_is(trio: SignedTrio) -> None:
    key = generate_private_key(65537, 2048)
    unknown = Certified(key, certificate_of(key, OPERATOR))
    own = ours(OPERATOR)
    own = type(own)(
        own.key_id, own.purpose, key, own.not_before, own.not_after, certificates=(unknown.der,)
    )
    keys = LinkKeys(own=[own], peer=[theirs(PLATFORM)])

    wire = trio.resealed(outbound=keys)

    assert trio.give(wire) == strangers_answer(trio)
    assert trio.kept() == []


def test_another_certificate_of_the_very_key_is_unknown_too(trio: SignedTrio) -> None:
    """What counts is in the ring; a certificate that anybody wrote for the key is not."""
    key = certified(OPERATOR).key
    again_certified = certificate_of(key, OPERATOR, not_after=NOT_AFTER + timedelta(days=1))

    def change(message: Envelope) -> None:
        message.token.text = _base64(again_certified.public_bytes(Encoding.DER))

    assert trio.give(forged(trio.pushed(), change)) == strangers_answer(trio)


def test_the_certificate_of_another_peer_is_none_of_this_one(trio: SignedTrio) -> None:
    keys = link(OTHER, PLATFORM)

    wire = trio.resealed(outbound=keys)

    assert trio.give(wire) == strangers_answer(trio)
    assert trio.kept() == []


def test_a_right_certificate_does_not_speak_for_another_operator(trio: SignedTrio) -> None:
    """Under the operator's own, perfect signature."""

    def change(message: Envelope) -> None:
        message.one(message.block, xml.tag("OperatorID")).text = OTHER

    assert trio.give(forged(trio.pushed(), again(change))) == strangers_answer(trio)
    assert trio.kept() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"certificates": ()}, 4001),
        ({"certificates": (b"no certificate",)}, 4001),
        ({"state": KeyState.REVOKED}, 4104),
        ({"state": KeyState.PENDING}, 4104),
        ({"not_after": NOW - timedelta(seconds=1)}, 4104),
        ({"not_before": NOW + timedelta(seconds=1)}, 4104),
        ({"state": KeyState.RETIRING}, 0),
    ],
    ids=[
        "no certificate",
        "nonsense",
        "revoked",
        "pending",
        "expired",
        "not yet valid",
        "retiring",
    ],
)
def test_acc_5_8_the_key_ring_says_whether_a_certificate_counts(
    trio: SignedTrio, changed: dict[str, Any], code: int
) -> None:
    wire = trio.pushed()
    trio.platform_sees(**changed)

    assert ret_of(trio.give(wire)) == code
    assert len(trio.kept()) == (code == 0)


@pytest.mark.parametrize("begins", [-2, 1], ids=["over", "yet to begin"])
def test_acc_5_8_a_certificate_counts_on_its_own_days_alone(trio: SignedTrio, begins: int) -> None:
    key = certified(OPERATOR).key
    start = NOW + timedelta(days=begins)
    dated = certificate_of(key, OPERATOR, start, start + timedelta(days=1))
    der = dated.public_bytes(Encoding.DER)
    wire = forged(trio.pushed(), lambda message: setattr(message.token, "text", _base64(der)))
    trio.platform_sees(certificates=(der,))

    assert ret_of(trio.give(wire)) == 4104
    assert trio.kept() == []


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def test_a_forgery_under_a_revoked_certificate_is_told_nothing(trio: SignedTrio) -> None:
    wire = trio.pushed()
    trio.platform_sees(state=KeyState.REVOKED)

    def change(message: Envelope) -> None:
        for each in message.find(xml.tag("StationID")):
            each.text = "EVIL"

    assert trio.give(forged(wire, change)) == strangers_answer(trio)


def test_a_token_is_asked_for_and_belongs_to_its_owner(trio: SignedTrio) -> None:
    without = trio.sealed(PUSH_ARCHIVE, station(), None)
    of_another = trio.sealed(PUSH_ARCHIVE, station(), trio.token(OTHER))

    assert ret_of(trio.give(without)) == 4002
    assert ret_of(trio.give(of_another)) == 4002
    assert trio.kept() == []


def test_a_message_without_message_header_is_no_message(trio: SignedTrio) -> None:
    def change(message: Envelope) -> None:
        message.header.remove(message.block)
        message.signed_info.remove(message.reference("MessageHeader"))

    assert ret_of(trio.give(forged(trio.pushed(), again(change)))) == 4003


def test_a_refusal_is_signed_for_the_peer_that_was_found_genuine(trio: SignedTrio) -> None:
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, PUSH_ARCHIVE, station())

    assert refused.value.code == 4301


def test_must_understand_on_the_message_header_is_signed_and_read(trio: SignedTrio) -> None:
    """It stays where it is: what is digested is the element as it came."""

    def change(message: Envelope) -> None:
        message.block.set(f"{{{message.soap}}}mustUnderstand", "1")

    assert ret_of(trio.give(forged(trio.pushed(), again(change)))) == 0


def test_an_answer_without_keys_of_ours_is_a_failure_and_no_success() -> None:
    trio = SignedTrio()
    wire = trio.sealed(QUERY_TIME, _a_time(), trio.token())
    known: Any = trio.platform.identity.peers
    keys = known[OPERATOR].inbound
    known[OPERATOR] = replace(known[OPERATOR], inbound=LinkKeys(own=(), peer=keys.peer))

    assert ret_of(trio.give(wire)) == 500


def _a_time() -> Any:
    return TimeQuery(t1=NOW)


def test_our_newest_certified_key_signs() -> None:
    trio = SignedTrio()
    courier, peer = trio.courier()
    old, new = ours(OPERATOR), ours(OTHER)
    later = type(new)("sign-2", new.purpose, new.key, NOW, NOT_AFTER, certificates=new.certificates)
    bare = type(new)("sign-3", new.purpose, new.key, NOW, NOT_AFTER)
    keys = LinkKeys(own=[old, later, bare], peer=[theirs(PLATFORM)])
    wire, _ = courier.seal(replace(peer, outbound=keys), "", QUERY_TIME, _a_time(), "token", NOW)

    assert _base64(certified(OTHER).der) in to_platform(wire).body.decode()


def test_acc_5_6_a_body_may_be_encrypted_and_is_signed_as_it_travels(trio: SignedTrio) -> None:
    courier, peer = trio.courier()
    secretive: Any = courier
    secretive._secrecy = lambda *_: True
    token = trio.token()
    wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, station(), token, NOW)

    answer = trio.give(to_platform(wire))

    assert b"ExchangeSecured" in wire.body
    assert b">ST1<" not in wire.body
    assert b"ArchiveReceipt" not in answer.body
    assert courier.open(peer, PUSH_ARCHIVE, sent, answer) is not None
    assert len(trio.kept()) == 1
    assert trio.give(forged(to_platform(wire), _other_ciphertext)) == strangers_answer(trio)


def _other_ciphertext(message: Envelope) -> None:
    (data,) = message.find(xml.tag("SecuredData"))
    data.text = f"AAAA{(data.text or '')[4:]}"
