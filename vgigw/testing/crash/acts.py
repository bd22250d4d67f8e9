"""One message of the load: what is sent, and under which key the store must hold it afterwards."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from vgigw.codec import json
from vgigw.objects import (
    ConnectorStatusInfo,
    ControlCurve,
    InformationObject,
    StationInfo,
    TelemetryBatch,
)
from vgigw.operations import Operation

Trace: TypeAlias = tuple[str | int, ...]
"""Operation, sender, and what names the effect: a sequence range, an event, a version."""


class Act(NamedTuple):
    """A message that a peer sends until it is acknowledged; the content never changes."""

    sender: str
    operation: Operation
    request: InformationObject
    digest: str

    @property
    def key(self) -> str:
        """The idempotency key, under which the answer is kept."""
        return self.operation.key_of(self.request)

    @property
    def trace(self) -> Trace:
        return (self.operation.name, self.sender, *_named(self.request))


def act(sender: str, operation: Operation, request: InformationObject) -> Act:
    """The act of sending ``request``. Raises ``InvalidObject`` for what a peer would refuse."""
    settled = json.validated(request)
    return Act(sender, operation, settled, json.digest(json.encode(settled)))


class Acknowledged(NamedTuple):
    """An act whose success came, signed by the gateway; ``reply`` is in canonical form."""

    act: Act
    reply: bytes


def _named(request: InformationObject) -> Trace:
    match request:
        case TelemetryBatch():
            return (request.stream_id, request.seq_from, request.seq_to)
        case ConnectorStatusInfo():
            return (request.event_id,)
        case StationInfo():
            return (request.station_id, request.version)
        case ControlCurve():
            return (request.command_id, request.version)
        case _:
            raise TypeError(f"no trace is known of a {type(request).__name__}")
