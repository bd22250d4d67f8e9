"""JSON Schema 2020-12 of objects, from their shape: one file an object, complete in itself."""

from __future__ import annotations

import enum
from typing import Any

from vgigw.codec.shape import Kind, Member, reachable, shape_of
from vgigw.codec.xsd_types import docstring, words
from vgigw.objects.declaration import InformationObject
from vgigw.operations import CONTRACT

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = f"{CONTRACT.namespace}:schema:"
_DEFS = "#/$defs/"


def json_schema(cls: type[InformationObject]) -> dict[str, Any]:
    """The schema of ``cls`` with everything that it reaches under ``$defs``."""
    schemas = definitions([cls], _DEFS)
    own: dict[str, Any] = schemas.pop(cls.__name__)
    head = {"$schema": DIALECT, "$id": f"{IDENTIFIER}{cls.__name__}"}
    return head | own | ({"$defs": schemas} if schemas else {})


def definitions(roots: list[type[InformationObject]], prefix: str) -> dict[str, Any]:
    """Schemas by name of all that ``roots`` reach; a reference is ``prefix`` and the name."""
    found: dict[str, Any] = {}
    for cls in reachable(*roots):
        found[cls.__name__] = object_schema(cls, prefix)
        for member in shape_of(cls).members:
            if member.enumeration is not None:
                found[member.enumeration.__name__] = _enumeration(member.enumeration)
    return dict(sorted(found.items()))


def object_schema(cls: type[InformationObject], prefix: str) -> dict[str, Any]:
    """The schema of ``cls`` alone."""
    shape = shape_of(cls)
    schema: dict[str, Any] = {
        "title": cls.__name__,
        "description": docstring(cls),
        "type": "object",
        "properties": {member.wire: member_schema(member, prefix) for member in shape.members},
    }
    required = [member.wire for member in shape.members if member.required]
    if required:
        schema["required"] = required
    if cls.__struct_config__.forbid_unknown_fields:
        schema["additionalProperties"] = False
    return schema


def member_schema(member: Member, prefix: str) -> dict[str, Any]:
    """The schema of one member with its two titles."""
    english, chinese = words(member)
    said: dict[str, Any] = {"title": chinese, "description": english}
    if not member.many:
        schema = said | value_schema(member, prefix)
        if member.default is not None:
            schema["default"] = member.default
        return schema
    schema = said | {"type": "array", "items": value_schema(member, prefix)}
    if member.min_items:
        schema["minItems"] = member.min_items
    if member.max_items is not None:
        schema["maxItems"] = member.max_items
    return schema


def value_schema(member: Member, prefix: str) -> dict[str, Any]:
    """The schema of one value of ``member``."""
    if member.kind is Kind.OBJECT and member.of is not None:
        return {"$ref": f"{prefix}{member.of.__name__}"}
    if member.enumeration is not None:
        return {"$ref": f"{prefix}{member.enumeration.__name__}"}
    match member.kind:
        case Kind.TEXT:
            return {"type": "string"} | _lengths(member)
        case Kind.INTEGER:
            return {"type": "integer"} | _bounds(member)
        case Kind.FLOAT:
            return {"type": "number"} | _bounds(member)
        case Kind.DECIMAL:
            return _decimal(member)
        case Kind.BOOLEAN:
            return {"type": "boolean"}
        case Kind.INSTANT:
            return {"type": "string", "format": "date-time"}
        case Kind.DAY:
            return {"type": "string", "format": "date"}
        case Kind.MAP:
            return {
                "type": "object",
                "propertyNames": _lengths(member),
                "additionalProperties": {"type": "number"} | _bounds(member),
            }
    raise TypeError(f"{member.wire}: JSON Schema has no form for {member.kind}")


def _decimal(member: Member) -> dict[str, Any]:
    """A number, or a text that spells one, with at most so many places.

    ``multipleOf`` would say it of a number too, but validators divide binary fractions and so
    refuse 12.345 as a multiple of 0.001; the places stand in ``x-places`` and in the pattern.
    """
    places = member.places or 0
    fraction = rf"(\.[0-9]{{1,{places}}}0*)?" if places else r"(\.0*)?"
    sign = "" if (member.ge is not None and member.ge >= 0) or member.gt is not None else "-?"
    return (
        {"type": ["number", "string"]}
        | _bounds(member)
        | {"pattern": f"^{sign}[0-9]+{fraction}$", "x-places": places}
    )


def _enumeration(cls: type[enum.Enum]) -> dict[str, Any]:
    return {
        "title": cls.__name__,
        "description": docstring(cls),
        "enum": [choice.value for choice in cls],
        "x-enum-varnames": [choice.name for choice in cls],
    }


def _lengths(member: Member) -> dict[str, Any]:
    limits = (("minLength", member.min_length), ("maxLength", member.max_length))
    return {name: value for name, value in limits if value is not None}


def _bounds(member: Member) -> dict[str, Any]:
    limits = (
        ("minimum", member.ge),
        ("exclusiveMinimum", member.gt),
        ("maximum", member.le),
    )
    return {name: _whole(value) for name, value in limits if value is not None}


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value
