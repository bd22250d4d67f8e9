"""The measurement measures what it says: real messages, work done on both sides, counts that agree.

Nothing here asserts a speed.
"""

from __future__ import annotations

import importlib
import io
import json as stdlib_json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import zstandard
from click.testing import CliRunner

from vgigw.cli.bench import bench
from vgigw.codec import json
from vgigw.objects import TelemetryBatch
from vgigw.ports import Peer
from vgigw.testing.bench import floor_store, rings
from vgigw.testing.bench.floor_cec102 import FloorBatch, FloorRecord
from vgigw.testing.bench.ingest import Plan, measure
from vgigw.testing.bench.messages import batch_of, stream_of
from vgigw.testing.bench.report import Report, rows
from vgigw.testing.bench.scene import DoorName, Job, platform

DOORS: tuple[DoorName, ...] = ("cec102", "soap", "rest")
SUITES = ("tcec102", "gm-mac", "gm", "intl")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)

App = Callable[[dict[str, Any], Callable[..., None]], Iterable[bytes]]


class Keyed(NamedTuple):
    """A suite, and the folder of the rings for it."""

    suite: str
    folder: Path

    def platform(self, door: DoorName) -> Peer:
        return platform(door, self.suite, 1, rings.keys_of(self.folder, self.suite))


