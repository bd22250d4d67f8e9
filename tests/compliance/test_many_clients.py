"""A hundred clients at once on a served gateway, by three doors. PLT-4.5."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.stores.fresh import fresh_store
from tests.trio import BASES, PLATFORM, batch, record, secrets_of, station
from vgigw.objects import StationQuery, TelemetryQuery
from vgigw.operations import (
    PUSH_ARCHIVE,
    QUERY_STATIONS_INFO,
    QUERY_TELEMETRY,
    UPLOAD_TELEMETRY,
    Role,
)
from vgigw.ports import Identity, Peer
from vgigw.server.assembly import Gateway
from vgigw.testing.gateway_process import GatewayProcess, free_port

CLIENTS = 100
BATCHES = 5
PATIENCE_S = 120.0
PARTIES = [f"7{number:08d}" for number in range(CLIENTS)]
DOORS = list(BASES)


def config(folder: Path, port: int) -> Path:
    lines = [f'[gateway]\noperator_id = "{PLATFORM}"\n[listen]\nport = {port}\nthreads = 32']
    for party in PARTIES:
        secrets = secrets_of(party)
        lines.append(
            f'[[peers]]\noperator_id = "{party}"\nrole = "operator"\ndoors = {DOORS}\n'
            "[peers.inbound]\n"
            f'operator_secret = "{secrets.operator_secret.decode()}"\n'
            f'data_secret = "{secrets.data_secret.decode()}"\n'
            f'data_secret_iv = "{secrets.data_secret_iv.decode()}"\n'
            f'sig_secret = "{secrets.sig_secret.decode()}"'
        )
    file = folder / "vgigw.toml"
    file.write_text("\n".join(lines))
    return file


class Client:
    """An operator that does one thing after the other, by one door."""

    def __init__(self, number: int, port: int, start: threading.Barrier) -> None:
        self._party, self._start = PARTIES[number], start
        door, secrets = DOORS[number % len(DOORS)], secrets_of(self._party)
        platform = Peer(
            operator_id=PLATFORM,
            role=Role.PLATFORM,
            suite="tcec102",
            inbound=secrets,
            outbound=secrets,
            doors=frozenset(DOORS),
            door=door,
            paths=(f"http://127.0.0.1:{port}/{BASES[door]}",),
        )
        identity = Identity(operator_id=self._party, role=Role.OPERATOR, peers={PLATFORM: platform})
        self._gateway = Gateway(identity, fresh_store())

    def run(self) -> int:
        """How many records the platform says it has of this client."""
        self._start.wait(PATIENCE_S)
        now = datetime.now(UTC).replace(microsecond=0)
        call: Callable[..., Any] = self._gateway.call
        archive = station(f"ST-{self._party}", operator_id=self._party)
        call(PLATFORM, PUSH_ARCHIVE, archive, now)
        for first in range(1, 3 * BATCHES, 3):
            numbers = range(first, first + 3)
            records = tuple(record(seq, data_time=now - timedelta(seconds=1)) for seq in numbers)
            sent = batch(first, first + 2, source_id=self._party, send_time=now, records=records)
            call(PLATFORM, UPLOAD_TELEMETRY, sent, datetime.now(UTC))
        pages = call(PLATFORM, QUERY_STATIONS_INFO, StationQuery(), datetime.now(UTC))
        assert pages.item_size >= 1
        hour = timedelta(hours=1)
        query = TelemetryQuery(time_from=now - hour, time_to=now + hour)
        found = call(PLATFORM, QUERY_TELEMETRY, query, datetime.now(UTC))
        self._gateway.close()
        return int(found.item_size)


def test_plt_4_5_a_hundred_clients_at_once_are_served_and_none_is_refused(tmp_path: Path) -> None:
    port, start = free_port(), threading.Barrier(CLIENTS)
    with GatewayProcess(config(tmp_path, port), port) as served:
        served.start()
        clients = [Client(number, port, start) for number in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            told = [pool.submit(client.run) for client in clients]
            assert [each.result(PATIENCE_S) for each in told] == [3 * BATCHES] * CLIENTS
