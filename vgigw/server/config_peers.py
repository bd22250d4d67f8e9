"""The peers in the configuration: ``[[peers]]`` with its tables, and what is checked of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from vgigw.codec.dialect import DEFAULT
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.errors import Misconfigured
from vgigw.objects.values import OPERATOR_CODE
from vgigw.operations import Role
from vgigw.ports import OnChange, OnPoison, Protection, SoapSignature
from vgigw.ports.limits import Rate
from vgigw.rules.certificates import fingerprint
from vgigw.rules.networks import network_of
from vgigw.server.config_listen import LOOPBACK, ListenSection

Door = Literal["cec102", "rest", "soap"]
OperatorId = Annotated[str, Meta(pattern=OPERATOR_CODE)]
REFERENCES = ("env:", "file:")
_HEADER_KEY = "listen.client_certificate_header"
TLS_FILES = ("certificate", "certificate_key", "authorities", "revocations")


class SecretsSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[peers.inbound]``: the four secrets that the peer uses towards us.

    With a suite of private keys the first alone, for tokens; the keys are in the key ring. With
    ``ring`` none of them: sets of all four are in the key ring, issued by us."""

    ring: bool = False
    operator_secret: str | None = None
    data_secret: str | None = None
    data_secret_iv: str | None = None
    sig_secret: str | None = None

    def __repr__(self) -> str:
        return "SecretsSection(...)"


