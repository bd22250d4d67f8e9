"""The ledger 台账: the tree of parties and facilities, asked for by level. PLT-6.9."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from vgigw.objects.declaration import Grade, InformationObject, member
from vgigw.objects.values import Count, Depth, OperatorCode, Page, PageSize, Text64, Text100


class LedgerKind(IntEnum):
    """What a node of the ledger is 台账节点类别, from the platform downward. PLT-6.9, PLT-3.1."""

    PLATFORM = 1
    AGGREGATOR = 2
    OPERATOR = 3
    STATION = 4
    EQUIPMENT = 5
    CONNECTOR = 6
    VEHICLE = 7
    RESOURCE = 8
    LOAD_DEVICE = 9
    CUSTOMER = 10


class LedgerQuery(InformationObject):
    """Query of the ledger tree 台账查询. PLT-6.9."""

    root: Text64 | None = member(
        "Root", "根节点", "Node to begin at; the platform where absent.", "PLT-6.9", default=None
    )
    root_kind: LedgerKind | None = member(
        "RootKind", "根节点类别", "Kind of that node; any where absent.", "PLT-6.9", default=None
    )
    root_owner_id: OperatorCode | None = member(
        "RootOwnerID",
        "根节点所属主体",
        "Party it belongs to; any where absent.",
        "PLT-6.9",
        default=None,
    )
    depth: Depth | None = member(
        "Depth", "层数", "Levels below the root; all where absent.", "PLT-6.9", default=None
    )
    page_no: Page | None = member(
        "PageNo", "页码", "Page, from 1; 1 where absent.", "102", default=None
    )
    page_size: PageSize | None = member(
        "PageSize", "每页条数", "Nodes a page; 10 where absent.", "102", default=None
    )


class LedgerNode(InformationObject):
    """One node of the ledger tree 台账节点. PLT-6.9."""

    grade: ClassVar[Grade] = Grade.INT

    node_kind: LedgerKind = member("NodeKind", "节点类别", "Kind of node.", "PLT-6.9")
    node_id: Text64 = member("NodeID", "节点标识", "Identifier, unique in its owner.", "PLT-6.9")
    parent_id: Text64 | None = member(
        "ParentID", "上级节点", "Node above; absent at the root.", "PLT-6.9", default=None
    )
    owner_id: OperatorCode = member("OwnerID", "所属主体", "Party it belongs to.", "PLT-6.9")
    name: Text100 | None = member("Name", "名称", "Name.", "PLT-6.9", default=None)
    depth: Depth = member("Depth", "层级", "Level, 0 = root of the answer.", "PLT-6.9")


class LedgerPage(InformationObject):
    """One page of the ledger tree 台账查询结果, nodes above before nodes below; what a resource
    counts stands below it where the resource is the root. PLT-6.4a, PLT-6.9."""

    grade: ClassVar[Grade] = Grade.INT

    page_no: Page = member("PageNo", "页码", "Page.", "102")
    page_count: Count = member("PageCount", "总页数", "Pages in all.", "102")
    item_size: Count = member("ItemSize", "总条数", "Nodes in all.", "102")
    ledger_nodes: tuple[LedgerNode, ...] = member(
        "LedgerNodes", "台账节点", "Nodes.", "PLT-6.9", default=()
    )
