"""The embedded store's file: checks when it is opened, new tables, old ones brought forward."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from vgigw.errors import Misconfigured
from vgigw.stores.sql_tables import MIGRATIONS, SCHEMA_VERSION, TABLES, older

APPLICATION_ID = 0x76676977
"""Marks the file as ours in its header."""

_MAGIC = b"SQLite format 3\x00"


def prepare_file(path: Path) -> None:
    """Creates directory and file, readable by us alone. Raises ``Misconfigured`` when the file is
    not a database or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise Misconfigured(
            f"store file {path} cannot be opened ({error.strerror}): check the path, its owner "
            "and its permissions"
        ) from error
    if start and start != _MAGIC:
        raise Misconfigured(
            f"{path} is not a database: move it away, or name another file as the store"
        )


def check_version(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the schema stands already. Changes nothing.

    Raises ``Misconfigured`` for a file of another program or of a newer vgigw.
    """
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables == 0 and version == 0:
        return False
    if application_id != APPLICATION_ID:
        raise Misconfigured(
            f"{path} is a database of another program: name another file as the store"
        )
    if version > SCHEMA_VERSION:
        raise Misconfigured(
            f"{path} was written by a newer vgigw (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): install that version again, or restore a backup made before it"
        )
    return True


def create_schema(
    connection: sqlite3.Connection, path: Path, *, bring_forward: bool = True
) -> None:
    """Creates the tables if they are not there, brings older ones forward; safe when several
    processes start at once. Raises ``Misconfigured`` for older ones that are to stay."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if check_version(connection, path):
            _migrate(connection, bring_forward=bring_forward)
        else:
            for statement in TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection, *, bring_forward: bool) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < SCHEMA_VERSION and not bring_forward:
        raise Misconfigured(older(version))
    for wanted in range(version + 1, SCHEMA_VERSION + 1):
        for statement in MIGRATIONS[wanted]:
            connection.execute(statement)
