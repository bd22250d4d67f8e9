"""The suites gm and intl: what they cover, and what they refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.published import SECRETS
from tests.crypto.signing_links import (
    MESSAGE,
    SCENES,
    Scene,
    about,
    both,
    keys_of,
    scene,
)
from vgigw.crypto import signing
from vgigw.crypto.gm import Gm
from vgigw.crypto.intl import INTL, Intl
from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine
from vgigw.testing.suite_contract import check_suite


def remade(kind: Any, stage: Scene) -> Any:
    """A suite of ``kind`` with the provider of ``stage``, if it has one."""
    return kind(stage.suite.provider) if isinstance(stage.suite, Gm) else kind()


@pytest.mark.parametrize(
    "name",
    ["gm-libcrypto", pytest.param("gm-gmssl", marks=pytest.mark.slow), "intl-rsa", "intl-ed25519"],
)
def test_suite_holds_the_contract_acc_5_4_acc_5_5(name: str) -> None:
    stage = scene(name)
    check_suite(
        stage.suite,
        keys_of(stage.one, stage.other),
        keys_of(stage.other, stage.one),
        keys_of(stage.stranger, stage.stranger),
    )


@SCENES
def test_ciphertext_of_another_version_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = scene(name)
    sending, receiving = both(stage)
    with monkeypatch.context() as later:
        later.setattr(signing, "_VERSION", b"\x02")
        ciphertext = stage.suite.encrypt(sending, MESSAGE)
        assert stage.suite.decrypt(receiving, ciphertext) == MESSAGE
    with pytest.raises(NotDecrypted):
        stage.suite.decrypt(receiving, ciphertext)


def test_endless_signature_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _, receiving = both(scene("intl-ed25519"))
    seen: list[bytes] = []
    monkeypatch.setattr(Intl, "verify_octets", lambda *given: seen.append(given[-1]))
    longest = signing.LONGEST_SIGNATURE - len("sign-1.") - 1
    INTL.verify(receiving, MESSAGE, "sign-1." + "A" * longest)
    assert len(seen) == 1
    with pytest.raises(NotGenuine):
        INTL.verify(receiving, MESSAGE, "sign-1." + "A" * (longest + 4))
    assert len(seen) == 1


def test_text_that_is_no_text_is_refused_and_breaks_nothing() -> None:
    stage = scene("intl-ed25519")
    sending, receiving = both(stage)
    signature = INTL.sign(sending, MESSAGE)
    for lone in ("\ud800", "\udfff"):
        with pytest.raises(NotGenuine):
            INTL.verify(receiving.about(about(operation=lone)), MESSAGE, signature)


@SCENES
def test_suite_of_another_name_is_another_suite_no_downgrade(name: str) -> None:
    stage = scene(name)
    sending, receiving = both(stage)

    # A whole suite of the same algorithms and keys: only its name differs.
    renamed: Any = type("Renamed", (type(stage.suite),), {"__slots__": (), "name": "other"})
    other = remade(renamed, stage)
    other.verify(receiving, MESSAGE, other.sign(sending, MESSAGE))
    with pytest.raises(NotGenuine):
        stage.suite.verify(receiving, MESSAGE, other.sign(sending, MESSAGE))
    with pytest.raises(NotDecrypted):
        stage.suite.decrypt(receiving, other.encrypt(sending, MESSAGE))


@SCENES
def test_message_for_one_peer_is_none_for_another_that_knows_the_same_key(name: str) -> None:
    # With secrets in common this cannot happen; with a public key anybody may know it.
    stage = scene(name)
    sending, receiving = both(stage)
    signature = stage.suite.sign(sending, MESSAGE)
    elsewhere = receiving.about(about(receiver="300000003"))
    with pytest.raises(NotGenuine):
        stage.suite.verify(elsewhere, MESSAGE, signature)


@SCENES
def test_secrets_in_common_are_not_keys_of_such_a_suite(name: str) -> None:
    suite: Any = scene(name).suite
    calls: dict[str, tuple[Any, ...]] = {
        "sign": (MESSAGE,),
        "verify": (MESSAGE, "sign-1.AAAA"),
        "encrypt": (MESSAGE,),
        "decrypt": (MESSAGE,),
    }
    for method, arguments in calls.items():
        with pytest.raises(Misconfigured, match="private and public keys"):
            getattr(suite, method)(SECRETS, *arguments)


def test_keys_of_one_suite_are_refused_by_the_other() -> None:
    gm, intl = scene("gm-gmssl"), scene("intl-rsa")
    for suite, stage in ((INTL, gm), (gm.suite, intl)):
        sending, receiving = both(stage)
        for call in (suite.sign, suite.encrypt):
            with pytest.raises(Misconfigured):
                call(sending, MESSAGE)
        with pytest.raises((Misconfigured, NotGenuine)):
            suite.verify(receiving, MESSAGE, stage.suite.sign(sending, MESSAGE))
        with pytest.raises((Misconfigured, NotDecrypted)):
            suite.decrypt(receiving, stage.suite.encrypt(sending, MESSAGE))


@pytest.mark.parametrize("length", [1, 15, 17, 24, 31, 33, 64])
def test_data_key_of_another_length_is_no_ciphertext_of_ours(length: int) -> None:
    for name in ("gm-gmssl", "intl-rsa"):
        stage = scene(name)
        sending, receiving = both(stage)

        class Odd(type(stage.suite)):  # type: ignore[misc]
            __slots__ = ()

            def new_data_key(self) -> bytes:
                return b"k" * length

            def seal(self, data_key: bytes, plaintext: bytes, associated: bytes) -> bytes:
                return b"s" * 60

        odd = remade(Odd, stage)
        with pytest.raises(NotDecrypted):
            stage.suite.decrypt(receiving, odd.encrypt(sending, MESSAGE))


@SCENES
def test_data_key_is_new_for_each_message(name: str) -> None:
    stage = scene(name)
    assert len({stage.suite.new_data_key() for _ in range(20)}) == 20


@SCENES
@given(text=st.text(max_size=120), octets=st.binary(max_size=300))
def test_no_input_brings_out_another_error(name: str, text: str, octets: bytes) -> None:
    stage = scene(name)
    _, receiving = both(stage)
    for signature in (text, f"sign-1.{text}", "sign-1." + base64.b64encode(octets).decode()):
        with pytest.raises(NotGenuine):
            stage.suite.verify(receiving, MESSAGE, signature)
    head = b"\x01\x09encrypt-1"
    wrapped = len(octets).to_bytes(2, "big") + octets
    for ciphertext in (octets, head + octets, head + wrapped, head + wrapped + octets):
        with pytest.raises(NotDecrypted):
            stage.suite.decrypt(receiving, ciphertext)


def test_gm_takes_the_provider_of_the_machine_where_none_is_given() -> None:
    from vgigw.crypto.sm2_choice import sm2_provider

    assert Gm().provider is sm2_provider()
    assert Intl().name == "intl"
