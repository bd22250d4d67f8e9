"""What is claimed of each requirement, held against the catalogue and the tests that exist.

A tool of the source checkout. Below its top lie the catalogue ``docs/compliance/requirements.csv``,
the claims ``docs/compliance/claims.toml`` (one table an id) and ``tests/``. ACC-2.1, PLT-1.1.
"""

from __future__ import annotations

import ast
import csv
import functools
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from vgigw.errors import Detail, Misconfigured

REQUIREMENTS = "docs/compliance/requirements.csv"
CLAIMS = "docs/compliance/claims.toml"
PAGE = "docs/compliance.md"


class State(StrEnum):
    """How far a requirement is met."""

    WORKS = "works"
    PARTLY = "partly"
    NOT_YET = "not yet"
    NOT_OURS = "not ours"


class Force(StrEnum):
    """Force of a requirement: shall 应, should 宜, may 可, informative."""

    SHALL = "M"
    SHOULD = "S"
    MAY = "O"
    INFORMATIVE = "I"


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue; ``part`` is its section, ``parties`` who is bound."""

    id: str
    force: Force
    part: str
    text: str
    layer: str
    parties: str


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is claimed of one requirement; a test is named ``tests/x.py::test_y``."""

    state: State
    tests: tuple[str, ...] = ()
    note: str = ""


class Compliance(msgspec.Struct, frozen=True):
    """The catalogue in its order, and the claims by id."""

    requirements: tuple[Requirement, ...]
    claims: dict[str, Claim]


def at_hand(root: Path) -> bool:
    """Whether ``root`` is a checkout that holds the data of this page."""
    return (root / REQUIREMENTS).is_file() and (root / CLAIMS).is_file()


def load(root: Path) -> Compliance:
    """The data below ``root``, verified; ``Misconfigured`` lists every claim that does not hold."""
    try:
        found = _read(root)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as cause:
        raise Misconfigured(f"the compliance data cannot be read: {cause}") from cause
    if wrong := tuple(faults(found, root)):
        lines = (f"{each.path}: {each.message}" for each in wrong)
        raise Misconfigured("claims that do not hold:\n" + "\n".join(lines), wrong)
    return found


def _read(root: Path) -> Compliance:
    with (root / REQUIREMENTS).open(encoding="utf-8", newline="") as file:
        rows = msgspec.convert(list(csv.DictReader(file)), tuple[Requirement, ...])
    claims = tomllib.loads((root / CLAIMS).read_text(encoding="utf-8"))
    return Compliance(rows, msgspec.convert(claims, dict[str, Claim]))


def faults(found: Compliance, root: Path) -> Iterator[Detail]:
    """Everything that is wrong: each id of the catalogue has one claim, each claim its proof."""
    ids = [row.id for row in found.requirements]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Detail(name, "double", "stands twice in the catalogue")
    for name in ids:
        if name not in found.claims:
            yield Detail(name, "missing", "nothing is claimed of it")
    for name, claim in found.claims.items():
        if name not in ids:
            yield Detail(name, "unknown", "is not in the catalogue")
        yield from (Detail(name, *wrong) for wrong in _unproven(claim, root))


def _unproven(claim: Claim, root: Path) -> Iterator[tuple[str, str]]:
    if claim.state in {State.WORKS, State.PARTLY} and not claim.tests:
        yield "unproven", f'"{claim.state}" names no test'
    if claim.state is State.NOT_YET and claim.tests:
        yield "contradiction", '"not yet" names a test: say "partly", and what is missing'
    if claim.state in {State.PARTLY, State.NOT_OURS} and not claim.note:
        yield "note", f'"{claim.state}" needs a note: what is there, and what is not'
    if len(set(claim.tests)) < len(claim.tests):
        yield "double", "names a test twice"
    for test in claim.tests:
        if not exists(test, root):
            yield "no_test", f"there is no {test}"


def exists(test: str, root: Path) -> bool:
    """Whether ``tests/x.py::test_y``, ``::TestX`` or ``::TestX::test_y`` stands in that file."""
    path, _, name = test.partition("::")
    file = root / path
    parts = Path(path).parts
    if parts[:1] != ("tests",) or ".." in parts or not file.name.startswith("test_"):
        return False
    return file.is_file() and name in tests_of(file)


def tests_of(file: Path) -> frozenset[str]:
    """Names that pytest collects in ``file``, as far as the file itself tells them."""
    return _names(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1024)
def _names(file: Path, _changed_ns: int) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name, body=body):
                methods = (each.name for each in body if isinstance(each, ast.FunctionDef))
                found |= {name, *(f"{name}::{method}" for method in methods)}
            case ast.Assign(targets=[ast.Name(id=name)]):  # TestModel = Model.TestCase
                found.add(name)
    return frozenset(name for name in found if name.rpartition("::")[2].lower().startswith("test"))
