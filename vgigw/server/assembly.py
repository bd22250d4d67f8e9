"""A gateway put together: store, doors, couriers, sender, from objects or from a configuration."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.secret_sets import SecretSets
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import SUITES, AnySuite
from vgigw.crypto.xml_signing import signs_xml
from vgigw.errors import Misconfigured
from vgigw.gateway import Gateway as Corridor
from vgigw.gateway.gateway import silent
from vgigw.handlers import builtin
from vgigw.platform_functions import plain
from vgigw.ports import (
    Courier,
    Fence,
    Functions,
    Gauge,
    Identity,
    Limits,
    Observer,
    Peer,
    Sender,
    SoapSignature,
    Store,
)
from vgigw.ports.tls import TlsFiles
from vgigw.rules.certificates import of_several
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.server.arrival import TrustedProxy, proxy_of
from vgigw.server.config import Config, load
from vgigw.server.key_watch import KeyWatch, key_watch_of
from vgigw.server.link_keys import LinkSecrets
from vgigw.server.peer_from import peer_from
from vgigw.server.readiness import Readiness
from vgigw.server.stores import gauge_of, store_of

if TYPE_CHECKING:
    from vgigw.server.wsgi import WsgiApplication


class SystemClock:
    """The machine's clock, UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Gateway(Corridor):
    """The corridor with everything around it; what integrators embed. CARD-8.

    ``functions`` are what a platform decides, else the plain ones. ``suites`` join those at hand;
    where ``identity`` names none, all of them are told to peers that ask. ``public_url`` stands in
    the served WSDL; empty, the address of each request does. ``behind_tls_proxy``: what comes
    from ``proxy`` came over TLS. ``fence``: see the corridor. ``cec102_prefix`` is the path of the
    T/CEC 102 interfaces, ``dialects`` are those that peers may name, else those shipped. ``limits``
    bound what is taken on, ``places`` what is carried out at a time, ``gauge`` reads how the store
    stands. Raises ``Misconfigured`` for a peer whose suite or dialect is not known, and for one
    whose secrets or keys are not those of its suite.
    """

    def __init__(
        self,
        identity: Identity,
        store: Store,
        *,
        handlers: Iterable[Callable[..., object]] = (),
        functions: Functions | None = None,
        suites: Iterable[AnySuite] = (),
        sender: Sender | None = None,
        observer: Observer = silent,
        fence: Fence | None = None,
        cec102_prefix: str = "/evcs/v1",
        public_url: str = "",
        behind_tls_proxy: bool = False,
        proxy: TrustedProxy = TrustedProxy(),  # noqa: B008 - frozen
        dialects: Dialects | None = None,
        limits: Limits | None = None,
        gauge: Gauge | None = None,
        places: int = 16,
    ) -> None:
        self.dialects = dialects or shipped()
        self.suites = _all_suites(
            (peer.suite for peer in identity.peers.values()), {each.name: each for each in suites}
        )
        for peer in identity.peers.values():
            _check_suite(peer.operator_id, peer.suite, self.suites)
            _check_keys(peer, self.suites[peer.suite])
            _check_dialect(peer.operator_id, peer.dialect, self.dialects)
        check_ties(identity.peers)
        if not identity.suites:
            identity = replace(identity, suites=tuple(self.suites))
        self._sender = sender or HttpSender(tls=tls_of(identity))
        self.cec102_prefix = cec102_prefix
        self.public_url = public_url
        self.behind_tls_proxy = behind_tls_proxy
        self.proxy = proxy
        self.key_watch: KeyWatch | None = None
        # An empty write goes the whole way that an acknowledgement takes.
        self.readiness = Readiness(lambda: self.store.write(lambda tx: tx.counter("ready")))
        super().__init__(
            identity=identity,
            store=store,
            duties=builtin(identity, handlers, functions or plain(), self.dialects),
            couriers=couriers_for(identity, self.suites, self.dialects),
            sender=self._sender,
            observer=observer,
            fence=fence,
            limits=limits,
            gauge=gauge,
            places=places,
        )

    @classmethod
    def from_config(
        cls,
        path: str | Path,
        *,
        handlers: Iterable[Callable[..., object]] = (),
        functions: Functions | None = None,
        suites: Iterable[AnySuite] = (),
        store: Store | None = None,
        sender: Sender | None = None,
        observer: Observer = silent,
        fence: Fence | None = None,
    ) -> Self:
        """A gateway as the file says. Raises ``Misconfigured``."""
        config = load(Path(path))
        own = (*handlers_named(config.gateway.handlers), *handlers)
        known = suites_of(config, suites)
        identity = identity_from(config, known)
        opened = store or store_of(config, observer=observer)
        made = cls(
            identity,
            opened,
            handlers=own,
            functions=functions or functions_named(config.gateway.functions),
            suites=known.values(),
            sender=sender,
            observer=observer,
            fence=fence,
            cec102_prefix=config.listen.cec102_prefix,
            public_url=config.gateway.public_url,
            behind_tls_proxy=config.listen.behind_tls_proxy,
            proxy=proxy_of(config.listen),
            dialects=dialects_of(config),
            limits=config.limits,
            gauge=gauge_of(opened, config.limits),
            places=config.listen.threads,
        )
        made.key_watch = key_watch_of(config, made, observer)
        return made

    def tick(self, now: datetime) -> None:
        """As the corridor's, and follow the keys of the ring."""
        if self.key_watch is not None:
            self.key_watch.look(now)
        super().tick(now)

    def wsgi(self) -> WsgiApplication:
        """The doors and open pages as one WSGI application."""
        from vgigw.server.wsgi import WsgiApplication  # noqa: PLC0415 - keeps falcon out of import

        return WsgiApplication(self, SystemClock())

    def close(self) -> None:
        """Finish what was taken on, and close store and connections."""
        self.store.close()
        if isinstance(self._sender, HttpSender):
            self._sender.close()


