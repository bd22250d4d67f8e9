"""Tables of the embedded store: DDL, schema version, and the checks when a file is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from vgigw.errors import Misconfigured

SCHEMA_VERSION = 2
APPLICATION_ID = 0x76676977
"""Marks the file as ours in its header."""

_MAGIC = b"SQLite format 3\x00"

# Payloads stand last in their rows, so that a scan of the columns before does not read them.
# The journal's ``span`` is the class of the row's length in time (see sqlite_journal).
TABLES = """
CREATE TABLE guard (
    guard BLOB PRIMARY KEY, peer TEXT NOT NULL, operation TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX guard_until ON guard (until);
CREATE TABLE answer (
    peer TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
    digest TEXT NOT NULL, reply BLOB NOT NULL,
    PRIMARY KEY (peer, operation, key)
);
CREATE INDEX answer_at ON answer (at);
CREATE TABLE token (
    digest BLOB PRIMARY KEY, peer TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX token_until ON token (until);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, stream TEXT NOT NULL,
    seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL,
    time_from INTEGER NOT NULL, time_to INTEGER NOT NULL, span INTEGER NOT NULL,
    received_at INTEGER NOT NULL, door TEXT NOT NULL, digest TEXT NOT NULL,
    sparse INTEGER NOT NULL, payload BLOB NOT NULL,
    CHECK (seq_from <= seq_to), CHECK (time_from <= time_to)
);
CREATE INDEX journal_sequence ON journal (owner, stream, sparse, seq_from, seq_to);
CREATE INDEX journal_time ON journal (owner, span, time_from, stream);
CREATE TABLE document (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, current INTEGER NOT NULL, group_name TEXT NOT NULL,
    at INTEGER NOT NULL, digest TEXT NOT NULL, assumed TEXT NOT NULL, payload BLOB NOT NULL,
    UNIQUE (kind, owner, key, version)
);
CREATE UNIQUE INDEX document_current ON document (kind, owner, key) WHERE current = 1;
CREATE INDEX document_key ON document (kind, key, owner) WHERE current = 1;
CREATE INDEX document_at ON document (kind, at) WHERE current = 1;
CREATE INDEX document_group ON document (kind, group_name, owner, key)
    WHERE current = 1 AND group_name <> '';
CREATE TABLE stream (
    owner TEXT NOT NULL, stream TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (owner, stream)
) WITHOUT ROWID;
CREATE TABLE gap (
    owner TEXT NOT NULL, stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    opened_at INTEGER NOT NULL, asked_at INTEGER, attempts INTEGER NOT NULL,
    PRIMARY KEY (owner, stream, first)
) WITHOUT ROWID;
CREATE TABLE letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, lane INTEGER NOT NULL,
    state TEXT NOT NULL, operation TEXT NOT NULL, message_id TEXT NOT NULL,
    group_name TEXT NOT NULL, created_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
    valid_until INTEGER, attempts INTEGER NOT NULL, last_error TEXT NOT NULL,
    payload BLOB NOT NULL, trace_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX letter_waiting ON letter (destination, lane, id, next_at) WHERE state = 'waiting';
CREATE INDEX letter_dead ON letter (destination, lane, id) WHERE state = 'dead';
CREATE INDEX letter_delivered ON letter (next_at) WHERE state = 'delivered';
CREATE INDEX letter_group ON letter (group_name, state) WHERE group_name <> '';
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

MIGRATIONS = {
    2: "ALTER TABLE letter ADD COLUMN trace_id TEXT NOT NULL DEFAULT ''",
}
"""What brings a file to a version from the one before it."""


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


def create_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Creates the tables if they are not there, brings older ones forward; safe when several
    processes start at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if check_version(connection, path):
            _migrate(connection)
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


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for wanted in range(version + 1, SCHEMA_VERSION + 1):
        connection.execute(MIGRATIONS[wanted])
