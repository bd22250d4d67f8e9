"""A served gateway in processes of its own: started, found ready, killed or stopped together."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import vgigw

_READY = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
_POLL_S = 0.01
_START_S = 30.0
_STOP_S = 10.0
_TAIL_CHARACTERS = 1500
# Below the range from which systems take the ports of outgoing connections, so that nobody takes
# the port while the gateway is down.
_PORTS = range(20_000, 32_000)


class GatewayDied(Exception):
    """The gateway did not become ready; the text is the end of its log."""


def free_port() -> int:
    """A port of loopback that nobody listens on at the moment."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class GatewayProcess:
    """``vgigw serve`` on ``config``, which listens on ``port``; leaves no process behind.

    All its processes are one process group of their own, and only that group is ever ended.
    ``kills`` counts how often it was killed.
    """

    def __init__(self, config: Path, port: int) -> None:
        self._config = config
        self._port = port
        self._log = config.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{port}"
        self.kills = 0

    def start(self, environment: Mapping[str, str] | None = None) -> float:
        """Start, wait until ``/readyz`` says yes, and return how many seconds that took.

        ``environment`` is added to ours. Raises ``GatewayDied`` when it does not become ready.
        """
        began = time.monotonic()
        root = str(Path(vgigw.__file__).resolve().parents[1])
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "vgigw.cli", "serve", "-c", str(self._config)],
                env={**os.environ, "PYTHONPATH": root, **(environment or {})},
                stdin=subprocess.DEVNULL,
                # Nobody writes there: its end tells that the last process of the group is gone.
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() - began > _START_S:
                self._end(signal.SIGKILL)
                tail = self.log()[-_TAIL_CHARACTERS:]
                raise GatewayDied(f"the gateway did not become ready; its log ends with:\n{tail}")
            time.sleep(_POLL_S)
        return time.monotonic() - began

    @property
    def pid(self) -> int:
        """Of the main process. Raises ``GatewayDied`` where there is none."""
        if self._process is None:
            raise GatewayDied("the gateway does not run")
        return self._process.pid

    def is_ready(self) -> bool:
        """What ``/readyz`` says."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=_START_S) as link:
                link.sendall(_READY)
                return link.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL to main process and workers at once; returns when all of them are gone."""
        self.kills += 1
        self._end(signal.SIGKILL)

    @property
    def group(self) -> int:
        """The process group of all its processes; 0 where none runs."""
        return 0 if self._process is None else self._process.pid

    def pause(self) -> None:
        """All of its processes stand still."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """They go on where they stood."""
        self._signal(signal.SIGCONT)

    def log(self) -> str:
        """What it has told so far."""
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        """SIGTERM, as a service manager sends it, and SIGKILL to whatever does not follow."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait()
        if process.stdout is not None:
            process.stdout.read()
            process.stdout.close()
