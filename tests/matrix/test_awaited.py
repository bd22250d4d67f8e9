"""Rows that are declared and published, and that no test walks yet: named, so that they shrink."""

from __future__ import annotations

from tests.cases import AWAITED

NAMES = """
"""


def test_what_no_test_walks_yet_is_named() -> None:
    assert {row.name for row in AWAITED} == set(NAMES.split())
