"""The configuration that ``vgigw init`` writes: every key with its default and what it is for.

Keys, defaults and their order come from the declarations in :mod:`vgigw.server.config` and
the modules of its sections; only the words stand here, and a test fails when a key has none.
"""

from __future__ import annotations

import enum
import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.ports import Limits
from vgigw.server.config import GatewaySection, LogSection
from vgigw.server.config_listen import ListenSection
from vgigw.server.config_peers import (
    ConventionSection,
    OutboundSection,
    PeerSection,
    SecretsSection,
)

WORDS: Mapping[str, str] = {
    "gateway.operator_id": "Our own identity: 9 to 18 characters, as our peers know us.",
    "gateway.role": "What we are: platform operator aggregator dispatch exchange supervisor oem.",
    "gateway.public_url": "How peers reach us; stands as the address in the served WSDL.",
    "gateway.state_dir": "Folder of the store; relative paths begin at this file. On a local disk.",
    "gateway.store": "The store: sqlite, one file in state_dir.",
    "gateway.handlers": "What messages mean: builtin, or package.module:HANDLERS on top of it.",
    "gateway.functions": "What a platform decides: plain, or package.module:FUNCTIONS.",
    "gateway.window_s": "Seconds that the time stamp of a message may be off, to both sides.",
    "gateway.token_life_s": "Seconds that a token lives.",
    "gateway.dialects": "Files of T/CEC 102 dialects of your own.",
    "gateway.master_key": (
        "What the key ring is encrypted with: env:NAME, file:PATH or package.module:HOOK."
    ),
    "gateway.master_cipher": "How: aes-256-gcm, or sm4-gcm.",
    "listen.host": "Address to listen on. Another than loopback needs behind_tls_proxy.",
    "listen.port": "Port to listen on.",
    "listen.workers": "Worker processes; one of them does the deliveries.",
    "listen.threads": "Requests that one worker carries out at a time.",
    "listen.max_body_bytes": "Longest body of a request.",
    "listen.cec102_prefix": "Path of the T/CEC 102 interfaces.",
    "listen.behind_tls_proxy": (
        "true: a TLS proxy is in front; what comes from it counts as TLS, and nothing as local."
    ),
    "listen.trusted_proxies": (
        "Where the proxy calls from: what it tells is believed of nobody else. unix: a Unix socket."
    ),
    "listen.client_certificate_header": (
        "Header in which the proxy passes the client certificate that it verified; empty: none."
    ),
    "listen.source_header": (
        "Header in which the proxy passes the client's address, as X-Forwarded-For; empty: none."
    ),
    "log.level": "debug, info, warning or error. The log goes to stderr.",
    "log.format": "json, console, or auto: colours on a terminal, else JSON lines.",
    "limits.messages_per_s": (
        "Messages of one peer, on average; ten seconds' worth may come at once."
    ),
    "limits.bytes_per_s": "Bytes of one peer, on average; ten seconds' worth may come at once.",
    "limits.bytes_in_flight": "Bytes of all requests that a worker has at hand, also unread.",
    "limits.requests_waiting": "Requests that wait in a worker beside those carried out.",
    "limits.wait_s": "Seconds that a request waits to be carried out; then it is refused (503).",
    "limits.disk_free_bytes": "Free disk space below which bulk is refused (503); control passes.",
    "limits.store_queue": "Works that wait to be stored, above which bulk is refused (503).",
    "peers.operator_id": "Who the peer is.",
    "peers.role": "What the peer is; with our own role it decides what it may call.",
    "peers.doors": "Where it may come in: cec102, rest, soap.",
    "peers.suite": "How it signs and encrypts: tcec102, gm-mac; gm or intl with keys of the ring.",
    "peers.protection": "Bodies are kept secret by the message itself, or by the transport.",
    "peers.soap_signature": "message-header, or ws-security: X.509 by RSA-SHA256, with suite intl.",
    "peers.allow_legacy_suite": "true: tcec102 is enough for secret bodies without mutual TLS.",
    "peers.approved": (
        "false: it applies for its access first, refused (4304) until then; on a platform only."
    ),
    "peers.networks": "Where it may call from, as 10.1.0.0/16; empty: from anywhere.",
    "peers.on_change": (
        "Once network, certificate or endpoint change: hold (on a platform), refuse or alarm. "
        "Left out, refuse, and hold where it applied for its access."
    ),
    "peers.window_s": "Seconds that its time stamps may be off; left out, those of [gateway].",
    "peers.follow_key_changes": "true: keys that it tells of come into our key ring by themselves.",
    "peers.tell_key_changes": (
        "true: it is told of ours; false: its program does not know NotifyKeyChange."
    ),
    "peers.certificates": (
        "Certificates that it shows, as sha256:HEX or file:PEER.pem; empty: none is asked for."
    ),
    "peers.unsigned": (
        "true: on REST and SOAP its certificate vouches for a message that it did not sign."
    ),
    "peers.unsigned_sensitive": "true: for those of class SEN, too.",
    "peers.messages_per_s": "Its messages, on average; left out, those of [limits].",
    "peers.bytes_per_s": "Its bytes, on average; left out, those of [limits].",
    "peers.on_poison": (
        "What it does not take of a stream: skip, which declares a gap, or hold the rest of it."
    ),
    "peers.dialect": "How it speaks T/CEC 102: a dialect's name, or name@version to pin one.",
    "peers.convention.power_unit": "kW, or MW: powers and energies in thousands, both ways.",
    "peers.convention.polarity": (
        "resource: that of each resource; load or generation: the peer knows one only."
    ),
    "peers.convention.coordinates": "GCJ-02 or WGS-84, where CoordSys does not say it.",
    "peers.convention.curve_stamp": (
        "both: points have start and end; begin or end: one stamp, there, IntervalMin apart."
    ),
    "peers.inbound.ring": (
        "true: sets of all four lie in the key ring, see `vgigw keys`, and none stands here."
    ),
    "peers.inbound.operator_secret": (
        "What it asks for a token with: 8 to 64 bytes. With gm and intl it stands alone."
    ),
    "peers.inbound.data_secret": "Key of the encryption: 16 ASCII characters.",
    "peers.inbound.data_secret_iv": "Initial vector: 16 ASCII characters.",
    "peers.inbound.sig_secret": "Key of the signature: 8 to 64 bytes.",
    "peers.outbound.paths": "Base addresses, primary first; without one it is never called.",
    "peers.outbound.door": "How it is called: cec102, rest or soap.",
    "peers.outbound.soap_version": "1.1 or 1.2, for door soap.",
    "peers.outbound.certificate": "Our certificate, with its chain, that it asks for: file:PATH.",
    "peers.outbound.certificate_key": "Its private key, without a password: file:PATH.",
    "peers.outbound.authorities": "Who may have issued the peer's: file:PATH; else the system's.",
    "peers.outbound.revocations": "Lists of what they revoked: file:PATH; else not looked at.",
    "peers.outbound.ring": "true: the sets that it issued lie in the key ring.",
    "peers.outbound.operator_secret": (
        "The four secrets that it issued for us; all or none. With gm and intl this one alone."
    ),
    "peers.outbound.data_secret": "Left out, those of inbound are used.",
    "peers.outbound.data_secret_iv": "As above.",
    "peers.outbound.sig_secret": "As above.",
}

