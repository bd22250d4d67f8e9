"""Which way is positive: objects turned from one polarity into the other. PLT-7.4, 2.0(5) to (8).

LOAD counts consumption as positive, GENERATION delivery to the grid. What is turned stands with
the declarations: values signed by polarity (their value type), members that change places (their
``mirror``), enumerations that mean something else seen from the other side (their ``mirrored``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import inspect
from msgspec.structs import replace

from vgigw.errors import Detail, PolarityMismatch
from vgigw.objects import InformationObject, PolarityMode

T = TypeVar("T", bound=InformationObject)
Number = TypeVar("Number", Decimal, float)

_OTHER: Final = "states another polarity than the profile of the sender; PLT-7.4"
_NO_MIRROR: Final = "an upper limit would become a lower one in the other polarity; PLT-7.4b"


def net_consumption_kw(power_kw: Number, polarity: PolarityMode) -> Number:
    """Net consumption in kW, positive when energy is taken from the grid. 2.0(5)."""
    return power_kw if polarity is PolarityMode.LOAD else _negated(power_kw)


def flipped(obj: T) -> T:
    """``obj`` said in the other polarity; flipped twice it is what it was.

    Signed values change their sign, up and down, least and most change places, and the header
    PolarityMode says the other. An object without a signed value inside stays as it is: its
    PolarityMode is a fact about a resource. Raises ``PolarityMismatch`` for an upper limit.
    """
    return _turned(obj, swaps=True) if _plan(type(obj)).turns else obj


def stated_polarity(obj: InformationObject) -> PolarityMode | None:
    """The polarity that ``obj`` states for its values: its own header, or that of the one object
    inside it (the command of a status). None where it states none."""
    plan = _plan(type(obj))
    if plan.header is not None:
        own: PolarityMode | None = getattr(obj, plan.header)
        return own
    if plan.headed is None:
        return None
    inner = getattr(obj, plan.headed)
    return None if inner is None else stated_polarity(inner)


def aligned(obj: T, held: PolarityMode, spoken: PolarityMode | None = None) -> T:
    """What a peer sent, in the polarity that the archive holds for the resource. PLT-7.4c.

    ``spoken`` is the one polarity of the peer's profile, None where it speaks each resource's own.
    What states no polarity is in ``spoken``, or else in ``held``. Raises ``PolarityMismatch`` where
    ``obj`` states neither, or where it has to be turned and cannot be.
    """
    stated = stated_polarity(obj) or spoken or held
    if spoken is not None and stated is not spoken:
        raise PolarityMismatch(details=(Detail("/PolarityMode", "rule", _OTHER),))
    if stated is held:
        return obj
    if spoken is None:
        raise PolarityMismatch()
    return flipped(obj)


def told(obj: T, held: PolarityMode, spoken: PolarityMode | None) -> T:
    """What states no polarity and is in ``held``, as a peer wants it that speaks only ``spoken``.

    For a handler that passes it on. What states its polarity is turned at the edge and stays as it
    is here, but must be fit for turning: raises ``PolarityMismatch``.
    """
    stated = stated_polarity(obj)
    if spoken is None or (stated or held) is spoken:
        return obj
    turned = flipped(obj)
    return turned if stated is None else obj


def check_spoken(obj: InformationObject, spoken: PolarityMode) -> None:
    """Raise ``PolarityMismatch`` where something in ``obj`` states another polarity than the one
    that the peer's profile says. PLT-7.4c."""
    for scope in _scopes(obj):
        if stated_polarity(scope) is not spoken:
            raise PolarityMismatch(details=(Detail("/PolarityMode", "rule", _OTHER),))


def spoken_in(obj: T, spoken: PolarityMode) -> T:
    """``obj`` for a peer that speaks only ``spoken``: whatever states another polarity is turned.

    Raises ``PolarityMismatch`` for an upper limit, which cannot be.
    """
    plan = _plan(type(obj))
    if not plan.turns:
        return obj
    stated = stated_polarity(obj)
    if stated is not None:
        return obj if stated is spoken else flipped(obj)
    return _with_inner(obj, plan, lambda each: spoken_in(each, spoken))


class _Plan(NamedTuple):
    """What of a class is turned, by attribute; ``wires`` is for maps keyed by wire names."""

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
    value: inspect.Type
    extra: dict[str, Any]
    many: bool


