"""The load process: keep-alive connections that send sealed batches, window after window.

It reads a job and then one number of seconds a line, and answers each with what it saw. Each
connection has one message under way at most, and none between windows.
"""

from __future__ import annotations

import http.client
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vgigw.testing.bench.messages import Sealed, stream_of
from vgigw.testing.bench.rings import keys_of
from vgigw.testing.bench.scene import PATHS, Job, Sent, platform

_ANSWER_S = 30.0


class Connection:
    """One keep-alive connection and its stream."""

    def __init__(self, job: Job, number: int) -> None:
        keys = keys_of(Path(job.keys), job.suite)
        peer = platform(job.door, job.suite, job.port, keys)
        self._path = PATHS[job.door]
        self._batch = job.batch
        self._stream: Sealed = stream_of(job, peer, job.first_stream + number, datetime.now(UTC))
        self._http = http.client.HTTPConnection("127.0.0.1", job.port, timeout=_ANSWER_S)

    def send_until(self, end_s: float) -> tuple[list[float], int]:
        """Latencies in ms of what was acknowledged, and how many messages were not."""
        latencies_ms: list[float] = []
        refused = 0
        while time.monotonic() < end_s:
            took_ms = self.send_one()
            if took_ms is None:
                refused += 1
            else:
                latencies_ms.append(took_ms)
        return latencies_ms, refused

    def send_one(self) -> float | None:
        """The latency in ms of the next message; None where it was not acknowledged."""
        body = self._stream.next(datetime.now(UTC))
        began_s = time.monotonic()
        try:
            self._http.request("POST", self._path, body, self._stream.headers)
            answer = self._http.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._http.close()
            return None
        took_ms = (time.monotonic() - began_s) * 1000
        headers = {name.lower(): value for name, value in answer.headers.items()}
        known = self._stream.acknowledged(answer.status, content, headers)
        return took_ms if known else None

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def send(connections: list[Connection], seconds: float, batch: int) -> Sent:
    """One window."""
    began_s = time.monotonic()
    with ThreadPoolExecutor(len(connections)) as pool:
        done = list(pool.map(lambda each: each.send_until(began_s + seconds), connections))
    latencies_ms = [each for found, _ in done for each in found]
    return Sent(
        elapsed_s=time.monotonic() - began_s,
        messages=len(latencies_ms),
        records=len(latencies_ms) * batch,
        refused=sum(refused for _, refused in done),
        latencies_ms=latencies_ms,
    )


def main() -> None:
    """Serve windows until the input ends."""
    job = msgspec.json.decode(sys.stdin.readline(), type=Job)
    connections = [Connection(job, number) for number in range(job.connections)]
    for line in sys.stdin:
        sent = send(connections, float(line), job.batch)
        sys.stdout.write(msgspec.json.encode(sent).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
