"""No regular expression takes time that grows faster than its text, nor does any table. F78."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.hostile.patterns import Found, dear, found_in, sources
from vgigw.codec import json
from vgigw.codec.dialect_files import shipped
from vgigw.crypto.suite import SUITES
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.errors import VgigwError
from vgigw.objects import TelemetryBatch

LENGTH, LITTLE_S = 4_096, 0.002
"""A square of that length takes forty times as long."""
MOST_RATIO = 3.5
"""Of the time for twice the text; a square has 4."""
PROBES = ((20, 0.01), (400, 0.02))
"""Lengths at which an exponent and a cube show already, while they still end."""

FOUND = [each for name, text in sorted(sources().items()) for each in found_in(name, text)]
MADE_BY_FUNCTIONS: dict[str, Callable[[], list[re.Pattern[str]]]] = {
    "vgigw.server.wsgi": lambda: [re.compile(re.escape(m) + r"\Z") for m in _door().mounts],
    "vgigw.doors.rest.routes": lambda: [p for _, p, _ in RestDoor("1")._routes._patterns],
}
"""Patterns that no expression of a module says, and who says them."""


def _door() -> Cec102Door:
    return Cec102Door("1", SUITES, "/evcs/v1", shipped(), shipped().names)


def all_patterns() -> list[Found]:
    places = [each for each in FOUND if isinstance(each, str)]
    modules = {place.rpartition(":")[0] for place in places}
    assert modules <= MADE_BY_FUNCTIONS.keys(), "say in MADE_BY_FUNCTIONS what they are"
    made = [
        Found(module, pattern, ("match",))
        for module, make in MADE_BY_FUNCTIONS.items()
        for pattern in make()
    ]
    return [*(each for each in FOUND if isinstance(each, Found)), *made]


def took_s(work: Callable[[], Any]) -> float:
    """Of this thread, whatever else the machine does; the best of some."""
    best = float("inf")
    for _ in range(3):
        began = time.thread_time()
        work()
        best = min(best, time.thread_time() - began)
        if not LITTLE_S < best < 0.5:
            break
    return best


def run(pattern: re.Pattern[Any], use: str, text: Any) -> None:
    match use:
        case "sub":
            pattern.sub(b"" if isinstance(text, bytes) else "", text)
        case "finditer":
            for _ in pattern.finditer(text):
                pass
        case _:
            getattr(pattern, use)(text)


def is_linear(work: Callable[[int], float]) -> bool:
    """``work`` gives the time for a length."""
    if any(work(length) > most_s for length, most_s in PROBES):
        return False
    return work(LENGTH) < LITTLE_S or any(
        work(2 * LENGTH) <= MOST_RATIO * work(LENGTH) for _ in range(3)
    )


def worst(found: Found) -> str | None:
    """A use and the beginning of a text for which the pattern is not linear."""
    for use in found.uses:
        for text in dear(found.pattern):
            if not is_linear(partial(_timed, found.pattern, use, text)):
                return f"{use}: {text(40)!r}"
    return None


def _timed(pattern: re.Pattern[Any], use: str, text: Callable[[int], Any], length: int) -> float:
    given = text(length)
    return took_s(lambda: run(pattern, use, given))


def test_f78_every_regular_expression_takes_linear_time() -> None:
    patterns = all_patterns()
    assert len(patterns) > 60
    found = {f"{each.place} {each.pattern.pattern!r}": worst(each) for each in patterns}
    assert {place: text for place, text in found.items() if text is not None} == {}


@pytest.mark.parametrize(
    ("bad", "use"),
    [
        (r"(a+)+b", "match"),
        (r"[\w.]*\.(\w+)`", "search"),
        (r"x(?:[a-z]*)[a-z]*\d", "match"),
        (rb"\s*,\s*$", "search"),
    ],
)
def test_f78_one_that_does_not_is_found(bad: str | bytes, use: str) -> None:
    assert worst(Found("here", re.compile(bad), (use,))) is not None


def test_f78_hashes_of_texts_cannot_be_foreseen() -> None:
    """Keys of one hash cannot be made without the seed, which no process of ours is given."""
    assert sys.flags.hash_randomization == 1
    assert not [name for name, text in sources().items() if "PYTHONHASHSEED" in text]


def _refused(data: bytes) -> None:
    try:
        json.decode(TelemetryBatch, data)
    except VgigwError:
        return
    raise AssertionError("accepted")


@pytest.mark.parametrize(
    "key", ['"k%d"', '"\\u0000%d"', '"%d%099999d"'.replace("%099999d", "x" * 99)], ids=str
)
def test_f78_many_keys_take_linear_time(key: str) -> None:
    def work(count: int) -> float:
        data = "{" + ",".join(f"{key % number}:0" for number in range(count)) + "}"
        return took_s(lambda: _refused(data.encode()))

    assert is_linear(work)
