"""spyne's own schema and reader against ours: the same messages pass, the same objects come out."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from tests.strategies import objects_of
from vgigw.codec import json, xml, xsd
from vgigw.codec.example import example
from vgigw.codec.shape import Kind, shape_of
from vgigw.codec.spyne_models import application, model
from vgigw.codec.xml_names import BEIJING
from vgigw.objects import InformationObject
from vgigw.operations import OPERATIONS, Operation

FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


@functools.cache
def protocol() -> Any:
    return application("Differential", OPERATIONS, validating=True).in_protocol


def of_spyne(cls: type[InformationObject], found: Any) -> dict[str, Any]:
    """What spyne read, as builtins by wire name."""
    document: dict[str, Any] = {}
    for member in shape_of(cls).members:
        value = getattr(found, member.wire)
        if value is None:
            continue
        if member.kind is Kind.MAP:
            document[member.wire] = {entry.Name: entry.Value for entry in value.Entry or ()}
        elif member.many:
            items = getattr(value, member.item_name) or ()
            document[member.wire] = [of_spyne(member.of, i) if member.of else i for i in items]
        elif member.kind is Kind.OBJECT and member.of is not None:
            document[member.wire] = of_spyne(member.of, value)
        elif isinstance(value, datetime):
            document[member.wire] = value if value.tzinfo else value.replace(tzinfo=BEIJING)
        else:
            document[member.wire] = value
    return document


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
@FEW
@given(data=st.data())
def test_both_read_the_same_object(row: Operation, data: st.DataObject) -> None:
    request = data.draw(objects_of(row.request))
    wrapper = xml.parse(xsd.wrap(row.name, request))
    assert protocol().validation_schema.validate(wrapper)
    assert xsd.validator().validate(wrapper)
    found = protocol().from_element(None, model(row.request), wrapper[0])
    assert json.accept(row.request, of_spyne(row.request, found)) == request


def drop(wrapper: _Element, node: _Element, _: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def double(wrapper: _Element, node: _Element, _: str) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.insert(parent.index(node), xml.parse(to_bytes(node)))


def swap(wrapper: _Element, node: _Element, _: str) -> None:
    following = node.getnext()
    if following is not None:
        following.addnext(node)


def rename(wrapper: _Element, node: _Element, _: str) -> None:
    node.tag = f"{node.tag}X"


def move(wrapper: _Element, node: _Element, _: str) -> None:
    node.tag = str(node.tag).replace("v1", "v2")


def attribute(wrapper: _Element, node: _Element, text: str) -> None:
    node.set("note", text)


def nil(wrapper: _Element, node: _Element, _: str) -> None:
    node.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")


def spell(wrapper: _Element, node: _Element, text: str) -> None:
    node.text = text


def to_bytes(node: _Element) -> bytes:
    return etree.tostring(node, with_tail=False)


CHANGES = (drop, double, swap, rename, move, attribute, nil, spell, spell, spell)
TEXTS = ("", " ", "0", "-1", "1", "+1", "01", " 1 ", "1.5", "1e3", "1E400", "NaN", "INF", "x" * 41,
         "x", "true", "100.0001", "-0", "99999999999999999999", "2026-13-01T00:00:00",
         "1000000000001", "2026-01-01T24:00:00", "0.00000", "a<b")  # fmt: skip


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
@FEW
@given(data=st.data())
def test_both_schemas_give_one_verdict_on_a_changed_message(
    row: Operation, data: st.DataObject
) -> None:
    request = data.draw(st.one_of(objects_of(row.request), st.just(example(row.request))))
    wrapper = xml.parse(xsd.wrap(row.name, request))
    nodes = list(wrapper.iterdescendants())
    change = data.draw(st.sampled_from(CHANGES))
    change(wrapper, data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(TEXTS)))
    theirs = protocol().validation_schema.validate(wrapper)
    assert xsd.validator().validate(wrapper) == theirs, to_bytes(wrapper)
