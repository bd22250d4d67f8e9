"""The README's embedding is at most 20 lines and runs as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import wsgiref.simple_server
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stores.fresh import fresh_store
from vgigw import Gateway, Identity, Peer, Secrets, objects, operations

_README = Path(__file__).parent.parent / "README.md"


def _embedding() -> str:
    found = re.search(r"```python\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_embedding_has_at_most_20_lines_of_code() -> None:
    lines = [line for line in _embedding().splitlines() if line.strip()]

    assert len(lines) <= 20


def test_the_embedding_takes_a_curve_from_a_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    started: list[Any] = []
    ready = threading.Event()

    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    real = wsgiref.simple_server.make_server

    def make_server(host: str, port: int, app: Callable[..., Any]) -> Any:
        server = real(host, 0, app, handler_class=Quiet)
        started.append(server)
        ready.set()
        return server

    monkeypatch.setattr(wsgiref.simple_server, "make_server", make_server)
    namespace: dict[str, Any] = {}
    thread = threading.Thread(target=exec, args=(_embedding(), namespace), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        reply = _issue(f"http://127.0.0.1:{started[0].server_port}/evcs/v1")
    finally:
        started[0].shutdown()
        thread.join(10)
        started[0].server_close()
        namespace["gateway"].close()

    assert reply == objects.CommandReceipt(command_id="C-1", state=objects.CommandState.RECEIVED)
    assert "STATION-1: 100.000 kW" in capsys.readouterr().out


def _issue(base: str) -> objects.InformationObject:
    secret = "1234567890abcdef"
    secrets = Secrets.of(
        operator_secret=secret, data_secret=secret, data_secret_iv=secret, sig_secret=secret
    )
    operator = Peer(
        operator_id="123456789",
        role=operations.Role.OPERATOR,
        suite="tcec102",
        doors=frozenset(),
        inbound=secrets,
        outbound=secrets,
        paths=(base,),
    )
    identity = Identity(
        operator_id="100000001",
        role=operations.Role.PLATFORM,
        peers={operator.operator_id: operator},
    )
    platform = Gateway(identity, fresh_store())
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        return platform.call("123456789", operations.ISSUE_CONTROL, _curve(now), now)
    finally:
        platform.close()


def _curve(now: datetime) -> objects.ControlCurve:
    point = objects.ControlPoint(
        start_time=now, end_time=now + timedelta(minutes=15), target_power=Decimal(100)
    )
    return objects.ControlCurve(
        command_id="C-1",
        resource_id="STATION-1",
        aggregator_id="123456789",
        scene=objects.Scene.PEAK,
        service_item="PEAK",
        command_kind=objects.CommandKind.CONTROL,
        trigger_type=objects.TriggerType.DISPATCH,
        priority=objects.Priority.NORMAL,
        control_quantity=objects.ControlQuantity.POWER_LIMIT,
        polarity_mode=objects.PolarityMode.LOAD,
        interval_min=15,
        points=(point,),
        ack_deadline=now + timedelta(seconds=30),
        valid_until=now + timedelta(minutes=15),
        version=1,
        issued_by="200000002",
        issue_time=now,
        origin_signature="-",
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_reads_each_of_its_targets() -> None:
    """CI and the README call it."""
    named = re.findall(
        r"^([a-z-]+):", (_README.parent / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {"test", "reliability", "demo"} <= set(named)
    done = subprocess.run(
        ["make", "--dry-run", *named],
        cwd=_README.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
