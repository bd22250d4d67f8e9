"""The bound of elements refuses nothing that the contract can say, however short. F75."""

from __future__ import annotations

import functools

import pytest
from msgspec.structs import replace

from tests.trio import batch, record
from vgigw.codec import xml, xsd
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import ENTRY, KEY, VALUE
from vgigw.codec.xml_parser import FREE_NODES, LEAST_BYTES_A_NODE
from vgigw.errors import Malformed
from vgigw.objects import InformationObject, TelemetryBatch
from vgigw.objects.telemetry import MAX_RECORDS
from vgigw.operations import OPERATIONS

ENDLESS = 10**6
CLASSES = sorted({cls for row in OPERATIONS for cls in (row.request, row.response)}, key=str)


def spare(name: str, content_bytes: int) -> int:
    """By how many bytes an element with the shortest content is longer than it must be."""
    whole = 2 * len(name) + 5 + content_bytes if content_bytes else len(name) + 3
    return whole - LEAST_BYTES_A_NODE


def around(name: str) -> int:
    return 2 * len(name) + 5 - LEAST_BYTES_A_NODE


def least_text(member: Member) -> int:
    match member.kind:
        case Kind.TEXT:
            return member.min_length or 0
        case Kind.TEXT_CHOICE:
            return min(len(str(choice)) for choice in member.choices)
        case Kind.INSTANT:
            return len("2026-11-21T08:00:00Z")
        case Kind.DAY:
            return len("2026-11-21")
    return 1


def of_one(member: Member) -> int:
    """What one value of a member leaves, at the least."""
    name = member.item_name if member.many else member.wire
    if member.kind is Kind.MAP:
        shortest = min(member.min_length or 0, 3)
        return around(ENTRY) + spare(KEY, shortest) + spare(VALUE, 1)
    if member.of is not None:
        return around(name) + of_all(member.of)
    return spare(name, least_text(member))


def of_member(member: Member) -> int:
    one = of_one(member)
    if member.kind is Kind.MAP:
        left = around(member.wire) + min(0, one * len(shape_of(TelemetryBatch).members))
    elif member.many:
        count = (member.max_items or ENDLESS) if one < 0 else member.min_items
        left = around(member.wire) + one * count
    else:
        left = one
    return left if member.required else min(0, left)


@functools.cache
def of_all(cls: type[InformationObject]) -> int:
    """What the shortest of all objects of ``cls`` leaves: of each member the worst is taken."""
    return sum(of_member(member) for member in shape_of(cls).members)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_f75_no_object_of_the_contract_has_more_elements_than_the_bound(
    cls: type[InformationObject],
) -> None:
    assert of_all(cls) >= -FREE_NODES * LEAST_BYTES_A_NODE


def test_f75_the_largest_batch_is_read() -> None:
    sent = replace(batch(1, 1), records=tuple(record(n) for n in range(1, MAX_RECORDS + 1)))
    assert xsd.unwrap("X", TelemetryBatch, xml.parse(xsd.wrap("X", sent))) == sent


@pytest.mark.parametrize("unit", [b"<a/>", b"<a>x</a>", b"<a/>x", b'<a b="" c="" d="" e=""/>'])
def test_f75_what_is_denser_than_that_is_refused(unit: bytes) -> None:
    count = FREE_NODES * LEAST_BYTES_A_NODE
    with pytest.raises(Malformed, match="more elements"):
        xml.parse(b"<r>" + unit * count + b"</r>")


def test_f75_a_small_document_may_be_as_dense_as_it_likes() -> None:
    assert len(xml.parse(b"<r>" + b"<a/>" * FREE_NODES + b"</r>")) == FREE_NODES
