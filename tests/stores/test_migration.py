"""A store of an older vgigw, of any version, is brought forward and keeps what it has. F16."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.stores.postgres_server import Schemas, schemas
from vgigw.cli import main
from vgigw.errors import Misconfigured
from vgigw.operations import Lane
from vgigw.ports import Transaction, View
from vgigw.rules.gap import Gap
from vgigw.rules.sequence import StreamState
from vgigw.server.config import DATABASE, load
from vgigw.stores import SqliteStore
from vgigw.stores.sql_tables import MIGRATIONS, SCHEMA_VERSION
from vgigw.testing.store_records import OWNER, T0, after, document, letter, row

__all__ = ["schemas"]

pytestmark = pytest.mark.own_store("files of older versions")

_ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+)")
_MADE = re.compile(r"CREATE TABLE (\w+)")
_SEALED_BY_7 = ("guard", "token", "counter")


def fill(tx: Transaction) -> None:
    tx.append(row(1, 5))
    tx.put(document("A", 1))
    tx.enqueue(letter("m", lane=Lane.CONTROL))
    tx.keep_answer(OWNER, "Op", "k", "d", b"{}", T0)
    tx.open_gap(OWNER, "s1", Gap(first=6, last=9, opened_at=T0))
    tx.save_stream(OWNER, "s1", StreamState(begin=1, contiguous=5, highest=5))
    tx.remember(b"guard", OWNER, "Op", after(600))
    tx.keep_token(b"token", OWNER, after(600))
    tx.next_number("n")


def everything(view: View) -> list[object]:
    return [
        view.rows(),
        view.documents("station"),
        view.letters(),
        view.answered(OWNER, "Op", "k"),
        view.streams(),
        view.gaps(),
        (view.seen(b"guard"), view.token_peer(b"token", T0), view.counter("n")),
    ]


def take_back(path: Path, version: int) -> None:
    """The file as ``version`` would have written it: without what came later."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for later in range(SCHEMA_VERSION, version, -1):
            for statement in MIGRATIONS[later]:
                if found := _ADDED.match(statement):
                    connection.execute(f"ALTER TABLE {found[1]} DROP COLUMN {found[2]}")
                made = _MADE.match(statement)
                if made and made[1] in _SEALED_BY_7:
                    connection.execute(f"ALTER TABLE {made[1]} DROP COLUMN seal")
                elif made:
                    connection.execute(f"DROP TABLE {made[1]}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_f16_an_older_store_is_brought_forward_and_keeps_everything(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    store.write(fill)
    before = store.read(everything)
    store.close()
    take_back(path, version)

    for _ in range(2):
        store = SqliteStore(path)
        assert store.read(everything) == before
        store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_f16_an_older_shared_store_is_brought_forward(schemas: Schemas) -> None:
    psycopg = pytest.importorskip("psycopg", reason="needs the extra vgigw[postgres]")
    from vgigw.stores.postgres import PostgresStore

    url = schemas.url()
    store = PostgresStore(url)
    store.write(fill)
    before = store.read(everything)
    store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE lease")
        for table in _SEALED_BY_7:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN seal".encode())
        connection.execute("UPDATE vgigw_schema SET version = 5")

    store = PostgresStore(url)
    assert store.read(everything) == before
    assert store.read(lambda view: view.lease("clockwork")) is None
    store.close()


def test_f16_an_older_gateway_that_still_runs_beside_a_newer_one_takes_nothing_in(
    tmp_path: Path,
) -> None:
    """It would know neither the seals nor the lock of the newer one."""
    path = tmp_path / "state.db"
    SqliteStore(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="seal"):
            connection.execute(
                "INSERT INTO guard (guard, peer, operation, until) VALUES (x'00', 'p', 'o', 1) "
                "ON CONFLICT DO NOTHING"
            )
        with pytest.raises(sqlite3.IntegrityError, match="seal"):
            connection.execute(
                "INSERT INTO counter (name, value) VALUES ('store-commits', 1) "
                "ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )


def test_every_version_has_its_migration() -> None:
    assert sorted(MIGRATIONS) == list(range(2, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("command", [["outbox"], ["backfills"], ["outbox", "drop", "1", "--yes"]])
def test_f16_a_command_beside_an_older_gateway_leaves_its_store_as_it_is(
    tmp_path: Path, command: list[str]
) -> None:
    """It would answer everything with an error from then on."""
    folder = tmp_path / "gw"
    runner = CliRunner()
    assert runner.invoke(main, ["init", str(folder), "--operator-id", "100000001"]).exit_code == 0
    config = load(folder / "vgigw.toml")
    path = config.state_dir / DATABASE
    SqliteStore(path).close()
    take_back(path, SCHEMA_VERSION - 1)
    name, *rest = command
    done = runner.invoke(main, [name, "-c", str(folder / "vgigw.toml"), *rest])
    assert done.exit_code == 2, done.output
    assert "older vgigw" in done.output
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION - 1,)


def test_f16_an_older_shared_store_is_left_as_it_is_where_that_is_asked(schemas: Schemas) -> None:
    psycopg = pytest.importorskip("psycopg", reason="needs the extra vgigw[postgres]")
    from vgigw.stores.postgres import PostgresStore

    url = schemas.url()
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE vgigw_schema SET version = version - 1")
    with pytest.raises(Misconfigured, match="older vgigw"):
        PostgresStore(url, bring_forward=False)
