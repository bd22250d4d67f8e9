"""When a message by WS-Security counts, and what it gets when it comes again. ACC-5.3, CARD-6."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.forging import Envelope, again, forged
from tests.trio import NOW, PLATFORM, ret_of
from tests.wsse import SignedTrio
from vgigw.codec import xml


@pytest.mark.parametrize(
    ("created_s", "expires_s", "code"),
    [
        (0, 300, 0),
        (-299, 1, 0),
        (299, 599, 0),
        (-301, 299, 4102),
        (301, 600, 4102),
        (-10, 0, 4102),
        (-299, -1, 4102),
        (0, 600, 0),
        (0, 601, 4102),
        (0, 86_400, 4102),
        (10, 10, 4102),
        (10, 5, 4102),
    ],
)
def test_created_expires_and_the_time_between_them_are_bounded(
    created_s: int, expires_s: int, code: int
) -> None:
    trio = SignedTrio()

    def change(message: Envelope) -> None:
        for element, seconds in zip(message.timestamp, (created_s, expires_s), strict=True):
            element.text = f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    answer = trio.give(forged(trio.pushed(), again(change)))

    assert ret_of(answer) == code
    assert len(trio.kept()) == (code == 0)
    assert b"SignatureConfirmation" in answer.body


def test_a_time_stamp_in_utc_is_told_that_it_should_be_of_beijing() -> None:
    trio = SignedTrio()

    def change(message: Envelope) -> None:
        message.one(message.block, xml.tag("TimeStamp")).text = f"{NOW:%Y%m%d%H%M%S}"

    answer = trio.give(forged(trio.pushed(), again(change)))

    assert ret_of(answer) == 4102
    assert b"TimeStamp is -28800 s from Created; it is Beijing time" in answer.body
    assert trio.kept() == []


def test_a_repeat_gets_the_original_answer_and_a_replay_elsewhere_none() -> None:
    trio = SignedTrio()
    wire = trio.pushed()
    first = trio.give(wire)
    trio.wait(1)
    again_asked = trio.give(wire)
    trio.restart(PLATFORM)
    after_restart = trio.give(wire)

    assert ret_of(first) == ret_of(again_asked) == ret_of(after_restart) == 0
    assert len(trio.kept()) == 1
    bodies = {Envelope(each.body).body[0][0][0].text for each in
              (first, again_asked, after_restart)}  # fmt: skip
    assert bodies == {"0"}
    trio.wait(301)
    assert ret_of(trio.give(wire)) == 4102


def test_card_6_the_guard_is_the_digest_of_what_is_signed() -> None:
    """What no signature covers makes no other message of it."""
    trio = SignedTrio()
    wire = trio.pushed()

    def reordered(message: Envelope) -> None:
        message.header.insert(0, message.security)
        message.security.insert(0, message.signature)

    again_sent = forged(wire, reordered)
    assert again_sent.body != wire.body
    assert trio.guard_of(again_sent) == trio.guard_of(wire) != trio.guard_of(trio.pushed())
