"""The checks of ``vgigw doctor`` on this machine: settings, secrets, store, libraries."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from vgigw.cli import front_checks, key_checks
from vgigw.cli.access_checks import held_peers
from vgigw.cli.findings import Finding, State
from vgigw.cli.peer_checks import peers
from vgigw.cli.secret_set_checks import sets_of_peers
from vgigw.cli.store_checks import store_of_gateway
from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import SUITES, Secrets
from vgigw.errors import Misconfigured
from vgigw.server.config import Config, load
from vgigw.server.disk import free_bytes
from vgigw.server.identity_from import identity_from
from vgigw.server.named import handlers_named, suites_of
from vgigw.server.serve import switches_on

_NEEDED = (
    "click",
    "cryptography",
    "falcon",
    "lxml",
    "marshmallow",
    "msgspec",
    "rich",
    "stamina",
    "structlog",
    "urllib3",
    "zstandard",
)
_OPTIONAL = {"spyne": "soap-contract", "zeep": "soap-client", "gmssl": "gm"}
_MIB = 1024 * 1024
_AMPLE = 4
"""So many times what is needed is enough to be no worry."""

_PROBE = b"vgigw doctor"
_PROBE_SECRETS = Secrets.of(
    operator_secret="doctor-doctor",  # noqa: S106 - seals a probe that never leaves the process
    data_secret="0123456789abcdef",  # noqa: S106
    data_secret_iv="0123456789abcdef",  # noqa: S106
    sig_secret="doctor-doctor",  # noqa: S106
)


def look_over(path: Path, *, verify: bool = False) -> list[Finding]:
    """Every finding; where the configuration cannot be read, that and the libraries. ``verify``
    reads each record of the store."""
    found = [*switches(), *libraries()]
    try:
        config = load(path)
    except Misconfigured as fault:
        return [Finding(State.FAIL, "configuration", fault.message, "correct the file"), *found]
    found.insert(0, Finding(State.OK, "configuration", str(path)))
    found += [Finding(State.WARN, "configuration", what) for what in config.warnings()]
    found += [
        *secrets_of(config),
        *handlers(config),
        *suites(config),
        *key_checks.keys_of_peers(config),
        *sets_of_peers(config),
        *state_folder(config, verify=verify),
        *held_peers(config),
        *front_checks.port(config),
        *front_checks.client_certificates(config),
    ]
    if all(each.state is not State.FAIL for each in found):
        found += peers(config)
    else:
        advice = "correct what fails first"
        found.append(Finding(State.WARN, "peers", "not asked", advice))
    return found


def switches() -> Iterator[Finding]:
    """Each test switch of the environment, with which a gateway loses what it acknowledged."""
    for name in switches_on():
        what = "a TEST switch is on: a gateway started here will lose data"
        yield Finding(State.FAIL, f"environment {name}", what, f"unset {name}")


def libraries() -> Iterator[Finding]:
    """Versions of Python and of what is needed; what is optional and not there."""
    yield Finding(State.OK, "python", platform.python_version())
    for name in _NEEDED:
        try:
            yield Finding(State.OK, f"library {name}", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(State.FAIL, f"library {name}", "missing", "pip install vgigw")
    try:
        yield Finding(State.OK, "library granian", metadata.version("granian"))
    except metadata.PackageNotFoundError:
        advice = 'to serve: pip install "vgigw[server]"'
        yield Finding(State.WARN, "library granian", "missing", advice)
    for name, extra in _OPTIONAL.items():
        try:
            yield Finding(State.OK, f"library {name}", metadata.version(name))
        except metadata.PackageNotFoundError:
            advice = f'only if you need it: pip install "vgigw[{extra}]"'
            yield Finding(State.OK, f"library {name}", "not installed", advice)


def secrets_of(config: Config) -> Iterator[Finding]:
    """Whether each secret can be read, has its form, and lies in a private file."""
    try:
        identity_from(config)
    except Misconfigured as fault:
        advice = "write the secret, or correct the reference"
        yield Finding(State.FAIL, "secrets", fault.message, advice)
        return
    yield Finding(State.OK, "secrets", f"of {len(config.peers)} peers")
    for file in dict.fromkeys(_private_files(config)):
        try:
            is_open = bool(file.stat().st_mode & 0o077)
        except OSError:
            # Whoever reads it tells of it.
            continue
        if is_open:
            advice = f"chmod 600 {file}"
            yield Finding(State.WARN, "secrets", f"{file} is readable by others", advice)


def _private_files(config: Config) -> Iterator[Path]:
    """Each file that a secret or a private key stands in."""
    texts: list[str | None] = [config.gateway.master_key, config.gateway.store]
    for peer in config.peers:
        for section in (peer.inbound, peer.outbound):
            texts += [getattr(section, name, None) for name in SECRET_NAMES]
        texts.append(peer.outbound.certificate_key if peer.outbound else None)
    for text in texts:
        if text is not None and text.startswith("file:"):
            yield config.folder / text.removeprefix("file:")


def handlers(config: Config) -> Iterator[Finding]:
    """Whether the integrator's own handlers can be loaded."""
    try:
        handlers_named(config.gateway.handlers)
    except Misconfigured as fault:
        advice = "install the package beside vgigw, or correct the name"
        yield Finding(State.FAIL, "handlers", fault.message, advice)
    else:
        yield Finding(State.OK, "handlers", config.gateway.handlers)


