"""Two empty stores in one PostgreSQL for a measurement: a schema each, dropped in the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from vgigw.errors import Misconfigured


@contextmanager
def shared_stores(server: str) -> Iterator[tuple[str, ...]]:
    """Their addresses. Raises ``Misconfigured`` where no schema can be made at ``server``."""
    names = [f"vgigw_bench_{secrets.token_hex(6)}" for _ in range(2)]
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as admin:
            for name in names:
                admin.execute(f"CREATE SCHEMA {name}".encode())
    except psycopg.Error as cause:
        raise Misconfigured("no schema can be made there: check the address and rights") from cause
    mark = "&" if "?" in server else "?"
    try:
        yield tuple(f"{server}{mark}options=-csearch_path%3D{name}" for name in names)
    finally:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as admin:
            for name in names:
                admin.execute(f"DROP SCHEMA {name} CASCADE".encode())
