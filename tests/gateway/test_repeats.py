"""A repeat gets the original answer; the same key with other content is refused. CARD-6."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from tests.trio import BASES, OPERATOR, OTHER, PLATFORM, Trio, batch, encoded, record, station
from vgigw.errors import PeerRefused
from vgigw.objects import InformationObject
from vgigw.operations import PUSH_ARCHIVE, UPLOAD_TELEMETRY, Operation


def ask(trio: Trio, door: str, operation: Operation, request: InformationObject) -> bytes:
    """The reply on ``door``, sealed anew, as bytes."""
    gateway = trio.gateways[OPERATOR]
    peer = replace(
        gateway.identity.peers[PLATFORM], door=door, paths=(f"loop://{PLATFORM}/{BASES[door]}",)
    )
    gateway.identity.peers[PLATFORM] = peer  # type: ignore[index]
    return encoded(gateway.call(PLATFORM, operation, request, trio.now))


@pytest.mark.parametrize(("first", "second"), list(product(BASES, BASES)))
def test_card_6_a_repeat_over_any_door_gets_the_original_answer_after_the_state_changed(
    first: str, second: str
) -> None:
    trio = Trio()
    original = ask(trio, first, UPLOAD_TELEMETRY, batch(1, 2))
    ask(trio, first, UPLOAD_TELEMETRY, batch(3, 9))
    trio.wait(100)
    assert ask(trio, second, UPLOAD_TELEMETRY, batch(1, 2)) == original
    assert sorted(trio.records()) == list(range(1, 10))


def test_card_6_an_old_version_that_is_repeated_is_acknowledged_again_and_not_put_back() -> None:
    trio = Trio()
    original = ask(trio, "rest", PUSH_ARCHIVE, station(version=1))
    ask(trio, "rest", PUSH_ARCHIVE, station(version=2, station_name="new"))
    assert ask(trio, "soap", PUSH_ARCHIVE, station(version=1)) == original
    held = trio.stores[PLATFORM].read(lambda v: v.document("StationInfo", OPERATOR, "ST1"))
    assert held is not None
    assert held.version == 2


@pytest.mark.parametrize(("first", "second"), list(product(BASES, BASES)))
def test_card_6_the_same_key_with_other_content_is_4202_and_changes_nothing(
    first: str, second: str
) -> None:
    trio = Trio()
    ask(trio, first, UPLOAD_TELEMETRY, batch(1, 1))
    other = batch(1, 1, records=(record(1, active_power=99.0),))
    with pytest.raises(PeerRefused) as refused:
        ask(trio, second, UPLOAD_TELEMETRY, other)
    assert refused.value.code == 4202
    assert trio.records()[1].active_power == 1.0


def test_card_6_the_sender_is_part_of_the_key() -> None:
    """Another operator's batch of the same name is another act."""
    trio = Trio()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    trio.call(OTHER, UPLOAD_TELEMETRY, batch(1, 1, records=(record(1, active_power=5.0),)))
    assert trio.records(owner=OTHER)[1].active_power == 5.0
    assert trio.records(owner=OPERATOR)[1].active_power == 1.0


def test_card_6_answers_outlive_a_restart() -> None:
    trio = Trio()
    original = encoded(trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2)))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(3, 4))
    trio.restart(PLATFORM)
    assert encoded(trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))) == original


def test_card_6_a_repeat_while_the_first_is_forgotten_is_known_by_its_numbers() -> None:
    """Answers are kept for days; the stream knows its numbers for ever."""
    trio = Trio()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    trio.wait(8 * 24 * 3600)
    trio.platform.do_chores(trio.now)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2))
    assert sorted(trio.records()) == [1, 2]
