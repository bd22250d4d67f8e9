"""The grid as a tree: the way up from a node, what lies below it, and whom that concerns.

PLT-6.10. The way up is ParentNodeID; nodes may be published in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.attachments import attached
from vgigw.handlers.shelf import Shelf
from vgigw.objects import GridNode
from vgigw.ports import View

GRID_NODES: Final = Shelf(GridNode, key="grid_node_id", group="parent_node_id")
"""Each belongs to the party that published it; the group of a node is the one above it."""


def node_of(view: View, node_id: str) -> GridNode | None:
    """A node by its identifier, which is one for the whole grid; None where nobody published it."""
    found = GRID_NODES.everywhere(view, node_id)
    return found[0][1] if found else None


def way_up(view: View, node_id: str) -> list[GridNode]:
    """The node and those above it, as far as they are known."""
    path: dict[str, GridNode] = {}
    at: str | None = node_id
    while at is not None and at not in path:
        node = node_of(view, at)
        if node is None:
            break
        path[at] = node
        at = node.parent_node_id
    return list(path.values())


def below(view: View, node_id: str) -> Iterator[str]:
    """The node, published or not, and every node below it."""
    seen, waiting = {node_id}, [node_id]
    while waiting:
        at = waiting.pop()
        yield at
        children = {each.key for each in view.documents(GRID_NODES.kind, group=at)} - seen
        seen |= children
        waiting += sorted(children)


def concerned(view: View, node_id: str) -> tuple[str, ...]:
    """Parties that have something at the node or below it, in order."""
    found = {
        party
        for each in below(view, node_id)
        for attachment in attached(view, each)
        for party in attachment.parties
    }
    return tuple(sorted(found))


def check_no_circle(node: GridNode, view: View) -> None:
    """Raise ``InvalidObject`` where ``node`` would stand above itself. PLT-6.10."""
    if node.parent_node_id is None:
        return
    above = way_up(view, node.parent_node_id)
    last = above[-1].parent_node_id if above else None
    if node.grid_node_id in {last, *(each.grid_node_id for each in above)}:
        words = "lies below this node; PLT-6.10"
        raise InvalidObject(details=(Detail("/ParentNodeID", "rule", words),))
