"""Many threads that decode the same objects for the first time: none ends the process. F62."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.trio import batch, curve, station
from vgigw.codec import json

CHILDREN = 10
"""Without the lock about every other one ends by a segmentation fault."""

RACE = """
import os, sys, threading
import msgspec
sys.setswitchinterval(1e-5)
from pathlib import Path
from vgigw.codec import json
from vgigw.objects import ControlCurve, StationInfo, TelemetryBatch

FOLDER, BEFORE = Path(sys.argv[1]), sys.argv[2]
NAMED = (StationInfo, TelemetryBatch, ControlCurve)
JOBS = [(cls, (FOLDER / cls.__name__).read_bytes()) for cls in NAMED]


def decode(cls, data):
    if BEFORE == "decoding":
        json.decode(cls, data)
    else:
        msgspec.json.decode(data, type=cls)


def child():
    if BEFORE == "a gateway":
        from vgigw.codec.first_use import learn_all
        learn_all()
    start = threading.Barrier(24)

    def run():
        start.wait()
        for job in JOBS:
            decode(*job)

    threads = [threading.Thread(target=run) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


ended = []
for _ in range(int(sys.argv[3])):
    pid = os.fork()
    if pid == 0:
        child()
        os._exit(0)
    ended.append(os.waitpid(pid, 0)[1])
print(sum(each != 0 for each in ended))
"""


@pytest.mark.parametrize("before", ["decoding", "a gateway"])
def test_f62_the_first_messages_may_come_all_at_once(tmp_path: Path, before: str) -> None:
    for obj in (batch(1, 3), station(), curve()):
        (tmp_path / type(obj).__name__).write_bytes(json.encode(obj))
    command = [sys.executable, "-c", RACE, str(tmp_path), before, str(CHILDREN)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.stdout, ran.stderr) == ("0\n", "")
