"""``vgigw bench timing`` forges as it says, and finds what an early exit tells. F84."""

from __future__ import annotations

import hashlib
import random

import pytest

from tests.trio import ret_of
from vgigw.crypto import gm_mac
from vgigw.errors import NotGenuine
from vgigw.testing.bench.forgeries import DOORS, WHAT, Forger
from vgigw.testing.bench.timing import BOUND, measure, welch


@pytest.mark.parametrize("suite", ["tcec102", "gm-mac", "gm", "intl"])
@pytest.mark.parametrize("door", DOORS)
def test_every_forgery_is_refused_and_both_classes_alike(
    door: str, suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_VARIANTS", "_VARIANTS_BY_KEYS", "_PEERS"):
        monkeypatch.setattr(f"vgigw.testing.bench.forgeries.{name}", 4)
    forger = Forger(door, suite, random.Random(1))
    for what in WHAT:
        hold(forger, what)


def hold(forger: Forger, what: str) -> None:
    answers = [
        {(ret_of(answer), answer.status) for answer in map(forger.receive, requests[:4])}
        for requests in forger.classes(what)
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) == 1
    if what != "operator secret":  # told inside the answer, as that protocol has it
        assert answers[0].pop()[0] in (4001, 4002)


def test_f84_a_comparison_that_ends_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(expected: str, signature: str) -> None:
        for ours, theirs in zip(expected, signature, strict=True):
            if ours != theirs:
                raise NotGenuine
            # Slower than it would be, so that it is heard on a machine that does other work, too.
            hashlib.sha256(bytes(20_000)).digest()

    monkeypatch.setattr(gm_mac, "require_same", careless)
    monkeypatch.setattr("vgigw.testing.bench.timing.WHAT", ("signature",))
    monkeypatch.setattr("vgigw.testing.bench.timing.DOORS", ("cec102",))
    (found,) = measure(1500, 1, "gm-mac", 1, lambda _: None)
    assert found.tells
    assert found.t[0] > BOUND


def test_welch_t_of_known_samples() -> None:
    """t as packages of statistics give it for these two."""
    one = [19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22.0]
    other = [28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7]
    other += [23.2, 17.5, 20.6, 18.0, 23.9, 21.6, 24.3, 20.4, 24.0, 13.2]
    assert round(welch(one, other), 4) == -2.2192
