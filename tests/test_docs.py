"""The pages written by hand: what they link is there, and every how-to is found from the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    )
    if "reference" not in path.relative_to(ROOT).parts and "_build" not in path.parts
)
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_links_is_there(path: Path) -> None:
    for target, _ in LINK.findall(path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_every_how_to_is_linked_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    for page in (ROOT / "docs" / "how-to").glob("*.md"):
        assert f"(how-to/{page.name})" in index, page.name


def test_no_two_decisions_have_one_number() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


def test_the_table_of_operations_is_called_by_its_place() -> None:
    for path in WRITTEN:
        assert "vgigw/operations.py" not in path.read_text("utf-8"), path