def couriers_for(
    identity: Identity,
    suites: Mapping[str, AnySuite] = SUITES,
    dialects: Dialects | None = None,
) -> dict[str, Courier]:
    """One courier a framing."""
    own_id = identity.operator_id
    couriers: tuple[Courier, ...] = (
        Cec102Courier(own_id, suites, dialects),
        SoapCourier(own_id, identity.role, suites, window_s=identity.window_s),
        RestCourier(own_id, suites=suites),
    )
    return {courier.name: courier for courier in couriers}


def tls_of(identity: Identity) -> dict[str, TlsFiles]:
    """The TLS files of each base. Raises ``Misconfigured`` where two peers that are called at one
    base would have others: of a base nobody could tell for whom it is."""
    found: dict[str, TlsFiles] = {}
    for peer in identity.peers.values():
        for base in peer.paths:
            if found.setdefault(base, peer.tls) != peer.tls:
                raise Misconfigured(
                    f"peer {peer.operator_id}: {base} is called for another peer with another "
                    "certificate or other authorities; give each a base of its own"
                )
    return found


def check_ties(peers: Mapping[str, Peer]) -> None:
    """Raise ``Misconfigured`` where a certificate is to vouch for the unsigned messages of one peer
    and is that of another, too: each of them could speak for the other."""
    known = {party: peer.certificates for party, peer in peers.items()}
    for each, parties in of_several(known):
        if any(peers[party].unsigned for party in parties):
            raise Misconfigured(
                f"peers {' and '.join(parties)} have one certificate ({each}), which vouches for "
                "what comes unsigned; each needs one of its own"
            )


def identity_from(config: Config, suites: Mapping[str, AnySuite] | None = None) -> Identity:
    """Who the gateway is and whom it knows. Raises ``Misconfigured``."""
    known = suites_of(config) if suites is None else suites
    secrets = LinkSecrets(config)
    dialects = dialects_of(config)
    for section in config.peers:
        _check_dialect(section.operator_id, section.dialect, dialects)
    peers: dict[str, Peer] = {}
    for section in config.peers:
        _check_suite(section.operator_id, section.suite, known)
        _check_soap_signature(section.operator_id, section.soap_signature, known[section.suite])
        suite = known[section.suite].name
        both = secrets.of(section, suite)
        peers[section.operator_id] = peer_from(section, suite, both, config.folder)
    check_ties(peers)
    return Identity(
        operator_id=config.gateway.operator_id,
        role=config.gateway.role,
        peers=peers,
        window_s=config.gateway.window_s,
        token_life_s=config.gateway.token_life_s,
        suites=tuple(dict.fromkeys(suite.name for suite in known.values())),
        max_body_bytes=config.listen.max_body_bytes,
    )


