"""The operations table once more, written out by hand from the specification: a second source.

A line of ``table.txt``: ``Name | rows | caller>callee .. | class | REST | 102-like names | request
| response | members of the key | own error codes``. Roles: P platform, O operator, A aggregator, V
maker of vehicles, D dispatch, X exchange, T supervisor, * any. ``PO>A`` is P>A and O>A. What begins
with ``+`` the specification does not say: where it is silent on one of a row's operations, or where
we add to it on purpose; ``-`` is what it says and we leave out. ``test_table.py`` has the reasons.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

from vgigw.operations import Role

LETTERS = {
    "P": Role.PLATFORM,
    "O": Role.OPERATOR,
    "A": Role.AGGREGATOR,
    "V": Role.OEM,
    "D": Role.DISPATCH,
    "X": Role.EXCHANGE,
    "T": Role.SUPERVISOR,
}


class Written(NamedTuple):
    """One line, read: ``cells`` are the pairs of caller and callee; ``added`` and ``left_out`` are
    what differs from the specification."""

    name: str
    rows: tuple[int, ...]
    cells: frozenset[tuple[Role, Role]]
    grade: str
    rest: str
    cec102: tuple[str, ...]
    request: str
    response: str
    key: frozenset[str]
    errors: frozenset[int]
    added: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...]


COLUMNS = (
    "name",
    "rows",
    "cells",
    "grade",
    "rest",
    "cec102",
    "request",
    "response",
    "key",
    "errors",
)


def _read(line: str) -> Written:
    said = dict(zip(COLUMNS, (part.split() for part in line.split("|")), strict=True))
    held = {
        column: [word.removeprefix("+") for word in words if not word.startswith("-")]
        for column, words in said.items()
    }
    added = {
        column: tuple(word[1:] for word in words if word.startswith("+"))
        for column, words in said.items()
    }
    return Written(
        name=held["name"][0],
        rows=tuple(int(each) for each in held["rows"]),
        cells=frozenset(cell for each in held["cells"] for cell in _cells(each)),
        grade=held["grade"][0],
        rest=" ".join(held["rest"]),
        cec102=tuple(held["cec102"]),
        request=held["request"][0],
        response=held["response"][0],
        key=frozenset(held["key"]),
        errors=frozenset(int(each) for each in held["errors"]),
        added={column: words for column, words in added.items() if words},
        left_out=tuple(word[1:] for word in said["key"] if word.startswith("-")),
    )


def _cells(direction: str) -> list[tuple[Role, Role]]:
    callers, callees = direction.split(">")
    return list(itertools.product(_roles(callers), _roles(callees)))


def _roles(letters: str) -> list[Role]:
    return list(Role) if letters == "*" else [LETTERS[each] for each in letters]


_WRITTEN = Path(__file__).with_name("table.txt").read_text("utf-8").splitlines()
LINES = [line for line in _WRITTEN if line and not line.startswith("#")]
TABLE = {written.name: written for written in map(_read, LINES)}
"""What the specification says of each operation, with our differences."""
