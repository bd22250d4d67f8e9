"""A command for a resource of the platform's own becomes one for each of its members' owners.

PLT-6.3a, JES-6.2.3.2a. Who decides how much each gets is the platform's function; that each is told
what it can do, and by a command that holds every rule, is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from vgigw.errors import Detail, OutsideCapability, UnknownObject
from vgigw.handlers.targets import Target, check_target, targets_under
from vgigw.objects import AggregateResource, ControlCurve
from vgigw.objects.enumerations import ObjectKind, ResourceLevel
from vgigw.objects.resources import ResourceMember
from vgigw.ports import Functions, Part, View
from vgigw.rules.checks import check

_OWNER_LENGTHS: Final = (9, 18)
_LEVELS: Final = {
    ObjectKind.STATION: ResourceLevel.STATION,
    ObjectKind.EQUIPMENT: ResourceLevel.DEVICE,
    ObjectKind.CONNECTOR: ResourceLevel.DEVICE,
    ObjectKind.VEHICLE: ResourceLevel.VEHICLE,
}


class Portion(NamedTuple):
    """The command for one part, and what it is for."""

    curve: ControlCurve
    target: Target


def portions_of(
    curve: ControlCurve,
    resource: AggregateResource,
    functions: Functions,
    view: View,
    now: datetime,
) -> tuple[Portion, ...]:
    """``curve`` as ``functions.decompose`` splits it, each part held to what its member can do.

    Raises ``UnknownObject`` for a member that is not known or cannot be told from another's, and
    whatever a command may be refused with.
    """
    at = curve.points[0].start_time
    members = [(_member_of(each, view, at), each) for each in resource.members]
    by_name = {(target.resource_id, target.owner): target for target, _ in members}
    parts = tuple(_part(target, member) for target, member in members)
    found = []
    for part in functions.decompose(curve, parts, view):
        target = by_name[part.resource_id, part.aggregator_id]
        check(part, now)
        check_target(part, target, view, now, from_north=False)
        found.append(Portion(part, target))
    if not found:
        words = "nobody was given a part of it; PLT-6.3a"
        raise OutsideCapability(details=(Detail("/ResourceID", "rule", words),))
    return tuple(found)


def _member_of(member: ResourceMember, view: View, at: datetime) -> Target:
    """What a member is: by its identifier, or by that of its operator followed by its own where
    several have one of that name. 2.0(12)."""
    found = list(_named(member, member.member_id, None, view, at))
    for length in _OWNER_LENGTHS:
        owner, own_id = member.member_id[:length], member.member_id[length:]
        if not found and own_id:
            found = list(_named(member, own_id, owner, view, at))
    if len({(each.owner, each.resource_id) for each in found}) != 1:
        raise UnknownObject("a member of the resource is not known, or not the only one so named")
    return found[0]


def _named(
    member: ResourceMember, resource_id: str, owner: str | None, view: View, at: datetime
) -> Iterator[Target]:
    wanted = (member.member_kind is ObjectKind.RESOURCE, _LEVELS.get(member.member_kind))
    for target in targets_under(view, resource_id, owner, at):
        aggregated = target.resource is not None
        if (aggregated, None if aggregated else target.level) == wanted:
            yield target


def _part(target: Target, member: ResourceMember) -> Part:
    share = Decimal(1) if member.share is None else member.share
    return Part(
        resource_id=target.resource_id,
        owner=target.owner,
        polarity=target.polarity,
        rated_charge_kw=target.rated.most_kw * share,
        rated_discharge_kw=-target.rated.least_kw * share,
    )
