"""What an attacker can do to messages under private keys, without one of them: nothing. ACC-5.5.

He has every message of everyone, and keys of a peer of his own. The handler never runs for what he
makes, whichever door it comes to.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_order_of_safety import spoilt
from tests.links import ENCRYPTING, SIGNING, WITH_KEYS, by_suite, link
from tests.trio import (
    BASES,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    ret_of,
    secrets_of,
    station,
)
from vgigw.crypto.link_keys import AnyLinkKeys, KeyState, LinkKey, Purpose
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import PeerAnswerInvalid, PeerRefused
from vgigw.handlers.keeping import object_of
from vgigw.objects import StationInfo, TimeQuery
from vgigw.operations import PUSH_ARCHIVE, QUERY_TIME, QUERY_TOKEN, UPLOAD_TELEMETRY
from vgigw.ports import Courier, Peer

NOT_READ = {4001, 4002, 4003, 4102, 4103, 4104}
"""Refusals that come before anything of the message is looked at."""


@pytest.fixture(params=WITH_KEYS)
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest, suite: str) -> Trio:
    return Trio(request.param, suite=suite)


def pushed(trio: Trio, **more: Any) -> WireRequest:
    return trio.sealed(PUSH_ARCHIVE, station(), trio.token(), **more)


def kept(trio: Trio) -> int:
    return len(trio.stores[PLATFORM].read(lambda view: view.documents(StationInfo.__name__)))


def refused(trio: Trio, wire: WireRequest, *codes: int) -> None:
    answer = trio.give(wire)
    assert ret_of(answer) in codes
    assert kept(trio) == 0


def forged_by_the_same_key(wire: WireRequest) -> WireRequest:
    """The same message with one sign of its signature changed, and the key's name as it was."""
    if "signature" in wire.headers:
        return spoilt(wire)
    place = wire.body.index(b".", wire.body.index(b"Sig")) + 20
    other = b"A" if wire.body[place : place + 1] != b"A" else b"B"
    return replace(wire, body=wire.body[:place] + other + wire.body[place + 1 :])


def platform_sees(trio: Trio, **changed: Any) -> None:
    """The platform's view of the operator's link from now on; ``changed`` is of the four keys."""
    shown = secrets_of(OPERATOR).operator_secret
    keys = link(trio.suite, PLATFORM, OPERATOR, shown, **changed)
    known: Any = trio.platform.identity.peers
    known[OPERATOR] = replace(known[OPERATOR], inbound=keys, outbound=keys)


def resealed(trio: Trio, **changed: Any) -> WireRequest:
    """A push that the operator seals with another view of the platform."""
    courier, peer = courier_of(trio)
    wire, _ = courier.seal(
        replace(peer, **changed), peer.paths[0], PUSH_ARCHIVE, station(), trio.token(), NOW
    )
    path = f"/{BASES[trio.door]}{wire.path}"
    return replace(wire, path=path, transport=Transport.LOOPBACK)


def courier_of(trio: Trio, party: str = OPERATOR) -> tuple[Courier, Peer]:
    gateway = trio.gateways[party]
    return gateway._exchanges._couriers[trio.door], gateway.identity.peers[PLATFORM]


def test_a_good_message_passes(trio: Trio) -> None:
    assert ret_of(trio.give(pushed(trio))) == 0
    assert kept(trio) == 1


