"""The neutral shape of an object: one walk over ``msgspec.inspect``, read by every derived form.

No other module of :mod:`vgigw.codec` looks at type annotations.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from vgigw.objects.declaration import Described, InformationObject
from vgigw.objects.values import DECIMAL_LIMIT


class Kind(enum.Enum):
    """What one value of a member is."""

    TEXT = enum.auto()
    INTEGER = enum.auto()
    DECIMAL = enum.auto()
    FLOAT = enum.auto()
    BOOLEAN = enum.auto()
    INSTANT = enum.auto()
    DAY = enum.auto()
    NUMBER_CHOICE = enum.auto()
    TEXT_CHOICE = enum.auto()
    OBJECT = enum.auto()
    MAP = enum.auto()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One member: name in Python, name on the wire, value, limits, description.

    ``many`` says that it is a list (``min_items``/``max_items``); the other limits are those of
    one value. ``choices`` are the wire values of an enumeration, ``of`` the class of an object.
    A ``MAP`` goes from text (limits of length) to float (limits of value); ``by_wire`` says that
    its texts are wire names of the object's own members. ``axis`` is that of a coordinate.
    """

    attribute: str
    wire: str
    kind: Kind
    required: bool
    default: Any = None
    many: bool = False
    min_items: int = 0
    max_items: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    ge: float | int | None = None
    gt: float | int | None = None
    le: float | int | None = None
    places: int | None = None
    unit: str | None = None
    axis: str | None = None
    by_wire: bool = False
    enumeration: type[enum.Enum] | None = None
    of: type[InformationObject] | None = None
    described: Described

    @property
    def choices(self) -> tuple[int | str, ...]:
        return tuple(choice.value for choice in self.enumeration) if self.enumeration else ()

    @property
    def item_name(self) -> str:
        """Name of one element of a list in XML."""
        return (self.of.xml_item_name or self.of.__name__) if self.of else "Item"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """An object: class, name, members in order."""

    cls: type[InformationObject]
    name: str
    members: tuple[Member, ...]


@functools.cache
def shape_of(cls: type[InformationObject]) -> Shape:
    """The shape of ``cls``; raises ``TypeError`` for a member that no form could carry."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - narrows for the type checker
    members = tuple(_member(cls, field) for field in info.fields)
    return Shape(cls=cls, name=cls.__name__, members=members)


def reachable(*roots: type[InformationObject]) -> Iterator[type[InformationObject]]:
    """``roots`` and every object inside them, inner ones first, each once."""
    seen: dict[type[InformationObject], None] = {}

    def visit(cls: type[InformationObject]) -> None:
        for member in shape_of(cls).members:
            if member.of is not None and member.of not in seen:
                visit(member.of)
        seen.setdefault(cls)

    for root in roots:
        visit(root)
    return iter(seen)


def _member(cls: type[InformationObject], field: inspect.Field) -> Member:
    limits: dict[str, Any] = {}
    value, extra = _unwrap(field.type)
    if isinstance(value, inspect.VarTupleType):
        limits |= {"many": True, "min_items": value.min_length or 0, "max_items": value.max_length}
        value, extra = _unwrap(value.item_type)
    limits |= _limits(value, extra, f"{cls.__name__}.{field.name}")
    return Member(
        attribute=field.name,
        wire=field.encode_name,
        required=field.required,
        default=None if field.required else field.default,
        described=cls.described[field.name],
        **limits,
    )


def _unwrap(value: inspect.Type) -> tuple[inspect.Type, dict[str, Any]]:
    """Strip ``| None`` and metadata."""
    extra: dict[str, Any] = {}
    while True:
        if isinstance(value, inspect.Metadata):
            extra |= value.extra or {}
            value = value.type
        elif isinstance(value, inspect.UnionType):
            rest = [t for t in value.types if not isinstance(t, inspect.NoneType)]
            if len(rest) != 1:
                return value, extra
            value = rest[0]
        else:
            return value, extra


def _limits(value: inspect.Type, extra: dict[str, Any], where: str) -> dict[str, Any]:
    unit = {"unit": extra.get("unit")}
    match value:
        case inspect.StrType():
            return {
                "kind": Kind.TEXT,
                "min_length": value.min_length,
                "max_length": value.max_length,
            }
        case inspect.BoolType():
            return {"kind": Kind.BOOLEAN}
        case inspect.IntType():
            top = value.le if value.lt is None else value.lt - 1
            return {"kind": Kind.INTEGER, "ge": value.ge, "gt": value.gt, "le": top} | unit
        case inspect.FloatType():
            return {"kind": Kind.FLOAT, "ge": value.ge, "gt": value.gt, "le": value.le} | unit
        case inspect.DecimalType():
            low = {"gt": extra["gt"]} if "gt" in extra else {"ge": extra.get("ge", -DECIMAL_LIMIT)}
            high = {"le": extra.get("le", DECIMAL_LIMIT), "places": extra["places"]}
            return {"kind": Kind.DECIMAL, "axis": extra.get("axis")} | low | high | unit
        case inspect.DateTimeType():
            return {"kind": Kind.INSTANT}
        case inspect.DateType():
            return {"kind": Kind.DAY}
        case inspect.EnumType():
            numbers = issubclass(value.cls, int)
            kind = Kind.NUMBER_CHOICE if numbers else Kind.TEXT_CHOICE
            return {"kind": kind, "enumeration": value.cls}
        case inspect.StructType():
            return {"kind": Kind.OBJECT, "of": value.cls}
        case inspect.DictType():
            key, _ = _unwrap(value.key_type)
            item, _ = _unwrap(value.value_type)
            if isinstance(key, inspect.StrType) and isinstance(item, inspect.FloatType):
                return {
                    "kind": Kind.MAP,
                    "by_wire": extra.get("keys") == "members",
                    "min_length": key.min_length,
                    "max_length": key.max_length,
                    "ge": item.ge,
                    "le": item.le,
                }
    raise TypeError(f"{where}: {value!r} has no form on the wire")
