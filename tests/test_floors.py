"""The house rules that a machine can hold: who imports whom, how long, how named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "vgigw"
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
NAMES_WITHOUT_MEANING = frozenset(
    f"{stem}{plural}"
    for stem in ("util", "common", "base", "manager", "helper")
    for plural in ("", "s")
)
CALLS_THAT_READ_A_CLOCK_OR_A_FILE = frozenset({"now", "utcnow", "today", "open"})

# For every contract of setup.cfg, a house in which someone broke it.
BROKEN_HOUSE = {
    "objects/__init__.py": "import vgigw.operations",
    "operations.py": "",
    "errors.py": "",
    "objects/stations.py": "import lxml",
    "rules/__init__.py": "",
    "rules/replay.py": "import time",
    "crypto/__init__.py": "",
    "envelope/__init__.py": "import socket",
    "codec/__init__.py": "",
    "codec/json.py": "import spyne",
    "gateway/__init__.py": "import granian",
    "handlers/__init__.py": "import zeep, gmssl, psycopg",
    "stores/__init__.py": "import falcon",
    "doors/__init__.py": "",
    "doors/rest.py": "import vgigw.doors.soap",
    "doors/soap.py": "",
}


def check_contracts(root: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(config_filename='setup.cfg', no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=120
    )


HELP_TESTS_WITH_STORES = {
    "fresh.py",
    "shared_pool.py",
    "crash_child.py",
    "reading_child.py",
    # Of tests/model: the machine that goes over every kind of store, and is marked so.
    "disks.py",
}


def test_a_test_that_makes_a_kind_of_store_itself_says_why() -> None:
    """Else it runs on SQLite also when the suite is to run on PostgreSQL (CONTRIBUTING.md)."""
    makes = re.compile(r"\b(MemoryStore|SqliteStore|PostgresStore)\(")
    asked = "make it with fresh_store() or store_at(path) of tests.stores.fresh, or mark own_store"
    found = [
        f"{path.relative_to(ROOT)}: {asked}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if makes.search(text := path.read_text("utf-8"))
        and "mark.own_store(" not in text
        and path.name not in HELP_TESTS_WITH_STORES
    ]
    assert found == []


def sources() -> list[Path]:
    found = sorted(PACKAGE.rglob("*.py"))
    assert found
    return found


def functions(source: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def place(source: Path, line: int = 1) -> str:
    return f"{source.relative_to(ROOT)}:{line}"


def test_nothing_lower_imports_anything_higher() -> None:
    checked = check_contracts(ROOT)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_contract_notices_who_breaks_it(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_bytes((ROOT / "setup.cfg").read_bytes())
    (tmp_path / "vgigw").mkdir()
    (tmp_path / "vgigw" / "__init__.py").touch()
    for name, text in BROKEN_HOUSE.items():
        (tmp_path / "vgigw" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "vgigw" / name).write_text(text + "\n", "utf-8")

    checked = check_contracts(tmp_path)

    assert "Contracts: 0 kept" in checked.stdout, checked.stdout + checked.stderr
    assert checked.returncode != 0


def test_a_file_is_short_enough_to_read_in_one_sitting() -> None:
    lengths = {place(s): len(s.read_text("utf-8").splitlines()) for s in sources()}

    assert {p: n for p, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_a_function_fits_on_one_screen() -> None:
    lengths = {
        f"{place(source, node.lineno)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for source in sources()
        for node in functions(source)
    }

    assert {p: n for p, n in lengths.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_a_module_is_named_after_what_it_holds() -> None:
    found = [*sources(), *(path for path in PACKAGE.rglob("*") if path.is_dir())]

    assert [place(path) for path in found if path.stem in NAMES_WITHOUT_MEANING] == []


def test_a_file_says_first_what_it_holds() -> None:
    silent = [
        place(source)
        for source in sources()
        if ast.get_docstring(ast.parse(source.read_text("utf-8"))) is None
    ]

    assert silent == []


@pytest.mark.parametrize("floor", ["rules", "objects"])
def test_time_is_an_argument(floor: str) -> None:
    calls = [
        place(source, node.lineno)
        for source in sorted((PACKAGE / floor).rglob("*.py"))
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and called(node) in CALLS_THAT_READ_A_CLOCK_OR_A_FILE
    ]

    assert calls == []


def called(node: ast.Call) -> str:
    """Last word of what is called: ``now`` of ``datetime.now()``."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
