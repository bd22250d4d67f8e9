"""Hostile XML at the three doors of a served gateway: refused, cheap, and nobody is called. F75."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.hostile.documents import DEAR_XML, XML
from tests.hostile.ear import Ear
from tests.hostile.target import BASES, MIB, MOST_BYTES, Target, post, target

MOST_S = 5.0
LARGEST = 8 * MIB - 1024


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("xml")) as made:
        yield made


@pytest.mark.parametrize("attack", XML)
def test_f75_hostile_xml_is_refused_cheaply_and_nobody_is_called(
    gateway: Target, attack: str
) -> None:
    with Ear() as ear:
        body = XML[attack].replace("{ear}", ear.base).encode()
        for door in BASES:
            began = time.monotonic()
            with gateway.costs() as cost:
                heard = gateway.say(post(door, body))
            assert heard.statuses in ([400], [401], [415], [200]), door
            assert b"root:" not in heard.octets
            # A refusal of T/CEC 102 has status 200, and says it inside.
            assert heard.statuses != [200] or b'"Ret":4003' in heard.octets
            assert cost[0] <= MOST_BYTES + 2 * len(body), door
            assert time.monotonic() - began < MOST_S, door
        assert ear.calls == 0
    assert gateway.lives()


@pytest.mark.parametrize("dear", DEAR_XML.values(), ids=DEAR_XML)
def test_f75_what_would_cost_a_parser_many_times_its_bytes_is_refused_before_it(
    gateway: Target, dear: Callable[[int], bytes]
) -> None:
    """It cost up to 44 times its bytes."""
    body = dear(LARGEST)
    with gateway.costs() as cost:
        heard = gateway.say(post("soap", body))
    assert heard.statuses == [400]
    assert b"<Ret>4003</Ret>" in heard.octets
    # What the server itself holds of a body that is being read is some times its length.
    assert cost[0] <= MOST_BYTES + 4 * len(body)
    assert gateway.lives()
