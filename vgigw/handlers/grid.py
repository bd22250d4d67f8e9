"""Nodes of the grid and their parameters: from dispatch to whom they concern. PLT-6.10, VGI-D.11.

Ceilings and curves go south, topology stays. VGI-D.16.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from vgigw.errors import NotAllowed
from vgigw.handlers.attachments import newly_attached, no_longer_new
from vgigw.handlers.grid_limits import GRID_PARAMETERS, tell_limits
from vgigw.handlers.grid_tree import GRID_NODES, check_no_circle, concerned
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import ArchiveReceipt, GridNode, GridParameter, Receipt
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_GRID_NODE, PUSH_GRID_PARAMETER, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.checks import check
from vgigw.rules.grid import shareable

_AT_ONCE: Final = 200
"""Things newly connected that one tick deals with."""


class Grid:
    """Handlers of nodes and parameters."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_GRID_NODE)
    def take_node(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """Keep the node; whoever has something at it or below it is told its ceilings. VGI-D.16."""
        node: GridNode = call.request
        owner = call.peer.operator_id
        self._check_publisher(node.grid_node_id, owner, tx)
        check_no_circle(node, tx)
        before = GRID_NODES.find(tx, owner, node.grid_node_id)
        GRID_NODES.take(call, tx, owner)
        shown = shareable(node)
        if self._identity.role is Role.PLATFORM and node != before:
            parties = concerned(tx, node.grid_node_id)
            if shown is not None:
                self._routes.pass_on(call, tx, to=parties, request=shown)
            if node.parent_node_id is not None and (
                before is None or before.parent_node_id != node.parent_node_id
            ):
                tell_limits(self._routes, parties, node.parent_node_id, tx, call.now)
        return ArchiveReceipt(status=Success.OK, version=node.version)

    @handles(PUSH_GRID_PARAMETER)
    def take_parameter(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it and pass it on to whoever has something at the node or below it."""
        parameter: GridParameter = call.request
        owner = call.peer.operator_id
        self._check_publisher(parameter.node_id, owner, tx)
        before = GRID_PARAMETERS.find(tx, owner, parameter.node_id)
        GRID_PARAMETERS.take(call, tx, owner)
        if self._identity.role is Role.PLATFORM and parameter != before:
            parties = concerned(tx, parameter.node_id)
            self._routes.pass_on(call, tx, to=parties, valid_until=parameter.valid_to)
        return receipt(call, parameter.node_id, parameter.version)

    @authors(PUSH_GRID_NODE)
    def keep_own_node(self, node: GridNode, _: str, tx: Transaction, now: datetime) -> None:
        check_no_circle(node, tx)
        self._keep_own(GRID_NODES, node, tx, now)

    @authors(PUSH_GRID_PARAMETER)
    def keep_own_parameter(
        self, parameter: GridParameter, _: str, tx: Transaction, now: datetime
    ) -> None:
        self._keep_own(GRID_PARAMETERS, parameter, tx, now)

    @chore
    def tell_newcomers(self, tx: Transaction, now: datetime) -> None:
        """Chore: what was connected to a node since the last tick is told the limits above it."""
        for attachment in newly_attached(tx, _AT_ONCE):
            if self._identity.role is Role.PLATFORM:
                tell_limits(self._routes, attachment.parties, attachment.node_id, tx, now)
            no_longer_new(attachment, tx)

    def _keep_own(
        self, shelf: Shelf[Any], published: GridNode | GridParameter, tx: Transaction, now: datetime
    ) -> None:
        """Once, however many parties it is sent to."""
        check(published, now)
        own = self._identity.operator_id
        self._check_publisher(shelf.key_of(published), own, tx)
        shelf.keep(published, own, tx, now)

    def _check_publisher(self, node_id: str, party: str, view: View) -> None:
        """One grid has one publisher: on a platform the dispatch that its configuration names
        first, so that any other learns nothing of what is published. Raises ``NotAllowed`` for
        another one, and where a node is ours already."""
        peers = self._identity.peers
        dispatches = (each for each, peer in peers.items() if peer.role is Role.DISPATCH)
        publishers = (next(dispatches, party), self._identity.operator_id)
        if self._identity.role is Role.PLATFORM and party not in publishers:
            raise NotAllowed("the grid has another publisher")
        for kind in (GRID_NODES.kind, GRID_PARAMETERS.kind):
            if any(each.owner != party for each in view.documents(kind, key=node_id)):
                raise NotAllowed("the grid has another publisher")
