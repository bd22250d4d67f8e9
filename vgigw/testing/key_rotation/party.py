"""One side: its folder, its configurations, its key ring by ``vgigw keys``, its served gateway."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Final

import vgigw
from vgigw.crypto.key_ring import KeyRing
from vgigw.operations import Role
from vgigw.server.config import DATABASE, load
from vgigw.server.link_keys import ring_of
from vgigw.testing.gateway_process import GatewayProcess, free_port

PURPOSES: Final = ("sign", "encrypt")
DOORS: Final = {"cec102": "evcs/v1", "rest": "vgi/v1", "soap": "soap"}
"""Each door and the path that its base ends with."""
_ALGORITHMS: Final = {
    "gm": {"sign": "sm2", "encrypt": "sm2"},
    "intl": {"sign": "ed25519", "encrypt": "rsa"},
}
SET: Final = "set"
"""What the names of sets of secrets begin with, each of which signs and encrypts."""
_COMMAND_S: Final = 120.0
_WORKERS: Final = 2


class CommandFailed(Exception):
    """A command of ``vgigw keys`` ended with an error; the text is what it told."""


class Party:
    """A gateway of ``role`` below ``folder`` that works with ``suite``."""

    def __init__(self, folder: Path, operator_id: str, role: Role, suite: str) -> None:
        self.operator_id, self.role, self.suite = operator_id, role, suite
        self.secret = secrets.token_hex(8)
        """Its operator secret, which it shows when it asks for a token."""
        self._folder = folder / operator_id
        self._folder.mkdir()
        master = self._folder / "master"
        master.touch(mode=0o600)
        master.write_text(secrets.token_hex(32))
        (self._folder / "passphrase").write_text("between two persons")
        self._config = self._folder / "vgigw.toml"
        self._port = free_port()
        self.process = GatewayProcess(self._config, self._port)

    @property
    def store(self) -> Path:
        """The file of the served gateway's store."""
        return self._folder / "var" / DATABASE

    @property
    def ring(self) -> KeyRing:
        """The key ring in its state folder."""
        return ring_of(load(self._config))

    def configure(self, other: Party) -> dict[str, Path]:
        """Write the configurations: of the served gateway, and of a caller for each door."""
        self._write(self._config, other, "cec102")
        callers = {door: self._folder / f"caller-{door}.toml" for door in DOORS}
        for door, path in callers.items():
            self._write(path, other, door)
        return callers

    def keys(self, *arguments: str) -> str:
        """What ``vgigw keys`` with ``arguments`` writes. Raises ``CommandFailed``."""
        root = str(Path(vgigw.__file__).resolve().parents[1])
        command = [sys.executable, "-m", "vgigw.cli", "keys", "-c", str(self._config), *arguments]
        ran = subprocess.run(  # noqa: S603 - our own program
            command,
            env={**os.environ, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
        if ran.returncode:
            raise CommandFailed(f"vgigw keys {' '.join(arguments)}: {ran.stderr.strip()}")
        return ran.stdout

    @property
    def has_sets(self) -> bool:
        """Whether the suite takes sets of secrets, and no private keys."""
        return self.suite not in _ALGORITHMS

    @property
    def signs_by(self) -> str:
        """What the name of a key begins with that requests are signed with."""
        return SET if self.has_sets else "sign"

    def make_keys(self, other: Party) -> None:
        """Make ``sign-1`` and ``encrypt-1`` and write their public halves into files; or ``set-1``,
        which ``other`` is to use."""
        if self.has_sets:
            new = ("new", f"{SET}-1", "--algorithm", "secrets", "--peer", other.operator_id)
            self.keys(*new)
            self._export_set(f"{SET}-1")
            return
        for purpose in PURPOSES:
            kind = _ALGORITHMS[self.suite][purpose]
            self.keys("new", f"{purpose}-1", "--algorithm", kind, "--purpose", purpose)
            self._public(purpose).write_text(self.keys("export", f"{purpose}-1"))

    def take_keys(self, other: Party) -> None:
        """Import the public keys, or the set, that ``other`` wrote."""
        if self.has_sets:
            self._import_set(other, f"{SET}-1")
            return
        for purpose in PURPOSES:
            kind = _ALGORITHMS[self.suite][purpose]
            options = ("--party", other.operator_id, "--algorithm", kind, "--purpose", purpose)
            self.keys("import", str(other._public(purpose)), f"{purpose}-1", *options)

    def rotate_keys(self, other: Party, *, overlap_s: int, at_once: bool) -> None:
        """Make ``sign-2`` and ``encrypt-2`` follow; or ``set-2``, which ``other`` gets by hand.

        ``at_once`` leaves no overlap: a set that is followed is taken away, too.
        """
        how = ("--at-once",) if at_once else ("--overlap-s", str(overlap_s))
        if self.has_sets:
            self.keys("rotate", f"{SET}-1", f"{SET}-2", *how)
            if at_once:
                self.keys("revoke", f"{SET}-1", "--yes")
            self._export_set(f"{SET}-2")
            other._import_set(self, f"{SET}-2")
            return
        for purpose in PURPOSES:
            self.keys("rotate", f"{purpose}-1", f"{purpose}-2", *how)

    def key_states(self) -> dict[str, str]:
        """Our keys by name, each with the dates that bound it."""
        return {
            one.key_id: f"{one.not_before.isoformat()} to {one.not_after.isoformat()}"
            for one in self.ring.records()
            if one.party == self.operator_id
        }

    def revoke_use_by(self, other: Party, number: int) -> None:
        """Take nothing any more of what ``other`` signs with its key, or our set, of ``number``."""
        name = f"{self.signs_by}-{number}"
        whose = () if self.has_sets else ("--party", other.operator_id)
        self.keys("revoke", name, *whose, "--yes")

    def _export_set(self, key_id: str) -> None:
        options = ("--private", "--passphrase", "file:passphrase")
        self._set(key_id).write_text(self.keys("export", key_id, *options))

    def _import_set(self, issuer: Party, key_id: str) -> None:
        options = ("--party", issuer.operator_id, "--passphrase", "file:passphrase")
        self.keys("import", str(issuer._set(key_id)), key_id, *options)

    def _set(self, key_id: str) -> Path:
        return self._folder / f"{key_id}.pem"

    def _public(self, purpose: str) -> Path:
        return self._folder / f"{purpose}-1.pem"

    def _write(self, path: Path, other: Party, door: str) -> None:
        doors = ", ".join(f'"{each}"' for each in DOORS)
        lines = [
            "[gateway]",
            f'operator_id = "{self.operator_id}"',
            f'role = "{self.role.value}"',
            'master_key = "file:master"',
            "[listen]",
            f"port = {self._port}",
            f"workers = {_WORKERS}",
            "[log]",
            'level = "warning"',
            'format = "json"',
            "[[peers]]",
            f'operator_id = "{other.operator_id}"',
            f'role = "{other.role.value}"',
            f"doors = [{doors}]",
            f'suite = "{self.suite}"',
            "[peers.inbound]",
            "ring = true" if self.has_sets else f'operator_secret = "{other.secret}"',
            "[peers.outbound]",
            f'paths = ["http://127.0.0.1:{other._port}/{DOORS[door]}"]',
            f'door = "{door}"',
            "ring = true" if self.has_sets else f'operator_secret = "{self.secret}"',
        ]
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
