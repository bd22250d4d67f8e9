"""Keys rotated and revoked under load, with served gateways, the short form. ACC-5.8, F83.

The long form is ``python -m vgigw.testing.key_rotation``.
"""

from __future__ import annotations

import pytest

from vgigw.testing.key_rotation.run import REVOKED_WITHIN_S, Run, Settings

pytestmark = pytest.mark.slow


def test_f83_a_rotation_under_load_refuses_and_loses_nothing_and_a_revocation_acts() -> None:
    report = Run(Settings(seconds=6, suite="gm", overlap_s=6)).carry_out()

    assert (report.refused, report.lost, report.applied_twice) == (0, 0, 0), report.refusals
    assert len(report.sent) == 6
    assert report.acknowledged == sum(report.sent.values())
    assert report.accepted_after_revocation_s is not None
    assert report.accepted_after_revocation_s < REVOKED_WITHIN_S
    assert report.passed, report


def test_the_run_finds_a_rotation_without_overlap() -> None:
    report = Run(Settings(seconds=2, suite="gm", overlap_s=1, at_once=True)).carry_out()

    assert report.refused
    assert not report.passed
