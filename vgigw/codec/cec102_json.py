"""JSON as T/CEC 102 spells it: Beijing time without offset, and fewer required members."""

from __future__ import annotations

import copy
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.structs import force_setattr

from vgigw.codec import json
from vgigw.codec.settle import BEIJING_OFFSET
from vgigw.codec.shape import Kind, Member, reachable, shape_of
from vgigw.objects.declaration import InformationObject
from vgigw.objects.states import ConnectorStatusInfo
from vgigw.objects.stations import EquipmentInfo, StationInfo

T = TypeVar("T", bound=InformationObject)


class Decoded(NamedTuple, Generic[T]):
    """A settled object and the paths of the members that the peer did not send. 2.0(17)."""

    obj: T
    assumed: tuple[str, ...]


class Arrival(NamedTuple):
    """What is known of a message besides its content: when, and a digest of its bytes."""

    now: datetime
    origin: str


class Missing(NamedTuple):
    """The place of a missing member: the object around it, its path, the arrival."""

    document: dict[str, Any]
    path: str
    arrival: Arrival


StandIn = Callable[[Missing], Any]
"""Gives what stands in for a missing member, None if nothing can."""

StandIns = Mapping[type[InformationObject], Mapping[str, StandIn]]


def _arrival_ms(missing: Missing) -> int:
    return int(missing.arrival.now.timestamp() * 1000)


def _arrival_time(missing: Missing) -> datetime:
    now = missing.arrival.now.astimezone(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _event(missing: Missing) -> str:
    """The digest itself, or one of digest and place where a message holds many events."""
    origin = missing.arrival.origin
    if missing.path:
        origin = hashlib.sha256(f"{origin}{missing.path}".encode()).hexdigest()
    return origin[:40]


def _sum_of_power(missing: Missing) -> Decimal | None:
    equipments = missing.document.get("EquipmentInfos")
    if not isinstance(equipments, list) or not equipments:
        return None
    powers = [item.get("Power") if isinstance(item, dict) else None for item in equipments]
    if not all(isinstance(p, int | Decimal) and -(10**12) < p < 10**12 for p in powers):
        return None
    return sum((Decimal(power) for power in powers if power is not None), Decimal(0))


def _charging_only(_: Missing) -> int:
    return 1


STAND_INS: StandIns = {
    StationInfo: {
        "Version": _arrival_ms,
        "UpdateTime": _arrival_time,
        "RatedCapacity": _sum_of_power,
        "MaxChargePower": _sum_of_power,
    },
    EquipmentInfo: {"DirectionCapability": _charging_only},
    ConnectorStatusInfo: {"EventID": _event, "ChangeTime": _arrival_time},
}
"""What stands in for members that our catalogue requires and T/CEC 102 does not. 2.0(17)."""


def decode(
    cls: type[T], data: bytes, now: datetime, origin: str, stand_ins: StandIns = STAND_INS
) -> Decoded[T]:
    """The settled object in ``data``, with stand-ins for what T/CEC 102 does not require.

    ``now`` is aware; ``origin`` is a hex digest of the message. Empty text stands for an absent
    optional member. Raises as :func:`vgigw.codec.json.decode`.
    """
    obj = json.decode_fast(cls, data)
    if obj is not None:
        return Decoded(obj, ())
    document = json.parse(data)
    assumed: list[str] = []
    if isinstance(document, dict):
        reading = _Reading(Arrival(now, origin), stand_ins, assumed)
        document = reading.completed(cls, document, "")
    return Decoded(json.accept(cls, document), tuple(assumed))


class _Reading(NamedTuple):
    """One walk over a document."""

    arrival: Arrival
    stand_ins: StandIns
    assumed: list[str]

    def completed(
        self, cls: type[InformationObject], document: dict[str, Any], path: str
    ) -> dict[str, Any]:
        """``document`` without empty optional members, with stand-ins, inner objects first."""
        read = dict(document)
        for member in shape_of(cls).members:
            value = read.get(member.wire)
            if value == "" and not member.required:
                del read[member.wire]
            elif member.kind is Kind.OBJECT:
                read.update(self._inner(member, value, f"{path}/{member.wire}"))
        for wire, stand_in in self.stand_ins.get(cls, {}).items():
            if wire not in read:
                value = stand_in(Missing(read, path, self.arrival))
                if value is not None:
                    read[wire] = value
                    self.assumed.append(f"{path}/{wire}")
        return read

    def _inner(self, member: Member, value: Any, path: str) -> Iterator[tuple[str, Any]]:
        cls = member.of
        assert cls is not None  # noqa: S101 - narrows for the type checker
        if isinstance(value, dict) and not member.many:
            yield member.wire, self.completed(cls, value, path)
        elif isinstance(value, list) and member.many:
            read = [
                self.completed(cls, item, f"{path}/{i}") if isinstance(item, dict) else item
                for i, item in enumerate(value)
            ]
            yield member.wire, read


def encode(obj: InformationObject) -> bytes:
    """The bytes of a settled object with instants ``yyyy-MM-dd HH:mm:ss[.SSS]``, Beijing time.

    Milliseconds are written only where there are some; all else is as in the canonical form.
    """
    return json.encode(_spelled(obj))


def beijing(instant: datetime) -> str:
    """An aware UTC ``instant`` as T/CEC 102 writes it. 2.0(2)."""
    local = (instant + BEIJING_OFFSET).replace(tzinfo=None)
    return local.isoformat(" ", "milliseconds" if local.microsecond else "seconds")


def _spelled(obj: T) -> T:
    """A copy whose instants are text; an object without instants inside is not copied."""
    places = _places_of_instants(type(obj))
    if not places:
        return obj
    spelled = copy.copy(obj)
    for attribute, many, spell in places:
        value = getattr(obj, attribute)
        if value is not None:
            told = tuple(spell(item) for item in value) if many else spell(value)
            force_setattr(spelled, attribute, told)
    return spelled


@functools.cache
def _places_of_instants(
    cls: type[InformationObject],
) -> tuple[tuple[str, bool, Callable[[Any], Any]], ...]:
    """Of each member that holds instants: attribute, whether a list, how one is spelled."""
    return tuple(
        (member.attribute, member.many, beijing if member.kind is Kind.INSTANT else _spelled)
        for member in shape_of(cls).members
        if member.kind is Kind.INSTANT or (member.of is not None and _has_instants(member.of))
    )


def _has_instants(cls: type[InformationObject]) -> bool:
    inside = reachable(cls)
    return any(m.kind is Kind.INSTANT for inner in inside for m in shape_of(inner).members)
