"""PostgreSQL for tests: the server on loopback, a schema for each store, or a server of our own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import pytest

SERVER = os.environ.get("VGIGW_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
"""Where tests may make schemas."""

# A tenth of what TRUNCATE takes.
_EMPTY = """DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND tablename <> 'vgigw_schema'
    LOOP EXECUTE 'DELETE FROM ' || quote_ident(one.tablename); END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()
    LOOP PERFORM setval(quote_ident(one.sequencename), 1, false); END LOOP;
END $$"""


_PROCESS = "VGIGW_TEST_PROCESS"
"""Names a process of tests, for those that it starts."""


@contextlib.contextmanager
def dropped_in_the_end() -> Iterator[None]:
    """Around all tests of a process: the schemas that it and what it starts make meanwhile."""
    os.environ[_PROCESS] = secrets.token_hex(4)
    yield
    with contextlib.suppress(pytest.skip.Exception):
        left = Schemas()
        left.find()
        left.close()


def _prefix() -> str:
    return f"vgigw_test_{os.environ.get(_PROCESS, 'alone')}_"


class Schemas:
    """New schemas, dropped in the end."""

    def __init__(self, server: str = SERVER) -> None:
        psycopg = pytest.importorskip("psycopg", reason="needs the extra vgigw[postgres]")
        self._server = server
        try:
            self.admin = psycopg.connect(server, autocommit=True, connect_timeout=3)
        except psycopg.Error:
            pytest.skip("no PostgreSQL on loopback (VGIGW_TEST_POSTGRES names another)")
        self._made: list[str] = []

    def url(self) -> str:
        """The address of an empty store."""
        name = f"{_prefix()}{secrets.token_hex(8)}"
        self.admin.execute(f"CREATE SCHEMA {name}")
        self._made.append(name)
        return in_schema(self._server, name)

    def find(self) -> None:
        """Take on what others made for this process of tests."""
        found = self.admin.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (_prefix(),)
        )
        self._made += [name for (name,) in found.fetchall()]

    def empty(self, url: str) -> None:
        """Take away what a store keeps that is closed."""
        self.admin.execute(f"SET search_path = {url.rpartition('=')[2]}; {_EMPTY}")

    def cut(self) -> None:
        """End the connections of the stores, as an administrator does."""
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = ANY(%s)",
            (self._made,),
        )

    def connections(self) -> int:
        """How many the stores have."""
        found = self.admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = ANY(%s)", (self._made,)
        )
        return int(found.fetchone()[0])

    def close(self) -> None:
        for name in self._made:
            self.admin.execute(f"DROP SCHEMA {name} CASCADE")
        self.admin.close()


@pytest.fixture
def schemas() -> Iterator[Schemas]:
    """Skips where there is no server."""
    found = Schemas()
    yield found
    found.close()


class OwnServer:
    """A server that a test may stop, kill and set up wrongly."""

    def __init__(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        found = shutil.which("pg_ctl") or (str(binaries[-1] / "pg_ctl") if binaries else None)
        if found is None:
            pytest.skip("no PostgreSQL is installed here")
        self._bin = Path(found).parent
        self._root = Path(mkdtemp(prefix="vgigw-pg-"))
        self._user: list[str] = []
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(self._root, "postgres")
            self._user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._do("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", self._data)

    @property
    def url(self) -> str:
        return f"postgresql://postgres:a-secret@127.0.0.1:{self.port}/postgres"

    def start(self, **settings: str) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options += f" -p {self.port} -c listen_addresses=127.0.0.1 -k {self._root}"
        log = str(self._root / "log")
        self._do("pg_ctl", "-D", self._data, "-l", log, "-o", options, "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """``immediate`` is as if it were killed: the log is read again at the next start."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._do("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._root, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self._root / "data")

    def _do(self, program: str, *arguments: str) -> None:
        command = [*self._user, str(self._bin / program), *arguments]
        subprocess.run(command, check=True, cwd=self._root, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """Not started yet. Skips where PostgreSQL is not installed."""
    pytest.importorskip("psycopg", reason="needs the extra vgigw[postgres]")
    server = OwnServer()
    yield server
    server.close()


def in_schema(server: str, name: str) -> str:
    """The address of a store in the schema ``name``; its connections go by that name, too."""
    return f"{server}?options={quote(f'-csearch_path={name}')}&application_name={name}"
