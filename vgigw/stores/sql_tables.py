"""The tables, in the words of SQLite; other databases say the same in their own."""

from __future__ import annotations

SCHEMA_VERSION = 7

UNSEALED = -1
"""The seal of a row that an older vgigw stored."""


def older(version: int) -> str:
    """What to do where a store is of an older ``version`` and is not to be brought forward."""
    return (
        f"the store is one of an older vgigw (schema {version}, this one knows {SCHEMA_VERSION}): "
        "use its commands, or stop its servers and let `vgigw serve` bring it forward"
    )


_LEASE = """CREATE TABLE lease (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, beats INTEGER NOT NULL,
    at INTEGER NOT NULL, seal INTEGER NOT NULL
) WITHOUT ROWID"""

# What stands in these three tells whether a message is taken, and under which number. An older
# vgigw gives no seal, and so can write no row of them: it takes nothing in beside a newer one.
_GUARD = """CREATE TABLE guard (
    guard BLOB PRIMARY KEY, peer TEXT NOT NULL, operation TEXT NOT NULL, until INTEGER NOT NULL,
    seal INTEGER NOT NULL
) WITHOUT ROWID"""
_TOKENS = """CREATE TABLE token (
    digest BLOB PRIMARY KEY, peer TEXT NOT NULL, until INTEGER NOT NULL, seal INTEGER NOT NULL
) WITHOUT ROWID"""
_COUNTER = """CREATE TABLE counter (
    name TEXT PRIMARY KEY, value INTEGER NOT NULL, seal INTEGER NOT NULL
) WITHOUT ROWID"""

# Payloads stand last in their rows, so that a scan of the columns before does not read them.
# The journal's ``span`` is the class of the row's length in time (see sql_journal). A ``seal`` is
# the checksum of its other columns; NULL is damage, too.
TABLES = f"""
{_GUARD};
CREATE INDEX guard_until ON guard (until);
CREATE TABLE answer (
    peer TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
    digest TEXT NOT NULL, seal INTEGER NOT NULL, reply BLOB NOT NULL,
    PRIMARY KEY (peer, operation, key)
);
CREATE INDEX answer_at ON answer (at);
{_TOKENS};
CREATE INDEX token_until ON token (until);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, stream TEXT NOT NULL,
    seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL,
    time_from INTEGER NOT NULL, time_to INTEGER NOT NULL, span INTEGER NOT NULL,
    received_at INTEGER NOT NULL, door TEXT NOT NULL, digest TEXT NOT NULL,
    sparse INTEGER NOT NULL, seal INTEGER NOT NULL, payload BLOB NOT NULL,
    CHECK (seq_from <= seq_to), CHECK (time_from <= time_to)
);
CREATE INDEX journal_sequence ON journal (owner, stream, sparse, seq_from, seq_to);
CREATE INDEX journal_time ON journal (owner, span, time_from, stream);
CREATE TABLE document (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, key TEXT NOT NULL,
    version INTEGER NOT NULL, current INTEGER NOT NULL, group_name TEXT NOT NULL,
    at INTEGER NOT NULL, digest TEXT NOT NULL, assumed TEXT NOT NULL, seal INTEGER NOT NULL,
    payload BLOB NOT NULL,
    UNIQUE (kind, owner, key, version)
);
CREATE UNIQUE INDEX document_current ON document (kind, owner, key) WHERE current = 1;
CREATE INDEX document_key ON document (kind, key, owner) WHERE current = 1;
CREATE INDEX document_at ON document (kind, at) WHERE current = 1;
CREATE INDEX document_group ON document (kind, group_name, owner, key)
    WHERE current = 1 AND group_name <> '';
CREATE TABLE stream (
    owner TEXT NOT NULL, stream TEXT NOT NULL, state TEXT NOT NULL, seal INTEGER NOT NULL,
    PRIMARY KEY (owner, stream)
) WITHOUT ROWID;
CREATE TABLE gap (
    owner TEXT NOT NULL, stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    opened_at INTEGER NOT NULL, asked_at INTEGER, attempts INTEGER NOT NULL,
    seal INTEGER NOT NULL,
    PRIMARY KEY (owner, stream, first)
) WITHOUT ROWID;
CREATE TABLE letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, lane INTEGER NOT NULL,
    state TEXT NOT NULL, operation TEXT NOT NULL, message_id TEXT NOT NULL,
    group_name TEXT NOT NULL, created_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
    valid_until INTEGER, attempts INTEGER NOT NULL, last_error TEXT NOT NULL,
    faults INTEGER NOT NULL DEFAULT 0,
    trace_id TEXT NOT NULL DEFAULT '', seal INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE INDEX letter_waiting ON letter (destination, lane, id, next_at) WHERE state = 'waiting';
CREATE INDEX letter_dead ON letter (destination, lane, id) WHERE state = 'dead';
CREATE INDEX letter_delivered ON letter (next_at) WHERE state = 'delivered';
CREATE INDEX letter_group ON letter (group_name, state) WHERE group_name <> '';
{_COUNTER};
{_LEASE};
"""

SEALED = ("answer", "journal", "document", "stream", "letter")


def _made_anew(table: str, columns: str, create: str, *indexes: str) -> tuple[str, ...]:
    """The statements that give a table a seal without a default."""
    return (
        *(f"DROP INDEX {index.split()[2]}" for index in indexes),
        f"ALTER TABLE {table} RENAME TO {table}_before",
        create,
        f"INSERT INTO {table} SELECT {columns}, {UNSEALED} FROM {table}_before",  # noqa: S608 - ours
        f"DROP TABLE {table}_before",
        *indexes,
    )


MIGRATIONS = {
    2: ("ALTER TABLE letter ADD COLUMN trace_id TEXT NOT NULL DEFAULT ''",),
    3: tuple(
        f"ALTER TABLE {table} ADD COLUMN seal INTEGER NOT NULL DEFAULT {UNSEALED}"
        for table in SEALED
    ),
    4: ("ALTER TABLE letter ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",),
    5: (
        f"ALTER TABLE gap ADD COLUMN seal INTEGER NOT NULL DEFAULT {UNSEALED}",
        # Before, the seal of a letter left out where it stands.
        f"UPDATE letter SET seal = {UNSEALED}",  # noqa: S608 - a number of ours
    ),
    6: (_LEASE,),
    7: (
        *_made_anew(
            "guard",
            "guard, peer, operation, until",
            _GUARD,
            "CREATE INDEX guard_until ON guard (until)",
        ),
        *_made_anew(
            "token",
            "digest, peer, until",
            _TOKENS,
            "CREATE INDEX token_until ON token (until)",
        ),
        *_made_anew("counter", "name, value", _COUNTER),
    ),
}
"""What brings a file to a version from the one before it."""