def suites(config: Config) -> Iterator[Finding]:
    """Whether each suite that a peer uses works with the libraries of this machine."""
    try:
        known = suites_of(config)
    except Misconfigured as fault:
        advice = "install what is missing beside vgigw, or correct the name"
        yield Finding(State.FAIL, "suites", fault.message, advice)
        return
    for name in sorted({peer.suite for peer in config.peers}):
        suite = known.get(name)
        if suite is None:
            at_hand = (*SUITES, *OF_SUITE)
            advice = f"use one of {', '.join(at_hand)}, or package.module:OBJECT"
            yield Finding(State.FAIL, f"suite {name}", "unknown", advice)
            continue
        if isinstance(suite, SigningSuite):
            yield key_checks.with_keys(suite)
            continue
        try:
            suite.verify(_PROBE_SECRETS, _PROBE, suite.sign(_PROBE_SECRETS, _PROBE))
            sealed = suite.encrypt(_PROBE_SECRETS, _PROBE)
            works = suite.decrypt(_PROBE_SECRETS, sealed) == _PROBE
        except Exception as cause:  # noqa: BLE001 - whatever the library says, it does not work
            works, why = False, type(cause).__name__
        else:
            why = "seals and opens" if works else "does not open what it sealed"
        state = State.OK if works else State.FAIL
        yield Finding(state, f"suite {name}", why, "" if works else "update cryptography")


def state_folder(config: Config, *, verify: bool = False) -> Iterator[Finding]:
    """Whether the state folder can be written to, and the store opened."""
    folder = config.state_dir
    nearest = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        advice = f"make {nearest} a folder that this user may write to"
        yield Finding(State.FAIL, "state folder", f"{nearest} cannot be written to", advice)
        return
    note = "" if folder.exists() else ", made at the first start"
    yield Finding(State.OK, "state folder", f"{folder}{note}")
    yield from _space(config, nearest)
    yield from store_of_gateway(config, verify=verify)


def _space(config: Config, folder: Path) -> Iterator[Finding]:
    free, needed = free_bytes(folder), config.limits.disk_free_bytes
    if free is None:
        return
    found = f"{free // _MIB} MiB free, {needed // _MIB} needed"
    if free < needed:
        advice = "make space, or lower limits.disk_free_bytes: bulk is refused until then"
        yield Finding(State.FAIL, "disk", found, advice)
    elif free < _AMPLE * needed:
        yield Finding(State.WARN, "disk", found, "make space before bulk is refused")
    else:
        yield Finding(State.OK, "disk", found)
