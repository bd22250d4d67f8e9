"""vgigw: the gateway between dispatch systems, platform and charging operators.

The names below are the library's face; each is imported when it is first used, so that
``import vgigw`` costs little and needs no optional part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vgigw import objects, operations
    from vgigw.crypto.suite import SUITES, Secrets, Suite
    from vgigw.handlers import handles
    from vgigw.ports import Identity, Peer
    from vgigw.server.assembly import Gateway
    from vgigw.stores.memory import MemoryStore
    from vgigw.stores.sqlite import SqliteStore

__version__ = "0.1.0.dev0"

_HOMES = {
    "Gateway": "vgigw.server.assembly",
    "Identity": "vgigw.ports",
    "MemoryStore": "vgigw.stores.memory",
    "Peer": "vgigw.ports",
    "SUITES": "vgigw.crypto.suite",
    "Secrets": "vgigw.crypto.suite",
    "SqliteStore": "vgigw.stores.sqlite",
    "Suite": "vgigw.crypto.suite",
    "handles": "vgigw.handlers",
}
_MODULES = ("objects", "operations")

__all__ = [
    "SUITES",
    "Gateway",
    "Identity",
    "MemoryStore",
    "Peer",
    "Secrets",
    "SqliteStore",
    "Suite",
    "handles",
    "objects",
    "operations",
]


def __getattr__(name: str) -> Any:
    import importlib  # noqa: PLC0415 - only when a name is asked for

    if name in _MODULES:
        return importlib.import_module(f"vgigw.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'vgigw' has no attribute {name!r}")
