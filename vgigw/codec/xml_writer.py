"""Generated XML writers: one function a class, from object to text, made from its shape.

Text, not a tree: a record costs a few microseconds. The document is UTF-8, one default namespace
on the outermost element, no declaration, no white space between elements.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lxml.etree import _Element

from vgigw.codec.convention_reading import scales
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xml_names import ENTRY, KEY, NAMESPACE, VALUE, instant_to_text
from vgigw.codec.xml_parser import parse
from vgigw.errors import Detail, InvalidObject
from vgigw.objects.declaration import InformationObject

Writer = Callable[[Any], str]

_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def write(obj: InformationObject, name: str | None = None) -> bytes:
    """``obj`` as the bytes of one element called ``name`` (its class name where absent).

    Raises ``InvalidObject`` for a text with a character that XML cannot carry.
    """
    element = name or type(obj).__name__
    inner = writer(type(obj))(obj)
    return f'<{element} xmlns="{NAMESPACE}">{inner}</{element}>'.encode()


def to_element(obj: InformationObject, name: str | None = None) -> _Element:
    """``obj`` as an lxml element."""
    return parse(write(obj, name))


def escape(text: str) -> str:
    """``text`` as character data; ``InvalidObject`` where XML has no way to write it."""
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


@functools.cache
def writer(cls: type[InformationObject]) -> Writer:
    """The writer of the children of one ``cls``, generated once."""
    scope: dict[str, Any] = {"search": _SPECIAL.search, "escape": escape}
    lines = ["def write(obj):", '    out = ""']
    for number, member in enumerate(shape_of(cls).members):
        lines += _lines(member, number, scope)
    lines.append("    return out")
    source = "\n".join(lines)
    exec(compile(source, f"<writer of {cls.__name__}>", "exec"), scope)  # noqa: S102 - own text
    generated: Writer = scope["write"]
    return generated


def _lines(member: Member, number: int, scope: dict[str, Any]) -> list[str]:
    """Source that appends one member; a member without value or a list by default is left out."""
    value = f"v{number}"
    inner = _expression(member, value, number, scope)
    add = f'out += f"<{member.wire}>{{{inner}}}</{member.wire}>"'
    get = f"    {value} = obj.{member.attribute}"
    if member.required:
        return [get, f"    {add}"]
    if member.many and member.default is not None:
        return [get, f"    if {value}:", f"        {add}"]
    return [get, f"    if {value} is not None:", f"        {add}"]


def _expression(member: Member, value: str, number: int, scope: dict[str, Any]) -> str:
    """Expression for what stands inside the element of ``member``."""
    if member.kind is Kind.MAP:
        scope["entries"] = _entries
        return f"entries({value})"
    if member.kind is Kind.OBJECT:
        assert member.of is not None  # noqa: S101 - narrows for the type checker
        scope[f"w{number}"] = writer(member.of)
    if not member.many:
        return _one(member, value, number, scope)
    scope[f"j{number}"] = _joiner(member, number, scope)
    return f"j{number}({value})"


def _one(member: Member, value: str, number: int, scope: dict[str, Any]) -> str:
    match member.kind:
        case Kind.TEXT:
            return f"escape({value}) if search({value}) else {value}"
        case Kind.OBJECT:
            return f"w{number}({value})"
        case Kind.FLOAT:
            return f"{value}!r"
        case Kind.DECIMAL:
            if not scales(member):
                return f"{value}:.{member.places}f"
            scope[f"d{number}"] = _decimal_writer(member.places or 0)
            return f"d{number}({value})"
        case Kind.BOOLEAN:
            return f"'true' if {value} else 'false'"
        case Kind.INSTANT:
            scope["instant"] = instant_to_text
            return f"instant({value})"
        case Kind.NUMBER_CHOICE:
            return f"{value}:d"
        case Kind.TEXT_CHOICE:
            return f"escape({value}.value)"
    return value


def _decimal_writer(places: int) -> Writer:
    """What is said in MW has more places than the member; what is in our units has its own."""
    step = Decimal(1).scaleb(-places)

    def text(value: Decimal) -> str:
        if value.same_quantum(step):
            return f"{value:f}"
        exponent = value.as_tuple().exponent
        finer = -exponent if isinstance(exponent, int) else places
        return f"{value:.{max(finer, places)}f}"

    return text


def _joiner(member: Member, number: int, scope: dict[str, Any]) -> Writer:
    """A function of a whole list, so that the hot loop is one comprehension."""
    item = member.item_name
    body = f'f"<{item}>{{{_one(member, "v", number, scope)}}}</{item}>"'
    source = f'lambda values: "".join([{body} for v in values])'
    joiner: Writer = eval(source, scope)  # noqa: S307 - own text
    return joiner


def _entries(values: dict[str, float]) -> str:
    parts = [
        f"<{ENTRY}><{KEY}>{escape(name)}</{KEY}><{VALUE}>{value!r}</{VALUE}></{ENTRY}>"
        for name, value in sorted(values.items())
    ]
    return "".join(parts)


def _escaped(found: re.Match[str]) -> str:
    replacement = _ESCAPES.get(found[0])
    if replacement is None:
        detail = Detail("", "format", "holds a character that XML cannot carry")
        raise InvalidObject("a text cannot be written as XML", (detail,))
    return replacement
