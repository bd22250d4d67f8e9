"""XML Schema types of members: each limit a facet, each description in two languages."""

from __future__ import annotations

import enum
import inspect
from decimal import Decimal

from lxml import etree
from lxml.etree import _Element

from vgigw.codec.convention_reading import schema_places
from vgigw.codec.shape import Kind, Member, Shape
from vgigw.codec.xml_names import DAY_PATTERN, ENTRY, INSTANT_PATTERN, KEY, VALUE
from vgigw.objects.declaration import InformationObject
from vgigw.operations import BY_NAME, CONTRACT

XSD = "http://www.w3.org/2001/XMLSchema"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
INT_LIMIT = 2**31 - 1
LONG_LIMIT = 2**63 - 1


def sub(parent: _Element, kind: str, /, **attributes: str) -> _Element:
    """A child ``xs:kind`` of ``parent``."""
    return etree.SubElement(parent, f"{{{XSD}}}{kind}", attributes)


def document(parent: _Element, english: str, chinese: str = "") -> None:
    """``xs:annotation`` in English and, where there is one, Chinese."""
    annotation = sub(parent, "annotation")
    for language, text in (("en", english), ("zh", chinese)):
        if text:
            documentation = sub(annotation, "documentation")
            documentation.set(XML_LANG, language)
            documentation.text = text


def docstring(cls: type) -> str:
    """A class docstring on one line."""
    return " ".join(inspect.cleandoc(cls.__doc__ or "").split())


def type_name(cls: type[InformationObject]) -> str:
    """Name of the complex type of ``cls``: its own, unless an operation is called so.

    A compiler of classes makes one of each type and one of each wrapper element; Java's refuses two
    of one name.
    """
    return f"{cls.__name__}Type" if cls.__name__ in BY_NAME else cls.__name__


def version_words() -> tuple[str, str]:
    """Version and dates of the contract, in English and Chinese. ACC-A.2."""
    version, published, effective = CONTRACT.version, CONTRACT.published, CONTRACT.effective
    return (
        f"Version {version}, published {published}, effective {effective}.",
        f"版本 {version} {published} 发布 {effective} 起施行",
    )


def complex_type(parent: _Element, shape: Shape) -> None:
    """``xs:complexType`` of an object: its members in order."""
    declared = sub(parent, "complexType", name=type_name(shape.cls))
    document(declared, docstring(shape.cls))
    sequence = sub(declared, "sequence")
    for member in shape.members:
        _element(sequence, member)


def enumeration_type(parent: _Element, cls: type[enum.Enum]) -> None:
    """``xs:simpleType`` of an enumeration, each value with its name in code."""
    declared = sub(parent, "simpleType", name=cls.__name__)
    document(declared, docstring(cls))
    kind = "xs:int" if issubclass(cls, int) else "xs:string"
    restriction = sub(declared, "restriction", base=kind)
    for choice in cls:
        value = sub(restriction, "enumeration", value=str(choice.value))
        document(value, choice.name)


def words(member: Member) -> tuple[str, str]:
    """English and Chinese description of a member with unit and clause."""
    said = member.described
    tail = f" Unit: {member.unit}." if member.unit not in {None, "time", "date"} else ""
    clause = "" if said.clause == "drv" else f" [{said.clause}]"
    return f"{said.en}{tail}{clause}", said.zh


def _element(sequence: _Element, member: Member) -> None:
    declared = sub(sequence, "element", name=member.wire)
    if not member.required:
        declared.set("minOccurs", "0")
    document(declared, *words(member))
    if not member.many:
        _type_of(declared, member)
        return
    items = sub(sub(declared, "complexType"), "sequence")
    item = sub(items, "element", name=member.item_name)
    # An optional list may stand there empty or be left out; a required one obeys its minimum.
    item.set("minOccurs", str(member.min_items))
    item.set("maxOccurs", "unbounded" if member.max_items is None else str(member.max_items))
    _type_of(item, member)


def _type_of(declared: _Element, member: Member) -> None:
    if member.kind is Kind.OBJECT and member.of is not None:
        declared.set("type", f"tns:{type_name(member.of)}")
    elif member.enumeration is not None:
        declared.set("type", f"tns:{member.enumeration.__name__}")
    elif member.kind is Kind.MAP:
        _map_type(declared, member)
    else:
        kind, facets = _facets(member)
        if facets:
            _restrict(declared, kind, facets)
        else:
            declared.set("type", kind)


def _map_type(declared: _Element, member: Member) -> None:
    entries = sub(sub(declared, "complexType"), "sequence")
    entry = sub(entries, "element", name=ENTRY, minOccurs="0", maxOccurs="unbounded")
    pair = sub(sub(entry, "complexType"), "sequence")
    _restrict(sub(pair, "element", name=KEY), "xs:string", _lengths(member))
    _restrict(sub(pair, "element", name=VALUE), "xs:double", _bounds(member))


def _restrict(declared: _Element, kind: str, facets: list[tuple[str, str]]) -> None:
    restriction = sub(sub(declared, "simpleType"), "restriction", base=kind)
    for name, value in facets:
        sub(restriction, name, value=value)


def _facets(member: Member) -> tuple[str, list[tuple[str, str]]]:
    match member.kind:
        case Kind.TEXT:
            return "xs:string", _lengths(member)
        case Kind.INTEGER:
            return _integer_base(member), _bounds(member)
        case Kind.DECIMAL:
            return "xs:decimal", [("fractionDigits", str(schema_places(member))), *_bounds(member)]
        case Kind.FLOAT:
            return "xs:double", _bounds(member)
        case Kind.BOOLEAN:
            return "xs:boolean", []
        case Kind.INSTANT:
            return "xs:dateTime", [("pattern", INSTANT_PATTERN)]
        case Kind.DAY:
            return "xs:date", [("pattern", DAY_PATTERN)]
    raise TypeError(f"{member.wire}: {member.kind} is no simple type")


def _integer_base(member: Member) -> str:
    """The narrowest built-in type that holds the range: what a client's compiler makes of it."""
    if member.le is None or (member.ge is None and member.gt is None):
        return "xs:integer"
    low = member.ge if member.ge is not None else member.gt
    widest = max(abs(int(member.le)), abs(int(low or 0)))
    if widest <= INT_LIMIT:
        return "xs:int"
    return "xs:long" if widest <= LONG_LIMIT else "xs:integer"


def _lengths(member: Member) -> list[tuple[str, str]]:
    limits = (("minLength", member.min_length), ("maxLength", member.max_length))
    return [(name, str(value)) for name, value in limits if value is not None]


def _bounds(member: Member) -> list[tuple[str, str]]:
    limits = (("minInclusive", member.ge), ("minExclusive", member.gt), ("maxInclusive", member.le))
    return [(name, plain_number(value)) for name, value in limits if value is not None]


def plain_number(value: float) -> str:
    """A limit without exponent and without a needless ``.0``."""
    return f"{Decimal(repr(value)).normalize():f}"
