"""The gateway under demonstration as a process of its own: started, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import urllib3

from vgigw.testing.awaiting import await_until

_READY_S = 20.0
_STOP_S = 10.0
_TAIL_CHARACTERS = 1500


class GatewayDied(Exception):
    """The process ended by itself; the text is the end of its log."""


class GatewayProcess:
    """Serves ``config`` on ``port`` in a process group of its own, so that all of it can end."""

    def __init__(self, config: Path, port: int, log: Path) -> None:
        self._config, self._port, self._log = config, port, log
        self._process: subprocess.Popen[bytes] | None = None
        self._http = urllib3.PoolManager(retries=False, timeout=1.0)
        self.url = f"http://127.0.0.1:{port}"
        self.kills = 0

    def start(self) -> None:
        """Start, and wait until it is ready to serve."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "vgigw.cli", "serve", "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_until(self._ready, _READY_S, "the gateway's readiness")

    def kill(self) -> None:
        """SIGKILL to the whole group, workers too; returns when nobody holds the port."""
        self._signal(signal.SIGKILL)
        self.kills += 1
        self._ended(_STOP_S)
        await_until(lambda: not self._listens(), _STOP_S, "the end of the killed gateway")

    def close(self) -> None:
        """SIGTERM, and SIGKILL to whatever of the group does not follow it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            if not self._ended(_STOP_S):
                self._signal(signal.SIGKILL)
                self._ended(_STOP_S)
        self._http.clear()

    def _ready(self) -> bool:
        process = self._process
        if process is None or process.poll() is not None:
            tail = self._log.read_text(errors="replace")[-_TAIL_CHARACTERS:]
            raise GatewayDied(f"the gateway did not start; its log ends with:\n{tail}")
        try:
            return self._http.request("GET", f"{self.url}/readyz").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def _ended(self, within_s: float) -> bool:
        try:
            assert self._process is not None
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True


def free_port() -> int:
    """A port of loopback that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
