"""The shared store's tables: made where they are missing, brought forward where they are older."""

from __future__ import annotations

import psycopg

from vgigw.errors import Misconfigured
from vgigw.stores.postgres_transaction import Connection
from vgigw.stores.postgres_words import table
from vgigw.stores.sql_tables import MIGRATIONS, SCHEMA_VERSION, TABLES, older

OLDEST_SERVER = 140000
LOCK = "hashtextextended('vgigw ' || current_schema(), 0)"
"""What the one who writes locks until its commit; another schema is another store."""

_VERSION = "CREATE TABLE IF NOT EXISTS vgigw_schema (version BIGINT NOT NULL)"


def check_server(connection: Connection) -> None:
    """Raises ``Misconfigured`` for a server that is too old or does not keep what it confirms."""
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise Misconfigured(
            f"the store's PostgreSQL is {version // 10000}, needed is {OLDEST_SERVER // 10000}"
        )
    for setting in ("fsync", "full_page_writes"):
        if _shown(connection, setting) != "on":
            raise Misconfigured(
                f"the store's PostgreSQL runs with {setting} = off and may lose what it confirmed: "
                "set it on"
            )
    if _shown(connection, "transaction_read_only") == "on":
        raise Misconfigured("the store's PostgreSQL is a standby: name the primary")


def create_schema(connection: Connection, *, bring_forward: bool = True) -> None:
    """Makes the tables if they are not there, brings older ones forward; safe when several
    gateways start at once. Raises ``Misconfigured`` for tables of a newer vgigw, and for older ones
    that are to stay."""
    try:
        with connection.transaction():
            connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            connection.execute(_VERSION)
            _bring_forward(connection, may=bring_forward)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misconfigured(
            "the store's PostgreSQL lets us make no tables: grant CREATE on the schema"
        ) from error


def _bring_forward(connection: Connection, *, may: bool) -> None:
    found = connection.execute("SELECT version FROM vgigw_schema").fetchone()
    version = 0 if found is None else int(found[0])
    if version > SCHEMA_VERSION:
        raise Misconfigured(
            f"the store was written by a newer vgigw (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): install that version again, or restore a backup made before it"
        )
    if found is not None and version < SCHEMA_VERSION and not may:
        raise Misconfigured(older(version))
    if found is None:
        for statement in filter(str.strip, TABLES.split(";\n")):
            connection.execute(table(statement).encode())
        connection.execute("INSERT INTO vgigw_schema (version) VALUES (%s)", (SCHEMA_VERSION,))
    for wanted in range(version + 1, SCHEMA_VERSION + 1) if found else ():
        for statement in MIGRATIONS[wanted]:
            connection.execute(table(statement).encode())
    connection.execute("UPDATE vgigw_schema SET version = %s", (SCHEMA_VERSION,))


def _shown(connection: Connection, setting: str) -> str:
    found = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    return "" if found is None else str(found[0])
