"""Addresses and the networks that a party was approved for. PLT-8.11b."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.rules.networks import network_of, within

TENS = ("10.1.0.0/16", "192.0.2.7", "2001:db8::/32")


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        ("10.1.0.0", True),
        ("10.1.255.255", True),
        ("10.2.0.0", False),
        ("10.0.255.255", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:10.2.2.3", False),
        ("", False),
        ("localhost", False),
        ("10.1.2.3 ", False),
        ("010.1.2.3", False),
    ],
)
def test_plt_8_11b_where_an_address_lies(source: str, inside: bool) -> None:
    assert within(source, TENS) is inside


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_plt_8_11b_an_address_lies_in_every_network_around_it(
    address: IPv4Address, prefix: int
) -> None:
    around = int(address) >> (32 - prefix) << (32 - prefix)
    assert within(str(address), (f"{IPv4Address(around)}/{prefix}",))
    if prefix:
        beside = int(address) ^ 1 << (32 - prefix)
        assert not within(str(IPv4Address(beside)), (f"{IPv4Address(around)}/{prefix}",))


@pytest.mark.parametrize("text", ["", "10.1.0.1/16", "10.1.0.0/33", "here"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        network_of(text)
