"""Which resource counts which member, by scene: an index made with the resources. PLT-6.4a."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from vgigw.codec.packing import pack
from vgigw.errors import Detail, InvalidObject
from vgigw.handlers.places import KINDS, Place, devices_at, place_of, places_of
from vgigw.objects import AggregateResource
from vgigw.objects.enumerations import ObjectKind, Scene
from vgigw.objects.resources import ResourceMember
from vgigw.ports import Document, Transaction, View

_KIND: Final = "Membership"


class Counted(NamedTuple):
    """A thing that a member counts, and whose it is: each of them may count it, but once."""

    kind: ObjectKind
    object_id: str
    parties: tuple[str, ...]


def index_members(
    resource: AggregateResource,
    before: AggregateResource | None,
    owner: str,
    tx: Transaction,
    now: datetime,
) -> None:
    """Make the index say what ``resource`` says.

    Raises ``InvalidObject`` for a member that is counted already in a resource of the scene,
    itself or as a part or the whole of what is counted there, by the owner or by whoever else
    operates or aggregates it; and for a circle.
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


def resources_with(
    view: View, owner: str, member_kind: ObjectKind, member_id: str
) -> tuple[str, ...]:
    """Resources of ``owner`` that count a member, whatever the scene."""
    held = (_holder(scene, member_kind, member_id, owner, view) for scene in Scene)
    return tuple(dict.fromkeys(each for each in held if each is not None))


def forget_member(tx: Transaction, owner: str, member_kind: ObjectKind, member_id: str) -> None:
    """No resource of ``owner`` counts it any more."""
    for scene in Scene:
        tx.erase(_KIND, owner, _key(scene, member_kind, member_id))


def _faults(resource: AggregateResource, owner: str, view: View) -> Iterator[Detail]:
    above = _above(resource, owner, view)
    named = {(each.member_kind, each.member_id) for each in resource.members}
    for place, member in enumerate(resource.members):
        path = f"/Members/{place}/MemberID"
        itself = (member.member_kind, member.member_id)
        found = tuple(_overlapping(member, owner, view))
        if member.member_kind is ObjectKind.RESOURCE and member.member_id in above:
            yield Detail(path, "rule", "has this resource as its own member; PLT-6.4a")
        elif any(_counted(resource, each, owner, view) for each in found):
            words = "is counted in another resource of this scene; PLT-6.4a"
            yield Detail(path, "rule", words)
        elif any((each.kind, each.object_id) in named - {itself} for each in found):
            yield Detail(path, "rule", "is a part or the whole of another member; PLT-6.4a")


def _counted(resource: AggregateResource, what: Counted, owner: str, view: View) -> bool:
    held = _key(resource.scene, what.kind, what.object_id)
    found = ((party, view.document(_KIND, party, held)) for party in {owner, *what.parties})
    return any(
        each is not None and (party, each.group) != (owner, resource.resource_id)
        for party, each in found
    )


def _overlapping(member: ResourceMember, owner: str, view: View) -> Iterator[Counted]:
    """The member, the whole that it is part of, and its parts."""
    kind, object_id = member.member_kind, member.member_id
    places = places_of(view, kind, object_id, owner)[:1] if kind in KINDS else []
    if not places:
        yield Counted(kind, object_id, ())
        return
    place = places[0]
    for part, name in (
        (kind, object_id),
        *_whole(kind, place),
        *_parts(kind, object_id, place, view),
    ):
        yield Counted(part, name, place.parties)


def _whole(kind: ObjectKind, place: Place) -> Iterator[tuple[ObjectKind, str]]:
    if kind is not ObjectKind.STATION:
        yield ObjectKind.STATION, place.station_id
    if kind is ObjectKind.CONNECTOR:
        yield ObjectKind.EQUIPMENT, place.equipment_id


def _parts(
    kind: ObjectKind, object_id: str, place: Place, view: View
) -> Iterator[tuple[ObjectKind, str]]:
    if kind is ObjectKind.CONNECTOR:
        return
    station = (place.operator_id, place.station_id)
    if kind is ObjectKind.STATION:
        for each in devices_at(view, ObjectKind.EQUIPMENT, *station):
            yield ObjectKind.EQUIPMENT, each
    for each in devices_at(view, ObjectKind.CONNECTOR, *station):
        if kind is ObjectKind.EQUIPMENT:
            found = place_of(view, ObjectKind.CONNECTOR, place.operator_id, each)
            if found is None or found.equipment_id != object_id:
                continue
        yield ObjectKind.CONNECTOR, each


def _above(resource: AggregateResource, owner: str, view: View) -> set[str]:
    """The resources that count this one, in whichever scene, and those above them."""
    above: set[str] = set()
    left = [resource.resource_id]
    while left:
        at = left.pop()
        holders = (_holder(scene, ObjectKind.RESOURCE, at, owner, view) for scene in Scene)
        new = {each for each in holders if each is not None} - above
        above |= new
        left.extend(new)
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
