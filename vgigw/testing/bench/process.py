"""A process of a measurement: pinned to one CPU, waited for, its CPU time read, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Self

import psutil

from vgigw.errors import Misconfigured

_START_S = 30.0
_STOP_S = 20.0


def cpus() -> tuple[int | None, int | None]:
    """One CPU for the server and another for the load; None where the system cannot pin."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


class Pinned:
    """A child process with all that it starts."""

    def __init__(
        self,
        command: list[str],
        cpu: int | None,
        environment: Mapping[str, str] | None = None,
        *,
        talks: bool = False,
    ) -> None:
        pipe = subprocess.PIPE if talks else subprocess.DEVNULL
        before = os.sched_getaffinity(0) if cpu is not None else None
        # A child has the affinity of the thread that starts it, and gives it to its own children.
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                stdin=pipe,
                stdout=pipe,
                env={**os.environ, **(environment or {})},
                text=True,
            )
        finally:
            if before is not None:
                os.sched_setaffinity(0, before)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_for(self, port: int) -> None:
        """Until it listens. Raises ``Misconfigured`` where it ends, or takes too long."""
        end_s = time.monotonic() + _START_S
        while time.monotonic() < end_s and self._child.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise Misconfigured("a process under measurement did not start")

    def cpu_s(self) -> float:
        """User and system seconds so far, of the process and its children."""
        root = psutil.Process(self._child.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def ask(self, line: str) -> str:
        """Its answer to one line. Raises ``Misconfigured`` where it has ended."""
        self.tell(line)
        return self.read()

    def tell(self, line: str) -> None:
        """One line that wants no answer."""
        self._stream(self._child.stdin).write(line + "\n")
        self._stream(self._child.stdin).flush()

    def read(self) -> str:
        """The next line that it says. Raises ``Misconfigured`` where it has ended."""
        answer = self._stream(self._child.stdout).readline()
        if not answer:
            raise Misconfigured("a process of the measurement ended before its time")
        return answer

    def kill(self) -> None:
        """End it as a kill does, and no more; returns when it is gone."""
        self._child.kill()
        self._child.wait()

    def stop(self) -> None:
        """Ask it to end and wait; end it where it does not."""
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()
        if self._child.poll() is None:
            self._child.terminate()
        try:
            self._child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream
