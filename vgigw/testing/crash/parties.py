"""Who takes part: the gateway's configuration, the peers that call it, and the lanes of each.

The two operators that commands go to have a path on which nobody answers, so that each command
stays in the outbox as one letter that can be counted.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from vgigw.crypto.suite import Secrets
from vgigw.operations import Role
from vgigw.ports import Identity, Peer
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import Gateway
from vgigw.stores import MemoryStore
from vgigw.testing.crash import load
from vgigw.testing.crash.lane import Lane

PLATFORM = "100000001"
# A kill ends its connections at once; a slow machine must not pass for a gateway that is silent.
_PATIENCE_S = 20.0
_BASES = {"cec102": "/evcs/v1", "soap": "/soap", "rest": "/vgi/v1"}
_SEALED, _LEGACY, _MODERN = "123456789", "234567890", "345678901"
_NORTH_SEALED, _NORTH_LEGACY = "200000002", "200000003"
# Operator identifier, role, door that it calls.
_PEERS = (
    (_SEALED, Role.OPERATOR, "cec102"),
    (_LEGACY, Role.OPERATOR, "soap"),
    (_MODERN, Role.OPERATOR, "rest"),
    (_NORTH_SEALED, Role.DISPATCH, "cec102"),
    (_NORTH_LEGACY, Role.DISPATCH, "soap"),
)
_CALLED = (_SEALED, _LEGACY)


class Parties:
    """The peers of one gateway on ``port`` of loopback; ``dead_port`` is one that nobody serves."""

    def __init__(self, seed: int, port: int, dead_port: int) -> None:
        self._port = port
        self._dead_port = dead_port
        self._secret = secrets.token_hex(8)
        self._senders: list[HttpSender] = []
        callers = {each: self._caller(each, role, door) for each, role, door in _PEERS}
        self.lanes = _lanes(seed, callers)

    def write_config(self, folder: Path) -> Path:
        """The gateway's ``vgigw.toml`` in ``folder``."""
        text = (
            f'[gateway]\noperator_id = "{PLATFORM}"\nrole = "platform"\nstate_dir = "var"\n'
            f"[listen]\nport = {self._port}\n"
            '[log]\nlevel = "error"\nformat = "json"\n'
        )
        text += "".join(self._section(each, role) for each, role, _ in _PEERS)
        path = folder / "vgigw.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def hang_up(self) -> None:
        """Drop connections to a gateway that is gone."""
        for sender in self._senders:
            sender.close()

    def _section(self, operator_id: str, role: Role) -> str:
        text = (
            f'\n[[peers]]\noperator_id = "{operator_id}"\nrole = "{role}"\n'
            'doors = ["cec102", "soap", "rest"]\n[peers.inbound]\n'
        )
        text += "".join(f'{name} = "{self._secret}"\n' for name in Secrets.__dataclass_fields__)
        if operator_id in _CALLED:
            dead = f"http://127.0.0.1:{self._dead_port}/evcs/v1"
            text += f'[peers.outbound]\npaths = ["{dead}"]\n'
        return text

    def _caller(self, operator_id: str, role: Role, door: str) -> Gateway:
        keys = Secrets.of(**dict.fromkeys(Secrets.__dataclass_fields__, self._secret))
        gateway = Peer(
            operator_id=PLATFORM,
            role=Role.PLATFORM,
            doors=frozenset({door}),
            suite="tcec102",
            inbound=keys,
            outbound=keys,
            paths=(f"http://127.0.0.1:{self._port}{_BASES[door]}",),
            door=door,
        )
        sender = HttpSender(connect_s=_PATIENCE_S, read_s=_PATIENCE_S)
        self._senders.append(sender)
        identity = Identity(operator_id=operator_id, role=role, peers={PLATFORM: gateway})
        return Gateway(identity, MemoryStore(), sender=sender)


def _lanes(seed: int, callers: dict[str, Gateway]) -> tuple[Lane, ...]:
    """Archives come first: a command and a state need the station that they are of."""
    began = datetime.now(UTC)
    sources = [
        *((each, load.archives(seed, each)) for each in (*_CALLED, _MODERN)),
        *((_SEALED, load.telemetry(seed, _SEALED, f"S{n}", began)) for n in (1, 2, 3)),
        (_LEGACY, load.telemetry(seed, _LEGACY, "S1", began)),
        (_SEALED, load.states(seed, _SEALED, "E1")),
        (_LEGACY, load.states(seed, _LEGACY, "E2")),
        (_MODERN, load.states(seed, _MODERN, "E3")),
    ]
    for issuer, carrier in ((_NORTH_SEALED, _SEALED), (_NORTH_LEGACY, _LEGACY)):
        sources.append((issuer, load.commands(seed, issuer, carrier, f"C{issuer}")))
    return tuple(Lane(callers[each], PLATFORM, source) for each, source in sources)
