"""How an object reads in the other polarity: which of its values turn, and the turning. PLT-7.4.

What turns stands with the declarations and nowhere else: values signed by polarity (their value
type), members that change places (their ``mirror``), enumerations that mean something else seen
from the other side (their ``mirrored``), maps of values by the names of members.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import inspect
from msgspec.structs import replace

from vgigw.errors import Detail, PolarityMismatch
from vgigw.objects import InformationObject, PolarityMode

T = TypeVar("T", bound=InformationObject)

_NO_MIRROR: Final = "an upper limit would become a lower one in the other polarity; PLT-7.4b"


class Mirror(NamedTuple):
    """What of a class turns, by attribute.

    ``header`` is the member that states the polarity, ``headed`` the one object inside that has
    such a header; ``pairs`` change places; ``choices`` have another meaning; ``basis`` says whether
    up and down follow the polarity; ``inner`` are objects in which something turns, and whether
    there are many; ``keyed`` are maps by wire names, for which ``wires`` has the name on the other
    side and whether the value is signed.
    """

    turns: bool
    header: str | None
    headed: str | None
    signed: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    choices: tuple[str, ...]
    basis: str | None
    inner: tuple[tuple[str, bool], ...]
    keyed: tuple[str, ...]
    wires: dict[str, tuple[str, bool]]


class _Member(NamedTuple):
    attribute: str
    wire: str
    value: Any
    extra: dict[str, Any]
    many: bool


@functools.cache
def mirror_of(cls: type[InformationObject]) -> Mirror:
    """The mirror of ``cls``. Raises ``TypeError`` where two members are not each other's mirror."""
    members = tuple(_members(cls))
    signed = tuple(m.attribute for m in members if m.extra.get("polarity") == "signed")
    choices = {m.attribute: m.value.cls for m in members if isinstance(m.value, inspect.EnumType)}
    inner = {m.attribute: m for m in members if isinstance(m.value, inspect.StructType)}
    mirrors = {name: mirror_of(member.value.cls) for name, member in inner.items()}
    headed = [name for name, found in mirrors.items() if found.header and not inner[name].many]
    pairs = tuple(_pairs(cls, members))
    return Mirror(
        turns=bool(signed or pairs) or any(found.turns for found in mirrors.values()),
        header=next((a for a, kind in choices.items() if kind is PolarityMode), None),
        headed=headed[0] if len(headed) == 1 else None,
        signed=signed,
        pairs=pairs,
        choices=tuple(a for a, kind in choices.items() if hasattr(kind, "mirrored")),
        basis=next((a for a, kind in choices.items() if hasattr(kind, "follows_polarity")), None),
        inner=tuple((name, inner[name].many) for name, found in mirrors.items() if found.turns),
        keyed=tuple(m.attribute for m in members if m.extra.get("keys") == "members"),
        wires={
            m.wire: (cls.described[m.attribute].mirror or m.wire, m.attribute in signed)
            for m in members
        },
    )


def turned(obj: T, *, swaps: bool = True, path: str = "") -> T:
    """``obj`` with everything turned; ``swaps`` says whether up and down follow the polarity.

    Raises ``PolarityMismatch`` where a choice has no counterpart and signed values depend on it.
    """
    mirror = mirror_of(type(obj))
    if mirror.basis is not None:
        swaps = getattr(obj, mirror.basis).follows_polarity
    changes = {name: negated(value) for name in mirror.signed if (value := _of(obj, name))}
    for one, other in mirror.pairs:
        if swaps or one in mirror.signed:
            ours, theirs = (changes.get(name, getattr(obj, name)) for name in (one, other))
            changes[one], changes[other] = theirs, ours
    for name in mirror.choices:
        if (choice := getattr(obj, name)) is not None:
            changes[name] = choice.mirrored or _kept(obj, name, path)
    for name in mirror.keyed:
        if (values := getattr(obj, name)) is not None:
            changes[name] = _turned_map(values, mirror)
    here = type(obj).described
    return with_inner(
        replace(obj, **changes),
        lambda each, name: turned(each, swaps=swaps, path=f"{path}/{here[name].wire}"),
    )


def with_inner(obj: T, change: Callable[[Any, str], Any]) -> T:
    """``obj`` with ``change(object, attribute)`` for each object inside where something turns."""
    changes: dict[str, Any] = {}
    for name, many in mirror_of(type(obj)).inner:
        value = getattr(obj, name)
        if value is not None:
            changes[name] = tuple(change(o, name) for o in value) if many else change(value, name)
    return replace(obj, **changes) if changes else obj


def inner_of(obj: InformationObject) -> Iterator[InformationObject]:
    """The objects inside ``obj`` in which something turns."""
    for name, many in mirror_of(type(obj)).inner:
        value = getattr(obj, name)
        if value is not None:
            yield from value if many else (value,)


def negated(value: Any) -> Any:
    """``value`` with the other sign, exactly; zero has none."""
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value.copy_abs()
    return -value or 0.0


def _of(obj: InformationObject, name: str) -> Any:
    """A value that changes when its sign does: not None and not zero."""
    return getattr(obj, name) or None


def _kept(obj: InformationObject, name: str, path: str) -> Any:
    """A choice that has no counterpart, where no signed value depends on it."""
    if _holds_signed(obj):
        wire = type(obj).described[name].wire
        raise PolarityMismatch(details=(Detail(f"{path}/{wire}", "rule", _NO_MIRROR),))
    return getattr(obj, name)


def _holds_signed(obj: InformationObject) -> bool:
    own = any(getattr(obj, name) is not None for name in mirror_of(type(obj)).signed)
    return own or any(map(_holds_signed, inner_of(obj)))


def _turned_map(values: dict[str, float], mirror: Mirror) -> dict[str, float]:
    found = {wire: mirror.wires.get(wire, (wire, False)) for wire in values}
    return {
        found[wire][0]: negated(value) if found[wire][1] else value
        for wire, value in values.items()
    }


def _pairs(cls: type[InformationObject], members: tuple[_Member, ...]) -> Iterator[tuple[str, str]]:
    by_wire = {member.wire: member.attribute for member in members}
    for member in members:
        mirror = cls.described[member.attribute].mirror
        if mirror is None:
            continue
        if mirror not in by_wire or cls.described[by_wire[mirror]].mirror != member.wire:
            raise TypeError(f"{cls.__name__}.{member.attribute}: {mirror} is not its mirror")
        if mirror > member.wire:
            yield member.attribute, by_wire[mirror]


def _members(cls: type[InformationObject]) -> Iterator[_Member]:
    """Every member with its value type, optional or in a list, and what the type says of it."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - narrows for the type checker
    for field in info.fields:
        extra: dict[str, Any] = {}
        value, many = field.type, False
        while True:
            if isinstance(value, inspect.Metadata):
                extra |= value.extra or {}
                value = value.type
            elif isinstance(value, inspect.UnionType):
                value = next(t for t in value.types if not isinstance(t, inspect.NoneType))
            elif isinstance(value, inspect.VarTupleType):
                value, many = value.item_type, True
            else:
                break
        yield _Member(field.name, field.encode_name, value, extra, many)
