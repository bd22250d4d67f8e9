"""What a resource counts, as levels below it in the ledger. PLT-6.4a, PLT-6.9."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from vgigw.handlers.ledger_nodes import Levels, listed, node
from vgigw.handlers.places import KINDS, places_of
from vgigw.handlers.resources import RESOURCES
from vgigw.objects import AggregateResource, LedgerNode
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.ledger import LedgerKind
from vgigw.objects.resources import ResourceMember
from vgigw.ports import View

_SHOWN_AS: Final = MappingProxyType(
    {
        ObjectKind.RESOURCE: LedgerKind.RESOURCE,
        ObjectKind.STATION: LedgerKind.STATION,
        ObjectKind.EQUIPMENT: LedgerKind.EQUIPMENT,
        ObjectKind.CONNECTOR: LedgerKind.CONNECTOR,
        ObjectKind.VEHICLE: LedgerKind.VEHICLE,
    }
)
"""A node of the grid is no node of the ledger."""


def members(view: View, owner: str, resource_id: str) -> Levels:
    """The members of a resource of ``owner``, below them those of the resources among them."""
    levels: Levels = []
    seen: set[str] = set()
    at = [resource_id]
    while at:
        seen.update(at)
        counted = [
            (resource, member)
            for each in at
            if (resource := RESOURCES.find(view, owner, each)) is not None
            for member in resource.members
            if member.member_kind in _SHOWN_AS
        ]
        if counted:
            levels.append([listed(counted, lambda each: _node(view, *each))])
        inner = [each.member_id for _, each in counted if each.member_kind is ObjectKind.RESOURCE]
        at = [each for each in dict.fromkeys(inner) if each not in seen]
    return levels


def _node(view: View, resource: AggregateResource, member: ResourceMember) -> LedgerNode:
    """A member below its resource, with the name that the archives have for it."""
    owner, name = resource.aggregator_id, None
    if member.member_kind is ObjectKind.RESOURCE:
        inner = RESOURCES.find(view, owner, member.member_id)
        name = inner.resource_name if inner is not None else None
    elif member.member_kind in KINDS:
        for place in places_of(view, member.member_kind, member.member_id, owner)[:1]:
            owner, name = place.operator_id, place.name or None
    kind = _SHOWN_AS[member.member_kind]
    return node(kind, member.member_id, owner, resource.resource_id, name)