def dialects_of(config: Config) -> Dialects:
    """The dialects shipped and those in the files that the configuration names."""
    own = config.gateway.dialects
    return Dialects(config.folder / name for name in own) if own else shipped()


def suites_of(config: Config, passed: Iterable[AnySuite] = ()) -> dict[str, AnySuite]:
    """Every suite that peers may name: those at hand, ``passed`` ones, those named by place."""
    own = {suite.name: suite for suite in passed} | suites_named(config)
    return _all_suites((section.suite for section in config.peers), own)


def _all_suites(named: Iterable[str], own: Mapping[str, AnySuite]) -> dict[str, AnySuite]:
    # One of the ring may be there twice over: a hardware module brings its own ``gm``.
    return {**SUITES, **ring_suites(name for name in named if name not in own), **own}


def suites_named(config: Config) -> dict[str, AnySuite]:
    """Suites that peers name as ``package.module:OBJECT``, by that name and by their own."""
    found: dict[str, AnySuite] = {}
    for section in config.peers:
        if ":" in section.suite:
            suite = _object_named(section.suite, f"peer {section.operator_id}: suite")
            found |= {section.suite: suite, suite.name: suite}
    return found


def _check_keys(peer: Peer, suite: AnySuite) -> None:
    sides = [keys for keys in (peer.inbound, peer.outbound) if keys]
    given = [isinstance(keys, Secrets | SecretSets) for keys in sides]
    if isinstance(suite, SigningSuite) and any(given):
        raise Misconfigured(f"peer {peer.operator_id}: suite {suite.name} takes keys of a link")
    if suite.name in SUITES and not all(given):
        raise Misconfigured(f"peer {peer.operator_id}: suite {suite.name} takes four secrets")
    _check_soap_signature(peer.operator_id, peer.soap_signature, suite)


def _check_soap_signature(operator_id: str, signature: SoapSignature, suite: AnySuite) -> None:
    if signature is SoapSignature.WS_SECURITY and not signs_xml(suite):
        raise Misconfigured(
            f'peer {operator_id}: soap_signature "ws-security" needs suite intl, not {suite.name}, '
            "and RSA keys with certificates in the key ring"
        )


def _check_suite(operator_id: str, suite: str, known: Mapping[str, AnySuite]) -> None:
    if suite not in known:
        raise Misconfigured(
            f"peer {operator_id}: suite {suite} is not known; known are "
            f"{', '.join({**known, **dict.fromkeys(OF_SUITE)})}"
        )


def _check_dialect(operator_id: str, dialect: str, known: Dialects) -> None:
    try:
        known.versions(dialect)
    except Misconfigured as refused:
        raise Misconfigured(f"peer {operator_id}: {refused.message}") from refused


def handlers_named(name: str) -> tuple[Callable[..., object], ...]:
    """``builtin`` adds nothing; ``package.module:OBJECT`` is a sequence of marked functions."""
    if name == "builtin":
        return ()
    found = _object_named(name, "gateway.handlers")
    if not isinstance(found, Iterable):
        raise Misconfigured(f"gateway.handlers {name!r} is not a sequence of handlers")
    return tuple(found)


def functions_named(name: str) -> Functions:
    """``plain`` are those at hand; ``package.module:OBJECT`` is a ``Functions``."""
    if name == "plain":
        return plain()
    found = _object_named(name, "gateway.functions")
    if not isinstance(found, Functions):
        raise Misconfigured(f"gateway.functions {name!r} is not a vgigw.ports.Functions")
    return found


def _object_named(name: str, where: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as cause:
        why = type(cause).__name__
        raise Misconfigured(f"{where} {name!r} cannot be loaded ({why})") from cause
