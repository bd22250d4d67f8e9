"""What a peer means by a number, a place and a time: its convention, and one convention inside.

Inside, powers are in kW, positions in GCJ-02, and a point of a curve has its start and its end.
What a peer does otherwise its profile says; the corridor brings it in and tells it back, so that
what is stored, digested and handled is the same whoever sent it. 2.0(3), 2.0(4), Q27, Q39. The
polarity of the profile is turned by :mod:`vgigw.rules.polarity`.
"""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import msgspec

from vgigw.codec.convention_positions import holds_positions, in_system
from vgigw.codec.convention_reading import reading_thousands
from vgigw.codec.convention_stamps import CurveStamp, spelt_out, stamped
from vgigw.codec.convention_units import in_unit, states_unit
from vgigw.codec.settle import settle
from vgigw.objects.declaration import InformationObject
from vgigw.objects.enumerations import CoordinateSystem, PolarityMode, UnitProfile

T = TypeVar("T", bound=InformationObject)


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """What a peer speaks, where an object does not say it. ``polarity`` is the one that the peer
    uses for every resource, None where it uses that of each."""

    power_unit: UnitProfile = UnitProfile.KW
    polarity: PolarityMode | None = None
    coordinates: CoordinateSystem = CoordinateSystem.GCJ_02
    curve_stamp: CurveStamp = CurveStamp.BOTH

    def reading(self) -> AbstractContextManager[None]:
        """The scope in which a message of the peer is decoded."""
        return reading_thousands() if self.power_unit is UnitProfile.MW else nullcontext()


INSIDE = Convention()
"""The convention inside, and that of a peer whose profile says nothing."""


def inward(obj: T, convention: Convention) -> T:
    """What a peer sent, as we say it inside; settled again.

    What an object states itself (UnitProfile, CoordSys, a start that is not the end) counts,
    whatever the profile says. Nothing is rounded but a position that is shifted. Raises
    ``InvalidObject`` with paths of the message and limits in our units.
    """
    if convention == INSIDE and not _states(type(obj)):
        return obj
    found = in_unit(obj, UnitProfile.KW, convention.power_unit)
    found = in_system(found, CoordinateSystem.GCJ_02, convention.coordinates)
    found = spelt_out(found, convention.curve_stamp)
    if found is not obj or convention.power_unit is UnitProfile.MW:
        settle(found)
    return found


def outward(obj: T, convention: Convention) -> T:
    """``obj`` as a peer wants it said, on whichever door.

    A power in MW has three places, rounded half-even: 1 kW, JES-6.5.2b. Raises ``InvalidObject``
    for what cannot be said so.
    """
    if convention == INSIDE and not _states(type(obj)):
        return obj
    told = in_unit(obj, convention.power_unit, UnitProfile.KW)
    told = in_system(told, convention.coordinates, CoordinateSystem.GCJ_02)
    return stamped(told, convention.curve_stamp)


@functools.cache
def _states(cls: type[InformationObject]) -> bool:
    """Whether objects of ``cls`` may say themselves that they are not in our convention."""
    return states_unit(cls) or holds_positions(cls)
