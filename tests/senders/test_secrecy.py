"""Whose body a courier encrypts, and what it takes for an answer to it. ACC-5.6, PLT-7.10e."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from tests.doors.secured_scene import DATA
from tests.doors.test_secured import DOORS, EVERY_SUITE, Link
from tests.links import WITH_KEYS
from tests.trio import OPERATOR, PLATFORM, Trio, batch, station
from vgigw.codec import json
from vgigw.codec.example import moment
from vgigw.codec.example_exchange import response_of
from vgigw.crypto.suite import SUITES
from vgigw.envelope.secured import opened_refusal, sealed_refusal
from vgigw.envelope.wire import Transport, WireAnswer
from vgigw.errors import IllegalState, Malformed, PeerAnswerInvalid, PeerRefused
from vgigw.objects import Refusal
from vgigw.operations import (
    OPERATIONS,
    PUSH_ARCHIVE,
    QUERY_CONTROL,
    QUERY_TOKEN,
    UPLOAD_TELEMETRY,
    Operation,
    Role,
)
from vgigw.ports import Claim, Protection
from vgigw.senders.secrecy import by_profile
from vgigw.testing.example_messages import SECRETS, known

REMOTE = ("https://peer.example/vgi/v1", "https://10.0.0.7:8443/soap", "https://localhost.example")
HERE = ("http://127.0.0.1:9100/soap", "http://localhost/vgi/v1", "http://[::1]:1/soap", "loop://p/")
each_door = pytest.mark.parametrize("door", DOORS)
each_suite = pytest.mark.parametrize("suite", EVERY_SUITE)


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_plt_7_10e_class_imp_and_sen_go_encrypted_where_the_message_is_to_keep_the_secret(
    row: Operation,
) -> None:
    by_message, by_transport = (
        known(next(iter(row.directions[0].callees)), protection=each) for each in Protection
    )
    for base in REMOTE:
        assert by_profile(by_message, base, row) == (row.grade.value in ("IMP", "SEN"))
        assert not by_profile(by_transport, base, row)
    for base in HERE:
        assert not by_profile(by_message, base, row)


def test_a_base_that_is_none_is_beyond_this_machine() -> None:
    """Where it cannot be told, the body is kept secret."""
    assert by_profile(known(Role.PLATFORM, protection=Protection.MESSAGE), "", QUERY_TOKEN)


@each_door
@pytest.mark.parametrize("protection", list(Protection))
def test_a_courier_goes_by_the_profile_and_the_secret_of_the_token_request_too(
    door: str, protection: Protection
) -> None:
    trio = Trio(door, suite="gm-mac", scheme="https", peer_changes={"protection": protection})

    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    trio.call(OPERATOR, PUSH_ARCHIVE, station())

    asked, uploaded, pushed = (request.body for request, _ in trio.net.exchanged)
    hidden = protection is Protection.MESSAGE
    for body, secret in ((asked, b"operator-123456789"), (uploaded, b"B1-2")):
        assert (secret in body) != hidden
        assert (b"SecuredData" in body) == hidden
    assert b"ST1" in pushed, "class INT is signed and not encrypted"
    assert sorted(trio.records()) == [1, 2]


@each_door
def test_a_request_in_the_open_over_tls_is_refused_by_who_expects_it_encrypted(door: str) -> None:
    """The profiles of the two sides do not agree: nothing is taken, and the caller is told."""
    trio = Trio(door, suite="gm-mac", scheme="https")
    trio.net.transport = Transport.TLS
    known_to_operator: Any = trio.operator.identity.peers
    told = replace(known_to_operator[PLATFORM], protection=Protection.TRANSPORT)
    known_to_operator[PLATFORM] = told
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert refused.value.code == 4105
    assert trio.records() == {}


@each_door
@each_suite
def test_the_outbox_delivers_encrypted_bodies(door: str, suite: str) -> None:
    trio = Trio(door, suite=suite, scheme="https")
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    trio.tick(2)
    assert sorted(trio.records()) == [1, 2]
    assert not any(b"B1-2" in request.body + answer.body for request, answer in trio.net.exchanged)


def link(door: str, suite: str) -> Link:
    return Link(QUERY_CONTROL, door, suite)


def answered(made: Link, **claimed: Any) -> WireAnswer:
    """A success that the peer itself signs, for a claim that is not quite that of the request."""
    wire = made.sealed()
    claim: Claim = replace(made.door.read(wire), **claimed)
    return made.door.answer(claim, made.caller, response_of(QUERY_CONTROL), claim.sent_at)


@each_door
@each_suite
def test_acc_5_4_the_answer_to_its_own_request_is_taken(door: str, suite: str) -> None:
    made = link(door, suite)
    assert made.opened(answered(made)) == response_of(QUERY_CONTROL)


@each_door
@each_suite
def test_an_answer_in_the_open_is_none_to_what_was_encrypted(door: str, suite: str) -> None:
    """Though the peer itself signed it, for this very request."""
    made = link(door, suite)
    answer = answered(made, clear=True)
    assert b"CMD-20261201-0001" in answer.body
    with pytest.raises(PeerAnswerInvalid):
        made.opened(answer)


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_an_answer_to_another_operation_is_none(door: str, suite: str) -> None:
    other = next(row for row in OPERATIONS if row.name == "IssueControl")
    made = link(door, suite)
    with pytest.raises(PeerAnswerInvalid):
        made.opened(answered(made, operation=other))


@pytest.mark.parametrize("suite", EVERY_SUITE)
def test_on_soap_the_element_inside_names_the_operation(suite: str) -> None:
    """Also where secrets in common sign, which cover no operation."""
    other = next(row for row in OPERATIONS if row.name == "IssueControl")
    made = link("soap", suite)
    with pytest.raises(PeerAnswerInvalid):
        made.opened(answered(made, operation=other))


@each_door
@each_suite
def test_no_bit_of_the_ciphertext_of_an_answer_can_be_changed(door: str, suite: str) -> None:
    made = link(door, suite)
    answer = answered(made)
    found = DATA.search(answer.body)
    assert found
    octets = base64.b64decode(found[2])
    for place in range(0, len(octets), max(1, len(octets) // 20)):
        changed = bytearray(octets)
        changed[place] ^= 1
        start, end = found.span(2)
        body = answer.body[:start] + base64.b64encode(bytes(changed)) + answer.body[end:]
        with pytest.raises(PeerAnswerInvalid):
            made.opened(replace(answer, body=body))


@each_door
@each_suite
def test_an_answer_is_to_no_other_request(door: str, suite: str) -> None:
    made = link(door, suite)
    answer = answered(made)
    made.sealed()
    with pytest.raises(PeerAnswerInvalid):
        made.opened(answer)


@each_door
@each_suite
def test_a_refusal_is_read_whole_and_its_words_are_encrypted(door: str, suite: str) -> None:
    made = link(door, suite)
    wire = made.sealed()
    answer = made.door.refuse(
        wire, made.door.read(wire), made.caller, IllegalState("round 3 is over"), moment()
    )
    assert b"round 3" not in answer.body
    with pytest.raises(PeerRefused, match="4203: round 3 is over"):
        made.opened(answer)


def test_a_refusal_with_two_codes_is_none() -> None:
    suite, read = SUITES["gm-mac"], partial(json.decode, Refusal)
    refusal = sealed_refusal(suite, SECRETS, IllegalState("round 3 is over"), json.encode)
    assert opened_refusal(suite, SECRETS, refusal, read).msg == "round 3 is over"
    with pytest.raises(Malformed):
        opened_refusal(suite, SECRETS, replace(refusal, ret=4301), read)
