"""The disk of a served gateway is filled to the last byte and freed again, round after round. F17.

``VGIGW_TEST_FULL_DISK_ROUNDS`` makes it longer (2 rounds unless told, 20 by ``make reliability``).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.server.wired import Wire, config, upload
from tests.stores.small_disk import MIB, SmallDisk, small_disk
from tests.trio import DISPATCH, OPERATOR
from vgigw.envelope.wire import WireAnswer
from vgigw.objects import AlarmQuery, Heartbeat
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import HEARTBEAT, QUERY_ALARMS, UPLOAD_TELEMETRY
from vgigw.server.config import DATABASE
from vgigw.stores import SqliteStore
from vgigw.testing.gateway_process import GatewayProcess, free_port

pytestmark = pytest.mark.own_store("a disk that is full under the file")

ROUNDS = int(os.environ.get("VGIGW_TEST_FULL_DISK_ROUNDS", "2"))
LONG = ROUNDS > 2
SHORT = b"STORE_SHORT"


class Story:
    """An operator that uploads and a dispatch that looks, whatever the disk does."""

    def __init__(self, port: int, disk: SmallDisk) -> None:
        self._operator, self._dispatch = Wire(OPERATOR, port), Wire(DISPATCH, port)
        self._disk = disk
        self.acknowledged: list[int] = []
        self.refused = 0
        self.until_told_s: list[float] = []
        self.until_taken_s: list[float] = []
        self._number = 0
        self._beats = 0
        self._operator.token()
        self._dispatch.token()

    def round(self) -> None:
        for _ in range(10):
            assert self.uploads()
        self._disk.fill()
        began = time.monotonic()
        told_s = None
        refusals = self.refused
        while told_s is None or self.refused == refusals:
            assert time.monotonic() - began < 30
            self.uploads()
            if told_s is None and self.told():
                told_s = time.monotonic() - began
        self.until_told_s.append(told_s)
        until(self.beats, 5)
        # What still fits is taken; then the watch on free space refuses it, before it is tried.
        until(lambda: not self.uploads(), 10)
        self._disk.free()
        began = time.monotonic()
        until(self.uploads, 30)
        self.until_taken_s.append(time.monotonic() - began)

    def uploads(self) -> bool:
        """Whether the next record was taken; what was refused is not sent again."""
        self._number += 1
        batch = upload(OPERATOR, self._number)
        answer = self._operator.give(self._operator.sealed("rest", UPLOAD_TELEMETRY, batch))
        if answer.status == 200:
            self.acknowledged.append(self._number)
            return True
        assert (answer.status, "retry-after" in answer.headers) == (503, True)
        assert b'"Ret":-1' in answer.body
        self.refused += 1
        return False

    def told(self) -> bool:
        """Whether dispatch sees the alarm; the read itself must not be refused."""
        answer = self._dispatch.give(
            self._dispatch.sealed("rest", QUERY_ALARMS, AlarmQuery(open_only=True))
        )
        assert answer.status == 200, answer.body
        return SHORT in answer.body

    def beats(self) -> bool:
        """Whether control passes, in what was held in reserve."""
        self._beats += 1
        beat = Heartbeat(
            link_id="L",
            seq=self._beats,
            time=datetime.now(UTC).replace(microsecond=0),
            channel_role=ChannelRole.MAIN,
        )
        answer: WireAnswer = self._dispatch.give(self._dispatch.sealed("rest", HEARTBEAT, beat))
        return answer.status == 200


def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_f17_a_full_disk_is_refused_and_told_and_passes_without_a_restart(tmp_path: Path) -> None:
    with small_disk(96 * MIB) as disk:
        port = free_port()
        file = config(
            tmp_path,
            port,
            gateway={"operator_id": "100000001", "state_dir": str(disk.folder)},
            limits={"disk_free_bytes": 16 * MIB},
        )
        with GatewayProcess(file, port) as process:
            process.start()
            main = process.pid
            story = Story(port, disk)
            for _ in range(ROUNDS):
                story.round()
                if LONG:
                    until(lambda: not story.told(), 30)
            assert process.pid == main
            log = file.with_suffix(".log").read_text()
        store = SqliteStore(disk.folder / DATABASE)
        kept = [each.seq_from for each in store.read(lambda view: view.rows(owner=OPERATOR))]
        store.close()
    missing = set(story.acknowledged) - set(kept)
    sys.stdout.write(
        f"F17: {ROUNDS} rounds, {len(story.acknowledged)} acknowledged, {len(missing)} missing, "
        f"{len(kept) - len(set(kept))} twice, {story.refused} refused; told of after "
        f"{max(story.until_told_s):.1f} s at most, taken again after "
        f"{max(story.until_taken_s):.1f} s at most\n"
    )
    assert missing == set()
    assert len(kept) == len(set(kept))
    assert log.count('"event":"serving"') == 1
    assert max(story.until_told_s) < 5
