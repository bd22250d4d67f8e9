"""Marshmallow schemas, generated: they name every fault, where msgspec stops at the first."""

from __future__ import annotations

import functools
from typing import Any

import marshmallow
from marshmallow import fields

from vgigw.codec import marshmallow_fields as own
from vgigw.codec.convention_reading import finer
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

_ONE: dict[Kind, type[own.OneField]] = {
    Kind.TEXT: own.TextField,
    Kind.INTEGER: own.IntegerField,
    Kind.DECIMAL: own.DecimalField,
    Kind.FLOAT: own.FloatField,
    Kind.BOOLEAN: own.BooleanField,
    Kind.INSTANT: own.InstantField,
    Kind.DAY: own.DayField,
    Kind.NUMBER_CHOICE: own.ChoiceField,
    Kind.TEXT_CHOICE: own.ChoiceField,
    Kind.MAP: own.MapField,
}


class ObjectSchema(marshmallow.Schema):
    """Loads a document of wire names into its object; the messages are :class:`Fault`."""

    made: type[InformationObject]

    @marshmallow.post_load
    def _made(self, data: dict[str, Any], **_: Any) -> InformationObject:
        return self.made(**{name: value for name, value in data.items() if value is not None})


@functools.cache
def schema_of(cls: type[InformationObject], more: int = 0) -> type[marshmallow.Schema]:
    """The schema of ``cls``: every limit, enumerations by value, nested objects, lists, maps.

    ``load`` accepts the same documents as the JSON door and gives the same, settled object; with
    ``more`` places for what a peer speaks in thousands of our units.
    """
    strict = bool(cls.__struct_config__.forbid_unknown_fields)
    meta = {"unknown": marshmallow.RAISE if strict else marshmallow.EXCLUDE, "register": False}
    namespace: dict[str, Any] = {
        member.attribute: _field(finer(member, more), more) for member in shape_of(cls).members
    }
    namespace["Meta"] = type("Meta", (), meta)
    namespace["made"] = cls
    namespace["error_messages"] = {
        "unknown": own.Fault("unknown", f"is not a member of {cls.__name__}"),
        "type": own.Fault("type", "must be an object"),
    }
    namespace["__module__"] = __name__
    return type(f"{cls.__name__}Schema", (ObjectSchema,), namespace)


def _field(member: Member, more: int) -> fields.Field[Any]:
    presence: dict[str, Any] = {
        "data_key": member.wire,
        "required": member.required,
        "allow_none": not member.required,
        "metadata": {"description": member.described.en, "unit": member.unit},
        "error_messages": dict(own.PRESENCE),
    }
    if not member.many:
        return _one(member, presence, more)
    one = _one(member, {"error_messages": dict(own.PRESENCE)}, more)
    return own.ManyField(member, one, presence)


def _one(member: Member, presence: dict[str, Any], more: int) -> fields.Field[Any]:
    if member.kind is Kind.OBJECT:
        assert member.of is not None  # noqa: S101 - narrows for the type checker
        inner = schema_of(member.of, more) if more else schema_of(member.of)
        return fields.Nested(inner, **presence)
    return _ONE[member.kind](member, presence)
