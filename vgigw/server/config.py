"""The configuration file: one TOML, every key declared here, unknown keys refused.

A secret is a literal, ``env:NAME`` or ``file:PATH`` (relative to the configuration file).
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from vgigw.codec.known_keys import refuse_unknown
from vgigw.crypto.master_key import Cipher
from vgigw.errors import Misconfigured
from vgigw.operations import Role
from vgigw.ports import Limits
from vgigw.server import config_listen, config_peers
from vgigw.server.config_access import check_access
from vgigw.server.config_listen import ListenSection, check_listen
from vgigw.server.config_peers import REFERENCES, OperatorId, PeerSection, check_peer

_PASSWORD = re.compile(r"://[^/@:]*:[^/@]+@|[?&]password=")
DATABASE = "vgigw.sqlite3"
SQLITE = "sqlite"
POSTGRES = ("postgresql://", "postgres://")


class GatewaySection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[gateway]``: who we are and what we do."""

    operator_id: OperatorId
    role: Role = Role.PLATFORM
    public_url: str = "http://127.0.0.1:8080"
    state_dir: str = "var"
    store: str = SQLITE
    handlers: str = "builtin"
    functions: str = "plain"
    window_s: Annotated[int, Meta(ge=1, le=3600)] = 300
    token_life_s: Annotated[int, Meta(ge=60, le=604_800)] = 7200
    dialects: tuple[str, ...] = ()
    master_key: str = "env:VGIGW_MASTER_KEY"
    master_cipher: Cipher = Cipher.AES_256_GCM

    def __repr__(self) -> str:
        # The address of a shared store may hold a password.
        return f"GatewaySection({self.operator_id!r}, {self.role}, ...)"


class LogSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[log]``: how much and in which form; ``auto`` is colours on a terminal, else JSON lines."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Config(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A whole configuration; ``folder`` is where relative paths begin."""

    gateway: GatewaySection
    listen: ListenSection = ListenSection()
    log: LogSection = LogSection()
    limits: Limits = Limits()
    peers: tuple[PeerSection, ...] = ()
    folder: Path = Path()

    @property
    def state_dir(self) -> Path:
        return self.folder / self.gateway.state_dir

    def secret(self, text: str, where: str) -> str:
        """The value of a secret. Raises ``Misconfigured``, which tells where and not what."""
        kind, _, rest = text.partition(":")
        if kind == "env":
            if rest not in os.environ:
                raise Misconfigured(f"{where}: environment variable {rest} is not set")
            return os.environ[rest]
        if kind == "file":
            try:
                return (self.folder / rest).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as cause:
                raise Misconfigured(f"{where}: file {rest} cannot be read") from cause
        return text

    def warnings(self) -> list[str]:
        """What works but should not stay so."""
        found = []
        if self.gateway.store.startswith(POSTGRES) and _PASSWORD.search(self.gateway.store):
            found.append("gateway.store: a password stands in the file; use env:NAME or file:PATH")
        found += config_listen.warnings_of(self.listen)
        for peer in self.peers:
            words = config_peers.warnings_of(peer, self.listen)
            found += [f"peer {peer.operator_id}: {what}" for what in words]
        return found


def load(path: Path) -> Config:
    """Read and check a configuration. Raises ``Misconfigured`` with what to do."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{path}: cannot be read; `vgigw init` writes one") from cause
    except tomllib.TOMLDecodeError as cause:
        raise Misconfigured(f"{path}: not TOML: {cause}") from cause
    if "folder" in document:
        raise Misconfigured(f"{path}: unknown key folder")
    refuse_unknown(Config, document)
    try:
        config = msgspec.convert(document, Config)
    except msgspec.ValidationError as cause:
        raise Misconfigured(f"{path}: {cause}") from cause
    _check(config, path)
    return msgspec.structs.replace(config, folder=path.parent)


def _check(config: Config, path: Path) -> None:
    check_listen(config.listen, str(path))
    most = config.limits.bulk_bytes_in_flight
    if config.listen.max_body_bytes >= most:
        raise Misconfigured(
            f"{path}: listen.max_body_bytes must be below {most}, seven eighths of "
            "limits.bytes_in_flight: the longest body would never be taken"
        )
    seen: set[str] = set()
    for peer in config.peers:
        if peer.operator_id == config.gateway.operator_id:
            raise Misconfigured(f"{path}: peer {peer.operator_id} is our own id")
        if peer.operator_id in seen:
            raise Misconfigured(f"{path}: peer {peer.operator_id} stands twice")
        seen.add(peer.operator_id)
        where = f"{path}: peer {peer.operator_id}"
        check_peer(peer, where, config.listen)
        check_access(peer, config.gateway.role, where)
    if not config.gateway.store.startswith((SQLITE, *POSTGRES, *REFERENCES)):
        raise Misconfigured(f"{path}: gateway.store: known are sqlite and postgresql://...")
