"""Holds declarations against the object catalogue, written out by hand as a second source.

A line is ``WireName Type [Unit] R|C|O [SEN]``. Type: ``S(n)`` text up to n, ``S(m..n)`` from m on,
``C(n)`` exactly n, ``I`` integer, ``D(p)`` decimal with p places, ``F`` measurement, ``T`` time,
``DAY``, ``B`` boolean, ``E<X>`` enumeration, ``O<X>`` object, ``L<..>`` list, ``map``. Limits
follow as an interval, ``[0,100]`` or ``(0,)``; behind a list it is the interval of its length.
"""

from __future__ import annotations

from types import ModuleType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import objects_of
from vgigw.codec import json, xml, xsd
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject
from vgigw.objects.values import DECIMAL_LIMIT

WIDE = 2**31 - 1
"""A limit of this size or more only keeps a number inside its machine type."""

_PLAIN = {
    Kind.INSTANT: "T",
    Kind.DAY: "DAY",
    Kind.BOOLEAN: "B",
    Kind.MAP: "map",
}
_FEW = settings(max_examples=10, database=None, suppress_health_check=list(HealthCheck))


def declared(cls: type[InformationObject]) -> list[str]:
    """The lines of ``cls`` as it is declared, sorted; C reads as O."""
    return sorted(_line(member) for member in shape_of(cls).members)


def written(table: str) -> list[str]:
    """The lines of the catalogue's ``table``, sorted; C reads as O."""
    lines = [line.split() for line in table.splitlines() if line.strip()]
    return sorted(" ".join("O" if word == "C" else word for word in line) for line in lines)


def objects_in(*modules: ModuleType) -> set[str]:
    """Names of the objects that ``modules`` declare."""
    return {
        name
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, InformationObject)
        and value.__module__ == module.__name__
    }


def survives_json_and_xml(cls: type[InformationObject]) -> None:
    """Every valid object comes back from both forms as it was."""

    @_FEW
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        obj = json.validated(data.draw(objects_of(cls)))
        assert json.decode(cls, json.encode(obj)) == obj
        assert xsd.accept(cls, xml.parse(xml.write(obj))) == obj

    holds()


def _line(member: Member) -> str:
    words = [member.wire, _list(member) if member.many else _one(member)]
    if member.unit is not None:
        words.append(member.unit)
    words.append("R" if member.required else "O")
    if member.described.sensitive:
        words.append("SEN")
    return " ".join(words)


def _list(member: Member) -> str:
    least, most = member.min_items, member.max_items
    if not least and most is None:
        return f"L<{_one(member)}>"
    return f"L<{_one(member)}>[{least},{')' if most is None else f'{most}]'}"


def _one(member: Member) -> str:
    if member.kind in _PLAIN:
        return _PLAIN[member.kind]
    if member.kind is Kind.TEXT:
        least, most = member.min_length or 0, member.max_length
        if least == most:
            return f"C({most})"
        return f"S({most})" if least <= 1 else f"S({least}..{most})"
    if member.kind is Kind.OBJECT and member.of is not None:
        return f"O<{member.of.__name__}>"
    if member.enumeration is not None:
        return f"E<{member.enumeration.__name__}>"
    letter = {Kind.INTEGER: "I", Kind.FLOAT: "F", Kind.DECIMAL: f"D({member.places})"}[member.kind]
    return letter + _interval(member)


def _interval(member: Member) -> str:
    low, open_low = (member.ge, "[") if member.gt is None else (member.gt, "(")
    most = DECIMAL_LIMIT if member.kind is not Kind.INTEGER else WIDE
    least = "" if low is None or low <= -most else f"{open_low}{low}"
    highest = "" if member.le is None or member.le >= most else f"{member.le}]"
    if not least and not highest:
        return ""
    return f"{least or '('},{highest or ')'}"
