"""A case for every operation: what has to happen before, and a message that is accepted.

The tests that walk the table take their messages from here. A module of cases has a table
``CASES`` from the name of an operation to its builder.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.cases import first, market, services
from tests.cases.case import Builder, Case, Draw
from vgigw.operations import OPERATIONS, Operation

_MODULES = (first, market, services)
BUILDERS: dict[str, Builder] = {
    name: builder for module in _MODULES for name, builder in module.CASES.items()
}

AWAITED = tuple(row for row in OPERATIONS if row.name not in BUILDERS)
"""Rows of the table that no test walks yet; ``tests/matrix`` holds which they are."""

WALKED = tuple(row for row in OPERATIONS if row.name in BUILDERS)


@st.composite
def cases(draw: Draw, operation: Operation) -> Case:
    """A case of any operation of the table."""
    return BUILDERS[operation.name](operation, draw)
