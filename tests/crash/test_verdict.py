"""Each check of the kill test can fail: a store that was tampered with is found out."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from vgigw.stores.sql_tables import TABLES, UNSEALED
from vgigw.testing.crash import Run, Settings
from vgigw.testing.crash.acts import Acknowledged
from vgigw.testing.crash.stored import read_stored
from vgigw.testing.crash.verdict import Verdict, judge


def copied(table: str, where: str = "", **changed: str) -> str:
    """A row of ``table`` once more, with other columns; no seal gives it away."""
    empty = sqlite3.connect(":memory:")
    empty.executescript(TABLES)
    names = [name for _, name, *_ in empty.execute(f"PRAGMA table_info({table})")]
    empty.close()
    taken = {"id": "id + 100000", "seal": str(UNSEALED)} | changed
    columns = ", ".join(taken.get(name, name) for name in names)
    return f"INSERT INTO {table} SELECT {columns} FROM {table} {where} LIMIT 1"


def another_version(kind: str) -> str:
    return copied("document", f"WHERE kind = '{kind}'", version="version + 1", current="0")


class Sample(NamedTuple):
    database: Path
    told: list[Acknowledged]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """A store after some messages of each kind, and what was told of it."""
    with Run(Settings(kills=0, seed=5), tmp_path_factory.mktemp("sample")) as run:
        run.begin()
        run.kill_under_load(0.3)
        run.finish()
        yield Sample(run.database, [one for lane in run.lanes for one in lane.acknowledged])


def verdict_after(sample: Sample, folder: Path, sql: str) -> Verdict:
    """The verdict on a copy of the store on which ``sql`` was carried out."""
    copy = folder / sample.database.name
    for end in ("", "-wal"):
        shutil.copyfile(f"{sample.database}{end}", f"{copy}{end}")
    connection = sqlite3.connect(copy)
    try:
        changed = connection.executescript(f"BEGIN; {sql}; COMMIT").connection.total_changes
        assert changed or not sql, "nothing was tampered with"
    finally:
        connection.close()
    return judge(sample.told, [], read_stored(copy, whole=True))


def test_an_honest_store_is_clean(sample: Sample, tmp_path: Path) -> None:
    assert verdict_after(sample, tmp_path, "") == Verdict()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)",
        (
            "DELETE FROM document WHERE id = (SELECT max(id) FROM document WHERE kind = "
            "'ConnectorStatusInfo')"
        ),
        "DELETE FROM document WHERE kind = 'StationInfo' AND version = 1",
        (
            "DELETE FROM document WHERE id = (SELECT max(id) FROM document WHERE kind = "
            "'ControlCurve')"
        ),
        (
            "DELETE FROM document WHERE id = (SELECT max(id) FROM document WHERE kind = "
            "'CommandRecord')"
        ),
        "DELETE FROM letter WHERE id = (SELECT max(id) FROM letter)",
        "DELETE FROM answer WHERE key = (SELECT max(key) FROM answer)",
        "DELETE FROM stream WHERE stream = 'S2'",
        f"UPDATE stream SET state = '[1,1,1,[]]', seal = {UNSEALED} WHERE stream = 'S2'",
    ],
)
def test_a_loss_is_found(sample: Sample, tmp_path: Path, sql: str) -> None:
    assert verdict_after(sample, tmp_path, sql).missing


@pytest.mark.parametrize(
    "sql",
    [
        copied("journal"),
        copied("journal", seq_to="seq_to + 1"),
        another_version("ConnectorStatusInfo"),
        another_version("CommandRecord"),
        copied("letter"),
        f"UPDATE counter SET value = value + 1, seal = {UNSEALED} WHERE name = 'state-event'",
    ],
)
def test_a_double_is_found(sample: Sample, tmp_path: Path, sql: str) -> None:
    assert verdict_after(sample, tmp_path, sql).twice


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal SET digest = 'x' WHERE id = 1",
        "UPDATE journal SET payload = (SELECT payload FROM journal WHERE id = 2) WHERE id = 1",
        "UPDATE answer SET reply = '{}' WHERE key = (SELECT max(key) FROM answer)",
    ],
)
def test_other_content_is_found(sample: Sample, tmp_path: Path, sql: str) -> None:
    assert verdict_after(sample, tmp_path, sql).altered


def test_what_nobody_sent_is_found(sample: Sample, tmp_path: Path) -> None:
    sql = "UPDATE document SET version = 999999 WHERE kind = 'StationInfo' AND version = 1"

    assert verdict_after(sample, tmp_path, sql).foreign
