"""Which resource counts which member, by scene: an index made with the resources. PLT-6.4a."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from vgigw.codec.packing import pack
from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.places import devices_at, places_of
from vgigw.objects import AggregateResource
from vgigw.objects.enumerations import ObjectKind, Scene
from vgigw.objects.resources import ResourceMember
from vgigw.ports import Document, Transaction, View

_KIND: Final = "Membership"
_MOST_LEVELS: Final = 32


def index_members(
    resource: AggregateResource,
    before: AggregateResource | None,
    owner: str,
    tx: Transaction,
    now: datetime,
) -> None:
    """Make the index say what ``resource`` says.

    Raises ``InvalidObject`` for a member that the owner counts already in another resource of the
    scene, itself or as a part or the whole of what is counted there, and for a circle.
    """
    held = dict.fromkeys(_keys(before)) if before is not None else {}
    wanted = _keys(resource)
    for key in held:
        if key not in wanted:
            tx.erase(_KIND, owner, key)
    details = tuple(_faults(resource, owner, tx))
    if details:
        raise InvalidObject(details=details)
    for key in wanted:
        if key not in held:
            tx.put(_document(key, resource.resource_id, owner, now))


def _faults(resource: AggregateResource, owner: str, view: View) -> Iterator[Detail]:
    above = _above(resource, owner, view)
    for place, member in enumerate(resource.members):
        path = f"/Members/{place}/MemberID"
        if member.member_kind is ObjectKind.RESOURCE and member.member_id in above:
            yield Detail(path, "rule", "has this resource as its own member; PLT-6.4a")
        elif _counted(resource, member, owner, view):
            words = "is counted in another resource of this scene; PLT-6.4a"
            yield Detail(path, "rule", words)


def _counted(resource: AggregateResource, member: ResourceMember, owner: str, view: View) -> bool:
    return any(
        _holder(resource.scene, kind, object_id, owner, view) not in (None, resource.resource_id)
        for kind, object_id in _overlapping(member, owner, view)
    )


def _overlapping(
    member: ResourceMember, owner: str, view: View
) -> Iterator[tuple[ObjectKind, str]]:
    """The member, the whole that it is part of, and its parts."""
    kind, object_id = member.member_kind, member.member_id
    yield kind, object_id
    if kind not in (ObjectKind.STATION, ObjectKind.EQUIPMENT, ObjectKind.CONNECTOR):
        return
    for place in places_of(view, kind, object_id, owner)[:1]:
        if kind is ObjectKind.STATION:
            for part in (ObjectKind.EQUIPMENT, ObjectKind.CONNECTOR):
                found = devices_at(view, part, place.operator_id, place.station_id)
                yield from ((part, each) for each in found)
            return
        yield ObjectKind.STATION, place.station_id
        if kind is ObjectKind.CONNECTOR:
            yield ObjectKind.EQUIPMENT, place.equipment_id
            return
        for connector_id in devices_at(
            view, ObjectKind.CONNECTOR, place.operator_id, place.station_id
        ):
            connectors = places_of(view, ObjectKind.CONNECTOR, connector_id, owner)
            if any(each.equipment_id == object_id for each in connectors):
                yield ObjectKind.CONNECTOR, connector_id


def _above(resource: AggregateResource, owner: str, view: View) -> set[str]:
    """The resources of the scene that count this one, one above the other."""
    above: set[str] = set()
    at = resource.resource_id
    while len(above) < _MOST_LEVELS:
        holder = _holder(resource.scene, ObjectKind.RESOURCE, at, owner, view)
        if holder is None or holder in above:
            break
        above.add(holder)
        at = holder
    return above


def _holder(scene: Scene, kind: ObjectKind, object_id: str, owner: str, view: View) -> str | None:
    held = view.document(_KIND, owner, _key(scene, kind, object_id))
    return None if held is None else held.group


def _keys(resource: AggregateResource) -> dict[str, None]:
    return dict.fromkeys(
        _key(resource.scene, each.member_kind, each.member_id) for each in resource.members
    )


def _key(scene: Scene, kind: ObjectKind, object_id: str) -> str:
    return f"{int(scene)}/{int(kind)}/{object_id}"


def _document(key: str, resource_id: str, owner: str, now: datetime) -> Document:
    return Document(
        kind=_KIND,
        owner=owner,
        key=key,
        version=1,
        group=resource_id,
        payload=pack(b"{}"),
        digest="",
        at=now,
    )
