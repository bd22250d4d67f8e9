"""A valid example of every object: one story, told by the values in ``examples.toml``.

What must be there and has no value in the story gets one from its shape, so that an object of an
integrator has an example, too. The same on every run.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from typing import Any, Final

from vgigw.codec.json import accept
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.objects.declaration import InformationObject

Values = Mapping[str, Any]
_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.NUMBER_CHOICE, Kind.DECIMAL, Kind.FLOAT})
_FITTING: Final[Mapping[type, frozenset[Kind]]] = {
    bool: frozenset({Kind.BOOLEAN}),
    int: _NUMBERS,
    Decimal: frozenset({Kind.DECIMAL, Kind.FLOAT}),
    str: frozenset({Kind.TEXT, Kind.TEXT_CHOICE}),
    datetime: frozenset({Kind.INSTANT}),
    date: frozenset({Kind.DAY}),
}
_ALSO: Final = "also"


@functools.cache
def story() -> Mapping[str, Any]:
    """The tables of ``examples.toml``."""
    text = resources.files("vgigw.codec").joinpath("examples.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def moment() -> datetime:
    """When every example message is sent, in UTC."""
    found: datetime = story()["moment"]
    return found.astimezone(UTC)


def example(cls: type[InformationObject], values: Values | None = None) -> InformationObject:
    """An example of ``cls`` with everything that is required, ``values`` laid over it."""
    return accept(cls, document(cls, values))


def document(cls: type[InformationObject], values: Values | None = None) -> dict[str, Any]:
    """Builtins by wire name of :func:`example`."""
    own: Values = {**story()["objects"].get(cls.__name__, {}), **(values or {})}
    names: Values = story()["names"]
    also = own.get(_ALSO, ())
    found: dict[str, Any] = {}
    for member in shape_of(cls).members:
        if member.wire in own:
            found[member.wire] = _spelled(member, own[member.wire])
        elif member.required or member.wire in also:
            found[member.wire] = _told(member, names.get(member.wire))
    return found


def _spelled(member: Member, value: Any) -> Any:
    """A value of the story as JSON spells it; a table is laid over the example of its object."""
    match value:
        case list():
            return [_spelled(member, item) for item in value]
        case dict() if member.of is not None:
            return document(member.of, value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
    return value


def _told(member: Member, value: Any) -> Any:
    """The value that the story has for a name, where it is one of this kind; else one of shape."""
    if member.kind not in _FITTING.get(type(value), ()):
        value = _shaped(member)
    return _spelled(member, [value] if member.many else value)


def _shaped(member: Member) -> Any:
    match member.kind:
        case Kind.OBJECT | Kind.MAP:
            return {}
        case Kind.TEXT:
            least, most = member.min_length or 0, member.max_length or 32
            return f"{member.wire}-1"[:most].ljust(least, "0")
        case Kind.NUMBER_CHOICE | Kind.TEXT_CHOICE:
            return member.choices[0]
        case Kind.BOOLEAN:
            return True
        case Kind.INSTANT:
            return moment()
        case Kind.DAY:
            return moment().date()
    low = member.ge if member.ge is not None else member.gt
    return 1 if low is None or low <= 1 else int(low)
