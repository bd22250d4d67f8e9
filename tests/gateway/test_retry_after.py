"""``Retry-After`` in both of its forms, and nothing else. F39."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.trio import NOW
from vgigw.gateway.retry_after import retry_after_s


@given(st.integers(0, 10**6), st.integers(-(10**7), 10**7))
def test_f39_a_date_counts_from_the_date_of_the_answer(wait_s: int, off_s: int) -> None:
    theirs = NOW + timedelta(seconds=off_s)
    until = format_datetime(theirs + timedelta(seconds=wait_s), usegmt=True)
    told = {"retry-after": until, "date": format_datetime(theirs, usegmt=True)}
    assert retry_after_s(told, NOW) == wait_s
    assert retry_after_s({"retry-after": until}, theirs) == wait_s
    assert retry_after_s({"retry-after": str(wait_s)}, NOW) == wait_s


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_f39_whatever_else_stands_there_is_no_failure(text: str) -> None:
    for headers in ({"retry-after": text}, {"retry-after": "7", "date": text}):
        found = retry_after_s(headers, NOW)
        assert found is None or found >= 0
