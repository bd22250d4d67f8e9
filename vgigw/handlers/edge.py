"""An edge that was alone: its log is kept, and it gets the commands in force. JES-6.3.3."""

from __future__ import annotations

from datetime import datetime

from vgigw.handlers.commands import CommandRecord, curve_of, running
from vgigw.handlers.keeping import document_of
from vgigw.handlers.marks import handles
from vgigw.handlers.places import devices_at, places_of
from vgigw.handlers.resources import RESOURCES
from vgigw.objects import ControlCurve, EdgeSync, EdgeSyncReply
from vgigw.objects.edge import MAX_COMMANDS
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import SYNC_EDGE
from vgigw.ports import Call, Identity, Transaction, View

EDGE = EdgeSync.__name__
_DECIDED = frozenset({CommandState.ACKED, CommandState.EXECUTING})
_DEVICES = (ObjectKind.EQUIPMENT, ObjectKind.CONNECTOR)


class Edge:
    """Handler of edges that come back."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(SYNC_EDGE)
    def sync(self, call: Call, tx: Transaction) -> EdgeSyncReply:
        """Keep the log, whatever order it comes in, and answer what is in force for the edge; the
        most urgent first, where they are more than a reply holds.

        An EdgeID that the archives know as a station, device or resource of the sender's gets the
        commands for that and for what it is made of; any other is taken as the sender's one edge.
        """
        edge: EdgeSync = call.request
        owner = call.peer.operator_id
        tx.put(document_of(call, EDGE, owner, edge.edge_id, edge.seq))
        here = _named_at(tx, owner, edge.edge_id)
        commands = sorted(
            (each for each in commands_in_force(tx, owner, call.now) if _concerns(each, here)),
            key=lambda each: (-each.priority, each.points[0].start_time, each.command_id),
        )
        return EdgeSyncReply(
            edge_id=edge.edge_id, seq=edge.seq, commands=tuple(commands[:MAX_COMMANDS])
        )


def commands_in_force(view: View, carrier: str, now: datetime) -> list[ControlCurve]:
    """What ``carrier`` has to carry out now or later: never what is over or expired, nor what
    nobody may decide on any more. PLT-8.8a, Q30."""
    curves = [curve_of(view, each) for each in running(view, carrier=carrier) if _holds(each, now)]
    return [
        curve for curve in curves if curve.valid_until > now and curve.points[-1].end_time > now
    ]


def _holds(record: CommandRecord, now: datetime) -> bool:
    return record.state in _DECIDED or record.ack_deadline > now


def _concerns(curve: ControlCurve, here: set[str]) -> bool:
    return not here or curve.resource_id in here


def _named_at(view: View, owner: str, name: str) -> set[str]:
    """What ``name`` is made of in the archives of ``owner``, itself included; nothing where they
    do not know it."""
    left = _members(view, owner, name)
    if left is None:
        return set()
    found = {name}
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += _members(view, owner, each) or []
    return found


def _members(view: View, owner: str, name: str) -> list[str] | None:
    """What a resource or a station of ``owner`` holds directly; None for an unknown name."""
    resource = RESOURCES.find(view, owner, name)
    if resource is not None:
        told = [member.member_id for member in resource.members]
        # A member may be named with its operator before its own name. 2.0(12).
        return told + [each.removeprefix(owner) for each in told if each != owner]
    stations = places_of(view, ObjectKind.STATION, name, owner)[:1]
    for place in stations:
        return [
            device
            for kind in _DEVICES
            for device in devices_at(view, kind, place.operator_id, place.station_id)
        ]
    is_device = any(places_of(view, kind, name, owner) for kind in _DEVICES)
    return [] if is_device else None
