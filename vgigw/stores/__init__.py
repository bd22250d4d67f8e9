"""Durable state: the embedded store, and one that forgets."""

from __future__ import annotations

from vgigw.stores.memory import MemoryStore
from vgigw.stores.sqlite import SqliteStore

__all__ = ["MemoryStore", "SqliteStore"]
