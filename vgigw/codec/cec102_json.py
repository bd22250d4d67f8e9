"""JSON as T/CEC 102 spells it: Beijing time without offset, and what a dialect changes."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.structs import force_setattr

from vgigw.codec import json
from vgigw.codec.dialect import DEFAULT, Spelling
from vgigw.codec.dialect_files import shipped
from vgigw.codec.dialect_reading import Reading
from vgigw.codec.dialect_writing import written
from vgigw.codec.explain import MOST_DETAILS
from vgigw.codec.settle import BEIJING_OFFSET
from vgigw.codec.shape import Kind, reachable, shape_of
from vgigw.codec.stand_ins import Arrival
from vgigw.errors import Detail, InvalidObject
from vgigw.objects.declaration import InformationObject

T = TypeVar("T", bound=InformationObject)


class Decoded(NamedTuple, Generic[T]):
    """A settled object and the paths of the members that the peer did not send. 2.0(17)."""

    obj: T
    assumed: tuple[str, ...]


def decode(
    cls: type[T], data: bytes, now: datetime, origin: str, spelling: Spelling | None = None
) -> Decoded[T]:
    """The settled object in ``data``, with stand-ins for what T/CEC 102 does not require.

    ``now`` is aware; ``origin`` is a hex digest of the message; without ``spelling`` it is that of
    the default dialect. Empty text stands for an absent optional member. Raises as
    :func:`vgigw.codec.json.decode`; the paths of faults are in the spelling of the peer.
    """
    spelling = spelling or default_spelling()
    if spelling.reads_as_is(cls):
        obj = json.decode_fast(cls, data)
        if obj is not None:
            return Decoded(obj, ())
    document = json.parse(data)
    assumed: list[str] = []
    faults: list[Detail] = []
    if isinstance(document, dict):
        reading = Reading(cls, spelling, Arrival(now, origin), assumed, faults)
        document = reading.own(cls, document)
    try:
        obj = json.accept(cls, document)
    except InvalidObject as refused:
        there = (d._replace(path=spelling.written_path(cls, d.path)) for d in refused.details)
        faults += there
        raise InvalidObject(details=tuple(faults[:MOST_DETAILS])) from refused
    if faults:
        raise InvalidObject(details=tuple(faults[:MOST_DETAILS]))
    return Decoded(obj, tuple(assumed))


def encode(obj: InformationObject, spelling: Spelling | None = None) -> bytes:
    """The bytes of a settled object with instants ``yyyy-MM-dd HH:mm:ss[.SSS]``, Beijing time.

    Milliseconds are written only where there are some; all else is as in the canonical form, but
    for what ``spelling`` differs in.
    """
    cls = type(obj)
    told = _spelled(obj)
    if spelling is None or spelling.writes_as_is(cls):
        return json.encode(told)
    return written(told, cls, spelling)


def beijing(instant: datetime) -> str:
    """An aware UTC ``instant`` as T/CEC 102 writes it. 2.0(2)."""
    local = (instant + BEIJING_OFFSET).replace(tzinfo=None)
    return local.isoformat(" ", "milliseconds" if local.microsecond else "seconds")


@functools.cache
def default_spelling() -> Spelling:
    """The spelling of the 2016 standard."""
    (dialect,) = shipped().versions(DEFAULT)
    return dialect.spelling_at("")


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
