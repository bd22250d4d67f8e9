"""The gateway under test as a process of its own: configuration, token, what it stored."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from vgigw.crypto.suite import SUITES, AnyKeys
from vgigw.errors import PeerAnswerInvalid
from vgigw.objects import Token, TokenRequest
from vgigw.operations import QUERY_TOKEN
from vgigw.senders.http import HttpSender
from vgigw.server.config import DATABASE
from vgigw.server.serve import serve
from vgigw.testing.bench.messages import courier_of
from vgigw.testing.bench.rings import MASTER, ring_file
from vgigw.testing.bench.scene import (
    OPERATOR_ID,
    PLATFORM_ID,
    SECRET_TEXTS,
    SECRETS,
    DoorName,
    platform,
)

_STATE = "var"


def write_config(
    folder: Path,
    port: int,
    suite: str,
    threads: int | None = None,
    *,
    called_port: int | None = None,
    store: str | None = None,
    keys: Path | None = None,
) -> Path:
    """A configuration with one operator whose quota does not bind, and whom we call at
    ``called_port``; ``store`` is the address of a shared one, ``keys`` the folder of the key rings.
    Everything else that is not named is the default."""
    names = SECRET_TEXTS if suite in SUITES else ("operator_secret",)
    secrets = "\n".join(f'{name} = "{SECRET_TEXTS[name]}"' for name in names)
    master = "" if keys is None or suite in SUITES else _installed(keys, folder)
    more = "" if threads is None else f"threads = {threads}\n"
    shared = "" if store is None else f'store = "{store}"\n'
    called = f'paths = ["http://127.0.0.1:{called_port}/evcs/v1"]\n' if called_port else ""
    outbound = f"[peers.outbound]\n{called}{secrets}\n" if called else ""
    path = folder / "vgigw.toml"
    path.write_text(
        f'[gateway]\noperator_id = "{PLATFORM_ID}"\nrole = "platform"\n'
        f'state_dir = "{_STATE}"\n{shared}{master}'
        f"[listen]\nport = {port}\n{more}"
        f'[log]\nlevel = "warning"\nformat = "json"\n'
        f'[[peers]]\noperator_id = "{OPERATOR_ID}"\nrole = "operator"\n'
        f'doors = ["cec102", "soap", "rest"]\nsuite = "{suite}"\n'
        f"messages_per_s = 1e6\nbytes_per_s = 1e9\n[peers.inbound]\n{secrets}\n{outbound}",
        encoding="utf-8",
    )
    return path


def _installed(keys: Path, folder: Path) -> str:
    """The ring of the gateway lies in its state folder; the line that names its master key."""
    (folder / "master").write_text(MASTER.hex(), encoding="ascii")
    (folder / _STATE).mkdir()
    shutil.copy(ring_file(keys), folder / _STATE)
    return 'master_key = "file:master"\n'


def command(config: Path) -> list[str]:
    """The command line that serves ``config``."""
    return [sys.executable, "-m", "vgigw.testing.bench.gateway_process", str(config)]


def token(door: DoorName, suite: str, port: int, keys: AnyKeys = SECRETS) -> str:
    """A token of the gateway for its operator, asked for as an operator does. ACC-5.7."""
    courier, sender = courier_of(door, suite), HttpSender()
    peer = platform(door, suite, port, keys)
    request = TokenRequest(
        operator_id=OPERATOR_ID, operator_secret=SECRETS.operator_secret.decode()
    )
    base = peer.paths[0]
    wire, sent = courier.seal(peer, base, QUERY_TOKEN, request, None, datetime.now(UTC))
    reply = courier.open(peer, QUERY_TOKEN, sent, sender.exchange(base, wire))
    sender.close()
    if not isinstance(reply, Token) or reply.access_token is None:
        raise PeerAnswerInvalid("the gateway gave no token")
    return reply.access_token


def stored(folder: Path) -> int:
    """Records that lie in the journal of a gateway that has stopped."""
    with closing(sqlite3.connect(folder / _STATE / DATABASE)) as connection:
        (count,) = connection.execute(
            "SELECT coalesce(sum(seq_to - seq_from + 1), 0) FROM journal"
        ).fetchone()
    return int(count)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
