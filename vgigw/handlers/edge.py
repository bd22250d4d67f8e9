"""An edge that was alone: its log is kept, and it gets the commands in force. JES-6.3.3."""

from __future__ import annotations

from datetime import datetime

from vgigw.handlers.commands import curve_of, running
from vgigw.handlers.keeping import document_of
from vgigw.handlers.marks import handles
from vgigw.objects import ControlCurve, EdgeSync, EdgeSyncReply
from vgigw.objects.edge import MAX_COMMANDS
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import SYNC_EDGE
from vgigw.ports import Call, Identity, Transaction, View

EDGE = EdgeSync.__name__
_DECIDED = frozenset({CommandState.ACKED, CommandState.EXECUTING})


class Edge:
    """Handler of edges that come back."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(SYNC_EDGE)
    def sync(self, call: Call, tx: Transaction) -> EdgeSyncReply:
        """Keep the log, whatever order it comes in, and answer what is in force for the sender;
        the most urgent first, where they are more than a reply holds."""
        edge: EdgeSync = call.request
        owner = call.peer.operator_id
        tx.put(document_of(call, EDGE, owner, edge.edge_id, edge.seq))
        commands = sorted(
            commands_in_force(tx, owner, call.now),
            key=lambda each: (-each.priority, each.points[0].start_time, each.command_id),
        )
        return EdgeSyncReply(
            edge_id=edge.edge_id, seq=edge.seq, commands=tuple(commands[:MAX_COMMANDS])
        )


def commands_in_force(view: View, carrier: str, now: datetime) -> list[ControlCurve]:
    """What ``carrier`` has to carry out now or later: never what is over or expired, nor what
    nobody may decide on any more. PLT-8.8a, Q30."""
    found = []
    for record in running(view, carrier=carrier):
        if record.state not in _DECIDED and record.ack_deadline <= now:
            continue
        curve = curve_of(view, record)
        if curve.valid_until > now and curve.points[-1].end_time > now:
            found.append(curve)
    return found
