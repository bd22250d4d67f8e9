"""Who takes part in the demonstration: identifiers, fresh secrets, peers, the configuration."""

from __future__ import annotations

import secrets
from pathlib import Path

from vgigw.crypto.suite import Secrets
from vgigw.operations import Role
from vgigw.ports import Peer

PLATFORM, OPERATOR, DISPATCH = "100000001", "123456789", "200000002"
_NAMES = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")


class Party:
    """A peer of the platform, with secrets of each direction made for this run alone."""

    def __init__(self, operator_id: str, role: Role, doors: tuple[str, ...], door: str) -> None:
        self.operator_id = operator_id
        self._role, self._doors, self._door = role, doors, door
        self._up = {name: secrets.token_hex(8) for name in _NAMES}
        self._down = {name: secrets.token_hex(8) for name in _NAMES}

    def platform_at(self, base: str, door: str | None = None) -> Peer:
        """The platform as this party sees it, reached at ``base``."""
        return Peer(
            operator_id=PLATFORM,
            role=Role.PLATFORM,
            doors=frozenset(self._doors),
            suite="tcec102",
            inbound=Secrets.of(**self._down),
            outbound=Secrets.of(**self._up),
            paths=(base,),
            door=door or self._door,
        )

    def section(self, base: str) -> str:
        """What the platform's configuration says of the party, called back at ``base``."""
        doors = ", ".join(f'"{door}"' for door in self._doors)
        lines = [
            "[[peers]]",
            f'operator_id = "{self.operator_id}"',
            f'role = "{self._role.value}"',
            f"doors = [{doors}]",
            'suite = "tcec102"',
            "[peers.inbound]",
            *(f'{name} = "{text}"' for name, text in self._up.items()),
            "[peers.outbound]",
            f'paths = ["{base}"]',
            f'door = "{self._door}"',
            *(f'{name} = "{text}"' for name, text in self._down.items()),
        ]
        return "\n".join(lines) + "\n"


def write_configuration(path: Path, port: int, peers: list[str]) -> None:
    """The platform's configuration; readable by us alone, since secrets stand in it."""
    own = [
        "[gateway]",
        f'operator_id = "{PLATFORM}"',
        'role = "platform"',
        f'public_url = "http://127.0.0.1:{port}"',
        'state_dir = "platform"',
        "[listen]",
        f"port = {port}",
        "[log]",
        'level = "warning"',
        'format = "json"',
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join([*own, *peers]), encoding="utf-8")
