"""Two served gateways of one identity on one store, a dispatch system that they call, and load.

Each gateway calls the dispatch system on a port of its own, so that it is known who sent what.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.stores.fresh import fresh_store, store_at
from tests.trio import DISPATCH, PLATFORM, ROLES, batch, secrets_of
from vgigw.crypto.suite import Secrets
from vgigw.errors import Busy
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Identity, LetterState, Peer, Store
from vgigw.server.assembly import Gateway
from vgigw.server.config import DATABASE
from vgigw.server.turn import LEASE
from vgigw.testing.gateway_process import GatewayProcess, free_port
from vgigw.testing.simulators.listener import Listener

PATIENCE_S = 40.0
NAMES = ("a", "b")


class Dispatch:
    """Takes telemetry in on a port for each gateway; counts what it accepts, repeats included."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self._here = threading.local()
        self._answering = {name: threading.Event() for name in NAMES}
        secrets = secrets_of(DISPATCH)
        platform = Peer(
            operator_id=PLATFORM,
            role=ROLES[PLATFORM],
            doors=frozenset({"cec102"}),
            suite="tcec102",
            inbound=secrets,
        )
        identity = Identity(operator_id=DISPATCH, role=ROLES[DISPATCH], peers={PLATFORM: platform})
        self.gateway = Gateway(identity, fresh_store(), observer=self._observe)
        application = self.gateway.wsgi()

        def port_of(name: str) -> Callable[..., Iterable[bytes]]:
            def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
                self._here.name = name
                answer = application(environ, start)
                self._answering[name].wait(PATIENCE_S)
                return answer

            return serve

        for name in NAMES:
            self.answer(name)
        self._listeners = {name: Listener(port_of(name)) for name in NAMES}

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._listeners[name].port}/evcs/v1"

    def withhold(self, name: str) -> None:
        """Take in what comes from ``name``, but do not answer."""
        self._answering[name].clear()

    def answer(self, name: str) -> None:
        """Answer what was withheld, and go on."""
        self._answering[name].set()

    def applied(self) -> list[int]:
        """The number of each batch in the journal, which has each once."""
        rows = self.gateway.store.read(lambda view: view.rows(owner=PLATFORM))
        return [row.seq_from for row in rows]

    def close(self) -> None:
        for name in NAMES:
            self.answer(name)
        for listener in self._listeners.values():
            listener.close()
        self.gateway.close()

    def _observe(self, event: str, /, **facts: object) -> None:
        if event == "message.accepted" and facts["operation"] == UPLOAD_TELEMETRY.name:
            self.accepted[self._here.name] += 1


class Stage:
    """Everything, in ``folder``; ``store_url`` names a shared store, else they share a file."""

    def __init__(self, folder: Path, store_urls: dict[str, str] | None = None) -> None:
        self._resources = contextlib.ExitStack()
        self.dispatch = Dispatch()
        self._resources.callback(self.dispatch.close)
        self._state = folder / "var"
        self._database = self._state / DATABASE
        self.gateways: dict[str, GatewayProcess] = {}
        for name in NAMES:
            store = (store_urls or {}).get(name, "sqlite")
            port = free_port()
            config = self._write_config(folder / f"{name}.toml", name, port, store)
            self.gateways[name] = self._resources.enter_context(GatewayProcess(config, port))
        self.store: Store
        self._sent = 0
        self._shared = store_urls is not None

    def begin(self, store: Callable[[], Store] | None = None) -> None:
        """``a`` has the turn, ``b`` waits for it, and the store is ours to look at, too."""
        self.gateways["a"].start()
        # Ours is a store without a gateway: it takes no turn.
        self.store = store() if store else store_at(self._database)
        self._resources.callback(self.store.close)
        self._queue = Gateway(self._identity(), self.store)
        until(lambda: self.epoch() == 1)
        self.gateways["b"].start()

    def close(self) -> None:
        for gateway in self.gateways.values():
            gateway.resume()
        self._resources.close()

    def epoch(self) -> int:
        lease = self.store.read(lambda view: view.lease(LEASE))
        return 0 if lease is None else lease.epoch

    def who_holds(self) -> tuple[str, str]:
        """Who has the turn, and who waits for it."""
        lease = self.store.read(lambda view: view.lease(LEASE))
        assert lease is not None
        group = os.getpgid(int(lease.holder.split("/")[1]))
        (holder,) = (name for name in NAMES if self.gateways[name].group == group)
        (waits,) = (name for name in NAMES if name != holder)
        return holder, waits

    def send(self, count: int = 1) -> None:
        """Put so many batches into the outbox that the gateways share."""
        for _ in range(count):
            self._sent += 1
            made = batch(self._sent, self._sent, source_id=PLATFORM)
            while True:  # Who stands still in a transaction keeps us waiting for a while.
                with contextlib.suppress(Busy):
                    self._queue.send(DISPATCH, UPLOAD_TELEMETRY, made, datetime.now(UTC))
                    break

    def delivered(self) -> bool:
        """Whether nothing waits."""
        return self.store.read(lambda view: view.count_letters(state=LetterState.WAITING)) == 0

    def each_applied_once(self) -> bool:
        return sorted(self.dispatch.applied()) == list(range(1, self._sent + 1))

    def pause(self, name: str) -> None:
        """Stand still, but not inside a transaction of a file: nobody could write then."""
        self.gateways[name].pause()
        while not self._shared and not self._free():
            self.gateways[name].resume()
            time.sleep(0.02)
            self.gateways[name].pause()

    def _free(self) -> bool:
        with contextlib.closing(sqlite3.connect(self._database, timeout=0.0)) as connection:
            for _ in range(20):  # The other one may write just now.
                with contextlib.suppress(sqlite3.OperationalError):
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("ROLLBACK")
                    return True
                time.sleep(0.01)
        return False

    def _write_config(self, path: Path, name: str, port: int, store: str) -> Path:
        secrets = secrets_of(DISPATCH)
        text = (
            f'[gateway]\noperator_id = "{PLATFORM}"\nrole = "platform"\n'
            f'state_dir = "{self._state}"\nstore = "{store}"\n'
            f'[listen]\nport = {port}\n[log]\nlevel = "info"\nformat = "json"\n'
            f'[[peers]]\noperator_id = "{DISPATCH}"\nrole = "dispatch"\n[peers.inbound]\n'
        )
        for each in Secrets.__dataclass_fields__:
            text += f'{each} = "{getattr(secrets, each).decode()}"\n'
        text += f'[peers.outbound]\npaths = ["{self.dispatch.url(name)}"]\n'
        path.write_text(text, encoding="utf-8")
        return path

    def _identity(self) -> Identity:
        secrets = secrets_of(DISPATCH)
        peer = Peer(
            operator_id=DISPATCH,
            role=ROLES[DISPATCH],
            doors=frozenset({"cec102"}),
            suite="tcec102",
            inbound=secrets,
            outbound=secrets,
            paths=("http://127.0.0.1:9/evcs/v1",),
        )
        return Identity(operator_id=PLATFORM, role=ROLES[PLATFORM], peers={DISPATCH: peer})


def until(done: Callable[[], bool]) -> float:
    """Wait for what the processes do; how many seconds that took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < PATIENCE_S, "it did not come to pass"
        time.sleep(0.02)
    return time.monotonic() - began
