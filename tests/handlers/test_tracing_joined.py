"""A TraceID is its sender's own word: to say another's shows nothing of its chain. PLT-7.9a."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_damaged_store import damage
from tests.handlers.test_tracing import hops, letters
from tests.trio import DISPATCH, OPERATOR, PLATFORM, Trio, batch, curve, station
from vgigw import operations as ops
from vgigw.errors import PeerRefused
from vgigw.handlers import tracing
from vgigw.objects import Heartbeat, TraceQuery
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.objects.tracing import HopEvent
from vgigw.ports import LetterState
from vgigw.stores.sqlite import SqliteStore

CHAIN = "T-1"
BEAT = (HopEvent.STORED, DISPATCH, "Heartbeat")
UPLOAD = (HopEvent.STORED, OPERATOR, "UploadTelemetry")


def uploads(trio: Trio, trace_id: str = CHAIN, number: int = 1) -> None:
    """The operator says ``trace_id`` with a batch."""
    asked = batch(number, number, send_time=trio.wait(1))
    wire = trio.sealed(ops.UPLOAD_TELEMETRY, asked, trio.token())
    assert trio.give(replace(wire, headers={**wire.headers, "traceid": trace_id})).status == 200


def joins(trio: Trio, trace_id: str = CHAIN, times: int = 1) -> None:
    """The dispatch says ``trace_id`` with something that costs nothing."""
    for _ in range(times):
        at = trio.wait(1)
        seq = int(at.timestamp()) % 10_000
        beat = Heartbeat(link_id=DISPATCH, seq=seq, time=at, channel_role=ChannelRole.MAIN)
        trio.dispatch.call(PLATFORM, ops.HEARTBEAT, beat, at, trace_id=trace_id)


def shown(trio: Trio, trace_id: str = CHAIN) -> list[tuple[HopEvent, str, str]]:
    """What the dispatch is told."""
    trace: Any = trio.call(DISPATCH, ops.QUERY_TRACE, TraceQuery(trace_id=trace_id))
    return [(hop.event, hop.peer_id, hop.interface) for hop in trace.hops]


@pytest.mark.parametrize("joined_first", [False, True])
def test_attack_to_say_anothers_trace_id_shows_nothing_of_its_chain(joined_first: bool) -> None:
    trio = Trio("rest")
    for act in (joins, uploads) if joined_first else (uploads, joins):
        act(trio)
    assert sorted(hops(trio, PLATFORM, CHAIN)) == sorted([BEAT, UPLOAD])
    assert shown(trio) == [BEAT]


def test_attack_to_fill_anothers_chain_suppresses_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracing, "MAX_HOPS", 4)
    trio = Trio("rest")
    joins(trio, times=6)
    uploads(trio)
    assert hops(trio, PLATFORM, CHAIN) == [BEAT] * 4 + [UPLOAD]
    # Nor from an answer that would hold more.
    steps = trio.stores[PLATFORM].read(lambda view: tracing._steps(CHAIN, view))
    assert UPLOAD in [(h.event, h.peer_id, h.interface) for h in tracing._shared_out(steps)]


def test_plt_7_9a_who_opened_a_chain_sees_what_its_command_made_of_others() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.dispatch.send(PLATFORM, ops.ISSUE_CONTROL, curve(), trio.now)
    trio.tick(3)
    (letter,) = letters(trio, ops.ISSUE_CONTROL.name)
    uploads(trio, letter.trace_id)
    assert shown(trio, letter.trace_id) == hops(trio, PLATFORM, letter.trace_id)
    assert shown(trio, letter.trace_id)[-1] == UPLOAD
    assert (HopEvent.ANSWERED, OPERATOR, ops.ISSUE_CONTROL.name) in shown(trio, letter.trace_id)


def test_attack_a_command_with_a_trace_id_of_the_operators_own_shows_nothing_of_it() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    uploads(trio)
    trio.dispatch.call(PLATFORM, ops.ISSUE_CONTROL, curve(), trio.now, trace_id=CHAIN)
    uploads(trio, number=2)
    name = ops.ISSUE_CONTROL.name
    assert shown(trio) == [(HopEvent.STORED, DISPATCH, name), (HopEvent.QUEUED, OPERATOR, name)]


def test_plt_7_9a_an_operator_that_refuses_ends_the_chain_of_who_commanded_it() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.call(DISPATCH, ops.ISSUE_CONTROL, curve())
    (letter,) = letters(trio, ops.ISSUE_CONTROL.name)
    joins(trio, letter.trace_id, times=2)
    trio.wait(7200)
    trio.platform.tick(trio.now)
    assert shown(trio, letter.trace_id)[-1][0] is HopEvent.GIVEN_UP
    with pytest.raises(PeerRefused, match="4201"):
        shown(trio, "nobody's")


@pytest.mark.own_store("a row is spoilt in its file")
def test_f22_a_hop_that_is_damaged_keeps_no_letter_from_its_end(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "own.sqlite3")
    trio = Trio("rest", stores={PLATFORM: store})
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.call(DISPATCH, ops.ISSUE_CONTROL, curve())
    damage(store, "UPDATE document SET payload = x'00ff' WHERE kind = 'TraceHop'")
    trio.tick(3)
    (letter,) = letters(trio, ops.ISSUE_CONTROL.name)
    assert letter.state is LetterState.DELIVERED
