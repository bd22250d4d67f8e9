"""A case for every operation: what has to happen before, and a message that is accepted.

The tests that walk the table take their messages from here. A module of cases has a table
``CASES`` from the name of an operation to its builder, and a table ``CHANGED`` of how a request
may differ from one of the same key; nothing else names the module.
"""

from __future__ import annotations

import importlib
import pkgutil

from hypothesis import strategies as st

from tests.cases.case import Builder, Case, Change, Draw
from vgigw.operations import OPERATIONS, Operation

_MODULES = [
    module
    for found in pkgutil.iter_modules(__path__)
    if hasattr(module := importlib.import_module(f"{__name__}.{found.name}"), "CASES")
]
BUILDERS: dict[str, Builder] = {
    name: builder for module in _MODULES for name, builder in module.CASES.items()
}
CHANGED: dict[str, Change] = {
    name: change for module in _MODULES for name, change in module.CHANGED.items()
}

AWAITED = tuple(row for row in OPERATIONS if row.name not in BUILDERS)
"""Rows of the table that no test walks yet; ``tests/matrix`` holds which they are."""

WALKED = tuple(row for row in OPERATIONS if row.name in BUILDERS)


@st.composite
def cases(draw: Draw, operation: Operation) -> Case:
    """A case of any operation of the table."""
    return BUILDERS[operation.name](operation, draw)
