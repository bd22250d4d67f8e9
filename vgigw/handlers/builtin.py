"""The duties of each role, put together; and ``@handles`` for an integrator's own handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from vgigw.handlers.archive import Archive
from vgigw.handlers.collect import Collect
from vgigw.handlers.link import Link
from vgigw.handlers.recall import Recall
from vgigw.handlers.relay import Relay
from vgigw.operations import (
    ACK_CONTROL,
    BACKFILL_DATA,
    HEARTBEAT,
    ISSUE_CONTROL,
    OPERATIONS,
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    QUERY_BACKFILL,
    QUERY_CONTROL,
    QUERY_SERVICES,
    QUERY_STATION_STATUS,
    QUERY_STATIONS_INFO,
    QUERY_TELEMETRY,
    QUERY_TIME,
    QUERY_TOKEN,
    RECALL_DATA,
    REPORT_EXECUTION,
    UPLOAD_TELEMETRY,
    Operation,
)
from vgigw.ports import Duties, Handler, Identity

H = TypeVar("H", bound=Callable[..., object])


def handles(operation: Operation) -> Callable[[H], H]:
    """Mark a function as the handler of ``operation``; it is passed in, not registered."""

    def mark(function: H) -> H:
        function.__dict__["handled_operation"] = operation
        return function

    return mark


def marked(functions: Iterable[Callable[..., object]]) -> Mapping[str, Handler]:
    """Handlers by operation name, of functions marked with :func:`handles`."""
    return {f.__dict__["handled_operation"].name: f for f in functions}  # type: ignore[misc]


def builtin(identity: Identity, own: Iterable[Callable[..., object]] = ()) -> Duties:
    """The built-in duties of ``identity``'s role; handlers in ``own`` take the place of ours."""
    link, archive, collect = Link(identity), Archive(identity), Collect(identity)
    relay, recall = Relay(identity), Recall(identity)
    handlers: dict[str, Handler] = {
        QUERY_TOKEN.name: link.give_token,
        QUERY_SERVICES.name: link.list_services,
        QUERY_TIME.name: link.compare_clocks,
        HEARTBEAT.name: collect.hear_beat,
        QUERY_STATIONS_INFO.name: archive.list_stations,
        PUSH_ARCHIVE.name: archive.keep_station,
        PUSH_DEVICE_STATE.name: archive.keep_state,
        QUERY_STATION_STATUS.name: archive.list_states,
        UPLOAD_TELEMETRY.name: collect.take,
        BACKFILL_DATA.name: collect.take,
        QUERY_TELEMETRY.name: collect.query,
        ISSUE_CONTROL.name: relay.issue,
        ACK_CONTROL.name: relay.acknowledge,
        REPORT_EXECUTION.name: relay.report,
        QUERY_CONTROL.name: relay.query,
        RECALL_DATA.name: recall.accept,
        QUERY_BACKFILL.name: recall.query,
    }
    served = {
        row.name
        for row in OPERATIONS
        if any(identity.role in direction.callees for direction in row.directions)
    }
    handlers = {name: handler for name, handler in handlers.items() if name in served}
    return Duties(
        handlers=handlers | dict(marked(own)),
        followers={
            ISSUE_CONTROL.name: relay.follow_issue,
            RECALL_DATA.name: collect.follow_recall,
        },
        chores=(collect.ask_for_gaps, recall.feed, relay.expire, link.forget),
    )