@functools.cache
def _plan(cls: type[InformationObject]) -> _Plan:
    members = tuple(_members(cls))
    attributes = {member.wire: member.attribute for member in members}
    signed = tuple(m.attribute for m in members if m.extra.get("polarity") == "signed")
    pairs, wires = [], {}
    for member in members:
        mirror = cls.described[member.attribute].mirror
        wires[member.wire] = (mirror or member.wire, member.attribute in signed)
        if mirror is not None and mirror > member.wire:
            pairs.append((member.attribute, attributes[mirror]))
        if mirror is not None and cls.described[attributes[mirror]].mirror != member.wire:
            raise TypeError(f"{cls.__name__}.{member.attribute}: its mirror has another")
    choices = {m.attribute: m.value.cls for m in members if isinstance(m.value, inspect.EnumType)}
    inner = {m.attribute: m for m in members if isinstance(m.value, inspect.StructType)}
    plans = {name: _plan(_class_of(member)) for name, member in inner.items()}
    headed = [name for name, plan in plans.items() if plan.header and not inner[name].many]
    return _Plan(
        turns=bool(signed or pairs) or any(plan.turns for plan in plans.values()),
        header=next((a for a, cls in choices.items() if cls is PolarityMode), None),
        headed=headed[0] if len(headed) == 1 else None,
        signed=signed,
        pairs=tuple(pairs),
        choices=tuple(a for a, cls in choices.items() if hasattr(cls, "mirrored")),
        basis=next((a for a, cls in choices.items() if hasattr(cls, "follows_polarity")), None),
        inner=tuple((name, inner[name].many) for name, plan in plans.items() if plan.turns),
        keyed=tuple(m.attribute for m in members if m.extra.get("keys") == "members"),
        wires=wires,
    )


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


def _class_of(member: _Member) -> type[InformationObject]:
    assert isinstance(member.value, inspect.StructType)  # noqa: S101 - as its caller chose it
    found: type[InformationObject] = member.value.cls
    return found


def _turned(obj: Any, *, swaps: bool) -> Any:
    """``obj`` with everything turned; ``swaps`` says whether up and down follow the polarity."""
    plan = _plan(type(obj))
    if plan.basis is not None:
        swaps = getattr(obj, plan.basis).follows_polarity
    changes: dict[str, Any] = {}
    for name in plan.choices:
        value = getattr(obj, name)
        if value is not None:
            changes[name] = value.mirrored
            if changes[name] is None and _holds_signed(obj):
                raise PolarityMismatch(details=(_detail(obj, name),))
            changes[name] = changes[name] or value
    for name in plan.signed:
        value = getattr(obj, name)
        if value is not None:
            changes[name] = _negated(value)
    for one, other in plan.pairs:
        if swaps or one in plan.signed:
            ours, theirs = (changes.get(name, getattr(obj, name)) for name in (one, other))
            changes[one], changes[other] = theirs, ours
    for name in plan.keyed:
        value = getattr(obj, name)
        if value is not None:
            changes[name] = _turned_map(value, plan)
    for name, many in plan.inner:
        value = getattr(obj, name)
        if value is not None:
            inner = (_turned(each, swaps=swaps) for each in (value if many else (value,)))
            changes[name] = tuple(inner) if many else next(inner)
    return replace(obj, **changes)


def _turned_map(values: dict[str, float], plan: _Plan) -> dict[str, float]:
    turned = {}
    for wire, value in values.items():
        name, signed = plan.wires.get(wire, (wire, False))
        turned[name] = _negated(value) if signed else value
    return turned


def _with_inner(obj: T, plan: _Plan, change: Any) -> T:
    changes: dict[str, Any] = {}
    for name, many in plan.inner:
        value = getattr(obj, name)
        if value is not None:
            changes[name] = tuple(change(each) for each in value) if many else change(value)
    return replace(obj, **changes)


def _scopes(obj: InformationObject) -> Iterator[InformationObject]:
    """The outermost objects in ``obj`` that state a polarity for something that turns."""
    plan = _plan(type(obj))
    if not plan.turns:
        return
    if stated_polarity(obj) is not None:
        yield obj
        return
    for name, many in plan.inner:
        value = getattr(obj, name)
        for each in value if many else (value,):
            if each is not None:
                yield from _scopes(each)


def _holds_signed(obj: InformationObject) -> bool:
    plan = _plan(type(obj))
    if any(getattr(obj, name) is not None for name in plan.signed):
        return True
    held = ((getattr(obj, name), many) for name, many in plan.inner)
    return any(_holds_signed(e) for v, many in held if v for e in (v if many else (v,)))


def _detail(obj: InformationObject, attribute: str) -> Detail:
    return Detail(f"/{type(obj).described[attribute].wire}", "rule", _NO_MIRROR)


def _negated(value: Any) -> Any:
    """Exact, and zero keeps no sign."""
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value.copy_abs()
    return -value or 0.0
