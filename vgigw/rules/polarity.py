"""Which way is positive: one polarity inside for each resource, whatever a peer speaks. PLT-7.4.

LOAD counts consumption as positive, GENERATION delivery to the grid. 2.0(5) to 2.0(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeVar

from vgigw.errors import Detail, PolarityMismatch
from vgigw.objects import InformationObject, PolarityMode
from vgigw.rules.mirror import inner_of, mirror_of, negated, turned, with_inner

T = TypeVar("T", bound=InformationObject)
Number = TypeVar("Number", Decimal, float)

_NOT_HELD: Final = "differs from the archive of the resource; PLT-7.4"
_OTHER: Final = "states another polarity than the profile of the peer; PLT-7.4"


def net_consumption_kw(power_kw: Number, polarity: PolarityMode) -> Number:
    """Net consumption in kW: positive where energy is taken from the grid. 2.0(5)."""
    if polarity is PolarityMode.LOAD:
        return power_kw
    other: Number = negated(power_kw)
    return other


def flipped(obj: T) -> T:
    """``obj`` said in the other polarity; flipped twice it is what it was.

    Signed values change their sign, up and down, least and most change places, and the header
    PolarityMode says the other. An object without such a value inside stays as it is: its
    PolarityMode is a fact about a resource. Raises ``PolarityMismatch`` for an upper limit.
    """
    return turned(obj) if mirror_of(type(obj)).turns else obj


def stated_polarity(obj: InformationObject) -> PolarityMode | None:
    """The polarity that ``obj`` states for its values: by its own header, or by that of the one
    object inside it (the command of a status). None where it states none."""
    mirror = mirror_of(type(obj))
    if mirror.header is not None:
        own: PolarityMode | None = getattr(obj, mirror.header)
        return own
    inner = None if mirror.headed is None else getattr(obj, mirror.headed)
    return None if inner is None else stated_polarity(inner)


def aligned(obj: T, held: PolarityMode, spoken: PolarityMode | None = None) -> T:
    """What a peer sent, in the polarity that the archive holds for the resource. PLT-7.4c.

    ``spoken`` is the one polarity of the peer's profile, None where it speaks each resource's own.
    What states no polarity is in ``spoken``, or else in ``held``. Raises ``PolarityMismatch`` where
    ``obj`` states neither, and where it has to be turned and cannot be.
    """
    stated = stated_polarity(obj) or spoken or held
    if spoken is not None:
        _check(stated, spoken)
    if stated is held:
        return obj
    if spoken is None:
        raise PolarityMismatch(details=(Detail("/PolarityMode", "rule", _NOT_HELD),))
    return flipped(obj)


def told(obj: T, held: PolarityMode, spoken: PolarityMode | None) -> T:
    """What is in ``held``, as it is handed on to a peer that speaks only ``spoken``.

    An object that states no polarity is turned here. One that does is turned at the edge and comes
    back as it is, after a look whether it can be: raises ``PolarityMismatch`` where it cannot.
    """
    stated = stated_polarity(obj)
    if spoken is None or (stated or held) is spoken:
        return obj
    other = flipped(obj)
    return other if stated is None else obj


def spoken_in(obj: T, spoken: PolarityMode) -> T:
    """``obj`` for a peer that speaks only ``spoken``: whatever states the other one is turned.

    Raises ``PolarityMismatch`` for an upper limit, which cannot be.
    """
    if not mirror_of(type(obj)).turns:
        return obj
    stated = stated_polarity(obj)
    if stated is None:
        return with_inner(obj, lambda each, _: spoken_in(each, spoken))
    return obj if stated is spoken else flipped(obj)


def check_spoken(obj: InformationObject, spoken: PolarityMode) -> None:
    """Raise ``PolarityMismatch`` where something in ``obj`` states another polarity than the one
    of the peer's profile: one of the two is wrong, and nobody may guess which. PLT-7.4c."""
    for stated in _statements(obj):
        _check(stated, spoken)


def _check(stated: PolarityMode, spoken: PolarityMode) -> None:
    if stated is not spoken:
        raise PolarityMismatch(details=(Detail("/PolarityMode", "rule", _OTHER),))


def _statements(obj: InformationObject) -> Iterator[PolarityMode]:
    """The polarities that are stated in ``obj`` for something that turns."""
    if not mirror_of(type(obj)).turns:
        return
    stated = stated_polarity(obj)
    if stated is not None:
        yield stated
        return
    for each in inner_of(obj):
        yield from _statements(each)
