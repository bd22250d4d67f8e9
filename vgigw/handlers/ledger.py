"""The ledger, asked for from any node down: whom a dispatch or a supervisor looks at. PLT-6.9."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.devices import LOAD_DEVICES
from vgigw.handlers.ledger_nodes import Levels
from vgigw.handlers.ledger_parties import Parties
from vgigw.handlers.ledger_tree import Tree
from vgigw.handlers.marks import handles
from vgigw.handlers.places import KINDS
from vgigw.handlers.resources import RESOURCES
from vgigw.handlers.shelf import PAGE_SIZE
from vgigw.objects import LedgerNode, LedgerPage, LedgerQuery
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.ledger import LedgerKind
from vgigw.operations import QUERY_LEDGER
from vgigw.ports import Call, Identity, Transaction, View

_PARTIES = (LedgerKind.AGGREGATOR, LedgerKind.OPERATOR)


class Root(NamedTuple):
    """A node that a query may mean, and the levels from it down."""

    kind: LedgerKind
    owner: str
    levels: Callable[[], Levels]


class Ledger:
    """Handler of the ledger."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(QUERY_LEDGER)
    def query(self, call: Call, tx: Transaction) -> LedgerPage:
        """One page of the nodes from the root down, nodes above before nodes below; no node where
        there is no such root. Raises ``InvalidObject`` where several nodes have its name."""
        query: LedgerQuery = call.request
        levels = self._levels(query, tx, call.now)
        if query.depth is not None:
            levels = levels[: query.depth + 1]
        number, size = query.page_no or 1, query.page_size or PAGE_SIZE
        in_all = sum(section.size for level in levels for section in level)
        return LedgerPage(
            page_no=number,
            page_count=-(-in_all // size),
            item_size=in_all,
            ledger_nodes=tuple(_nodes(levels, (number - 1) * size, size)),
        )

    def _levels(self, query: LedgerQuery, view: View, now: datetime) -> Levels:
        own = self._identity.operator_id
        parties = Parties(self._identity, view, now)
        tree = Tree(own, parties, view)
        if query.root is None:
            return tree.platform()
        found = [
            each
            for each in _roots(query.root, own, parties, tree, view)
            if query.root_kind in (None, each.kind) and query.root_owner_id in (None, each.owner)
        ]
        if len(found) == 2 and {each.kind for each in found} == set(_PARTIES):
            found = found[:1]  # A party that is both: the higher one has the other below it.
        if len(found) > 1:
            words = "several nodes have this name: say RootKind and RootOwnerID; PLT-6.9"
            raise InvalidObject(details=(Detail("/Root", "rule", words),))
        return found[0].levels() if found else []


def _roots(root: str, own: str, parties: Parties, tree: Tree, view: View) -> Iterator[Root]:
    """Every node of that name."""
    if root == own:
        yield Root(LedgerKind.PLATFORM, own, tree.platform)
    if root in parties.aggregators:
        yield Root(LedgerKind.AGGREGATOR, root, lambda: tree.aggregator(root))
    if root in parties.operators:
        yield Root(LedgerKind.OPERATOR, root, lambda: tree.operator(root))
    kept = (
        (LedgerKind.STATION, KINDS[ObjectKind.STATION], tree.station),
        (LedgerKind.EQUIPMENT, KINDS[ObjectKind.EQUIPMENT], tree.equipment),
        (LedgerKind.CONNECTOR, KINDS[ObjectKind.CONNECTOR], tree.connector),
        (LedgerKind.RESOURCE, RESOURCES.kind, tree.resource),
        (LedgerKind.LOAD_DEVICE, LOAD_DEVICES.kind, tree.load_device),
    )
    for kind, document_kind, levels in kept:
        for each in view.documents(document_kind, key=root):
            yield Root(kind, each.owner, _later(levels, each.owner, root))


def _later(levels: Callable[[str, str], Levels], owner: str, root: str) -> Callable[[], Levels]:
    return lambda: levels(owner, root)


def _nodes(levels: Levels, first: int, size: int) -> Iterator[LedgerNode]:
    """The nodes of one page; whole sections before and after it are not read."""
    skipped, left = first, size
    for depth, level in enumerate(levels):
        for section in level:
            if skipped >= section.size:
                skipped -= section.size
                continue
            for each in section.part(skipped, left):
                left -= 1
                yield replace(each, depth=depth, parent_id=each.parent_id if depth else None)
            skipped = 0
            if left <= 0:
                return
