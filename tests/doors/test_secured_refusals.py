"""What is refused of an encrypted body, and what of the refusal can be read. ACC-5.6, PLT-10.3b."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.doors.secured_scene import DATA, NOT_READ, Scene
from tests.links import WITH_KEYS
from tests.trio import OPERATOR, Trio, batch, ret_of
from vgigw.codec import xsd
from vgigw.crypto.link_keys import Purpose
from vgigw.envelope import secured, soap
from vgigw.envelope.wire import Transport
from vgigw.errors import PeerRefused
from vgigw.operations import QUERY_CONTROL, UPLOAD_TELEMETRY

DOORS = ("rest", "soap")
EVERY_SUITE = ("tcec102", "gm-mac", *WITH_KEYS)
XML = st.characters(min_codepoint=32, max_codepoint=0xD7FF)
"""What a form can carry, so that the carrier itself is read."""

each_door = pytest.mark.parametrize("door", DOORS)
each_suite = pytest.mark.parametrize("suite", EVERY_SUITE)


@each_door
@pytest.mark.parametrize("name", ["ExchangeSecured", "Nothing", "uploadTelemetry", " "])
def test_only_an_operation_of_the_table_is_carried(door: str, name: str) -> None:
    scene = Scene(door, "gm-mac")
    answer = scene.refused(scene.signed(name, scene.data(b"x")), 4003)
    assert b"no such operation" in answer.body


def test_on_soap_only_one_of_the_same_face() -> None:
    scene = Scene("soap", "gm-mac")
    wire = scene.upload()
    scene.refused(replace(wire, path="/soap/common"), 4003)


def test_on_soap_the_action_is_that_of_the_carrier() -> None:
    scene = Scene("soap", "gm-mac")
    wire = scene.upload()
    inner = {**wire.headers, "soapaction": f'"{soap.action_of(UPLOAD_TELEMETRY)}"'}
    scene.refused(replace(wire, headers=inner), 4003)


def test_f82_a_character_that_no_text_may_hold_is_a_fault_of_form() -> None:
    """Before its signature is looked at: one flipped bit makes an escape of a letter."""
    scene = Scene("rest", "gm-mac")
    wire = scene.upload()
    at = wire.body.index(b'"SecuredData":"') + len(b'"SecuredData":"')
    body = wire.body[:at] + rb"\b" + wire.body[at + 2 :]
    scene.refused(replace(wire, body=body), 4003)


def test_on_rest_if_match_is_refused_for_a_version_would_stand_in_the_open() -> None:
    scene = Scene("rest", "gm-mac")
    data = scene.data(scene.plain(batch(1, 2)))
    scene.refused(scene.signed("UploadTelemetry", data, if_match='"1"'), 4003)


@each_door
@each_suite
def test_plt_10_3b_a_legacy_cipher_does_where_the_profile_allows_it_and_the_others_do(
    door: str, suite: str
) -> None:
    for allowed in (False, True):
        scene = Scene(door, suite, peer_changes={"allow_legacy_suite": allowed})
        wire = replace(scene.upload(), transport=Transport.TLS)
        safe = allowed or suite != "tcec102"
        assert ret_of(scene.give(wire)) == (0 if safe else 4105)
        assert sorted(scene.records()) == ([1, 2] if safe else [])


@each_door
@each_suite
def test_a_refusal_tells_an_eavesdropper_its_code_and_nothing_else(door: str, suite: str) -> None:
    """Words and details may speak of the body: an unknown name in it, a limit of a resource."""
    scene = Scene(door, suite)
    plain = scene.plain(batch(1, 2))
    added = {
        "rest": (b'{"BatchID"', b'{"CANARY":"CANARY","BatchID"'),
        "soap": (b"<BatchID>", b"<CANARY>CANARY</CANARY><BatchID>"),
    }[door]
    data = scene.data(plain.replace(*added))

    answer = scene.refused(scene.signed("UploadTelemetry", data), 4004)

    assert b"CANARY" not in answer.body
    assert b"business parameters are not valid" in answer.body
    assert b"FaultItem" not in answer.body


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_nothing_is_done_for_a_peer_that_no_answer_can_be_encrypted_for(
    door: str, suite: str
) -> None:
    """It is told the code under our signature, so that its letter waits for the key."""
    scene = Scene(door, suite)
    known: Any = scene.platform.identity.peers
    wire = scene.upload()
    keys = known[OPERATOR].inbound
    signing = [key for key in keys.peer if key.purpose is Purpose.SIGN]
    known[OPERATOR] = replace(known[OPERATOR], inbound=dataclasses.replace(keys, peer=signing))

    answer = scene.refused(wire, 4104)

    assert b"SecuredData" not in answer.body
    assert "signature" in answer.headers or b"<Sig>" in answer.body


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_where_our_own_keys_have_run_out_the_code_alone_is_told(door: str, suite: str) -> None:
    """Without a signature there is nobody to seal for: words would stand in the open."""
    scene = Scene(door, suite)
    plain = scene.plain(batch(1, 2, actual_count=1))
    wire = scene.signed("UploadTelemetry", scene.data(plain))
    known: Any = scene.platform.identity.peers
    keys = known[OPERATOR].inbound
    own = [key for key in keys.own if key.purpose is Purpose.ENCRYPT]
    known[OPERATOR] = replace(known[OPERATOR], inbound=dataclasses.replace(keys, own=own))

    answer = scene.refused(wire, 4004)

    assert b"ActualCount" not in answer.body
    assert b"business parameters are not valid" in answer.body


@each_door
@each_suite
def test_a_caller_reads_the_whole_of_a_refusal(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    with pytest.raises(PeerRefused) as told:
        scene.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2, actual_count=1))
    typed = Trio(door, suite=suite)
    with pytest.raises(PeerRefused) as expected:
        typed.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2, actual_count=1))
    assert told.value.details
    assert (told.value.code, told.value.message, told.value.details) == (
        expected.value.code,
        expected.value.message,
        expected.value.details,
    )


@cache
def scene_of(door: str) -> Scene:
    """One for all examples: none of them changes it."""
    return Scene(door, "gm-mac")


@settings(max_examples=100)
@given(name=st.text(XML, max_size=70), data=st.text(XML, max_size=70), door=st.sampled_from(DOORS))
def test_any_text_in_the_carrier_is_refused_and_breaks_nothing(
    name: str, data: str, door: str
) -> None:
    scene = scene_of(door)
    scene.refused(scene.signed(name, data), *NOT_READ)


def test_what_is_inside_is_held_to_the_bounds_of_an_envelope() -> None:
    scene = Scene("soap", "gm-mac")
    many = b"".join(b' a%d="1"' % at for at in range(500))
    adorned = b"<UploadTelemetry xmlns='urn:vgigw:v1'" + many + b"/>"
    answer = scene.refused(scene.signed("UploadTelemetry", scene.data(adorned)), 4003)
    found = DATA.search(answer.body)
    assert found
    keys = scene.keys(OPERATOR, UPLOAD_TELEMETRY)
    told = secured.opened(scene.by, keys, found[2].decode())
    assert b"too many attributes" in told
    for inside in (
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><UploadTelemetry>&a;</UploadTelemetry>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"\xff\xfe<\x00",
        b"",
        b"{}",
        xsd.wrap(QUERY_CONTROL.name, batch(1, 2)),
    ):
        scene.refused(scene.signed("UploadTelemetry", scene.data(inside)), 4003)
