"""Five readers of every object accept one set: msgspec, marshmallow, JSON Schema, XML, bare XSD.

Every member of every object is put to its limits and one step beyond, is left out, is null, has
another type. What JSON Schema cannot say, or says more strictly, stands in ``spared``. CARD-1,
CARD-4.
"""

from __future__ import annotations

import json as builtin_json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

import jsonschema
import msgspec
import pytest
from lxml import etree
from marshmallow import ValidationError

from tests.codec.variants import NO_INSTANTS, Variant, variants
from vgigw.codec import json, xsd
from vgigw.codec.convention_reading import scales
from vgigw.codec.json_schema import json_schema
from vgigw.codec.marshmallow import schema_of
from vgigw.codec.shape import Kind, shape_of
from vgigw.errors import InvalidObject
from vgigw.objects import OBJECTS, InformationObject, OperatingRecord, member

Reader = Callable[[Variant], bool | None]
"""Whether it accepts a variant; None where it has no opinion."""

RECORD = OperatingRecord
ELSEWHERE: dict[str, tuple[str, Any]] = {
    "Quality: highest": ("quality", Annotated[int, msgspec.Meta(ge=0, lt=4095)]),
    "Quality: beyond the highest": ("quality", Annotated[int, msgspec.Meta(ge=0, lt=4097)]),
    "ObjectID: longest": ("object_id", Annotated[str, msgspec.Meta(min_length=1, max_length=31)]),
    "ObjectID: too short": ("object_id", Annotated[str, msgspec.Meta(max_length=32)]),
    "ChargeEnergy: too fine": (
        "charge_energy",
        Annotated[Decimal, msgspec.Meta(extra={"places": 4, "ge": 0})] | None,
    ),
    "ChargeEnergy: beyond the lowest": (
        "charge_energy",
        Annotated[Decimal, msgspec.Meta(extra={"places": 3})] | None,
    ),
    "SOC: beyond the highest": (
        "soc",
        Annotated[float, msgspec.Meta(ge=0, le=101, extra={"unit": "%"})] | None,
    ),
}
"""What a reader would be found by that had another limit than the declaration."""


def as_bytes(document: Any) -> bytes:
    """JSON of ``document`` with every digit of its decimals."""
    if isinstance(document, dict):
        pairs = (builtin_json.dumps(k).encode() + b":" + as_bytes(v) for k, v in document.items())
        return b"{" + b",".join(pairs) + b"}"
    if isinstance(document, list):
        return b"[" + b",".join(map(as_bytes, document)) + b"]"
    if isinstance(document, Decimal):
        return f"{document:f}".encode()
    return builtin_json.dumps(document).encode()


def by_msgspec(cls: type[InformationObject], variant: Variant) -> bool:
    try:
        json.decode(cls, as_bytes(variant.document))
    except InvalidObject:
        return False
    return True


def by_marshmallow(schema: Any, variant: Variant) -> bool:
    try:
        schema.load(json.parse(as_bytes(variant.document)))
    except ValidationError:
        return False
    return True


def by_json_schema(
    cls: type[InformationObject], validator: jsonschema.Draft202012Validator, variant: Variant
) -> bool | None:
    if spared(cls, variant):
        return None
    text = as_bytes(variant.document)
    return validator.is_valid(builtin_json.loads(text, parse_float=exactly))


def exactly(text: str) -> float | Decimal:
    """A float where that has every digit: beside 10^12 it has no place for the sixth decimal."""
    return float(text) if Decimal(repr(float(text))) == Decimal(text) else Decimal(text)


def spared(cls: type[InformationObject], variant: Variant) -> bool:
    """null for absent is a tolerance; a format is an annotation, the places of a number are one,
    and a character that only XML cannot carry is none of its business."""
    wire, _, what = variant.what.partition(": ")
    kinds = {member.wire: member.kind for member in shape_of(cls).members}
    if what == "null" and variant.valid:
        return True
    if kinds.get(wire) in {Kind.INSTANT, Kind.DAY}:
        return not variant.valid and isinstance(variant.document.get(wire), str)
    return what.removeprefix("item ") in {
        "too fine",
        "control character",
        "half a surrogate pair",
    }


def by_xml(cls: type[InformationObject], variant: Variant) -> bool | None:
    if variant.element is None:
        return None
    try:
        xsd.accept(cls, variant.element)
    except InvalidObject:
        return False
    return True


def by_xsd(cls: type[InformationObject], schema: etree.XMLSchema, variant: Variant) -> bool | None:
    """A schema bounds no year, and it has the places of MW for everybody. Q39."""
    wire, _, what = variant.what.partition(": ")
    in_thousands = {member.wire for member in shape_of(cls).members if scales(member)}
    of_mw = wire in in_thousands and what == "too fine"
    if variant.element is None or variant.what.endswith(NO_INSTANTS[2:4]) or of_mw:
        return None
    return schema.validate(variant.element)


def readers(cls: type[InformationObject]) -> dict[str, Reader]:
    return {
        "msgspec": partial(by_msgspec, cls),
        "marshmallow": partial(by_marshmallow, schema_of(cls)()),
        "JSON Schema": partial(
            by_json_schema, cls, jsonschema.Draft202012Validator(json_schema(cls))
        ),
        "XML": partial(by_xml, cls),
        "XSD": partial(by_xsd, cls, xsd.object_validator(cls)),
    }


def differences(cls: type[InformationObject], held: dict[str, Reader]) -> list[tuple[str, str]]:
    """What was done, and who says otherwise than the declaration."""
    return [
        (variant.what, name)
        for variant in variants(cls)
        for name, accepts in held.items()
        if accepts(variant) not in (variant.valid, None)
    ]


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_all_readers_accept_what_the_declaration_says_and_nothing_else(
    cls: type[InformationObject],
) -> None:
    assert differences(cls, readers(cls)) == []


def record_with(attribute: str, kind: Any) -> type[InformationObject]:
    """An operating record that declares one member otherwise."""
    said = RECORD.described[attribute]
    required = shape_of(RECORD).members[RECORD.__struct_fields__.index(attribute)].required
    default = msgspec.NODEFAULT if required else None
    namespace = {
        "__annotations__": {attribute: kind},
        "__doc__": RECORD.__doc__,
        attribute: member(said.wire, said.zh, said.en, said.clause, default=default),
    }
    declare: Any = type(RECORD)
    made: type[InformationObject] = declare(RECORD.__name__, (RECORD,), namespace)
    return made


@pytest.mark.parametrize("reader", ["msgspec", "marshmallow", "JSON Schema", "XML", "XSD"])
@pytest.mark.parametrize("what", ELSEWHERE)
def test_a_reader_with_another_limit_is_found(what: str, reader: str) -> None:
    other = record_with(*ELSEWHERE[what])
    found = differences(RECORD, {reader: readers(other)[reader]})

    if (what, reader) == ("ChargeEnergy: too fine", "JSON Schema"):
        assert (what, reader) not in found  # spared there
    else:
        assert (what, reader) in found


def test_a_member_that_one_reader_does_not_know_or_want_is_found() -> None:
    unknown, unwanted = json_schema(RECORD), json_schema(RECORD)
    del unknown["properties"]["SOC"]
    unwanted["required"].remove("Quality")

    assert by_schema(unknown)[0] == ("everything", "JSON Schema")
    assert by_schema(unwanted) == [("Quality: absent", "JSON Schema")]


def by_schema(schema: dict[str, Any]) -> list[tuple[str, str]]:
    reader = partial(by_json_schema, RECORD, jsonschema.Draft202012Validator(schema))
    return differences(RECORD, {"JSON Schema": reader})