def flips(wire: WireRequest) -> Iterator[WireRequest]:
    """The message with one bit changed, at places all over body, signature and its parameters."""
    for place in range(0, len(wire.body), max(1, len(wire.body) // 60)):
        byte = bytes([wire.body[place] ^ 1])
        yield replace(wire, body=wire.body[:place] + byte + wire.body[place + 1 :])
    for name in ("signature", "signature-input", "authorization", "content-digest"):
        text = wire.headers.get(name, "")
        for place in range(len(text)) if name in wire.headers else ():
            changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            yield replace(wire, headers={**wire.headers, name: changed})


def test_no_bit_of_a_message_can_be_changed_acc_5_5(trio: Trio) -> None:
    wire = pushed(trio)
    answers = [ret_of(trio.give(changed)) for changed in flips(wire)]
    held = trio.stores[PLATFORM].read(lambda view: view.documents(StationInfo.__name__))
    # In the declaration and the names of XML is a bit or two that says nothing.
    assert answers.count(0) <= 2
    assert set(answers) <= {0, *NOT_READ}
    assert len(answers) >= 60
    assert [object_of(StationInfo, each.payload) for each in held] in ([], [station()])


def test_a_message_does_not_serve_another_operation(trio: Trio) -> None:
    wire = pushed(trio)
    swapped = {
        "cec102": replace(wire, path=f"/evcs/v1/{UPLOAD_TELEMETRY.cec102[0]}"),
        "rest": replace(wire, path=wire.path.replace("ST1", "ST2")),
        "soap": replace(
            wire,
            body=wire.body.replace(b"PushArchive", b"PushVehicle"),
            headers={
                name: text.replace("PushArchive", "PushVehicle")
                for name, text in wire.headers.items()
            },
        ),
    }[trio.door]
    assert swapped != wire
    refused(trio, swapped, 4001)


def test_a_message_for_another_gateway_is_none_for_this_one(trio: Trio) -> None:
    refused(trio, resealed(trio, operator_id="700000007"), 4001)


def test_what_was_taken_here_is_refused_at_another_gateway(trio: Trio, suite: str) -> None:
    wire = pushed(trio)
    assert ret_of(trio.give(wire)) == 0
    elsewhere = Trio(trio.door, suite=suite)
    identity = replace(elsewhere.platform.identity, operator_id="700000007")
    elsewhere.platform.identity = identity

    refused(elsewhere, wire, 4001)


@pytest.mark.parametrize("lower", ["tcec102", "gm-mac"])
def test_card_5_no_lower_suite_is_taken(trio: Trio, lower: str) -> None:
    secrets = secrets_of(OPERATOR)
    wire = resealed(trio, suite=lower, inbound=secrets, outbound=secrets)

    refused(trio, wire, 4001)


def test_card_5_no_other_suite_with_keys_is_taken(trio: Trio, suite: str) -> None:
    other = next(each for each in WITH_KEYS if each != suite)
    courier, peer = courier_of(Trio(trio.door, suite=other))
    changed = by_suite(peer, other, OPERATOR, secrets_of(OPERATOR))
    wire, _ = courier.seal(changed, peer.paths[0], PUSH_ARCHIVE, station(), trio.token(), NOW)

    refused(trio, replace(wire, path=f"/{BASES[trio.door]}{wire.path}"), 4001)


def test_a_message_without_signature_is_not_read(trio: Trio) -> None:
    wire = pushed(trio)
    gone = {"signature", "signature-input"}
    bare = replace(wire, headers={n: t for n, t in wire.headers.items() if n not in gone})
    for mark, end in ((b'"Sig":"', b'"'), (b"<Sig>", b"<")):
        at = bare.body.find(mark)
        if at >= 0:
            until = bare.body.index(end, at + len(mark))
            bare = replace(bare, body=bare.body[: at + len(mark)] + bare.body[until:])
    assert bare != wire
    refused(trio, bare, 4001, 4003)


def test_a_peer_does_not_sign_for_another(trio: Trio) -> None:
    """With the very key ids that the other has."""
    keys = link(trio.suite, OTHER, PLATFORM, b"-" * 8)

    refused(trio, resealed(trio, outbound=keys), 4001)


def test_a_wrong_key_and_an_unknown_party_get_one_answer_acc_5_5(trio: Trio) -> None:
    wire = resealed(trio, outbound=link(trio.suite, OTHER, PLATFORM, b"-" * 8))
    forged = trio.give(wire)
    known: Any = trio.platform.identity.peers
    del known[OPERATOR]

    assert trio.give(wire) == forged


@pytest.mark.parametrize(
    "changed",
    [
        {"state": KeyState.REVOKED},
        {"state": KeyState.PENDING},
        {"not_after": NOW - timedelta(seconds=1)},
        {"not_before": NOW + timedelta(seconds=1)},
    ],
    ids=["revoked", "pending", "expired", "not yet valid"],
)
def test_a_key_that_is_not_in_use_is_told_to_its_holder_acc_5_8(
    trio: Trio, changed: dict[str, Any]
) -> None:
    wire = pushed(trio)
    platform_sees(trio, **changed)

    refused(trio, wire, 4104)


def test_f82_a_key_that_is_not_known_is_a_forgery_like_any_other(trio: Trio) -> None:
    wire = pushed(trio)
    platform_sees(trio, key_id="another")

    answer = trio.give(wire)

    assert ret_of(answer) == 4001
    assert kept(trio) == 0
    assert trio.events[-1][2]["kind"] == "KeyUnknown"


@pytest.mark.parametrize("off", [timedelta(0), timedelta(hours=-1), timedelta(hours=1)])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"key_id": "another"},
        {"state": KeyState.REVOKED},
        {"not_after": NOW - timedelta(days=1)},
    ],
    ids=["in use", "not known", "revoked", "expired"],
)
def test_f84_a_forgery_tells_nothing_of_the_key_that_it_names_whatever_its_time(
    trio: Trio, changed: dict[str, Any], off: timedelta
) -> None:
    """4102 and 4104 are for who has the key, or a recording of what was signed with it."""
    wire = forged_by_the_same_key(pushed(trio, at=NOW + off))
    platform_sees(trio, **changed)

    refused(trio, wire, 4001)


