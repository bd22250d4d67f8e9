"""The same with nginx in front: proxy and gateway never differ about where a message ends. F80.

All framings with ``VGIGW_FRAMINGS=all``, else those whose end is told in two ways.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.framing import AMBIGUOUS, FRAMED, HIDDEN
from tests.hostile.proxy import NGINX, proxied
from tests.hostile.target import Target, post, target

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
QUIET_S = 0.15
ALL = os.environ.get("VGIGW_FRAMINGS") == "all"
TRIED = [
    name for name in FRAMED if name in AMBIGUOUS or (ALL and b"GET" not in FRAMED[name].octets)
]


class Front(Target):
    """A target that is spoken to through the proxy."""

    log: Path

    def asked(self) -> int:
        """How many requests the proxy passed on, as it tells."""
        return sum(line != "-" for line in self.log.read_text().splitlines())


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("proxied")
    with target(folder) as behind, proxied(folder, behind.port) as (port, log):
        made = Front(behind.process, port)
        made.log = log
        yield made


def settled(front: Front) -> tuple[int, int]:
    """How many the proxy passed on and the gateway judged, once both have written it down."""
    seen = (-1, -1)
    for _ in range(20):
        now = front.asked(), front.judged()
        if now == seen:
            break
        seen = now
        time.sleep(0.1)
    return seen


@pytest.mark.parametrize("name", TRIED)
def test_f80_behind_a_proxy_nothing_is_judged_that_it_did_not_pass_on(
    front: Front, name: str
) -> None:
    asked, judged = settled(front)
    # On one connection after the other: what stayed behind of one would be answered to the next.
    front.say(FRAMED[name].octets, QUIET_S)
    after = front.say(post("rest", b"{}"))
    now_asked, now_judged = settled(front)
    assert now_judged - judged <= now_asked - asked
    assert after.statuses == [401]


def test_f80_behind_a_proxy_two_messages_are_two(front: Front) -> None:
    asked, judged = settled(front)
    assert front.say(HIDDEN + HIDDEN, QUIET_S).statuses == [401, 401]
    assert settled(front) == (asked + 2, judged + 2)
