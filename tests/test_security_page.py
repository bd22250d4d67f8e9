"""The page on security names controls, and tests that are there. ASVS 5.0."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vgigw.codec.compliance import exists

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.partition("## Controls")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| control")
]
TEST = re.compile(r"`(tests/[^`]+)`")
CHAPTERS = {"1", "2", "4", "6", "7", "8", "9", "11", "12", "13", "14", "15", "16"}
"""Of ASVS 5.0 that concern a gateway without pages and sessions of its own."""


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_each_control_has_its_numbers_and_a_test(row: list[str]) -> None:
    _, numbers, how, tests = row
    assert how
    assert all(re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,2}", each) for each in numbers.split())
    assert TEST.findall(tests)


def test_each_test_that_is_named_is_there() -> None:
    named = TEST.findall(PAGE)
    files = [each for each in named if "::" not in each]
    assert [each for each in files if not (ROOT / each).is_file()] == []
    assert [each for each in named if each not in files and not exists(each, ROOT)] == []


def test_every_chapter_that_concerns_a_gateway_has_a_control() -> None:
    told = {number.partition(".")[0] for row in ROWS for number in row[1].split()}
    assert told == CHAPTERS
