"""What can be done to an encrypted body without the keys of its sender: nothing. ACC-5.5, ACC-5.6.

The attacker has every message of everyone, and a link of his own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from tests.doors.secured_scene import DATA, NOT_READ, Scene
from tests.doors.test_attacks_on_suites import flips as flips_anywhere
from tests.links import WITH_KEYS, suites_for
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, record, ret_of
from vgigw.crypto.suite import AnySuite
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope import secured
from vgigw.operations import QUERY_TELEMETRY, UPLOAD_TELEMETRY

EVERY_SUITE = ("tcec102", "gm-mac", *WITH_KEYS)
each_door = pytest.mark.parametrize("door", ["rest", "soap"])
each_suite = pytest.mark.parametrize("suite", EVERY_SUITE)


@each_door
@each_suite
def test_a_good_message_passes(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    wire = scene.upload()
    assert DATA.search(wire.body)
    assert ret_of(scene.give(wire)) == 0
    assert sorted(scene.records()) == [1, 2]

    made = Scene(door, suite)
    data = made.data(made.plain(batch(1, 2)))
    assert ret_of(made.give(made.signed("UploadTelemetry", data))) == 0
    assert sorted(made.records()) == [1, 2]


def flips(body: bytes) -> Iterator[bytes]:
    """The body with one bit of the ciphertext changed, at 40 places all over it."""
    found = DATA.search(body)
    assert found
    ciphertext = base64.b64decode(found[2])
    for place in range(0, len(ciphertext), max(1, len(ciphertext) // 40)):
        changed = bytearray(ciphertext)
        changed[place] ^= 1
        yield body[: found.start(2)] + base64.b64encode(bytes(changed)) + body[found.end(2) :]


@each_door
@each_suite
def test_acc_5_5_no_bit_of_the_ciphertext_can_be_changed(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    wire = scene.upload()
    changed = list(flips(wire.body))
    assert len(changed) >= 40
    answers = {scene.refused(replace(wire, body=body), 4001).body for body in changed}
    assert len(answers) == 1


@each_door
@each_suite
def test_acc_5_5_nor_a_bit_of_the_message_around_it(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    answers = [ret_of(scene.give(changed)) for changed in flips_anywhere(scene.upload())]
    # In the declaration and the names of XML is a bit or two that says nothing.
    assert answers.count(0) <= 2
    assert len(answers) >= 60
    assert scene.records() in ({}, {1: record(1), 2: record(2)})


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_acc_5_5_nor_by_whoever_signs_it_and_every_cause_has_one_answer(
    door: str, suite: str
) -> None:
    """The signature holds, the ciphertext does not: one code and one text, sealed."""
    scene = Scene(door, suite)
    good = scene.data(scene.plain(batch(1, 2)))
    octets = base64.b64decode(good)
    bad = [octets[:-1], octets + b"\0", b"\0", bytes(64), octets[:40], octets[::-1]]
    bad += [octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :] for at in range(0, 200, 9)]
    texts = [base64.b64encode(each).decode() for each in bad] + ["%%%", "AAA", good[:-2] + "-_"]

    for text in texts:
        answer = scene.refused(scene.signed("UploadTelemetry", text), 4103)
        assert b"payload cannot be decrypted" in answer.body


@each_door
@each_suite
def test_the_operation_cannot_be_swapped(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    wire = scene.upload()
    swapped = wire.body.replace(b"UploadTelemetry<", b"BackfillData<").replace(
        b'"UploadTelemetry"', b'"BackfillData"'
    )
    assert swapped != wire.body
    scene.refused(replace(wire, body=swapped), 4001)


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_what_is_sealed_for_one_operation_opens_for_no_other(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    plain = scene.plain(batch(1, 2))
    data = scene.data(plain, QUERY_TELEMETRY)
    scene.refused(scene.signed("UploadTelemetry", data), 4103)


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_it_opens_in_no_other_message_of_its_own_sender(door: str, suite: str) -> None:
    """The same sender, operation and second; another nonce, or another number."""
    scene = Scene(door, suite)
    found = DATA.search(scene.upload().body)
    assert found
    scene.refused(scene.signed("UploadTelemetry", found[2].decode()), 4103)


@each_door
@each_suite
def test_it_opens_in_no_message_of_another_peer(door: str, suite: str) -> None:
    """OTHER signs what it caught of OPERATOR, under its own name."""
    scene = Scene(door, suite)
    found = DATA.search(scene.upload().body)
    assert found
    scene.refused(scene.signed("UploadTelemetry", found[2].decode(), party=OTHER), *NOT_READ)


@each_suite
def test_it_opens_on_no_other_door(suite: str) -> None:
    by_rest, by_soap = Scene("rest", suite), Scene("soap", suite)
    for one, other in ((by_rest, by_soap), (by_soap, by_rest)):
        found = DATA.search(one.upload().body)
        assert found
        other.refused(other.signed("UploadTelemetry", found[2].decode()), *NOT_READ)


@each_door
@each_suite
def test_what_was_sealed_for_the_cec102_door_is_not_read_on_another(door: str, suite: str) -> None:
    sealed = Trio("cec102", suite=suite)
    body = sealed.sealed(UPLOAD_TELEMETRY, batch(1, 2), sealed.token()).body
    data = re.search(rb'"Data":"([^"]+)', body)
    assert data
    scene = Scene(door, suite)
    wire = scene.signed("UploadTelemetry", data[1].decode())
    if door == "rest" and suite not in WITH_KEYS:
        # Secrets in common cover no message: the sender alone can bring its own body over.
        assert ret_of(scene.give(wire)) == 0
    else:
        scene.refused(wire, *NOT_READ)


@each_door
@pytest.mark.parametrize("suite", WITH_KEYS)
def test_what_is_sealed_for_another_receiver_is_none_of_ours(door: str, suite: str) -> None:
    scene = Scene(door, suite)
    elsewhere = scene.gateways[PLATFORM].identity.peers[OTHER].issued
    told = scene.keys(OPERATOR, UPLOAD_TELEMETRY).told()
    data = secured.sealed(scene.by, elsewhere.about(told), scene.plain(batch(1, 2)))
    scene.refused(scene.signed("UploadTelemetry", data), 4103)


@each_door
@each_suite
def test_a_whole_message_is_taken_by_no_other_gateway(door: str, suite: str) -> None:
    wire = Scene(door, suite).upload()
    elsewhere = Scene(door, suite)
    if suite in WITH_KEYS:
        changed = replace(elsewhere.platform.identity, operator_id="700000007")
        elsewhere.platform.identity = changed
    else:
        known: Any = elsewhere.platform.identity.peers
        known[OPERATOR] = replace(known[OPERATOR], inbound=known[DISPATCH].inbound)
    elsewhere.refused(wire, 4001)


class Watching:
    """A suite that notes when it deciphers."""

    def __init__(self, inner: AnySuite, deciphered: list[bytes]) -> None:
        self._inner, self._deciphered = inner, deciphered
        self.name = inner.name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def decrypt(self, keys: Any, ciphertext: bytes) -> bytes:
        self._deciphered.append(ciphertext)
        return self._inner.decrypt(keys, ciphertext)


@each_door
def test_acc_5_5_nothing_is_deciphered_before_the_signature_holds(door: str) -> None:
    scene = Scene(door, "gm-mac")
    deciphered: list[bytes] = []
    suites = {"gm-mac": Watching(suites_for("gm-mac")["gm-mac"], deciphered)}
    watched = SoapDoor(PLATFORM, suites) if door == "soap" else RestDoor(PLATFORM, suites=suites)
    wire = scene.upload()

    for body in flips(wire.body):
        assert ret_of(scene.platform.receive(watched, replace(wire, body=body), NOW)) == 4001
    stale = scene.sealed(UPLOAD_TELEMETRY, batch(1, 2), None)
    assert ret_of(scene.platform.receive(watched, stale, NOW)) == 4002
    assert deciphered == []

    assert ret_of(scene.platform.receive(watched, wire, NOW)) == 0
    assert len(deciphered) == 1
