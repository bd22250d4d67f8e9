"""Telling parties the limits above them, so that one that comes later knows them, too. VGI-D.11.

What is published goes to whom it concerns at once. Whoever is connected to a node afterwards, or
whose node is moved, is told what holds there already.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from vgigw.handlers.grid_tree import node_of, way_up
from vgigw.handlers.keeping import object_of
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import GridParameter
from vgigw.operations import PUSH_GRID_NODE, PUSH_GRID_PARAMETER
from vgigw.ports import Transaction, View
from vgigw.rules.grid import shareable
from vgigw.rules.grid_limits import load_ceiling_kw

GRID_PARAMETERS: Final = Shelf(GridParameter, key="node_id")
"""Each belongs to the party that published it."""


def ceiling_kw(view: View, node_id: str, now: datetime) -> Decimal | None:
    """The load ceiling of a node ``now``, in kW; None where nobody told one. VGI-5.7."""
    told = [
        object_of(GridParameter, version.payload)
        for current in view.documents(GRID_PARAMETERS.kind, key=node_id)
        for version in view.history(GRID_PARAMETERS.kind, current.owner, node_id)
    ]
    return load_ceiling_kw(node_of(view, node_id), told, now)


def tell_limits(
    routes: Routes, parties: tuple[str, ...], node_id: str, tx: Transaction, now: datetime
) -> None:
    """Put what holds at a node and above it into the outbox for each of ``parties``."""
    path = way_up(tx, node_id)
    names = dict.fromkeys((node_id, *(each.grid_node_id for each in path)))
    shown = [shown for each in path if (shown := shareable(each)) is not None]
    held = [found for name in names for _, found in GRID_PARAMETERS.everywhere(tx, name)]
    for party in parties:
        for node in shown:
            routes.send(party, PUSH_GRID_NODE, node, tx, now)
        for parameter in held:
            if parameter.valid_to is None or parameter.valid_to > now:
                until = parameter.valid_to
                routes.send(party, PUSH_GRID_PARAMETER, parameter, tx, now, valid_until=until)
