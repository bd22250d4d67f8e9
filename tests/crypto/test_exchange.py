"""What a message is about has one byte form, and no two have the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.signing_links import (
    about,
)
from vgigw.crypto.exchange import SEALED, SIGNED, Exchange
from vgigw.errors import Misconfigured
from vgigw.testing.suite_contract import AT

TEXTS = st.text(min_size=1, max_size=8)


@given(left=st.lists(TEXTS, min_size=4, max_size=4), right=st.lists(TEXTS, min_size=4, max_size=4))
def test_two_exchanges_never_have_the_same_bytes(left: list[str], right: list[str]) -> None:
    def octets(parts: list[str]) -> bytes:
        operation, sender, receiver, nonce = parts
        return Exchange(operation, sender, receiver, AT, nonce).octets(SIGNED, "gm", "key")

    assert (octets(left) == octets(right)) is (left == right)
    assert not octets(left).startswith(octets(right)) or left == right


def test_purpose_suite_and_key_are_in_the_bytes_and_the_zone_is_not() -> None:
    exchange = about()
    seen = {
        exchange.octets(SIGNED, "gm", "key"),
        exchange.octets(SEALED, "gm", "key"),
        exchange.octets(SIGNED, "intl", "key"),
        exchange.octets(SIGNED, "gm", "ke"),
    }
    assert len(seen) == 4
    from zoneinfo import ZoneInfo

    shanghai = about(AT.astimezone(ZoneInfo("Asia/Shanghai")))
    assert shanghai.octets(SIGNED, "gm", "key") == exchange.octets(SIGNED, "gm", "key")


@pytest.mark.parametrize("missing", ["operation", "sender", "receiver", "nonce"])
def test_exchange_without_a_member_is_refused(missing: str) -> None:
    with pytest.raises(Misconfigured):
        about(**{missing: ""})
    with pytest.raises(Misconfigured):
        about(AT.replace(tzinfo=None))
