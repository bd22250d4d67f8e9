"""Archives of aggregated resources: members, polarity and when it flips. PLT-6.4a, PLT-7.4."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.memberships import index_members
from vgigw.handlers.places import KINDS, places_of
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import (
    AggregateResource,
    ArchiveReceipt,
    PolarityMode,
    ResourcePage,
    ResourceQuery,
)
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_RESOURCE, QUERY_RESOURCES
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.archives import PolarityPeriod, check_flip, polarity_at, polarity_mismatch

RESOURCES = Shelf(AggregateResource, key="resource_id")


class Resources:
    """Handlers of resource archives."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_RESOURCE)
    def take(self, call: Call, tx: Transaction) -> ArchiveReceipt:
        """The owner is the aggregator that the resource names; dispatch is told. PLT-6.9.

        The archive of a member may come later, so that one that is not known is kept; a foreign one
        is told apart from none by nobody. Neither is ever reached through the resource. PLT-6.4a.
        """
        resource: AggregateResource = call.request
        owner = self._routes.owner(call, resource.aggregator_id)
        before = RESOURCES.find(tx, owner, resource.resource_id)
        RESOURCES.take(call, tx, owner)
        _check_polarity(resource, before, owner, tx, call.now)
        index_members(resource, before, owner, tx, call.now)
        if resource != before:
            self._routes.pass_on(call, tx)
        return ArchiveReceipt(status=Success.OK, version=resource.version)

    @authors(PUSH_RESOURCE)
    def keep_own(self, resource: AggregateResource, _: str, tx: Transaction, now: datetime) -> None:
        owner = resource.aggregator_id
        before = RESOURCES.find(tx, owner, resource.resource_id)
        RESOURCES.keep(resource, owner, tx, now)
        index_members(resource, before, owner, tx, now)

    @handles(QUERY_RESOURCES)
    def query(self, call: Call, tx: Transaction) -> ResourcePage:
        """A party sees its own, dispatch everybody's; one page of them."""
        query: ResourceQuery = call.request
        owner = self._routes.visible(call.peer)
        page = RESOURCES.page(tx, query, owner, key=query.resource_id)
        return ResourcePage(
            page_no=page.page_no,
            page_count=page.page_count,
            item_size=page.item_size,
            aggregate_resources=page.items,
        )


def polarity_of(view: View, owner: str, resource_id: str, at: datetime) -> PolarityMode | None:
    """The polarity in force of a resource ``at`` an instant: what was told for later does not hold
    yet. None for a resource that is not known. PLT-7.4c."""
    versions = view.history(RESOURCES.kind, owner, resource_id)
    told = [object_of(AggregateResource, each.payload) for each in versions]
    return polarity_at([_period(each) for each in told], at)


def _check_polarity(
    resource: AggregateResource,
    before: AggregateResource | None,
    owner: str,
    view: View,
    now: datetime,
) -> None:
    """Raise ``PolarityMismatch`` where the archives contradict it, or it flips without an instant.
    PLT-7.4b, PLT-7.4c."""
    known = list(_members_discharge(resource, owner, view))
    if resource.polarity_mode is PolarityMode.LOAD and any(known):
        raise polarity_mismatch("a member can discharge: generation polarity; PLT-7.4b")
    if (
        resource.polarity_mode is PolarityMode.GENERATION
        and not resource.rated_discharge_power
        and len(known) == len(resource.members)
        and not any(known)
    ):
        raise polarity_mismatch("no member can discharge: load polarity; PLT-7.4b")
    if before is not None and before != resource:
        check_flip(_period(before), _period(resource), now)


def _members_discharge(resource: AggregateResource, owner: str, view: View) -> Iterator[bool]:
    """Of each member that the owner's archives have, whether it can discharge."""
    for member in resource.members:
        if member.member_kind in KINDS:
            for place in places_of(view, member.member_kind, member.member_id, owner)[:1]:
                yield place.discharges
        elif member.member_kind is ObjectKind.RESOURCE:
            inner = RESOURCES.find(view, owner, member.member_id)
            if inner is not None:
                yield inner.polarity_mode is PolarityMode.GENERATION


def _period(resource: AggregateResource) -> PolarityPeriod:
    return PolarityPeriod(resource.polarity_mode, resource.polarity_from)
