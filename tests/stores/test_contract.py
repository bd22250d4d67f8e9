"""Both stores keep the public contract of a store."""

from __future__ import annotations

from pathlib import Path

from vgigw.ports import Store
from vgigw.stores import MemoryStore, SqliteStore
from vgigw.testing.store_contract import StoreContract


class TestSqliteStore(StoreContract):
    def make_store(self, folder: Path) -> Store:
        return SqliteStore(folder / "state.db")


class TestMemoryStore(StoreContract):
    def make_store(self, folder: Path) -> Store:
        return MemoryStore()
