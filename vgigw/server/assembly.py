"""A gateway put together: store, doors, couriers, sender, from objects or from a configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.suite import SUITES, AnySuite
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
    Sender,
    Store,
)
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.server.arrival import TrustedProxy, proxy_of
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from
from vgigw.server.key_watch import KeyWatch, key_watch_of
from vgigw.server.link_checks import check_dialect, check_keys, check_suite, check_ties, tls_of
from vgigw.server.named import all_suites, dialects_of, functions_named, handlers_named, suites_of
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
        self.suites = all_suites(
            (peer.suite for peer in identity.peers.values()), {each.name: each for each in suites}
        )
        for peer in identity.peers.values():
            check_suite(peer.operator_id, peer.suite, self.suites)
            check_keys(peer, self.suites[peer.suite])
            check_dialect(peer.operator_id, peer.dialect, self.dialects)
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