def floor_of(door: DoorName, folder: Path, keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("FLOOR_STATE", str(folder))
    monkeypatch.setenv("FLOOR_SUITE", keyed.suite)
    monkeypatch.setenv("FLOOR_KEYS", str(keyed.folder))
    app: App = importlib.import_module(f"vgigw.testing.bench.floor_{door}").application()
    return app


def post(app: App, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {f"HTTP_{name.upper().replace('-', '_')}": each for name, each in headers.items()}
    content = b"".join(
        app({**environ, "wsgi.input": io.BytesIO(body)}, lambda *told: started.append(told))
    )
    status, fields = started[0]
    return int(status[:3]), content, dict(fields)


def job_of(door: DoorName, batch: int, suite: str = "tcec102") -> Job:
    return Job(door=door, port=1, suite=suite, batch=batch, connections=1, token="t" * 64)


@pytest.fixture(scope="module", params=SUITES)
def keyed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    folder = tmp_path_factory.mktemp("keys")
    rings.make(folder, request.param, NOW)
    return Keyed(request.param, folder)


def payloads(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / floor_store.FILE)) as connection:
        found = connection.execute("SELECT payload FROM batch ORDER BY id").fetchall()
    return [zstandard.ZstdDecompressor().decompress(payload) for (payload,) in found]


def test_a_record_has_13_members_and_the_size_that_the_budget_speaks_of() -> None:
    batch = batch_of(100, 1, NOW)
    sent = msgspec.json.decode(json.encode(batch))

    assert {len(record) for record in sent["Records"]} == {13}
    assert 240 <= len(json.encode(batch)) / 100 <= 300
    assert set(sent) == set(FloorBatch.__struct_fields__)
    assert set(sent["Records"][0]) == set(FloorRecord.__struct_fields__)


@pytest.mark.parametrize("door", DOORS)
def test_the_floor_stores_what_was_sent_and_seals_its_answer(
    door: DoorName, keyed: Keyed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = floor_of(door, tmp_path, keyed, monkeypatch)
    stream = stream_of(job_of(door, 7, keyed.suite), keyed.platform(door), 3, NOW)

    answers = []
    for _ in range(2):
        status, body, fields = post(app, stream.next(NOW), stream.headers)
        answers.append((status, stream.acknowledged(status, body, fields)))

    assert answers == [(200, True), (200, True)]
    assert floor_store.stored(tmp_path) == 14
    ids = [record.object_id.encode() for record in batch_of(7, 3, NOW).records]
    assert all(each in payload for payload in payloads(tmp_path) for each in ids)
    assert len(payloads(tmp_path)) == 2


@pytest.mark.parametrize("door", DOORS)
def test_the_floor_refuses_a_message_that_was_altered(
    door: DoorName, keyed: Keyed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = floor_of(door, tmp_path, keyed, monkeypatch)
    stream = stream_of(job_of(door, 2, keyed.suite), keyed.platform(door), 3, NOW)
    body = stream.next(NOW)
    at = body.index(b"<SOC>") + len(b"<SOC>") if door == "soap" else len(body) // 2
    altered = body[:at] + (b"1" if body[at : at + 1] != b"1" else b"2") + body[at + 1 :]

    status, answer, fields = post(app, altered, stream.headers)

    assert status == 403
    assert not stream.acknowledged(status, answer, fields)
    assert floor_store.stored(tmp_path) == 0


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_to_another_message_is_no_acknowledgement(
    door: DoorName, keyed: Keyed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = floor_of(door, tmp_path, keyed, monkeypatch)
    stream = stream_of(job_of(door, 2, keyed.suite), keyed.platform(door), 3, NOW)
    status, answer, fields = post(app, stream.next(NOW), stream.headers)
    stream.next(NOW)

    assert not stream.acknowledged(status, answer, fields)


def sound() -> Report:
    return Report(
        door="cec102", suite="tcec102", batch=100, seconds=3.0, rounds=2, connections=8,
        server_us_per_record=8.0, floor_us_per_record=4.0, ratio=2.0, records_per_s=1e5,
        messages_per_s=1e3, p50_ms=1.0, p99_ms=2.0, refused=0, acknowledged=700, stored=700,
        floor_refused=0, floor_acknowledged=900, floor_stored=900, cpu="", python="", versions={},
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"stored": 699},
        {"stored": 701},
        {"floor_stored": 899},
        {"refused": 1},
        {"floor_refused": 1},
        {"acknowledged": 0, "stored": 0},
        {"floor_acknowledged": 0, "floor_stored": 0},
    ],
)
def test_figures_whose_counts_do_not_agree_are_called_faulty(change: dict[str, int]) -> None:
    assert sound().faults == []
    assert len(msgspec.structs.replace(sound(), **change).faults) == 1


@pytest.mark.slow
def test_what_the_cec102_door_acknowledged_is_stored() -> None:
    told: list[str] = []
    plan = Plan(door="cec102", batch=5, seconds=0.2, connections=2, warm_up_s=0.1)

    report = measure(plan, told.append)

    assert report.faults == []
    assert report.acknowledged == report.stored > 0
    assert report.floor_acknowledged == report.floor_stored > 0
    assert report.acknowledged % 5 == 0
    assert report.server_us_per_record > 0
    assert report.floor_us_per_record > 0
    assert 0 < report.p50_ms <= report.p99_ms
    assert told[1:] == ["round 1: gateway", "round 1: floor", "round 2: floor", "round 2: gateway"]
    assert dict(rows(report))["ratio"] == f"{report.ratio:.2f}"


@pytest.mark.slow
def test_a_ratio_above_the_limit_fails_the_command_and_the_figures_are_still_told() -> None:
    arguments = ["ingest", "--door", "soap", "--batch", "5", "--seconds", "0.2", "--json"]

    run = CliRunner().invoke(bench, [*arguments, "--connections", "2", "--max-ratio", "0.001"])

    assert run.exit_code == 1, run.output
    assert run.stderr.splitlines()[-1].endswith("is above 0.001")
    report = msgspec.convert(stdlib_json.loads(run.stdout), Report)
    assert report.faults == []
    assert (report.door, report.batch, report.rounds) == ("soap", 5, 2)
    assert report.ratio == pytest.approx(report.server_us_per_record / report.floor_us_per_record)
    assert report.versions["granian"] != "not installed"


def test_the_sequence_numbers_of_a_stream_follow_one_another() -> None:
    stream = stream_of(job_of("soap", 3), platform("soap", "tcec102", 1), 0, NOW)

    texts = [stream.next(NOW).decode() for _ in range(2)]

    assert "<SeqFrom>1</SeqFrom><SeqTo>3</SeqTo>" in texts[0]
    assert "<SeqFrom>4</SeqFrom><SeqTo>6</SeqTo>" in texts[1]
    assert texts[0].count("<OperatingRecord>") == 3
    assert TelemetryBatch.__name__ in texts[0]
