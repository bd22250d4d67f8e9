"""Nodes of the ledger, and sections of them that read only what a page shows. PLT-6.9."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from vgigw.handlers.places import Place
from vgigw.objects import LedgerNode
from vgigw.objects.ledger import LedgerKind


class Section(NamedTuple):
    """Some nodes of one level: how many there are, and those from an offset on."""

    size: int
    part: Callable[[int, int], list[LedgerNode]]


Levels = list[list[Section]]


def one(only: LedgerNode) -> Section:
    """A section of one node."""
    return listed([only])


def listed(items: Sequence[Any], made: Callable[[Any], LedgerNode] = lambda each: each) -> Section:
    """A section of what is in memory; a node is made of an item only when its page is read."""
    return Section(
        len(items), lambda first, size: [made(each) for each in items[first : first + size]]
    )


def merged(branches: Iterable[Levels]) -> Levels:
    """The levels of several branches side by side."""
    rows = zip_longest(*branches, fillvalue=())
    return [[section for level in row for section in level] for row in rows]


def node(
    kind: LedgerKind, node_id: str, owner: str, above: str | None = None, name: str | None = None
) -> LedgerNode:
    """A node whose depth is told when it is put on a page."""
    return LedgerNode(
        node_kind=kind, node_id=node_id, parent_id=above, owner_id=owner, name=name, depth=0
    )


def facility(kind: LedgerKind, node_id: str, place: Place) -> LedgerNode:
    """A station, charger or connector below what it is part of."""
    above = {
        LedgerKind.STATION: place.operator_id,
        LedgerKind.EQUIPMENT: place.station_id,
        LedgerKind.CONNECTOR: place.equipment_id,
    }[kind]
    return node(kind, node_id, place.operator_id, above, place.name or None)
