"""Valid requests broken in one place or several, and the broken document spelled for each door."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

import msgspec
from hypothesis import strategies as st

from tests.cases.case import Draw
from tests.doors.sealing import NAMESPACE, Sender, by_cec102, by_rest, by_soap
from tests.strategies import objects_of
from vgigw.codec import json
from vgigw.codec.cec102_json import default_spelling
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.envelope.wire import WireRequest
from vgigw.objects.declaration import InformationObject
from vgigw.operations import Operation

GONE = object()
_JSON = msgspec.json.Encoder(decimal_format="number")
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NUMBER_CHOICE)
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

# Where parity is impossible, because a form has no way to say the thing:
#  * an empty text in an optional member: T/CEC 102 sends it for "absent", so it is no fault there;
#  * a member that T/CEC 102 does not require and its door therefore assumes (stand_ins);
#  * a JSON number where a text belongs: in XML and in a query everything is text;
#  * a control character: no XML document can hold one;
#  * a query has no null, no empty list, no list that is a text, and a path no missing parameter.


class Fault(NamedTuple):
    """One thing that is made wrong: where, and what stands there instead (or nothing)."""

    path: tuple[str | int, ...]
    value: Any


def faults_of(
    cls: type[InformationObject], document: dict[str, Any], operation: Operation
) -> Iterator[Fault]:
    """Every fault that can be made in ``document``, the canonical form of a valid ``cls``."""
    query = operation.bodiless
    for fault in _in_object(cls, document, (), query=query):
        in_path = query and f"{{{fault.path[0]}}}" in operation.path
        if not (in_path and fault.value is GONE):
            yield fault


def _in_object(
    cls: type[InformationObject],
    document: dict[str, Any],
    at: tuple[str | int, ...],
    *,
    query: bool,
) -> Iterator[Fault]:
    yield Fault((*at, "Surprise"), "x")
    rules = default_spelling().rules.get(cls)
    assumed = rules.stand_ins if rules else {}
    for member in shape_of(cls).members:
        here = (*at, member.wire)
        if member.required and member.wire not in assumed:
            yield Fault(here, GONE)
        if member.required and not query:
            yield Fault(here, None)
        if member.wire not in document:
            continue
        value = document[member.wire]
        if member.many:
            yield from _in_list(member, value, here, query=query)
            for place, item in enumerate(value):
                yield from _in_one(member, item, (*here, place), query=query)
        else:
            yield from _in_one(member, value, here, query=query)


def _in_list(
    member: Member, value: list[Any], here: tuple[str | int, ...], *, query: bool
) -> Iterator[Fault]:
    if member.min_items and not query:
        yield Fault(here, [])
    if member.max_items is not None and member.max_items < 100:
        yield Fault(here, [value[0]] * (member.max_items + 1))
    if not query:
        yield Fault(here, "no list")


def _in_one(
    member: Member, value: Any, here: tuple[str | int, ...], *, query: bool
) -> Iterator[Fault]:
    if member.kind is Kind.OBJECT and member.of is not None:
        yield from _in_object(member.of, value, here, query=query)
        yield Fault(here, "no object")
    elif member.kind is Kind.MAP:
        yield Fault(here, "no object")
        yield Fault((*here, "n" * ((member.max_length or 0) + 1)), 1.5)
        yield Fault((*here, "Extra"), "many")
    else:
        yield from (Fault(here, wrong) for wrong in _wrong(member, value))


def _wrong(member: Member, value: Any) -> Iterator[Any]:
    if member.kind in _NUMBERS:
        yield "many"
    match member.kind:
        case Kind.TEXT:
            if member.max_length is not None and member.max_length <= 1024:
                yield "长" * (member.max_length + 1)
            if (member.min_length or 0) > 1:
                yield "s" * ((member.min_length or 0) - 1)
        case Kind.INTEGER:
            yield from (None if member.le is None else int(member.le) + 1,)
            yield from (None if member.ge is None else int(member.ge) - 1,)
        case Kind.DECIMAL:
            places = member.places or 0
            yield Decimal(value) + Decimal(1).scaleb(-places - 1)
            yield Decimal(str(member.le)) + 1
        case Kind.FLOAT:
            yield Decimal(str(member.le)) + 1
        case Kind.NUMBER_CHOICE:
            yield from (9999, -1)
        case Kind.TEXT_CHOICE:
            yield "no-such-choice"
        case Kind.BOOLEAN:
            yield "perhaps"
        case Kind.INSTANT:
            yield from ("soon", "2026-13-01T00:00:00Z", "2026-11-21T08:00:00.0001Z")
            yield from ("1969-01-01T00:00:00Z", "2026-11-21T25:00:00Z")
        case Kind.DAY:
            yield from ("2026-02-30", "today")


class Broken(NamedTuple):
    """A request that was valid, and is not any more."""

    operation: Operation
    valid: dict[str, Any]
    document: dict[str, Any]
    faults: tuple[Fault, ...]


@st.composite
def broken(draw: Draw, operation: Operation) -> Broken:
    """One to three faults in a generated request, none inside another."""
    cls = operation.request
    valid = json.parse(json.encode(draw(objects_of(cls))))
    possible = list(faults_of(cls, valid, operation))
    chosen: list[Fault] = []
    for fault in draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3)):
        if all(not _related(fault.path, other.path) for other in chosen):
            chosen.append(fault)
    document = copy.deepcopy(valid)
    for fault in chosen:
        _put(document, fault)
    return Broken(operation, valid, document, tuple(chosen))


def _related(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _put(document: Any, fault: Fault) -> None:
    *way, last = fault.path
    for each in way:
        document = document[each]
    if fault.value is GONE:
        document.pop(last, None)
    else:
        document[last] = fault.value


def sealed(door: str, sender: Sender, made: Broken) -> WireRequest:
    """The broken document as a genuine message of ``sender``."""
    operation, document = made.operation, made.document
    if door == "soap":
        cls = operation.request
        inner = f"<{cls.__name__}>{as_xml(cls, document)}</{cls.__name__}>"
        start = f'<{operation.name} xmlns="{NAMESPACE}" xmlns:xsi="{_INSTANCE}">'
        return by_soap(sender, operation, f"{start}{inner}</{operation.name}>".encode())
    plaintext = _JSON.encode(document)
    if door == "cec102":
        return by_cec102(sender, operation.cec102[0], plaintext)
    if operation.bodiless:
        path, query = _target(made)
        return by_rest(sender, operation.method, path, query=query, operation=operation.name)
    path = operation.path
    for name, value in made.valid.items():
        path = path.replace(f"{{{name}}}", str(value))
    return by_rest(sender, operation.method, path, plaintext, operation=operation.name)


def _target(made: Broken) -> tuple[str, str]:
    operation, query = made.operation, {}
    absent = operation.path.rpartition("/")[2].strip("{}") not in made.document
    path = operation.collection if operation.collection and absent else operation.path
    for name, value in made.document.items():
        texts = [_in_query(v) for v in value] if isinstance(value, list) else [_in_query(value)]
        if f"{{{name}}}" in path and not isinstance(value, list):
            path = path.replace(f"{{{name}}}", texts[0])
            continue
        path = path.replace(f"{{{name}}}", "-")
        query[name] = [*texts, ""] if isinstance(value, list) else texts
    return path, urlencode(query, doseq=True, quote_via=quote)


def _in_query(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_xml(cls: type[InformationObject], document: dict[str, Any]) -> str:
    """The children of an element of ``cls``, in the order of ``document``."""
    members = {member.wire: member for member in shape_of(cls).members}
    in_order = sorted(
        document, key=lambda name: list(members).index(name) if name in members else 999
    )
    return "".join(_element(name, members.get(name), document[name]) for name in in_order)


def _element(name: str, member: Member | None, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if member is not None and member.many and isinstance(value, list):
        items = "".join(_element(member.item_name, _item(member), item) for item in value)
        return f"<{name}>{items}</{name}>"
    if member is not None and member.kind is Kind.MAP and isinstance(value, dict):
        pairs = (f"<Name>{_text(k)}</Name><Value>{_text(v)}</Value>" for k, v in value.items())
        return f"<{name}>{''.join(f'<Entry>{pair}</Entry>' for pair in pairs)}</{name}>"
    if member is not None and member.of is not None and isinstance(value, dict):
        return f"<{name}>{as_xml(member.of, value)}</{name}>"
    return f"<{name}>{_text(value)}</{name}>"


def _item(member: Member) -> Member:
    return msgspec.structs.replace(member, many=False)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return escape(str(value), {"\r": "&#13;"})
