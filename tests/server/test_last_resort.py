"""What nobody caught is told to the log by class and place, and to no one by its text."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.server.served import DOORS, Served
from tests.server.test_ticker import until
from tests.trio import batch
from vgigw.errors import StoreFailed
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.server.ticker import Ticker


def failing(*_: object) -> None:
    raise RuntimeError("canary of a library")


@pytest.mark.parametrize("door", DOORS)
def test_an_error_that_nobody_caught_is_in_the_log(tmp_path: Path, door: str) -> None:
    served = Served(tmp_path)
    wire = served.sealed(door, UPLOAD_TELEMETRY, batch(1, 2))
    served.gateway.receive = failing  # type: ignore[method-assign, assignment]

    with capture_logs() as lines:
        answer = served.post(wire)

    assert answer.status_code == 500
    assert "canary" not in answer.text
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("request.failed", "error")
    assert line["cause"] == "RuntimeError"
    assert line["place"][-1].startswith("test_last_resort.py:")
    assert "canary" not in str(lines)
    served.close()


def test_a_path_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with capture_logs() as lines:
        assert served.client().simulate_get("/nowhere").status_code == 404
    assert lines == []
    served.close()


def store_fails(*_: object) -> None:
    raise StoreFailed("canary")


@pytest.mark.parametrize(
    ("act", "cause", "level"),
    [(failing, "RuntimeError", "error"), (store_fails, "StoreFailed", "warning")],
)
def test_a_failure_of_the_clockwork_is_in_the_log(
    tmp_path: Path, act: object, cause: str, level: str
) -> None:
    served = Served(tmp_path)
    served.gateway.do_chores = act  # type: ignore[method-assign, assignment]

    with capture_logs() as lines:
        ticker = Ticker(served.gateway, served.trio.clock)
        ticker.start()
        until(lambda: any(line["event"] == "clockwork.failed" for line in lines))
        ticker.stop()

    (failed, *_) = (line for line in lines if line["event"] == "clockwork.failed")
    assert (failed["cause"], failed["log_level"]) == (cause, level)
    assert failed["place"][-1].startswith("test_last_resort.py:")
    assert "canary" not in str(lines)
    served.close()
