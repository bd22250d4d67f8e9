"""Where a clause is cited: members, objects and operations, modules, tests.

A citation names an id of the catalogue, or a group by the words that its ids begin with. It is
written in full, each one of a list, or it is not seen.
"""

from __future__ import annotations

import ast
import enum
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from vgigw.codec.compliance import tests_of
from vgigw.codec.shape import shape_of
from vgigw.codec.xsd_types import docstring
from vgigw.objects import OBJECTS
from vgigw.operations import PUBLISHED

_PREFIXES = ("CARD", "ACC", "EXP", "PLT", "JES", "VGI")
_CITED = re.compile(rf"\b(?:{'|'.join(_PREFIXES)})-[A-Z0-9][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*")


class Citations(msgspec.Struct, frozen=True):
    """Who cites one clause. ``objects`` are (class, wire names of members), none for the class."""

    objects: tuple[tuple[str, tuple[str, ...]], ...]
    operations: tuple[str, ...]
    modules: tuple[str, ...]
    tests: tuple[str, ...]


class Shares(msgspec.Struct, frozen=True):
    """How many members of the objects cite a clause, T/CEC 102, or nothing but our derivation."""

    clause: int
    cec102: int
    derived: int


def cited(text: str) -> list[str]:
    """Every clause that ``text`` cites."""
    return _CITED.findall(text)


def covered(clause: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The ids that a citation stands for: itself, or the group that it begins; none if unknown."""
    if clause in ids:
        return (clause,)
    return tuple(
        each for each in ids if each.startswith(clause) and _deeper(clause, each[len(clause) :])
    )


def _deeper(clause: str, rest: str) -> bool:
    """Whether ``rest`` begins a level of its own, and does not go on with a number."""
    return not (clause[-1].isdigit() and rest[0].isdigit())


def unknown(root: Path, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Clauses cited in ``vgigw/``, ``tests/`` or ``docs/`` that no catalogue has, by where."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    files = [*root.glob("vgigw/**/*.py"), *root.glob("tests/**/*.py"), *root.glob("docs/**/*.md")]
    for file in files:
        for clause in set(cited(file.read_text(encoding="utf-8"))):
            if not covered(clause, ids):
                found[clause].add(file.relative_to(root).as_posix())
    return {clause: tuple(sorted(found[clause])) for clause in sorted(found)}


def shares() -> Shares:
    """The origin of every member of every object, counted."""
    clauses = [each.clause for cls in OBJECTS for each in cls.described.values()]
    cec102, derived = clauses.count("102"), clauses.count("drv")
    return Shares(len(clauses) - cec102 - derived, cec102, derived)


def citations(root: Path, ids: Sequence[str]) -> dict[str, Citations]:
    """Of each id that anybody cites: objects, operations, modules and test files, in order."""
    objects = _by_id(_in_objects(), ids)
    operations = _by_id(((row.name, (row.clause,)) for row in PUBLISHED), ids)
    modules = _by_id(_in_modules(root), ids)
    tests = _by_id(_in_tests(root, ids), ids)
    return {
        name: Citations(
            _grouped(objects.get(name, [])),
            tuple(operations.get(name, [])),
            tuple(modules.get(name, [])),
            tuple(tests.get(name, [])),
        )
        for name in ids
        if name in objects or name in operations or name in modules or name in tests
    }


def named_tests(root: Path, ids: Sequence[str]) -> dict[str, list[str]]:
    """Of each id that the name of a test cites: those tests, as ``tests/x.py::test_y``."""
    spelled = _spelled(ids)
    found = (
        (f"{file.relative_to(root).as_posix()}::{name}", filter(None, [_in_name(name, spelled)]))
        for file in sorted((root / "tests").rglob("test_*.py"))
        for name in sorted(tests_of(file))
    )
    return _by_id(found, ids)


def _by_id(found: Iterable[tuple[str, Iterable[str]]], ids: Sequence[str]) -> dict[str, list[str]]:
    places: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for place, clauses in found:
        for clause in clauses:
            for name in covered(clause, ids):
                places[name][place] = None
    return {name: list(each) for name, each in places.items()}


def _in_objects() -> Iterator[tuple[str, Iterable[str]]]:
    """``Class`` or ``Class.Wire`` with what it cites; enumerations after the objects."""
    enumerations: dict[str, type[enum.Enum]] = {}
    for cls in OBJECTS:
        yield cls.__name__, cited(docstring(cls))
        for member in shape_of(cls).members:
            yield f"{cls.__name__}.{member.wire}", cited(member.described.clause)
            if member.enumeration is not None:
                enumerations[member.enumeration.__name__] = member.enumeration
    for name in sorted(enumerations):
        yield name, cited(docstring(enumerations[name]))


def _in_modules(root: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Modules other than the declarations, by their path below ``vgigw/``."""
    package = root / "vgigw"
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package).as_posix()
        if not name.startswith(("objects", "operations")):
            yield name, cited(file.read_text(encoding="utf-8"))


def _in_tests(root: Path, ids: Sequence[str]) -> Iterator[tuple[str, Iterable[str]]]:
    """Files of tests; what cites is a docstring or a test's name (``test_plt_7_6d_a_recall``)."""
    spelled = _spelled(ids)
    for file in sorted((root / "tests").rglob("test_*.py")):
        named = [_in_name(name, spelled) for name in tests_of(file)]
        told = (clause for text in _docstrings(file) for clause in cited(text))
        yield file.relative_to(root).as_posix(), [*told, *filter(None, named)]


def _spelled(ids: Sequence[str]) -> dict[str, str]:
    """Ids and groups by how they stand in the name of a test."""
    return {re.sub(r"[-.]", "_", name).lower(): name for name in _with_groups(ids)}


def _docstrings(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def _with_groups(ids: Sequence[str]) -> Iterator[str]:
    for name in ids:
        yield name
        for end in range(name.find(".") + 2, len(name)):
            if "." in name[:end] and name[end - 1].isalnum() and _deeper(name[:end], name[end:]):
                yield name[:end]


def _in_name(name: str, spelled: dict[str, str]) -> str | None:
    """The longest clause that stands in the name of a test."""
    words = name.lower().split("_")
    for start, word in enumerate(words):
        if word.upper() in _PREFIXES:
            for end in range(len(words), start + 1, -1):
                if clause := spelled.get("_".join(words[start:end])):
                    return clause
    return None


def _grouped(places: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    members: dict[str, list[str]] = {}
    for place in places:
        name, _, wire = place.partition(".")
        members.setdefault(name, []).extend([wire] if wire else [])
    return tuple((name, tuple(wires)) for name, wires in members.items())
