"""SIGTERM under load: an end within ten seconds, exit code 0, nothing acknowledged lost."""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.processes import (
    OPERATOR,
    PLATFORM,
    operator_config,
    prepared,
    serving,
)
from tests.stores.fresh import store_at
from vgigw.errors import OwnFault
from vgigw.handlers.keeping import object_of
from vgigw.objects import ConnectorStatusInfo
from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.operations import PUSH_ARCHIVE, PUSH_DEVICE_STATE
from vgigw.server.assembly import Gateway
from vgigw.server.config import DATABASE
from vgigw.testing.fleet import Fleet

THREADS = 4
AT_LEAST = 40


class Load:
    """Threads that push events, each of its own connector, until the server is gone."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        fleet = Fleet(1, OPERATOR, stations=1, connectors=THREADS)
        now = datetime.now(UTC)
        gateway.call(PLATFORM, PUSH_ARCHIVE, fleet.archives(now)[0], now)
        self._connectors = list(fleet.posts)
        self.acknowledged: set[str] = set()
        self.threads = [threading.Thread(target=self._push, args=(n,)) for n in range(THREADS)]

    def _push(self, thread: int) -> None:
        for number in range(100_000):
            name = f"{thread}-{number}"
            now = datetime.now(UTC).replace(microsecond=0)
            event = ConnectorStatusInfo(
                event_id=name,
                connector_id=self._connectors[thread],
                status=ConnectorStatus.IDLE,
                change_time=now,
            )
            try:
                self._gateway.call(PLATFORM, PUSH_DEVICE_STATE, event, datetime.now(UTC))
            except OwnFault:
                return
            self.acknowledged.add(name)


def test_sigterm_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    config, port = prepared(tmp_path / "gw")
    config.write_text(config.read_text("utf-8").replace('level = "info"', 'level = "debug"'))
    with serving(config, port) as process:
        gateway = Gateway.from_config(operator_config(tmp_path / "op", config, port))
        load = Load(gateway)
        for thread in load.threads:
            thread.start()
        end = time.monotonic() + 20
        while len(load.acknowledged) < AT_LEAST and time.monotonic() < end:
            time.sleep(0.02)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        took_s = time.monotonic() - began
        for thread in load.threads:
            thread.join()
        gateway.close()
        assert process.stdout is not None
        told = process.stdout.read()

    assert told == b""
    assert process.returncode == 0
    assert took_s < 10
    assert len(load.acknowledged) >= AT_LEAST
    store = store_at(tmp_path / "gw" / "var" / DATABASE)
    kind = ConnectorStatusInfo.__name__
    held = store.read(
        lambda view: [
            object_of(ConnectorStatusInfo, event.payload)
            for state in view.documents(kind)
            for event in view.history(kind, OPERATOR, state.key)
        ]
    )
    answered = store.read(
        lambda view: [
            view.answered(OPERATOR, PUSH_DEVICE_STATE.name, PUSH_DEVICE_STATE.key_of(each))
            for each in held
        ]
    )
    store.close()
    assert load.acknowledged <= {each.event_id for each in held}
    assert None not in answered
