"""Every pair of a beginning and an end in what peers send has a rule that refuses it reversed.

PLT-8.5a, JES-6.5.3, PLT-8.9b, PLT-7.6d, JES-6.5.4c. The pairs are found by their names, so that a
new object cannot bring one without its rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from vgigw.codec.example import example
from vgigw.codec.example_exchange import request_of
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.errors import PeerFault
from vgigw.objects import OBJECTS
from vgigw.objects.declaration import InformationObject
from vgigw.operations import OPERATIONS
from vgigw.rules.checks import check

NOW = datetime(2026, 12, 1, 12, 16, tzinfo=UTC)
"""When the examples are sent."""

_ENDS = (("start_time", "end_time"), ("start", "end"), ("from", "to"))
ANSWERED_ONLY = {
    "BackfillJob": "our own job, of a request that was checked",
    "EvaluationReport": "repeats the period of the query",
    "IncomeShare": "the period of a statement that was checked when it came",
    "OrderCheckResult": "repeats the period of the check",
    "StationStatsInfo": "repeats the days of the query",
    "UnavailableRange": "computed from sorted ranges",
}


class Pair(NamedTuple):
    """Two members of ``of``, which is reached from ``root`` through ``path`` of attributes."""

    root: type[InformationObject]
    path: tuple[str, ...]
    of: type[InformationObject]
    start: str
    end: str

    def __str__(self) -> str:
        return f"{self.root.__name__}.{'.'.join((*self.path, self.end))}"


def other_name(name: str) -> str | None:
    """The name of the end that goes with the beginning ``name``."""
    for start, end in _ENDS:
        if found := re.fullmatch(rf"(.*_)?{start}", name):
            return f"{found[1] or ''}{end}"
    return None


def own_pairs(cls: type[InformationObject]) -> Iterator[tuple[str, str]]:
    names = {member.attribute for member in shape_of(cls).members}
    for name in sorted(names):
        if (end := other_name(name)) in names and end is not None:
            yield name, end


def pairs_of(
    root: type[InformationObject], of: type[InformationObject], path: tuple[str, ...] = ()
) -> Iterator[Pair]:
    for start, end in own_pairs(of):
        yield Pair(root, path, of, start, end)
    for member in shape_of(of).members:
        if member.kind is Kind.OBJECT and member.of is not None:
            yield from pairs_of(root, member.of, (*path, member.attribute))


ASKED = tuple(dict.fromkeys(row.request for row in OPERATIONS))
PAIRS = [pair for root in ASKED for pair in pairs_of(root, root)]


def test_every_pair_of_the_catalogue_is_asked_for_or_only_answered() -> None:
    everywhere = {cls.__name__ for cls in OBJECTS if any(own_pairs(cls))}
    asked = {pair.of.__name__ for pair in PAIRS}
    assert everywhere - asked == ANSWERED_ONLY.keys()


@pytest.mark.parametrize("pair", PAIRS, ids=str)
@settings(max_examples=10)
@given(days=st.integers(1, 300), seconds=st.integers(0, 86_399))
def test_what_ends_before_it_begins_is_refused(pair: Pair, days: int, seconds: int) -> None:
    length = timedelta(days=days, seconds=seconds)
    with pytest.raises(PeerFault) as refused:
        check(with_pair(pair, length), NOW)
    told = [detail.path for detail in refused.value.details]
    ways = [way(pair, pair.start), way(pair, pair.end)]
    assert any(re.fullmatch(each, path) for path in told for each in ways), told


def way(pair: Pair, attribute: str) -> str:
    """A pattern of the paths of a member of ``pair``."""
    pattern, of = "", pair.root
    for name in pair.path:
        step = member_of(of, name)
        pattern += f"/{step.wire}" + ("/0" if step.many else "")
        assert step.of is not None
        of = step.of
    return f"{pattern}/{member_of(of, attribute).wire}"


def member_of(cls: type[InformationObject], attribute: str) -> Member:
    return next(each for each in shape_of(cls).members if each.attribute == attribute)


def with_pair(pair: Pair, length: timedelta) -> Any:
    """The example of the root in which the pair is reversed by ``length``."""
    row = next(row for row in OPERATIONS if row.request is pair.root)
    return laid(request_of(row), pair, pair.path, length)


def laid(obj: Any, pair: Pair, path: tuple[str, ...], length: timedelta) -> Any:
    if not path:
        return replace(obj, **reversed_members(pair, length))
    member, held = member_of(type(obj), path[0]), getattr(obj, path[0])
    assert member.of is not None
    one = (held[0] if held else None) if member.many else held
    inner = laid(example(member.of) if one is None else one, pair, path[1:], length)
    rest = held[1:] if member.many and held else ()
    return replace(obj, **{path[0]: (inner, *rest) if member.many else inner})


def reversed_members(pair: Pair, length: timedelta) -> dict[str, Any]:
    match member_of(pair.of, pair.start).kind:
        case Kind.INTEGER:
            return {pair.start: 1 + int(length.total_seconds()), pair.end: 1}
        case Kind.DAY:
            day = date(2026, 11, 1)
            return {pair.start: day, pair.end: day - timedelta(days=length.days)}
    return {pair.start: NOW, pair.end: NOW - length}
