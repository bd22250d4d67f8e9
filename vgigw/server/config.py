"""The configuration file: one TOML, every key declared here, unknown keys refused.

A secret is a literal, ``env:NAME`` or ``file:PATH`` (relative to the configuration file).
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from vgigw.codec.dialect import DEFAULT
from vgigw.codec.known_keys import refuse_unknown
from vgigw.errors import Misconfigured
from vgigw.operations import Role
from vgigw.ports import Protection
from vgigw.rules.networks import network_of

Door = Literal["cec102", "rest", "soap"]
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PASSWORD = re.compile(r"://[^/@:]*:[^/@]+@|[?&]password=")
_PREFIX = re.compile(r"(/[A-Za-z0-9._-]+)+\Z")
_TAKEN = ("/vgi/", "/soap", "/healthz", "/readyz", "/openapi.json")
_REFERENCES = ("env:", "file:")
SQLITE = "sqlite"
POSTGRES = ("postgresql://", "postgres://")


class GatewaySection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[gateway]``: who we are and what we do."""

    operator_id: Annotated[str, Meta(min_length=9, max_length=18)]
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


class ListenSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[listen]``: where and with how much."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    threads: Annotated[int, Meta(ge=1, le=512)] = 16
    max_body_bytes: Annotated[int, Meta(ge=1024, le=268_435_456)] = 8 * 1024 * 1024
    cec102_prefix: str = "/evcs/v1"
    behind_tls_proxy: bool = False


class LogSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[log]``: how much and in which form; ``auto`` is colours on a terminal, else JSON lines."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class SecretsSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[peers.inbound]``: the four secrets that the peer uses towards us.

    With a suite of the key ring the first alone, for tokens; the keys are in the ring."""

    operator_secret: str
    data_secret: str | None = None
    data_secret_iv: str | None = None
    sig_secret: str | None = None

    def __repr__(self) -> str:
        return "SecretsSection(...)"


class OutboundSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[peers.outbound]``: how we reach the peer; its secrets, or those of inbound again."""

    paths: tuple[str, ...] = ()
    door: Door = "cec102"
    soap_version: Literal["1.1", "1.2"] = "1.1"
    operator_secret: str | None = None
    data_secret: str | None = None
    data_secret_iv: str | None = None
    sig_secret: str | None = None

    def __repr__(self) -> str:
        return f"OutboundSection(paths={self.paths!r}, door={self.door!r}, ...)"


class ConventionSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[peers.convention]``: what the peer means by a number, a place and a time. Q1, Q27, Q39."""

    power_unit: Literal["kW", "MW"] = "kW"
    polarity: Literal["resource", "load", "generation"] = "resource"
    coordinates: Literal["GCJ-02", "WGS-84"] = "GCJ-02"
    curve_stamp: Literal["both", "begin", "end"] = "both"


class PeerSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[[peers]]``: one party. One that stands here counts as approved, unless it says that it is
    not: then it has to apply for its access. PLT-8.11."""

    operator_id: Annotated[str, Meta(min_length=9, max_length=18)]
    role: Role
    doors: tuple[Door, ...] = ("cec102",)
    suite: str = "tcec102"
    protection: Protection = Protection.MESSAGE
    allow_legacy_suite: bool = False
    approved: bool = True
    networks: tuple[str, ...] = ()
    dialect: str = DEFAULT
    convention: ConventionSection = ConventionSection()
    inbound: SecretsSection
    outbound: OutboundSection | None = None


class Config(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A whole configuration; ``folder`` is where relative paths begin."""

    gateway: GatewaySection
    listen: ListenSection = ListenSection()
    log: LogSection = LogSection()
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
        for peer in self.peers:
            sections = [peer.inbound, *([peer.outbound] if peer.outbound else [])]
            names = SecretsSection.__struct_fields__
            given = [getattr(section, name) for section in sections for name in names]
            texts = [text for text in given if text is not None]
            if not all(text.startswith(_REFERENCES) for text in texts):
                found.append(
                    f"peer {peer.operator_id}: secrets stand in the file as they are; "
                    "use env:NAME or file:PATH"
                )
            if peer.suite == "tcec102" and peer.allow_legacy_suite:
                found.append(f"peer {peer.operator_id}: the legacy suite may carry IMP and SEN")
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
    if config.listen.host not in _LOOPBACK and not config.listen.behind_tls_proxy:
        raise Misconfigured(
            f"{path}: listen.host {config.listen.host} is not loopback; plain HTTP is served on "
            "loopback only. Put a TLS proxy in front and set listen.behind_tls_proxy = true"
        )
    prefix = config.listen.cec102_prefix
    if not _PREFIX.match(prefix):
        raise Misconfigured(f"{path}: listen.cec102_prefix {prefix!r} is no path such as /evcs/v1")
    check_free(prefix, f"{path}: listen.cec102_prefix")
    seen: set[str] = set()
    for peer in config.peers:
        if peer.operator_id in seen or peer.operator_id == config.gateway.operator_id:
            raise Misconfigured(f"{path}: peer {peer.operator_id} stands twice")
        seen.add(peer.operator_id)
        _check_networks(config, peer, path)
        for base in peer.outbound.paths if peer.outbound else ():
            _check_base(base, f"{path}: peer {peer.operator_id}")
    if not config.gateway.store.startswith((SQLITE, *POSTGRES, *_REFERENCES)):
        raise Misconfigured(f"{path}: gateway.store: known are sqlite and postgresql://...")


def check_free(place: str, where: str) -> None:
    """Raise ``Misconfigured`` for a path that another door or an open page answers."""
    if place.startswith(_TAKEN):
        raise Misconfigured(f"{where} {place!r} must not be below /vgi, /soap or an open page")


def _check_base(base: str, where: str) -> None:
    """A base URL is HTTPS, or plain HTTP on loopback. PLT-9.6b."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"{where}: path {base!r} is not a URL such as https://host/evcs/v1")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Misconfigured(f"{where}: path {base!r} is plain HTTP beyond loopback; use https")


def _check_networks(config: Config, peer: PeerSection, path: Path) -> None:
    where = f"{path}: peer {peer.operator_id}: networks"
    if peer.networks and config.listen.behind_tls_proxy:
        raise Misconfigured(f"{where} cannot be told behind a proxy: let the proxy filter them")
    for each in peer.networks:
        try:
            network_of(each)
        except ValueError as cause:
            raise Misconfigured(f"{where}: {each!r} is no network such as 10.1.0.0/16") from cause
