"""Counts the cells of the matrix: operation x caller role x callee role x own or foreign object.

``python -m tests.matrix.count`` prints the figures. A pair of roles that the table does not allow
is refused before an object is looked up, so that one call stands for own and foreign.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from hypothesis import given, seed
from hypothesis import strategies as st

from tests.cases import cases
from tests.cases.worlds import EVERYBODY
from tests.matrix.test_tenants import FEW, NOBODY_IS_FOREIGN, foreign_to
from tests.operations.catalogue import TABLE
from vgigw.operations import OPERATIONS, Operation, Role

Cell = tuple[str, Role, Role]


class Count(NamedTuple):
    """How many cells there are, how many pairs of roles are ``refused`` and ``allowed``, and which
    of the allowed are walked with an object of their own and with a foreign one."""

    cells: int
    refused: int
    allowed: int
    own: frozenset[Cell]
    foreign: frozenset[Cell]


def count() -> Count:
    """Draws as many cases as the matrix does, by one seed: a run of the matrix may walk others."""
    own: set[Cell] = set()
    foreign: set[Cell] = set()
    for operation in OPERATIONS:
        _walk(operation, own, foreign)
    pairs = len(OPERATIONS) * len(Role) ** 2
    allowed = sum(len(written.cells) for written in TABLE.values())
    return Count(pairs * 2, pairs - allowed, allowed, frozenset(own), frozenset(foreign))


def _walk(operation: Operation, own: set[Cell], foreign: set[Cell]) -> None:
    @seed(0)
    @FEW
    @given(data=st.data())
    def draw(data: st.DataObject) -> None:
        case = data.draw(cases(operation))
        served = EVERYBODY[case.served]
        own.add((operation.name, EVERYBODY[case.last.party], served))
        parties = foreign_to(case, operation)
        foreign.update((operation.name, EVERYBODY[party], served) for party in parties)

    draw()


def main() -> None:
    found, excepted = count(), len(NOBODY_IS_FOREIGN)
    own, foreign = len(found.own), len(found.foreign)
    walked = found.refused * 2 + own + foreign
    lines = (
        f"{found.cells} cells: operations x caller role x callee role x own or foreign",
        f"{found.refused * 2} of pairs that may not call, each pair refused with 4301",
        f"{found.allowed * 2} of pairs that may: {own} walked with own, {foreign} with foreign",
        f"{walked} cells walked",
        f"{len(OPERATIONS) - excepted} operations with a foreign party, {excepted} excepted",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
