"""Hypothesis strategies for information objects, generated from their shape."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

T = TypeVar("T", bound=InformationObject)

_LONGEST_TEXT = 48
_MOST_ITEMS = 2
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = int((datetime(2199, 12, 31, tzinfo=UTC) - _FIRST).total_seconds() * 1000)

_CHARACTERS = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.sampled_from("充电站场接口设备聚合商调度补召回执。、①\t\n é"),
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
)

instants = st.integers(0, _LAST_MS).map(lambda ms: _FIRST + timedelta(milliseconds=ms))
"""Aware UTC, whole milliseconds, years 1970 to 2199."""


def objects_of(cls: type[T]) -> st.SearchStrategy[T]:
    """Valid, settled objects of ``cls``: every limit holds, optional members are there or not."""
    required, optional = _members(cls)
    return st.fixed_dictionaries(required, optional=optional).map(lambda kept: cls(**kept))


@functools.cache
def _members(
    cls: type[InformationObject],
) -> tuple[dict[str, st.SearchStrategy[Any]], dict[str, st.SearchStrategy[Any]]]:
    members = shape_of(cls).members
    required = {m.attribute: values_of(m) for m in members if m.required}
    return required, {m.attribute: values_of(m) for m in members if not m.required}


def values_of(member: Member) -> st.SearchStrategy[Any]:
    """Valid values of one member, a tuple if it is a list."""
    one = _one(member)
    if not member.many:
        return one
    most = max(member.min_items, _MOST_ITEMS)
    return st.lists(one, min_size=member.min_items, max_size=most).map(tuple)


def _one(member: Member) -> st.SearchStrategy[Any]:
    match member.kind:
        case Kind.TEXT:
            return _text(member)
        case Kind.INTEGER:
            low = member.ge if member.gt is None else int(member.gt) + 1
            return st.integers(_whole(low, -(2**63)), _whole(member.le, 2**63 - 1))
        case Kind.DECIMAL:
            return _decimal(member)
        case Kind.FLOAT:
            return _float(member)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.INSTANT:
            return instants
        case Kind.DAY:
            return st.dates(date(1970, 1, 1), date(2199, 12, 31))
        case Kind.MAP:
            return st.dictionaries(_text(member), _float(member), max_size=_MOST_ITEMS)
        case Kind.OBJECT if member.of is not None:
            return objects_of(member.of)
    assert member.enumeration is not None
    return st.sampled_from(list(member.enumeration))


def _whole(limit: float | None, otherwise: int) -> int:
    return otherwise if limit is None else int(limit)


def _text(member: Member) -> st.SearchStrategy[str]:
    low = member.min_length or 0
    high = _LONGEST_TEXT if member.max_length is None else min(_LONGEST_TEXT, member.max_length)
    return st.text(_CHARACTERS, min_size=low, max_size=max(low, high))


def _float(member: Member) -> st.SearchStrategy[float]:
    low = member.ge if member.gt is None else member.gt
    finite = st.floats(low, member.le, allow_nan=False, allow_infinity=False)
    return finite.map(lambda value: value or 0.0)


def _decimal(member: Member) -> st.SearchStrategy[Decimal]:
    assert member.places is not None
    unit = 10**member.places
    least = member.ge if member.gt is None else member.gt
    low = int(Decimal(str(least)) * unit) + (member.gt is not None)
    high = int(Decimal(str(member.le)) * unit)
    small = st.integers(max(low, -1000 * unit), min(high, 1000 * unit))
    places = -member.places
    return st.one_of(small, st.integers(low, high)).map(lambda n: Decimal(n).scaleb(places))