def test_a_retiring_key_still_verifies_acc_5_8(trio: Trio) -> None:
    wire = pushed(trio)
    shown = secrets_of(OPERATOR).operator_secret
    now, ended = (
        link(trio.suite, PLATFORM, OPERATOR, shown, state=state)
        for state in (KeyState.ACTIVE, KeyState.RETIRING)
    )
    theirs = [*only(Purpose.SIGN, ended), *only(Purpose.ENCRYPT, now)]
    known: Any = trio.platform.identity.peers
    known[OPERATOR] = replace(known[OPERATOR], inbound=dataclasses.replace(now, peer=theirs))

    assert ret_of(trio.give(wire)) == 0
    assert kept(trio) == 1


def only(purpose: Purpose, keys: AnyLinkKeys) -> list[LinkKey[Any]]:
    """The peer's keys for ``purpose``."""
    return [key for key in keys.peer if key.purpose is purpose]


def test_nothing_is_done_for_a_peer_that_no_answer_can_be_encrypted_for(suite: str) -> None:
    """It is told so under our signature, so that its letter waits for the key and does not die."""
    trio = Trio("cec102", suite=suite)
    token, courier_and_peer = trio.token(), courier_of(trio)
    shown = secrets_of(OPERATOR).operator_secret
    keys = link(suite, PLATFORM, OPERATOR, shown)
    known: Any = trio.platform.identity.peers
    signing = dataclasses.replace(keys, peer=only(Purpose.SIGN, keys))
    known[OPERATOR] = replace(known[OPERATOR], inbound=signing)
    courier, peer = courier_and_peer
    wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, station(), token, NOW)

    answer = trio.give(replace(wire, path=f"/evcs/v1{wire.path}", transport=Transport.LOOPBACK))

    with pytest.raises(PeerRefused) as refused:
        courier.open(peer, PUSH_ARCHIVE, sent, answer)
    assert refused.value.code == 4104
    assert kept(trio) == 0


def test_what_is_encrypted_for_another_key_is_told_so(suite: str) -> None:
    trio = Trio("cec102", suite=suite)
    _, peer = courier_of(trio)
    keys: Any = peer.outbound
    theirs = link(suite, OPERATOR, OTHER, b"-" * 8)
    strange = [*only(Purpose.SIGN, keys), *only(Purpose.ENCRYPT, theirs)]
    wire = resealed(trio, outbound=dataclasses.replace(keys, peer=strange))

    refused(trio, wire, 4103)


def test_nothing_of_a_body_is_readable_on_cec102(suite: str) -> None:
    trio = Trio("cec102", suite=suite)
    wire = pushed(trio)

    # With its quote, which no ciphertext has: three letters stand in one by chance.
    assert not re.search(rb'ST1\\*"', wire.body)
    assert b"StationID" not in wire.body
    assert SIGNING.encode() in wire.body
    assert ENCRYPTING.encode() not in wire.body


