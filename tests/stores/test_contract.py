"""Every store of ours keeps the public contract of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stores.postgres_server import Schemas, schemas
from vgigw.ports import Store
from vgigw.stores import MemoryStore, SqliteStore
from vgigw.testing.store_contract import StoreContract

__all__ = ["schemas"]

pytestmark = pytest.mark.own_store("each kind by itself")


class TestSqliteStore(StoreContract):
    def make_store(self, folder: Path) -> Store:
        return SqliteStore(folder / "state.db")


class TestMemoryStore(StoreContract):
    def make_store(self, folder: Path) -> Store:
        return MemoryStore()


class TestPostgresStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def make_store(self, folder: Path) -> Store:
        from vgigw.stores.postgres import PostgresStore

        return PostgresStore(self.schemas.url())
