"""The page ``docs/reference/matrix.md``, generated: clause, who cites it, what tests hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from vgigw.codec.citations import Citations, citations, named_tests, shares
from vgigw.codec.compliance import Claim, load
from vgigw.codec.markdown import code, page, table
from vgigw.codec.reference_words import GENERATED
from vgigw.objects import OBJECTS

PAGE: Final = "docs/reference/matrix.md"
_HEAD: Final = """\
From a clause to the objects and operations that it asks for, and on to the tests that hold it.
Whether it holds says [the compliance page](../compliance.md). A citation of a group stands at each
clause whose id begins so. Objects are followed by the members that cite; code is below `vgigw/`.
A test stands here that a claim names or whose own name cites the clause, or else the file that
cites it."""
_NOBODY: Final = Citations((), (), (), ())
_OBJECTS: Final = frozenset(cls.__name__ for cls in OBJECTS)


def matrix_page(root: Path) -> dict[str, str]:
    """Markdown by path; ``root`` is a checkout. Raises as :func:`vgigw.codec.compliance.load`."""
    return {
        PAGE: page(
            "# Who cites a clause 追溯矩阵",
            f"{GENERATED} from the declarations, the code and the tests; do not edit.",
            _origins(),
            _HEAD,
            table(("Clause", "Objects", "Operations", "Code", "Tests"), _rows(root)),
        )
    }


def _origins() -> str:
    found = shares()
    return (
        f"Of {found.clause + found.cec102 + found.derived} members of objects, {found.clause} "
        f"cite a clause, {found.cec102} are those of T/CEC 102, {found.derived} are derived."
    )


def _rows(root: Path) -> Iterator[Iterable[str]]:
    found = load(root)
    ids = [row.id for row in found.requirements]
    by_clause, named = citations(root, ids), named_tests(root, ids)
    for clause in ids:
        each = by_clause.get(clause, _NOBODY)
        tests = _tests(each, found.claims[clause], named.get(clause, ()))
        if each != _NOBODY or tests:
            yield _row(clause, each, tests)


def _tests(each: Citations, claim: Claim, named: Iterable[str]) -> list[str]:
    """Tests by name, and files that cite the clause where none of theirs is named."""
    tests = {*claim.tests, *named}
    files = {test.partition("::")[0] for test in tests}
    return sorted({*tests, *(file for file in each.tests if file not in files)})


def _row(clause: str, each: Citations, tests: Iterable[str]) -> Iterable[str]:
    objects = (f"{_object(name)}{': ' if wires else ''}{', '.join(wires)}"
               for name, wires in each.objects)  # fmt: skip
    operations = (f"[{name}](operations/{name}.md)" for name in each.operations)
    cells = (objects, operations, map(code, each.modules), map(code, tests))
    return clause, *("<br>".join(each) for each in cells)


def _object(name: str) -> str:
    """An object has a page; an enumeration stands on those of the objects that use it."""
    return f"[{name}](objects/{name}.md)" if name in _OBJECTS else code(name)
