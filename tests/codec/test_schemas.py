"""XSD, JSON Schema and OpenAPI carry every limit and accept what the codecs accept. CARD-1."""

from __future__ import annotations

import json as builtin_json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.strategies import objects_of
from vgigw.codec import json, xsd
from vgigw.codec.example import example
from vgigw.codec.json_schema import json_schema
from vgigw.codec.shape import Kind, Member, reachable, shape_of
from vgigw.codec.xsd_types import type_name
from vgigw.errors import InvalidObject
from vgigw.objects import OBJECTS, InformationObject, MessageHeader, OperatingRecord, Refusal
from vgigw.operations import PUBLISHED

XS = "{http://www.w3.org/2001/XMLSchema}"
FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


def validator(cls: type[InformationObject]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(cls))


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
@FEW
@given(data=st.data())
def test_json_schema_accepts_whatever_is_encoded(
    cls: type[InformationObject], data: st.DataObject
) -> None:
    encoded = json.encode(data.draw(objects_of(cls)))
    validator(cls).validate(builtin_json.loads(encoded))


VALUES: list[Any] = [
    None, True, -1, 0, 1, 5000.5, 10**13, -(10**13), "", "x", "x" * 2000, [], {}, "12.345",
    "12.34567890", "1e5",
]  # fmt: skip


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_json_schema_accepts_nothing_that_the_decoder_refuses(
    cls: type[InformationObject],
) -> None:
    checker, good = validator(cls), builtin_json.loads(json.encode(example(cls)))
    members = {member.wire: member for member in shape_of(cls).members}
    for name, member in members.items():
        for value in VALUES:
            if member.kind in {Kind.INSTANT, Kind.DAY}:
                continue  # their format is an annotation in JSON Schema
            if checker.is_valid({**good, name: value}) and expressible(member, value):
                json.accept(cls, {**good, name: value})
    assert not checker.is_valid("text")


def expressible(member: Member, value: Any) -> bool:
    """JSON Schema bounds no number that is spelt as text; the decoder does."""
    if member.kind is not Kind.DECIMAL or not isinstance(value, str):
        return True
    assert member.le is not None
    return Decimal(value) <= Decimal(str(member.le))


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_json_schema_is_a_schema_complete_in_itself(cls: type[InformationObject]) -> None:
    schema = json_schema(cls)
    jsonschema.Draft202012Validator.check_schema(schema)
    wanted = {found.__name__ for found in reachable(cls)} - {cls.__name__}
    assert wanted <= set(schema.get("$defs", {}))
    assert ("additionalProperties" in schema) == cls.__struct_config__.forbid_unknown_fields


def test_every_type_and_element_of_the_contract_is_in_the_schema() -> None:
    schema = xsd.schema_document()
    types = {node.get("name") for node in schema.iterfind(f"{XS}complexType")}
    roots = [cls for row in PUBLISHED for cls in (row.request, row.response)]
    assert types == {type_name(cls) for cls in reachable(*roots, MessageHeader, Refusal)}
    elements = [node.get("name") for node in schema.iterfind(f"{XS}element")]
    assert len(elements) == len(set(elements)) == 2 * len(PUBLISHED) + 2
    assert {"MessageHeader", "Refusal", "Heartbeat", "HeartbeatResponse"} <= set(elements)


def test_no_type_has_the_name_of_a_wrapper_since_java_makes_a_class_of_both() -> None:
    schema = xsd.schema_document()
    kinds = (f"{XS}complexType", f"{XS}simpleType")
    types = {node.get("name") for kind in kinds for node in schema.iterfind(kind)}
    wrappers = {name for row in PUBLISHED for name in (row.name, f"{row.name}Response")}
    assert not types & wrappers
    assert "HeartbeatType" in types


def test_every_member_is_described_in_english_and_chinese() -> None:
    schema = xsd.schema_document()
    for sequence in schema.iterfind(f"{XS}complexType/{XS}sequence"):
        for element in sequence.iterfind(f"{XS}element"):
            said = [node.get("{http://www.w3.org/XML/1998/namespace}lang") for node in
                    element.iterfind(f"{XS}annotation/{XS}documentation")]  # fmt: skip
            assert said == ["en", "zh"], element.get("name")
    assert not schema.xpath("//@nillable")


def test_limits_of_the_declaration_are_facets() -> None:
    schema = xsd.schema_document()
    record = next(n for n in schema if n.get("name") == OperatingRecord.__name__)
    facets = {
        element.get("name"): [
            (etree.QName(facet).localname, facet.get("value"))
            for facet in element.iterfind(f"{XS}simpleType/{XS}restriction/*")
        ]
        for element in record.iter(f"{XS}element")
    }
    assert facets["ObjectID"] == [("minLength", "1"), ("maxLength", "32")]
    assert facets["Quality"] == [("minInclusive", "0"), ("maxInclusive", "4095")]
    assert facets["BatteryTemperature"] == [("minInclusive", "-273.15"), ("maxInclusive", "2000")]
    assert facets["ChargeEnergy"][0] == ("fractionDigits", "6")  # MWh
    assert [name for name, _ in facets["DataTime"]] == ["pattern"]
    batch = next(n for n in schema if n.get("name") == "TelemetryBatch")
    item = next(n for n in batch.iter(f"{XS}element") if n.get("name") == "OperatingRecord")
    assert (item.get("minOccurs"), item.get("maxOccurs")) == ("1", "5000")


def test_two_types_with_one_name_are_refused_when_the_schema_is_made() -> None:
    class Progress(InformationObject):
        """Another object with the name of one of ours."""

    inner = next(row.response for row in PUBLISHED if row.name == "QueryBackfill")
    with pytest.raises(TypeError, match="Progress"):
        xsd._schema([inner, Progress])


def test_the_decoder_does_refuse_what_the_schema_test_feeds_it() -> None:
    with pytest.raises(InvalidObject):
        json.accept(OperatingRecord, {"Quality": -1})
