"""A wire name of a quantity has one unit, whichever object it stands in. ACC-6.5."""

from __future__ import annotations

from collections import defaultdict

from vgigw.codec.shape import Kind, reachable, shape_of
from vgigw.objects import OBJECTS

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
ITS_UNIT_IS_THAT_OF_ITS_SERVICE = {"Quantity"}
"""kW, and in a market of energies kWh: the declaration that it belongs to says which."""


def units() -> dict[str, set[str | None]]:
    """Every unit of every wire name whose value is a number."""
    found: defaultdict[str, set[str | None]] = defaultdict(set)
    for cls in reachable(*OBJECTS):
        for member in shape_of(cls).members:
            if member.kind in NUMBERS:
                found[member.wire].add(member.unit)
    return found


def test_acc_6_5_a_quantity_has_one_unit_in_every_object() -> None:
    found = units()
    assert {name for name, each in found.items() if len(each) > 1} == (
        ITS_UNIT_IS_THAT_OF_ITS_SERVICE
    )
    assert {"kW", "kWh", "V", "A", "%", "kW/min"} <= {
        unit for each in found.values() for unit in each
    }


def test_acc_6_5_a_name_of_a_number_is_nowhere_the_name_of_a_text() -> None:
    kinds: defaultdict[str, set[Kind]] = defaultdict(set)
    for cls in reachable(*OBJECTS):
        for member in shape_of(cls).members:
            kinds[member.wire].add(member.kind)
    mixed = {name for name, each in kinds.items() if Kind.TEXT in each and each & NUMBERS}
    assert mixed == {"Seq"}, "four digits in the envelope of T/CEC 102, a number anywhere else"