_LEFT_OUT: Mapping[str, object] = {
    "peers.on_change": "refuse",
    "peers.window_s": 300,
    "peers.messages_per_s": 1000.0,
    "peers.bytes_per_s": 20_000_000.0,
    "peers.outbound.certificate": "file:tls/own.pem",
    "peers.outbound.certificate_key": "file:tls/own.key",
    "peers.outbound.authorities": "file:tls/peer-authority.pem",
    "peers.outbound.revocations": "file:tls/peer-authority.crl",
}
"""What stands behind a key that is left out, where it is no secret."""

_HEAD = """\
# The configuration of a vgigw gateway. Start it with: vgigw serve -c vgigw.toml
# Look it over with: vgigw doctor -c vgigw.toml
#
# A secret is env:NAME, file:PATH (relative to this file), or the text itself (warned about).
"""


class ExamplePeer(NamedTuple):
    """What is special of one example peer; the rest are defaults."""

    title: str
    own: Mapping[str, object]
    outbound: Mapping[str, object]


_EXAMPLE_PEERS = (
    ExamplePeer(
        "An operator of chargers, over T/CEC 102 and REST.",
        {"operator_id": "123456789", "role": "operator", "doors": ("cec102", "rest")},
        {"paths": ("http://127.0.0.1:9100/evcs/v1",)},
    ),
    ExamplePeer(
        "A dispatch system, over SOAP; its bodies are typed, so that its WSDL tools work.",
        {
            "operator_id": "200000002",
            "role": "dispatch",
            "doors": ("soap",),
            "protection": "transport",
        },
        {"paths": ("http://127.0.0.1:9200/soap",), "door": "soap"},
    ),
)


_ANOTHER_ID = "300000003"


def example_peers(own: str) -> tuple[ExamplePeer, ...]:
    """The example peers of a gateway whose operator id is ``own``: none has that one."""
    return tuple(
        peer._replace(own={**peer.own, "operator_id": _ANOTHER_ID})
        if peer.own["operator_id"] == own
        else peer
        for peer in _EXAMPLE_PEERS
    )


def configuration(operator_id: str, port: int) -> str:
    """The text of a whole configuration; its secrets are ``file:secrets/...``."""
    url = f"http://127.0.0.1:{port}"
    parts = [
        _HEAD,
        _section("gateway", GatewaySection, {"operator_id": operator_id, "public_url": url}),
        _section("listen", ListenSection, {"port": port}),
        _section("log", LogSection, {}),
        _section("limits", Limits, {}),
        *map(_peer, example_peers(operator_id)),
    ]
    return "\n".join(parts)


def secret_file(operator_id: str, name: str) -> str:
    """Where the secret of a peer lies, relative to the configuration."""
    return f"secrets/{operator_id}-{name}.txt"


def _peer(peer: ExamplePeer) -> str:
    operator_id = str(peer.own["operator_id"])
    files = {name: f"file:{secret_file(operator_id, name)}" for name in SECRET_NAMES}
    return "\n".join(
        (
            f"# {peer.title}",
            _section("peers", PeerSection, peer.own, listed=True),
            _section("peers.convention", ConventionSection, {}),
            _section("peers.inbound", SecretsSection, files),
            _section("peers.outbound", OutboundSection, peer.outbound),
        )
    )


def _section(
    name: str, cls: type[Any], values: Mapping[str, object], *, listed: bool = False
) -> str:
    """A table with each key of ``cls``; keys that hold tables of their own are left to them."""
    lines = [f"[[{name}]]" if listed else f"[{name}]"]
    for field in msgspec.structs.fields(cls):
        path = f"{name}.{field.name}"
        if path not in WORDS and field.name in ("convention", "inbound", "outbound"):
            continue
        lines += textwrap.wrap(WORDS[path], 98, initial_indent="# ", subsequent_indent="# ")
        value = values.get(field.name, field.default)
        if value is None:
            shown = _LEFT_OUT.get(path, f"env:PEER_{field.name.upper()}")
            lines.append(f"# {field.name} = {_toml(shown)}")
        else:
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # The texts here hold no quote and no control character, so JSON's form is TOML's.
    return msgspec.json.encode(value).decode()
