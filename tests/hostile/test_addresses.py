"""No address that a message or an answer names is ever called: only what is configured. F88."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases import WALKED, cases
from tests.cases.worlds import DOORS, World
from tests.hostile.called import Answerer, called, caller
from tests.hostile.ear import Ear
from tests.trio import BASES
from vgigw.codec import json
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerFault, PeerRefused, VgigwError
from vgigw.objects import InformationObject
from vgigw.operations import Operation

ONCE = settings(
    max_examples=1,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_NAMES = re.compile(r"(ID|IDs|No|Nos|Code|Name|Version|Hash|Node|Type|Unit|VIN|Vin|By)\Z")
NO_WORDS = frozenset({"Data", "Sig", "Token", "AccessToken", "Suite"})


def roomy(member: Member, length: int) -> bool:
    """Whether an address may stand there, and the message still be what it was."""
    fits = member.kind is Kind.TEXT and (member.max_length or length) >= length
    return fits and not _NAMES.search(member.wire) and member.wire not in NO_WORDS


def with_addresses(cls: type[InformationObject], document: Any, address: str) -> dict[str, Any]:
    """``document`` with ``address`` in every member that has room for it, at any depth."""
    made = dict(document)
    for member in shape_of(cls).members:
        if roomy(member, len(address)):
            made[member.wire] = [address] if member.many else address
        elif member.of is not None and member.wire in made and made[member.wire] is not None:
            of, inside = member.of, made[member.wire]
            made[member.wire] = (
                [with_addresses(of, each, address) for each in inside]
                if member.many
                else with_addresses(of, inside, address)
            )
    return made


class Watched:
    """The net of a world, and where it was asked to go."""

    def __init__(self, world: World) -> None:
        self.bases: list[str] = []
        self._exchange = world.net.exchange
        world.net.exchange = self._told  # type: ignore[method-assign]

    def _told(self, base: str, request: WireRequest) -> WireAnswer:
        self.bases.append(base)
        return self._exchange(base, request)


COUNTED: dict[str, int] = {"taken": 0, "placed": 0}


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with Ear() as made:
        yield made


@pytest.mark.parametrize("operation", WALKED, ids=lambda row: row.name)
@ONCE
@given(data=st.data())
def test_f88_no_address_in_a_message_is_called(
    ear: Ear, operation: Operation, data: st.DataObject
) -> None:
    case = data.draw(cases(operation))
    door = DOORS[WALKED.index(operation) % len(DOORS)]
    world, replies = case.prepared(door)
    watched = Watched(world)
    party, _, asked, _ = case.last
    document = msgspec.json.decode(json.encode(asked(replies)))
    placed = with_addresses(operation.request, document, ear.base)
    try:
        request = json.accept(operation.request, placed)
        COUNTED["placed"] += placed != document
        world.call(door, party, operation, request)
        COUNTED["taken"] += placed != document
    except (PeerFault, PeerRefused):
        pass
    for seconds in (1, 60, 3_700):
        world.served.tick(world.clock.now() + timedelta(seconds=seconds))
    assert ear.calls == 0
    assert not [base for base in watched.bases if not base.startswith("loop://")]


def test_f88_many_such_messages_were_taken() -> None:
    """Else the test before would say nothing."""
    if not COUNTED["placed"]:
        pytest.skip("this process ran none of them")
    assert COUNTED["taken"] >= min(3, COUNTED["placed"])


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("door", BASES)
def test_f88_no_courier_follows_a_redirect(ear: Ear, door: str, status: int) -> None:
    told = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {ear.base}/x\r\nContent-Length: 0\r\n\r\n"
    with (
        Answerer(told.encode()) as peer,
        caller(peer.base, door) as gateway,
        pytest.raises(VgigwError),
    ):
        called(gateway)
    assert peer.requests == 1
    assert ear.calls == 0
