"""Two gateways whose four secrets lie in their key rings, brought over by ``vgigw keys``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from tests.cli.test_two_gateways import OPERATOR, PLATFORM, Two
from vgigw import Gateway
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.secret_sets import SecretSet
from vgigw.crypto.secrets import Secrets
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.gateway.chosen_sets import called
from vgigw.objects import Success, TokenRequest
from vgigw.operations import QUERY_TOKEN, Operation
from vgigw.ports import Peer
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of
from vgigw.testing.loopback import doors_of

SUITES = ("tcec102", "gm-mac")
PEER = {PLATFORM: OPERATOR, OPERATOR: PLATFORM}


class TwoWithSets(Two):
    """Each has ``ring = true`` in both directions, and an empty ring at first."""

    gateways: dict[str, Gateway]

    def __init__(self, folder: Path, suite: str, door: str = "cec102") -> None:
        super().__init__(folder, suite, door)
        self._door = door
        (folder / "passphrase").write_text("a passphrase of some length")
        self.passphrase = f"file:{folder / 'passphrase'}"
        self.file = folder / "set.pem"
        for own in PEER:
            lines = self.config(own).read_text().splitlines()
            ringed = ["ring = true" if "operator_secret" in line else line for line in lines]
            self.config(own).write_text("\n".join(ringed) + "\n")

    def ring(self, own: str) -> KeyRing:
        return ring_of(load(self.config(own)))

    def issue(self, issuer: str, key_id: str, *more: str) -> None:
        """A new set of ``issuer`` for the other."""
        self.keys(issuer, "new", key_id, "--algorithm", "secrets", "--peer", PEER[issuer], *more)

    def carry(self, issuer: str, key_id: str) -> None:
        """Export on the one side, import on the other."""
        options = ("--passphrase", self.passphrase)
        self.file.write_text(self.keys(issuer, "export", key_id, "--private", *options))
        self.keys(PEER[issuer], "import", str(self.file), key_id, "--party", issuer, *options)

    def make_and_exchange(self) -> None:
        for issuer in PEER:
            self.issue(issuer, "set-1")
            self.carry(issuer, "set-1")

    def started(self, **more: Any) -> TwoWithSets:
        """With a set each way, and both gateways open."""
        self.make_and_exchange()
        self.gateways = self.open(**more)
        return self

    def now(self) -> datetime:
        return self.clock.now()

    def peer(self, own: str) -> Peer:
        """The other as ``own`` calls it now."""
        return called(self.gateways[own].identity.peers[PEER[own]], self.now())

    def using(self, own: str) -> SecretSet:
        """The set that ``own`` seals with now."""
        keys = self.peer(own).issued
        assert isinstance(keys, SecretSet)
        return keys

    def four(self, issuer: str, key_id: str) -> Secrets:
        """The secrets of a set, as its issuer holds them."""
        return self.ring(issuer).opened_set(Place(issuer, key_id))

    def call(self, own: str, operation: Operation, request: Any) -> Any:
        return self.gateways[own].call(PEER[own], operation, request, self.now())

    def token(self, own: str) -> str | None:
        """The token that the other gives ``own``, with the secret of the set in use."""
        shown = self.using(own).operator_secret.decode()
        reply = self.call(own, QUERY_TOKEN, TokenRequest(operator_id=own, operator_secret=shown))
        return reply.access_token if reply.succ_stat is Success.OK else None

    def sealed(
        self,
        own: str,
        operation: Operation,
        request: Any,
        *,
        using: Secrets | None = None,
        token: str | None = None,
        suite: Any = None,
    ) -> WireRequest:
        """A request of ``own`` as the other gets it, by ``using`` where it is given."""
        peer = self.peer(own) if using is None else self.gateways[own].identity.peers[PEER[own]]
        if using is not None:
            peer = replace(peer, outbound=using)
        courier: Any = self.gateways[own]._exchanges._couriers[self._door]
        if suite is not None:
            courier._suites = {**courier._suites, peer.suite: suite}
        wire, _ = courier.seal(peer, peer.paths[0], operation, request, token, self.now())
        return self.arrived(wire, peer)

    def arrived(self, wire: WireRequest, peer: Peer) -> WireRequest:
        """``wire`` as ``peer`` gets it."""
        path = urlsplit(peer.paths[0]).path + wire.path
        return replace(wire, path=path, transport=Transport.LOOPBACK)

    def give(self, own: str, wire: WireRequest) -> WireAnswer:
        """What the other answers to ``wire``."""
        other = self.gateways[PEER[own]]
        door = next(each for each in doors_of(other).values() if each.name == self._door)
        return other.receive(door, wire, self.now())
