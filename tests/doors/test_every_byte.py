"""A bit of every byte of a message is flipped: nothing is accepted, nothing stored, and whoever
tries learns one thing, whatever the cause. F82, ACC-5.5.

One bit of each byte, drawn; all eight with ``VGIGW_FLIPS=all``. Of what is encrypted, which is long
and of one kind, every fourth byte of the body then, and each of the rest.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from tests.doors.secured_scene import Scene
from tests.trio import BASES, Trio, batch, door_for, ret_of
from vgigw.envelope.wire import WireRequest
from vgigw.operations import UPLOAD_TELEMETRY

ALL = os.environ.get("VGIGW_FLIPS") == "all"
SUITES = ("tcec102", "gm-mac", "gm", "intl")
NOT_LOOKED_AT = {
    "cec102": {"content-type"},
    "rest": set[str](),
    "soap": set[str](),
}
"""Headers that say nothing on a door: T/CEC 102 has one content type and no other."""

PREFIX_AGAIN = re.compile(rb"<soap:Body xmlns:(soap)=")
"""Declared on the Envelope already: by another name it is a prefix that nothing uses."""
DECLARATION = re.compile(rb"\A<\?xml [^>]*>")


class Flip(NamedTuple):
    """Where a bit was flipped, and the message after it."""

    where: str
    at: int
    wire: WireRequest


def flips(wire: WireRequest, rng: random.Random, step: int = 1) -> Iterator[Flip]:
    """Every byte of body, path, method, header names and values; each ``step`` th of the body."""
    for at, changed in flipped(wire.body, rng, step):
        yield Flip("body", at, replace(wire, body=changed))
    for at, changed in flipped(wire.path.encode(), rng):
        yield Flip("path", at, replace(wire, path=changed.decode("latin-1")))
    for at, changed in flipped(wire.method.encode(), rng):
        yield Flip("method", at, replace(wire, method=changed.decode("latin-1")))
    for name, text in wire.headers.items():
        for at, changed in flipped(text.encode(), rng):
            headers = {**wire.headers, name: changed.decode("latin-1")}
            yield Flip(name, at, replace(wire, headers=headers))
        for at, changed in flipped(name.encode(), rng):
            rest = {each: value for each, value in wire.headers.items() if each != name}
            headers = {**rest, changed.decode("latin-1").lower(): text}
            if headers != wire.headers:
                yield Flip(f"name of {name}", at, replace(wire, headers=headers))


def flipped(octets: bytes, rng: random.Random, step: int = 1) -> Iterator[tuple[int, bytes]]:
    for at in range(0 if ALL else rng.randrange(step), len(octets), 1 if ALL else step):
        for bit in range(8) if ALL else (rng.randrange(8),):
            yield at, octets[:at] + bytes([octets[at] ^ 1 << bit]) + octets[at + 1 :]


def means_the_same(flip: Flip, wire: WireRequest, door: str) -> bool:
    """Whether the rules of HTTP and XML make nothing of the bit."""
    name = flip.where.removeprefix("name of ")
    if name in NOT_LOOKED_AT[door]:
        return True
    if flip.where == "body":
        declared = DECLARATION.match(wire.body)
        again = PREFIX_AGAIN.search(wire.body)
        if again is not None and again.start(1) <= flip.at < again.end(1):
            return True
        return declared is not None and flip.at < declared.end() + 1
    before, after = (each.headers.get(flip.where, "") for each in (wire, flip.wire))
    if flip.where == "authorization" and door != "rest":  # signed there, as it stands
        return before.lower() == after.lower() and before[7:] == after[7:]
    if flip.where == "content-type":
        return simplified(before) == simplified(after) or after.lower().startswith("text/xml;")
    if flip.where == "soapaction":
        return before.strip('" ') == after.strip('" ')  # a blank around a value is none
    return False


def simplified(media: str) -> str:
    return media.lower().partition(";")[0].strip()


def walked(
    trio: Trio, wire: WireRequest, step: int
) -> tuple[Counter[int], set[tuple[int, bytes]], list[Flip]]:
    """Codes, the answers to what is not genuine, and what was accepted."""
    codes: Counter[int] = Counter()
    forged: set[tuple[int, bytes]] = set()
    accepted = []
    for flip in flips(wire, random.Random(82), step):
        try:
            door_for(trio.platform, flip.wire)
        except StopIteration:  # a path of no door at all
            continue
        answer = trio.give(flip.wire)
        code = ret_of(answer)
        codes[code] += 1
        if code == 4001:
            forged.add((answer.status, answer.body))
        if code == 0:
            accepted.append(flip)
    return codes, forged, accepted


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", list(BASES))
def test_f82_no_byte_of_a_message_can_be_changed(door: str, suite: str) -> None:
    trio = Trio(door, suite=suite)
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 1), trio.token())
    hold(trio, wire, door)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", ["rest", "soap"])
def test_f82_no_byte_of_an_encrypted_body_or_around_it_can_be_changed(
    door: str, suite: str
) -> None:
    scene = Scene(door, suite, peer_changes={"allow_legacy_suite": True})
    hold(scene, scene.upload(), door, step=4)


def hold(trio: Trio, wire: WireRequest, door: str, step: int = 1) -> None:
    codes, forged, accepted = walked(trio, wire, step)
    told = f"{door}, {trio.suite}, {len(wire.body)} bytes of body: {dict(codes)}"
    wrong = [(each.where, each.at) for each in accepted if not means_the_same(each, wire, door)]
    assert wrong == [], told
    if not accepted:
        assert trio.records() == {}
    counts = f"{len(accepted)} that mean the same, accepted of others {len(wrong)}"
    stored = 0 if accepted else len(trio.records())
    sys.stdout.write(f"F82 {told}; {counts}, stored of others {stored}\n")
    # Form, token, no such place: all before anything of the message is looked at.
    assert set(codes) <= {0, 4001, 4002, 4003, 4101, 4102}
    assert codes[4001] > 100
    assert len(forged) == 1, "one answer for every cause"
    assert ret_of(trio.give(wire)) == 0
    assert list(trio.records()) in ([1], [1, 2]), "the message itself is good"
