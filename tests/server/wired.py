"""A gateway in processes of its own, peers that it knows, and what they put on the wire to it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import urllib3
from msgspec.structs import replace

from tests.links import suites_for
from tests.trio import BASES, PLATFORM, ROLES, batch, record, secrets_of
from vgigw.crypto.suite import SUITES, AnyKeys
from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.objects import InformationObject, TelemetryBatch, TokenRequest
from vgigw.operations import QUERY_TOKEN, Operation, Role
from vgigw.ports import Courier, Peer
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.gateway_process import GatewayProcess, free_port

SECRETS = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")


def config(
    folder: Path,
    port: int,
    own: str = PLATFORM,
    suites: Mapping[str, str] | None = None,
    /,
    **sections: Mapping[str, object],
) -> Path:
    """A platform ``own`` that knows the operators and the dispatch; ``sections`` as in the file.

    Or it knows the operators of ``suites``, each with its suite.
    """
    listen = {"port": port, **sections.get("listen", {})}
    tables = {"gateway": {"operator_id": own}, **sections, "listen": listen}
    lines = []
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    for party in suites or (each for each in ROLES if each != PLATFORM):
        suite = (suites or {}).get(party, "tcec102")
        lines += ["[[peers]]", f'operator_id = "{party}"', f'role = "{_role(party).value}"']
        lines += [f"doors = {list(BASES)}", f'suite = "{suite}"', "[peers.inbound]"]
        secrets = secrets_of(party)
        names = SECRETS if suite in SUITES else SECRETS[:1]
        lines += [f'{name} = "{getattr(secrets, name).decode()}"' for name in names]
    file = folder / "vgigw.toml"
    file.write_text("\n".join(lines))
    return file


def _role(party: str) -> Role:
    return ROLES.get(party, Role.OPERATOR)


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


class Wire:
    """``party`` and its requests to the gateway on ``port``, whose identifier is ``to``; by
    ``suite`` with ``keys``, where these are no secrets."""

    def __init__(
        self,
        party: str,
        port: int,
        to: str = PLATFORM,
        suite: str = "tcec102",
        keys: AnyKeys | None = None,
    ) -> None:
        self.party, self.port, self.to = party, port, to
        secrets = keys or secrets_of(party)
        suites = suites_for(suite)
        self._peer = Peer(
            operator_id=to,
            role=Role.PLATFORM,
            doors=frozenset(BASES),
            suite=suite,
            inbound=secrets,
            outbound=secrets,
        )
        couriers: tuple[Courier, ...] = (
            Cec102Courier(party, suites),
            SoapCourier(party, _role(party), suites),
            RestCourier(party, suites=suites),
        )
        self._couriers = {each.name: each for each in couriers}
        self._pool = urllib3.PoolManager(retries=False, timeout=30)
        self._token: str | None = None

    def sealed(
        self, door: str, operation: Operation, request: InformationObject, token: str | None = None
    ) -> WireRequest:
        """A whole request, sealed now."""
        return self.asked(door, operation, request, token)[0]

    def asked(
        self, door: str, operation: Operation, request: InformationObject, token: str | None = None
    ) -> tuple[WireRequest, Callable[[WireAnswer], InformationObject]]:
        """A whole request, sealed now, and what reads its answers."""
        shown = token or (self.token() if operation.needs_token else None)
        base = f"http://127.0.0.1:{self.port}/{BASES[door]}"
        courier, peer = self._couriers[door], replace(self._peer, door=door)
        wire, sent = courier.seal(peer, base, operation, request, shown, datetime.now(UTC))
        return replace(wire, path=f"/{BASES[door]}{wire.path}"), partial(
            courier.open, peer, operation, sent
        )

    def token(self) -> str:
        """A token of the gateway, asked for once."""
        if self._token is None:
            secret = secrets_of(self.party).operator_secret.decode()
            asked = TokenRequest(operator_id=self.party, operator_secret=secret)
            courier = self._couriers["rest"]
            base = f"http://127.0.0.1:{self.port}/{BASES['rest']}"
            peer = replace(self._peer, door="rest")
            wire, sent = courier.seal(peer, base, QUERY_TOKEN, asked, None, datetime.now(UTC))
            answer = self.give(replace(wire, path=f"/{BASES['rest']}{wire.path}"))
            token = courier.open(peer, QUERY_TOKEN, sent, answer)
            self._token = str(msgspec.to_builtins(token)["AccessToken"])
        return self._token

    def give(self, wire: WireRequest, port: int | None = None) -> WireAnswer:
        """What the gateway on ``port`` answers to ``wire``."""
        query = f"?{wire.query}" if wire.query else ""
        url = f"http://127.0.0.1:{port or self.port}{encoded_path(wire.path)}{query}"
        headers = dict(wire.headers)
        answer = self._pool.request(wire.method, url, body=wire.body or None, headers=headers)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(status=answer.status, headers=found, body=answer.data)

    def close(self) -> None:
        self._pool.clear()


def bytes_of(wire: WireRequest, *, close: bool = False) -> bytes:
    """``wire`` as HTTP/1.1 has it."""
    query = f"?{wire.query}" if wire.query else ""
    lines = [f"{wire.method} {encoded_path(wire.path)}{query} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in wire.headers.items()]
    lines += [f"content-length: {len(wire.body)}", *(["connection: close"] if close else [])]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + wire.body


def head_of(link: socket.socket) -> tuple[int, dict[str, str]]:
    """Status and headers of the next answer on ``link``, whose body is read and dropped; 0 where
    the other side hung up."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = link.recv(65_536)
        if not more:
            return 0, {}
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    fields = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
    length = int(fields.get("content-length", 0))
    while len(body) < length:
        body += link.recv(65_536)
    return int(first.split()[1]), fields


def upload(party: str, number: int, stream: str = "S1") -> TelemetryBatch:
    """The batch of record ``number`` of ``stream``, measured just now."""
    now = datetime.now(UTC).replace(microsecond=0)
    return batch(
        number,
        number,
        batch_id=f"{stream}-{number}",
        source_id=party,
        stream_id=stream,
        send_time=now,
        records=(record(number, data_time=now - timedelta(seconds=1)),),
    )


@contextmanager
def served(folder: Path, **sections: Mapping[str, object]) -> Iterator[tuple[GatewayProcess, int]]:
    """A gateway that is ready, and its port."""
    port = free_port()
    with GatewayProcess(config(folder, port, PLATFORM, **sections), port) as process:
        process.start()
        yield process, port
