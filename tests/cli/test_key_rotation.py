"""Keys rotated and revoked under load, with served gateways, the short form. ACC-5.8, F83.

The long form is ``python -m vgigw.testing.key_rotation``. Sets of secrets are brought over
by hand, which takes an overlap of most of a minute: VGIGW_ROTATE_SETS=1 rotates them here, too.
"""

from __future__ import annotations

import os

import pytest

from vgigw.crypto.suite import SUITES
from vgigw.testing.key_rotation.run import REVOKED_WITHIN_S, Run, Settings

pytestmark = pytest.mark.slow
WITH_SETS = pytest.mark.skipif(
    not os.environ.get("VGIGW_ROTATE_SETS"), reason="minutes; VGIGW_ROTATE_SETS=1"
)


def test_f83_a_rotation_under_load_refuses_and_loses_nothing_and_a_revocation_acts() -> None:
    report = Run(Settings(seconds=6, suite="gm", overlap_s=6)).carry_out()

    assert (report.refused, report.lost, report.applied_twice) == (0, 0, 0), report.refusals
    assert len(report.sent) == 6
    assert report.acknowledged == sum(report.sent.values())
    assert report.accepted_after_revocation_s is not None
    assert report.accepted_after_revocation_s < REVOKED_WITHIN_S
    assert report.passed, report


@WITH_SETS
@pytest.mark.parametrize("suite", list(SUITES))
def test_f83_a_rotation_of_sets_under_load_refuses_and_loses_nothing(suite: str) -> None:
    report = Run(Settings(seconds=6, suite=suite, overlap_s=45)).carry_out()

    assert (report.refused, report.lost, report.applied_twice) == (0, 0, 0), report.refusals
    assert report.acknowledged == sum(report.sent.values())
    assert report.passed, report


@WITH_SETS
def test_the_run_finds_a_set_that_was_taken_away_without_overlap() -> None:
    report = Run(Settings(seconds=2, suite="tcec102", overlap_s=1, at_once=True)).carry_out()

    assert report.refused
    assert not report.passed


@pytest.mark.long
def test_the_run_finds_a_rotation_without_overlap() -> None:
    report = Run(Settings(seconds=2, suite="gm", overlap_s=1, at_once=True)).carry_out()

    assert report.refused
    assert not report.passed
