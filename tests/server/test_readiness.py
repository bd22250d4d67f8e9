"""/readyz costs one look at the store a second, whoever asks and how often. F79, F61."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from falcon.testing import TestClient

from tests.server.served import Served
from vgigw.errors import StoreFailed
from vgigw.server.readiness import Readiness

PATIENCE_S = 20.0


class Looks:
    """A store that is looked at; it may hang, and it may fail."""

    def __init__(self) -> None:
        self.count = 0
        self.fails = False
        self.begun = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self) -> None:
        self.count += 1
        self.begun.set()
        assert self.goes_on.wait(PATIENCE_S)
        if self.fails:
            raise StoreFailed()


def test_f79_readyz_writes_at_most_once_a_second_however_many_ask(tmp_path: Path) -> None:
    served = Served(tmp_path)
    writes, write = [0], served.store.write

    def counted(work: Any) -> Any:
        writes[0] += 1
        return write(work)

    served.store.write = counted
    now_s = [100.0]
    served.gateway.readiness.clock_s = lambda: now_s[0]
    clients: list[TestClient] = [served.client() for _ in range(2)]
    assert clients[0].simulate_get("/readyz").status_code == 200
    before = writes[0]
    with ThreadPoolExecutor(16) as pool:
        for _ in range(3):
            now_s[0] += 1.1
            asked = [pool.submit(clients[n % 2].simulate_get, "/readyz") for n in range(100)]
            assert {each.result().status_code for each in asked} == {200}
    assert writes[0] - before == 3
    served.close()


def test_f79_while_a_look_hangs_the_last_result_is_told_and_then_not_ready() -> None:
    looks, now_s = Looks(), [100.0]
    readiness = Readiness(looks, lambda: now_s[0])
    assert readiness.is_ready()
    looks.goes_on.clear()
    looks.begun.clear()
    now_s[0] += 1.1
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(readiness.is_ready)
        assert looks.begun.wait(PATIENCE_S)
        assert readiness.is_ready()
        now_s[0] += 1.1
        assert not readiness.is_ready()  # The look takes too long.
        looks.goes_on.set()
        assert slow.result(PATIENCE_S)
    assert readiness.is_ready()
    assert looks.count == 2


def test_f79_who_asks_first_while_another_looks_waits_for_that_look() -> None:
    looks, now_s = Looks(), [100.0]
    readiness = Readiness(looks, lambda: now_s[0])
    looks.goes_on.clear()
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(readiness.is_ready)
        assert looks.begun.wait(PATIENCE_S)
        others = [pool.submit(readiness.is_ready) for _ in range(4)]
        looks.goes_on.set()
        assert all(each.result(PATIENCE_S) for each in (first, *others))
    assert looks.count == 1


def test_f79_a_store_that_fails_is_not_ready_until_a_look_a_second_later() -> None:
    looks, now_s = Looks(), [100.0]
    readiness = Readiness(looks, lambda: now_s[0])
    looks.fails = True
    assert not readiness.is_ready()
    looks.fails = False
    assert not readiness.is_ready()
    now_s[0] += 1.1
    assert readiness.is_ready()
    assert looks.count == 2
