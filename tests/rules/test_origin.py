"""A command is its sender's, and issued by now. VGI-D.17."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trio import NOW, curve
from vgigw.errors import InvalidObject, NotAllowed
from vgigw.rules.checks import check
from vgigw.rules.origin import check_issued_by

parties = st.sampled_from(["200000002", "210000002", "300000003"])


@given(st.integers(-(10**6), 10**6))
def test_vgi_d_17_nothing_was_issued_later_than_the_window_allows(ahead_ms: int) -> None:
    issued = curve(issue_time=NOW + timedelta(milliseconds=ahead_ms))
    if ahead_ms <= 300_000:
        check(issued, NOW)
        return
    with pytest.raises(InvalidObject) as refused:
        check(issued, NOW)
    assert [detail.path for detail in refused.value.details] == ["/IssueTime"]


@given(parties, st.none() | parties)
def test_vgi_d_17_nobody_issues_in_the_name_of_another(sender: str, named: str | None) -> None:
    if named in (None, sender):
        check_issued_by(named, sender)
        return
    with pytest.raises(NotAllowed) as refused:
        check_issued_by(named, sender)
    assert [detail.path for detail in refused.value.details] == ["/IssuedBy"]
