"""Secrets are checked when they are made, and never shown. ACC-5.8."""

from __future__ import annotations

import dataclasses
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.crypto.suite import SUITES, Secrets
from vgigw.errors import Misconfigured

GOOD = {
    "operator_secret": "operator-secret-1",
    "data_secret": "data-secret-0001",
    "data_secret_iv": "data-vector-0001",
    "sig_secret": "signature-secret",
}


def test_good_secrets_are_the_bytes_of_the_text() -> None:
    secrets = Secrets.of(**GOOD)
    assert dataclasses.asdict(secrets) == {name: text.encode() for name, text in GOOD.items()}


def test_nothing_of_a_secret_is_in_its_repr() -> None:
    secrets = Secrets.of(**GOOD)
    assert {repr(secrets), str(secrets), f"{[secrets]}"} == {"Secrets(...)", "[Secrets(...)]"}


def test_secrets_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Secrets.of(**GOOD).sig_secret = b"other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["data_secret", "data_secret_iv"])
@pytest.mark.parametrize(
    "text", ["", "x" * 15, "x" * 17, "x" * 24, "x" * 32, "密" * 16, "é" * 8, "x" * 15 + "\ud800"]
)
def test_key_or_vector_that_is_not_16_ascii_bytes_is_refused_by_name(name: str, text: str) -> None:
    refused_by_name(name, text)


@pytest.mark.parametrize("name", ["operator_secret", "sig_secret"])
@pytest.mark.parametrize("text", ["", "x" * 7, "x" * 65, "密" * 22, "\ud800" * 16])
def test_secret_of_wrong_length_is_refused_by_name(name: str, text: str) -> None:
    refused_by_name(name, text)


def refused_by_name(name: str, text: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        Secrets.of(**{**GOOD, name: text})
    assert refusal.value.message.startswith(f"{name} must ")
    shown = "".join(traceback.format_exception_only(refusal.value))
    assert not text or text not in shown
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


@given(st.text(min_size=8, max_size=16, alphabet=st.characters(codec="utf-8")))
def test_any_text_of_8_to_64_bytes_signs(text: str) -> None:
    secrets = Secrets.of(**{**GOOD, "sig_secret": text})
    for suite in SUITES.values():
        suite.verify(secrets, b"message", suite.sign(secrets, b"message"))


@pytest.mark.parametrize("name", list(GOOD))
def test_empty_bytes_are_refused_by_name(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{name} must"):
        dataclasses.replace(Secrets.of(**GOOD), **{name: b""})
