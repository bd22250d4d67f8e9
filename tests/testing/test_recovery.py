"""A gateway is back soon after a kill, however long its journal: it does not read it. F01, F14."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vgigw.cli.bench import bench
from vgigw.handlers.keeping import object_of
from vgigw.objects import TelemetryBatch
from vgigw.server.assembly import Gateway
from vgigw.server.config import load
from vgigw.server.stores import store_of
from vgigw.stores import SqliteStore
from vgigw.testing.bench.gateway_process import write_config
from vgigw.testing.bench.log_filler import fill_log
from vgigw.testing.bench.long_journal import fill

pytestmark = [pytest.mark.own_store("how much of its file is read"), pytest.mark.long]

_READ = Path("/proc/self/io")
_A_FEW_PAGES = 8 * 8192
"""An index of a longer journal is deeper."""


def bytes_read() -> int:
    return int(_READ.read_text().splitlines()[0].removeprefix("rchar: "))


def read_at_start(folder: Path, records: int) -> int:
    """Bytes that a start reads, up to the write that says that the gateway is ready."""
    folder.mkdir()
    config = write_config(folder, 1, "tcec102")
    store = store_of(load(config))
    fill(store, records, 10, int)
    store.close()
    before = bytes_read()
    gateway = Gateway.from_config(config)
    gateway.store.write(lambda tx: tx.counter("ready"))
    read = bytes_read() - before
    assert gateway.store.read(lambda view: view.last_row_id()) == records // 10
    gateway.close()
    return read


@pytest.mark.skipif(not _READ.exists(), reason="needs /proc/self/io")
def test_a_start_reads_no_more_of_a_long_journal_than_of_a_short_one(tmp_path: Path) -> None:
    read_at_start(tmp_path / "warm", 10)
    short, long = (read_at_start(tmp_path / str(count), count) for count in (2_000, 20_000))
    size = (tmp_path / "20000" / "var" / "vgigw.sqlite3").stat().st_size
    assert size > 10 * _A_FEW_PAGES
    assert long <= short + _A_FEW_PAGES


@pytest.mark.slow
def test_f01_the_command_kills_under_load_and_tells_how_soon_the_gateway_is_back() -> None:
    arguments = "--records 20000 --rounds 1 --log-mib 0 --max-ready-s 0.01 --json"
    done = CliRunner().invoke(bench, ["recovery", *arguments.split()])
    assert done.exit_code == 1, "no start takes so little"
    report = json.loads(done.stdout)
    assert report["made"] == {"records": 20_000, "rows": 40, "letters": 2, "documents": 4}
    starts = report["starts"]
    assert [each["kind"] for each in starts] == ["empty", "long"]
    assert all(0 < each["ready_s"] <= each["acknowledged_s"] for each in starts)
    assert "more than 0.01" in done.stderr


def test_a_log_is_made_as_long_as_wanted_and_nothing_is_lost_with_it(tmp_path: Path) -> None:
    path, wanted = tmp_path / "state.db", 12 * 1024 * 1024
    SqliteStore(path).close()
    looker = fill_log(path, wanted)
    assert path.with_name("state.db-wal").stat().st_size >= wanted
    looker.close()
    store = SqliteStore(path)
    assert store.read(lambda view: view.count_documents("Filler")) == 3
    store.close()


def test_what_is_made_is_what_a_gateway_would_have_stored(tmp_path: Path) -> None:
    store = store_of(load(write_config(tmp_path, 1, "tcec102")))
    told: list[int] = []
    made = fill(store, 2_100, 10, told.append)
    assert sum(told) == made.records == 2_100
    rows = store.read(lambda view: view.rows())
    states = store.read(lambda view: {name: state for _, name, state in view.streams()})
    for row in rows:
        batch = object_of(TelemetryBatch, row.payload)
        assert (batch.stream_id, batch.seq_from, batch.seq_to) == (
            row.stream,
            row.seq_from,
            row.seq_to,
        )
        assert all(row.time_from <= each.data_time <= row.time_to for each in batch.records)
    for name, state in states.items():
        assert state.highest == max(row.seq_to for row in rows if row.stream == name)
    assert len(store.read(lambda view: view.letters())) == made.letters
    store.close()
