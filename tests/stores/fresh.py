"""A store for a test: in memory or a file, or in PostgreSQL with ``VGIGW_TEST_STORE=postgres``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.stores import postgres_server
from tests.stores.shared_pool import shared_pool
from vgigw.ports import Store
from vgigw.server.config import DATABASE
from vgigw.stores import MemoryStore, SqliteStore

ASKED = os.environ.get("VGIGW_TEST_STORE") == "postgres"

_shared = ASKED


def on_postgres(wanted: bool) -> None:
    """Whether the stores that are made from now on are in PostgreSQL, where that is asked for."""
    global _shared  # noqa: PLW0603 - a test is the only one in its process
    _shared = ASKED and wanted


def fresh_store() -> Store:
    """An empty one. Whoever forgets it has closed it. Skips where there is no server."""
    return shared_pool().lend() if _shared else MemoryStore()


def store_at(path: Path) -> Store:
    """The store that is found again by ``path`` when it is opened again: a file, where it is not a
    schema."""
    return shared_pool().open(path) if _shared else SqliteStore(path)


def stored_for(config: Path) -> Path:
    """``config`` itself, once it names the store that ``store_at`` finds in ``var/`` beside it."""
    if _shared:
        url = shared_pool().at(config.parent / "var" / DATABASE)
        lines = [
            f'{line}\nstore = "{url}"' if line == "[gateway]" else line
            for line in config.read_text("utf-8").splitlines()
            if not line.startswith("store = ")
        ]
        config.write_text("\n".join(lines), "utf-8")
    return config


@contextmanager
def dropped_in_the_end() -> Iterator[None]:
    """Around all tests of a process."""
    with postgres_server.dropped_in_the_end() if ASKED else nullcontext():
        yield
        if shared_pool.cache_info().currsize:
            shared_pool().close()
