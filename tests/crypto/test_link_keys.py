"""Which key of a link is used when: states, dates, rotation, purposes. ACC-5.8."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.crypto.signing_links import (
    MESSAGE,
    NOT_AFTER,
    NOT_BEFORE,
    SCENES,
    Scene,
    about,
    both,
    key,
    keys_of,
    scene,
)
from vgigw.crypto.link_keys import AnyLinkKeys, KeyState, LinkKeys, Purpose
from vgigw.errors import KeyUnusable, Misconfigured, NotDecrypted, NotGenuine
from vgigw.testing.suite_contract import AT


@SCENES
def test_revoked_and_pending_keys_are_used_for_nothing_acc_5_8(name: str) -> None:
    stage = scene(name)
    suite = stage.suite
    sending, receiving = both(stage)
    signature, ciphertext = suite.sign(sending, MESSAGE), suite.encrypt(sending, MESSAGE)
    suite.verify(receiving, MESSAGE, signature)
    for state in (KeyState.REVOKED, KeyState.PENDING):
        _, without = both(stage, state=state)
        with pytest.raises(NotGenuine):
            suite.verify(without, MESSAGE, signature)
        with pytest.raises(NotDecrypted):
            suite.decrypt(without, ciphertext)
        for make in (suite.sign, suite.encrypt):
            with pytest.raises(Misconfigured, match="no active key"):
                make(without, MESSAGE)


@SCENES
def test_retiring_keys_open_and_make_nothing_acc_5_8(name: str) -> None:
    stage = scene(name)
    suite = stage.suite
    sending, receiving = both(stage, state=KeyState.RETIRING)
    suite.verify(receiving, MESSAGE, suite.sign(sending, MESSAGE))
    assert suite.decrypt(receiving, suite.encrypt(sending, MESSAGE)) == MESSAGE
    for make in (suite.sign, suite.encrypt):
        with pytest.raises(Misconfigured, match="no active key"):
            make(receiving, MESSAGE)


MINUTE = timedelta(minutes=1)
AGO, SOON, LATE = AT - MINUTE, AT + timedelta(seconds=5), AT + timedelta(hours=2)


def receiving(stage: Scene, *others: tuple[str, KeyState, datetime]) -> AnyLinkKeys:
    """One that is retiring, ``old``, and ``others`` by name, state and first date."""
    _, found = both(stage, state=KeyState.RETIRING, key_id="old")
    for key_id, state, begin in others:
        _, more = both(stage, state=state, key_id=key_id, not_before=begin)
        found = replace(found, own=(*found.own, *more.own), peer=(*found.peer, *more.peer))
    return found


@SCENES
@pytest.mark.parametrize("answering", [True, False])
def test_f83_what_was_under_way_when_a_key_was_succeeded_is_made_with_it(
    name: str, answering: bool
) -> None:
    stage = scene(name)
    suite, sending = stage.suite, keys_of(stage.one, stage.other, key_id="old")
    told = about().answered("of the request") if answering else about()
    held = receiving(stage, ("next", KeyState.ACTIVE, SOON)).about(told)
    signature = suite.sign(held, MESSAGE)
    suite.verify(sending.about(told), MESSAGE, signature)
    assert signature.startswith("old.")
    assert suite.decrypt(sending.about(told), suite.encrypt(held, MESSAGE)) == MESSAGE
    assert suite.sign(held.about(about(SOON)), MESSAGE).startswith("next.")


@pytest.mark.parametrize(
    ("others", "answer", "request_too"),
    [
        ((("next", KeyState.ACTIVE, AT + 30 * MINUTE),), True, False),
        ((("next", KeyState.ACTIVE, LATE),), False, False),
        ((("next", KeyState.PENDING, SOON),), False, False),
        ((("next", KeyState.REVOKED, SOON),), False, False),
        ((("next", KeyState.REVOKED, AGO), ("third", KeyState.ACTIVE, SOON)), False, False),
        ((("next", KeyState.REVOKED, SOON), ("third", KeyState.ACTIVE, SOON)), False, False),
        ((("next", KeyState.PENDING, SOON), ("third", KeyState.ACTIVE, SOON)), False, False),
        ((("next", KeyState.RETIRING, SOON), ("third", KeyState.ACTIVE, SOON)), True, True),
        ((("next", KeyState.PENDING, AGO), ("third", KeyState.ACTIVE, SOON)), False, False),
        ((("next", KeyState.RETIRING, AGO), ("third", KeyState.ACTIVE, SOON)), True, True),
    ],
)
def test_f83_a_key_that_may_be_lost_does_not_come_back(
    others: tuple[tuple[str, KeyState, datetime], ...], answer: bool, request_too: bool
) -> None:
    stage = scene("intl-ed25519")
    held = receiving(stage, *others)
    for told, made in ((about().answered("of it"), answer), (about(), request_too)):
        if made:
            newest = "next." if others[0][2] == AGO else "old."
            assert stage.suite.sign(held.about(told), MESSAGE).startswith(newest)
            assert stage.suite.encrypt(held.about(told), MESSAGE)
            continue
        for make in (stage.suite.sign, stage.suite.encrypt):
            with pytest.raises(Misconfigured, match="no active key"):
                make(held.about(told), MESSAGE)


@SCENES
@pytest.mark.parametrize(
    ("sent_at", "valid"),
    [
        (NOT_BEFORE - timedelta(seconds=1), False),
        (NOT_BEFORE, True),
        (NOT_AFTER, True),
        (NOT_AFTER + timedelta(seconds=1), False),
    ],
)
def test_dates_of_a_key_hold_and_a_forger_learns_none(sent_at: Any, valid: bool, name: str) -> None:
    stage = scene(name)
    suite, exchange = stage.suite, about(sent_at)
    wide = {
        "not_before": NOT_BEFORE - timedelta(days=9),
        "not_after": NOT_AFTER + timedelta(days=9),
    }
    sending = keys_of(stage.one, stage.other, **wide).about(exchange)
    receiving = keys_of(stage.other, stage.one).about(exchange)
    signature, ciphertext = suite.sign(sending, MESSAGE), suite.encrypt(sending, MESSAGE)
    if valid:
        suite.verify(receiving, MESSAGE, signature)
        assert suite.decrypt(receiving, ciphertext) == MESSAGE
        return
    with pytest.raises(KeyUnusable):
        suite.verify(receiving, MESSAGE, signature)
    with pytest.raises(NotGenuine):
        suite.verify(receiving, b"another", signature)
    if sent_at < NOT_BEFORE:
        assert suite.decrypt(receiving, ciphertext) == MESSAGE
    else:
        with pytest.raises(NotDecrypted):
            suite.decrypt(receiving, ciphertext)
    with pytest.raises(Misconfigured):
        suite.sign(receiving, MESSAGE)


@SCENES
def test_rotation_loses_no_message_acc_5_8(name: str) -> None:
    stage = scene(name)
    suite, old, new = stage.suite, stage.one, stage.stranger
    later = {"key_id": "sign-2", "not_before": AT}
    rotated = LinkKeys(
        own=(key(old.sign, private=True), key(new.sign, private=True, **later)),
        peer=(key(stage.other.encrypt, private=False),),
    ).about(about())
    before = rotated.about(about(AT - timedelta(seconds=1)))
    knowing: AnyLinkKeys = LinkKeys(
        own=(),
        peer=(key(old.sign, private=False), key(new.sign, private=False, **later)),
    )
    for keys, used in ((before, "sign-1"), (rotated, "sign-2")):
        signature = suite.sign(keys, MESSAGE)
        assert signature.startswith(f"{used}.")
        suite.verify(knowing.about(keys.told()), MESSAGE, signature)


@SCENES
def test_key_of_one_purpose_serves_no_other(name: str) -> None:
    stage = scene(name)
    sending, receiving = both(stage)
    signature = stage.suite.sign(sending, MESSAGE)
    ciphertext = stage.suite.encrypt(sending, MESSAGE)
    # The very keys under the very ids: only what they are for is another.
    to_encrypt, to_sign = (
        stage.one.sign._replace(purpose=Purpose.ENCRYPT),
        stage.other.encrypt._replace(purpose=Purpose.SIGN),
    )
    swapped = LinkKeys(
        own=(key(to_sign, private=True, key_id="encrypt-1"),),
        peer=(key(to_encrypt, private=False, key_id="sign-1"),),
    ).about(receiving.told())
    with pytest.raises(NotGenuine):
        stage.suite.verify(swapped, MESSAGE, signature)
    with pytest.raises(NotDecrypted):
        stage.suite.decrypt(swapped, ciphertext)


@SCENES
def test_key_id_is_covered_and_two_of_one_name_are_none(name: str) -> None:
    stage = scene(name)
    sending, _ = both(stage)
    signature = stage.suite.sign(sending, MESSAGE)
    one, again = key(stage.one.sign, private=False), key(stage.one.sign, private=False, key_id="x")
    with pytest.raises(NotGenuine):
        stage.suite.verify(
            LinkKeys(own=(), peer=(again,)).about(about()),
            MESSAGE,
            signature.replace("sign-1", "x"),
        )
    with pytest.raises(NotGenuine):
        stage.suite.verify(LinkKeys(own=(), peer=(one, one)).about(about()), MESSAGE, signature)


@pytest.mark.parametrize("key_id", ["", "a.b", "a b", "密", "a" * 33, "a\n"])
def test_key_id_that_does_not_fit_a_signature_is_refused(key_id: str) -> None:
    pair = scene("intl-rsa").one.sign
    with pytest.raises(Misconfigured):
        key(pair, private=True, key_id=key_id)
    with pytest.raises(Misconfigured):
        key(pair, private=True, not_before=NOT_AFTER)
    with pytest.raises(Misconfigured):
        key(pair, private=True, not_before=NOT_BEFORE.replace(tzinfo=None))


def test_keys_show_nothing_of_themselves() -> None:
    sending, _ = both(scene("gm-gmssl"))
    assert repr(sending) == "LinkKeys(...)"
    assert repr(next(iter(sending.own))) == "LinkKey('sign-1', sign, active)"