class OutboundSection(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``[peers.outbound]``: how we reach the peer; its secrets, or those of inbound again; or, with
    ``ring``, the sets of the key ring that it issued."""

    paths: tuple[str, ...] = ()
    door: Door = "cec102"
    soap_version: Literal["1.1", "1.2"] = "1.1"
    certificate: str | None = None
    certificate_key: str | None = None
    authorities: str | None = None
    revocations: str | None = None
    ring: bool = False
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

    operator_id: OperatorId
    role: Role
    doors: tuple[Door, ...] = ("cec102",)
    suite: str = "tcec102"
    protection: Protection = Protection.MESSAGE
    soap_signature: SoapSignature = SoapSignature.MESSAGE_HEADER
    allow_legacy_suite: bool = False
    approved: bool = True
    networks: tuple[str, ...] = ()
    on_change: OnChange | None = None
    window_s: Annotated[int, Meta(ge=1, le=3600)] | None = None
    certificates: tuple[str, ...] = ()
    unsigned: bool = False
    unsigned_sensitive: bool = False
    messages_per_s: Rate | None = None
    bytes_per_s: Rate | None = None
    on_poison: OnPoison = OnPoison.SKIP
    dialect: str = DEFAULT
    follow_key_changes: bool = True
    tell_key_changes: bool = True
    convention: ConventionSection = ConventionSection()
    inbound: SecretsSection
    outbound: OutboundSection | None = None


def check_peer(peer: PeerSection, where: str, listen: ListenSection) -> None:
    """Raise ``Misconfigured``, which begins with ``where``, for what cannot be meant."""
    _check_networks(peer, f"{where}: networks", tells_source=listen.tells_source)
    for each in peer.certificates:
        _check_certificate(each, f"{where}: certificates")
    if peer.outbound:
        for base in peer.outbound.paths:
            _check_base(base, where)
        _check_files(peer.outbound, f"{where} outbound")
    if peer.unsigned or peer.unsigned_sensitive:
        _check_unsigned(peer, where, listen)


def warnings_of(peer: PeerSection, listen: ListenSection) -> Iterator[str]:
    """What works of a peer but should not stay so."""
    sections = [peer.inbound, *([peer.outbound] if peer.outbound else [])]
    given = [getattr(section, name) for section in sections for name in SECRET_NAMES]
    texts = [text for text in given if text is not None]
    if not all(text.startswith(REFERENCES) for text in texts):
        yield "secrets stand in the file as they are; use env:NAME or file:PATH"
    if peer.suite == "tcec102" and peer.allow_legacy_suite:
        yield "the legacy suite may carry IMP and SEN"
    if peer.unsigned:
        what = "class SEN included" if peer.unsigned_sensitive else "but for class SEN"
        yield f"its messages may come unsigned, {what}: its certificate alone says whose they are"
        if not listen.behind_tls_proxy:
            yield "its certificates are seen by a server that ends TLS, which vgigw serve does not"
    if _is_refused_in_secret(peer, listen):
        yield (
            "suite tcec102 does not protect classes IMP and SEN: they are refused (4105) but over "
            "mutual TLS; agree on gm-mac, gm or intl, or name its certificates"
        )
    if not listen.behind_tls_proxy:
        return
    if peer.protection is Protection.TRANSPORT and not peer.certificates:
        yield 'protection = "transport" holds for whoever comes over TLS; name its certificates'
    if peer.certificates and not listen.client_certificate_header:
        yield "its certificates are never seen; set listen.client_certificate_header"


def _is_refused_in_secret(peer: PeerSection, listen: ListenSection) -> bool:
    """Whether what it sends of class IMP and SEN has no cover but a cipher that is too weak."""
    if peer.suite != "tcec102" or peer.allow_legacy_suite or peer.certificates:
        return False
    encrypts = peer.protection is Protection.MESSAGE or "cec102" in peer.doors
    return encrypts and listen.behind_tls_proxy


def _check_base(base: str, where: str) -> None:
    """A base URL is HTTPS, or plain HTTP on loopback. PLT-9.6b."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"{where}: path {base!r} is not a URL such as https://host/evcs/v1")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Misconfigured(f"{where}: path {base!r} is plain HTTP beyond loopback; use https")


def _check_networks(peer: PeerSection, where: str, *, tells_source: bool) -> None:
    if peer.networks and not tells_source:
        raise Misconfigured(
            f"{where} cannot be told behind a proxy unless it tells them: set listen.source_header"
        )
    for each in peer.networks:
        try:
            network_of(each)
        except ValueError as cause:
            raise Misconfigured(f"{where}: {each!r} is no network such as 10.1.0.0/16") from cause


def check_served(peers: Iterable[PeerSection], listen: ListenSection) -> None:
    """Raise ``Misconfigured`` for an unsigned peer of a gateway that ends no TLS itself and has no
    proxy in front: it would never see a certificate."""
    for peer in peers:
        if peer.unsigned and not listen.client_certificate_header:
            raise Misconfigured(
                f"peer {peer.operator_id}: unsigned: vgigw serve ends no TLS; put a proxy in front "
                f"that does, and set listen.behind_tls_proxy and {_HEADER_KEY}"
            )


def _check_unsigned(peer: PeerSection, where: str, listen: ListenSection) -> None:
    """What vouches for an unsigned message is TLS, both ways. PLT-10.3a."""
    out = peer.outbound or OutboundSection()
    by_tls = out.authorities and all(base.startswith("https:") for base in out.paths)
    advice = (
        (not peer.unsigned, "unsigned_sensitive goes beyond unsigned = true; set that, too"),
        ("cec102" in peer.doors, "T/CEC 102 always carries Sig; leave cec102 out of its doors"),
        (out.paths and out.door == "cec102", 'set outbound.door = "rest" or "soap"'),
        (peer.protection is not Protection.TRANSPORT, 'set protection = "transport"'),
        (
            peer.soap_signature is SoapSignature.WS_SECURITY,
            "ws-security signs; leave soap_signature out",
        ),
        (not peer.certificates, "name its certificates"),
        (
            listen.behind_tls_proxy and not listen.client_certificate_header,
            f"set {_HEADER_KEY}: its certificates are never seen",
        ),
        (
            out.paths and not by_tls,
            "its answers count over https by authorities of its own: set outbound.authorities",
        ),
    )
    for wrong, what in advice:
        if wrong:
            raise Misconfigured(f"{where}: unsigned: {what}")


def _check_certificate(text: str, where: str) -> None:
    try:
        _ = text.startswith("file:") or fingerprint(text)
    except ValueError as cause:
        raise Misconfigured(
            f"{where}: {text!r} is neither file:PATH nor sha256: and 64 hexadecimal digits"
        ) from cause


def _check_files(out: OutboundSection, where: str) -> None:
    """Certificates and keys lie in files, since TLS reads them there."""
    for name in TLS_FILES:
        text = getattr(out, name)
        if text is not None and not text.startswith("file:"):
            raise Misconfigured(f"{where}.{name}: write it as file:PATH of a PEM file")
    if (out.certificate is None) != (out.certificate_key is None):
        raise Misconfigured(f"{where}: certificate and certificate_key stand together")
