"""Every operation, door and suite: what of a request is told, whatever fails. F86.

A canary stands in each member in turn, fitting and not, and the corridor fails at every point;
then all that leaves or stays is looked through. Each operation on one door by one suite, at some
points; all twelve, and all points, with ``VGIGW_CANARIES=all``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.cases import WALKED, cases
from tests.cases.case import Case
from tests.server.canaries import FORMS, Form, absent, logged
from tests.server.canary_walk import BIRD, Asked, put, with_canaries
from tests.server.forced import POINTS, force
from tests.server.served import DOORS
from vgigw.operations import UPLOAD_TELEMETRY, Operation

ALL = os.environ.get("VGIGW_CANARIES") == "all"
SUITES = ("tcec102", "gm-mac", "gm", "intl")
WAYS = list(itertools.product(DOORS, SUITES))
_EVERY = 3
"""Of points, in the short form."""
REFUSED = {"refused 4004", "refused 4202", ""}
"""By a handler that repeats what it was sent, or not at all: what came before stands."""
ONE = settings(
    max_examples=1,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def ways() -> Iterator[tuple[Operation, str, str, Form, tuple[str, ...]]]:
    """What is tried."""
    for number, operation in enumerate(WALKED):
        for place, (door, suite) in enumerate(WAYS):
            if ALL or number % len(WAYS) == place:
                form = FORMS[(number + place) % len(FORMS)]
                points = POINTS if ALL else POINTS[number % _EVERY :: _EVERY]
                yield operation, door, suite, form, points


def case_of(operation: Operation) -> Case:
    """One that is the same each time."""
    found = []

    @ONE
    @given(case=cases(operation))
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found[-1]


@pytest.mark.parametrize(
    ("operation", "door", "suite", "form", "points"),
    list(ways()),
    ids=lambda each: getattr(each, "name", each) if not isinstance(each, tuple) else "",
)
def test_f86_no_member_of_any_operation_is_told(
    operation: Operation, door: str, suite: str, form: Form, points: tuple[str, ...]
) -> None:
    with pytest.MonkeyPatch.context() as patch, logged(form) as log:
        with_canaries(patch)
        asked = Asked(case_of(operation), door, suite)
        for place in asked.places:
            if place.fits:
                asked.give(put(asked.document, place.at, place.bird))
            for at, value in place.wrong:
                asked.give(put(asked.document, at, value))
        for point in points:
            with pytest.MonkeyPatch.context() as forced:
                wire = asked.sealed(asked.all_birds())
                force(asked.served, suite, point, forced)
                asked.answer(wire)
        assert BIRD.encode() not in log.getvalue()
        letters = asked.refused_by_a_peer(patch)
        assert {each.last_error for each in letters} <= REFUSED
        told = {"log": log.getvalue().decode(), **asked.shown(patch)}
    for where, text in told.items():
        absent(text, *asked.tokens)
        assert asked.seen_in(text) == set(), where


@pytest.mark.parametrize("door", DOORS)
def test_f86_a_name_that_a_sender_gave_a_value_is_not_told(door: str) -> None:
    """A table of values of its own has names that may be a person's, or a number's."""
    with pytest.MonkeyPatch.context() as patch, logged("json") as log:
        with_canaries(patch)
        asked = Asked(case_of(UPLOAD_TELEMETRY), door, "tcec102")
        for member in ("Extra", "Raw"):
            for entries in ({BIRD: BIRD}, {f"{BIRD}/{BIRD}": BIRD}, {BIRD * 40: 1.5}):
                before = log.tell()
                asked.give(put(asked.document, ("Records", 0, member), entries))
                assert f'"/Records/0/{member}/?"'.encode() in log.getvalue()[before:]
        name = BIRD if door == "soap" else f"{BIRD}/{BIRD}/{BIRD}"
        asked.give({**asked.document, name: BIRD})
        assert BIRD.encode() not in log.getvalue()