def test_an_answer_whose_keys_have_run_out_is_no_success_and_breaks_nothing(trio: Trio) -> None:
    token = trio.token()
    wire = trio.sealed(QUERY_TIME, a_time(), token)
    known: Any = trio.platform.identity.peers
    keys = known[OPERATOR].inbound
    known[OPERATOR] = replace(known[OPERATOR], inbound=type(keys)(own=(), peer=keys.peer))

    answer = trio.give(wire)

    assert ret_of(answer) in (500, 4103)
    courier, peer = courier_of(trio)
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, QUERY_TIME, sent_with(trio), answer)


def a_time() -> Any:
    return TimeQuery(t1=NOW)


def sent_with(trio: Trio) -> Any:
    courier, peer = courier_of(trio)
    return courier.seal(peer, peer.paths[0], QUERY_TIME, a_time(), "t", NOW)[1]


def exchanged(trio: Trio, station_id: str) -> tuple[Any, WireAnswer]:
    """What opening needs, and the platform's own answer."""
    courier, peer = courier_of(trio)
    wire, sent = courier.seal(
        peer, peer.paths[0], PUSH_ARCHIVE, station(station_id), trio.token(), NOW
    )
    path = f"/{BASES[trio.door]}{wire.path}"
    return sent, trio.give(replace(wire, path=path, transport=Transport.LOOPBACK))


def test_an_answer_is_to_its_own_request_alone(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    (one, answer), (other, _) = exchanged(trio, "ST1"), exchanged(trio, "ST2")
    assert courier.open(peer, PUSH_ARCHIVE, one, answer) is not None
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, other, answer)


def test_an_answer_is_to_no_other_request_of_the_same_time_and_number(trio: Trio) -> None:
    """Two processes of one sender count from 1 in the same second."""
    sent, answer = exchanged(trio, "ST1")
    trio.restart(OPERATOR)
    other, _ = exchanged(trio, "ST2")
    courier, peer = courier_of(trio)
    if trio.door != "rest":
        assert other.answer.nonce == sent.answer.nonce

    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, other, answer)


def test_no_bit_of_an_answer_can_be_changed(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchanged(trio, "ST1")
    as_request = WireRequest(method="", path="", headers=answer.headers, body=answer.body)
    genuine, passed = courier.open(peer, PUSH_ARCHIVE, sent, answer), 0
    for changed in flips(as_request):
        forged = WireAnswer(status=200, headers=changed.headers, body=changed.body)
        try:
            assert courier.open(peer, PUSH_ARCHIVE, sent, forged) == genuine
            passed += 1
        except PeerAnswerInvalid:
            continue
    # The name of an empty member, or of a declaration, says nothing.
    assert passed <= 3


def test_a_refusal_cannot_be_made_another_by_moving_a_digit(suite: str) -> None:
    """40 and "1x" would have the signature of 401 and "x" in the habit of the protocol."""
    trio = Trio("cec102", suite=suite)
    courier, peer = courier_of(trio)
    wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, station(operator_id=OTHER), trio.token(), NOW)
    answer = trio.give(replace(wire, path=f"/evcs/v1{wire.path}", transport=Transport.LOOPBACK))
    with pytest.raises(PeerRefused, match="not"):
        courier.open(peer, PUSH_ARCHIVE, sent, answer)
    moved = answer.body.replace(b'"Ret":4301,"Msg":"', b'"Ret":430,"Msg":"1')
    assert moved != answer.body
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, sent, replace(answer, body=moved))


def test_an_answer_of_another_peer_or_an_own_message_is_not_believed(trio: Trio) -> None:
    courier, peer = courier_of(trio)
    sent, answer = exchanged(trio, "ST1")
    others = link(trio.suite, OPERATOR, OTHER, b"-" * 8)
    with pytest.raises(PeerAnswerInvalid):
        courier.open(replace(peer, outbound=others), PUSH_ARCHIVE, sent, answer)


def test_a_token_request_shows_its_secret_to_nobody_on_cec102(suite: str) -> None:
    trio = Trio("cec102", suite=suite)
    trio.token()
    secret = secrets_of(OPERATOR).operator_secret
    requests = [request.body for request, _ in trio.net.exchanged]
    assert requests
    assert not any(secret in body for body in requests)
    assert trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2)).ack_seq == 2
    assert QUERY_TOKEN.needs_token is False
