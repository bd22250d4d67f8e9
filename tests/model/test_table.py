"""The table of invariants names checks and tests that are there, for each of I1 to I18."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.model.broken import IN_PLAIN, VARIANTS
from tests.model.invariants import ALWAYS, IN_THE_END
from tests.model.ways import WAYS
from vgigw.codec.compliance import exists

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "model.md").read_text("utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in PAGE.splitlines()
    if re.match(r"\| I\d+ \|", line) and len(cells := line.strip("| ").split(" | ")) == 4
}
OF_WAYS = re.findall(r"^\| ([a-z ]+) \| (I\d+) \| (\d+) \| [^|]+ \|$", PAGE, re.MULTILINE)
CHECKS = {**ALWAYS, **IN_THE_END}


def test_every_invariant_has_a_row() -> None:
    assert list(ROWS) == [f"I{number}" for number in range(1, 19)]


@pytest.mark.parametrize("number", ROWS)
def test_each_row_names_its_check_and_tests_that_are_there(number: str) -> None:
    _, asked, held = ROWS[number]
    check = CHECKS.get(number)
    assert asked == ("-" if check is None else f"`{check.__name__}`")
    for test in re.findall(r"`([^`]+)`", held):
        assert exists(test, ROOT) if "::" in test else (ROOT / test).is_file()
    assert "tests/" in held


def test_each_check_has_a_variant_that_it_finds() -> None:
    found = {wrong.number for wrong in VARIANTS.values()} | {*IN_PLAIN.values()}
    assert found == CHECKS.keys()


def test_the_page_tells_of_each_way() -> None:
    ways = [(lacks, wrong.number, str(len(WAYS[lacks]))) for lacks, wrong in VARIANTS.items()]
    assert ways == OF_WAYS
