"""The chain of a message: hops here, the TraceID onward, and who may look. PLT-7.9a."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.worlds import EXCHANGE, NOW, PLATFORM, SUPERVISOR, World
from tests.handlers.test_services import key, refusal
from tests.trio import DISPATCH, OPERATOR, Trio, batch, curve, station
from vgigw import operations as ops
from vgigw.handlers.tracing import hops_of
from vgigw.objects import TraceHop, TraceQuery
from vgigw.objects.tracing import HopEvent
from vgigw.ports import Letter


def hops(trio: Trio, party: str, trace_id: str) -> list[tuple[HopEvent, str, str]]:
    found = trio.stores[party].read(lambda view: hops_of(trace_id, view))
    return [(hop.event, hop.peer_id, hop.interface) for hop in found]


def letters(trio: Trio, operation: str) -> list[Letter]:
    return [each for each in trio.letters(PLATFORM) if each.operation == operation]


@pytest.mark.parametrize("door", ["cec102", "rest", "soap"])
def test_a_command_is_followed_from_the_dispatch_to_the_operator_plt_7_9a(door: str) -> None:
    trio = Trio(door)
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.dispatch.send(PLATFORM, ops.ISSUE_CONTROL, curve(), trio.now)
    trio.tick(3)

    (letter,) = letters(trio, ops.ISSUE_CONTROL.name)
    name = ops.ISSUE_CONTROL.name
    assert letter.trace_id
    assert hops(trio, PLATFORM, letter.trace_id) == [
        (HopEvent.STORED, DISPATCH, name),
        (HopEvent.QUEUED, OPERATOR, name),
        (HopEvent.ANSWERED, OPERATOR, name),
    ]
    assert hops(trio, OPERATOR, letter.trace_id)[0] == (HopEvent.STORED, PLATFORM, name)
    trace: Any = trio.call(DISPATCH, ops.QUERY_TRACE, TraceQuery(trace_id=letter.trace_id))
    assert [hop.hop_no for hop in trace.hops] == [1, 2, 3]
    assert all(isinstance(hop, TraceHop) and hop.ret == 0 for hop in trace.hops)


def test_a_message_that_nobody_follows_leaves_no_trace() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.UPLOAD_TELEMETRY, batch(1, 3))

    assert trio.stores[PLATFORM].read(lambda view: view.count_documents("TraceHop")) == 0


def test_telemetry_whose_sender_follows_it_is_followed() -> None:
    trio = Trio("rest")
    wire = trio.sealed(ops.UPLOAD_TELEMETRY, batch(1, 3), trio.token())
    trio.give(replace(wire, headers={**wire.headers, "traceid": "T-1"}))

    assert hops(trio, PLATFORM, "T-1") == [(HopEvent.STORED, OPERATOR, "UploadTelemetry")]


@pytest.mark.parametrize("text", ["", "a" * 33, "a b", "ä", "a\nb"])
def test_a_trace_id_that_is_none_is_no_reason_to_refuse(text: str) -> None:
    trio = Trio("rest")
    wire = trio.sealed(ops.UPLOAD_TELEMETRY, batch(1, 3), trio.token())
    answer = trio.give(replace(wire, headers={**wire.headers, "traceid": text}))

    assert answer.status == 200
    assert trio.stores[PLATFORM].read(lambda view: view.count_documents("TraceHop")) == 0


def test_a_letter_that_comes_to_nothing_ends_its_chain_with_a_reason() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    trio.call(DISPATCH, ops.ISSUE_CONTROL, curve())
    trio.wait(timedelta(hours=2).total_seconds())
    trio.platform.tick(trio.now)

    (letter,) = letters(trio, ops.ISSUE_CONTROL.name)
    assert hops(trio, PLATFORM, letter.trace_id)[-1][0] is HopEvent.GIVEN_UP


def test_a_foreign_chain_does_not_exist_for_a_dispatch_and_a_supervisor_sees_all() -> None:
    trio = Trio("rest")
    trio.call(OPERATOR, ops.PUSH_ARCHIVE, station())
    wire = trio.sealed(ops.UPLOAD_TELEMETRY, batch(1, 3), trio.token())
    trio.give(replace(wire, headers={**wire.headers, "traceid": "T-1"}))

    for trace_id in ("T-1", "nobody's"):
        with pytest.raises(Exception, match="4201"):
            trio.call(DISPATCH, ops.QUERY_TRACE, TraceQuery(trace_id=trace_id))
    world = World()
    assert refusal(world, SUPERVISOR, ops.QUERY_TRACE, TraceQuery(trace_id="none")).code == 4201
    assert refusal(world, EXCHANGE, ops.QUERY_TRACE, TraceQuery(trace_id="none")).code == 4301


def test_a_supervisor_sees_a_chain_that_others_made() -> None:
    world = World()
    world.call("rest", "123456789", ops.NOTIFY_KEY_CHANGE, key())
    documents = world.served.store.read(lambda view: view.documents("TraceHop"))
    trace_id = documents[0].group

    trace: Any = world.call("soap", SUPERVISOR, ops.QUERY_TRACE, TraceQuery(trace_id=trace_id))
    assert [hop.time for hop in trace.hops] == [NOW]
