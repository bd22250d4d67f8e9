"""Messages that are refused for a secret that is wrong: nearly right, or at random. F84, F85."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import replace

from vgigw.crypto.suite import AnyKeys, AnySuite, Secrets
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import InformationObject, TimeQuery, TokenRequest
from vgigw.operations import QUERY_TIME, QUERY_TOKEN, Operation, Role
from vgigw.ports import Courier, Door, Identity, Peer
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.stores.memory import MemoryStore
from vgigw.testing.bench.forged_parts import Parts
from vgigw.testing.bench.pair_keys import Links, suites_with
from vgigw.testing.bench.scene import OPERATOR_ID, PLATFORM_ID

WHAT: Final = ("signature", "token", "operator", "operator secret", "padding")
BASES: Final = {"cec102": "/evcs/v1", "soap": "/soap", "rest": "/vgi/v1"}
DOORS: Final = tuple(BASES)

_VARIANTS = 4096
"""Enough that what one message costs more than another is no matter of its class."""
_VARIANTS_BY_KEYS = 256
"""Of a suite with private keys, whose messages are dear to make."""
_PEERS = 256
_NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
_SECRETS = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")


class Forger:
    """A platform in memory that is asked, and whoever forges what its operator would send."""

    def __init__(self, door: str, suite: str, rng: random.Random) -> None:
        self._rng, self._door_name, self._suite = rng, door, suite
        self._links = Links(suite, self._drawn_secrets)
        self._suites = suites_with(suite)
        self._parts = Parts(self._suites[suite], rng)
        own = self._links.new()
        self._secret = own.secret
        self._known = [str(rng.randrange(10**8, 10**9)) for _ in range(_PEERS)]
        self._unknown = [str(rng.randrange(10**8, 10**9)) for _ in range(_PEERS)]
        drawn = {name: self._links.new().platform for name in self._known}
        peers = {name: self._peer(name, Role.OPERATOR, each) for name, each in drawn.items()}
        peers[OPERATOR_ID] = self._peer(OPERATOR_ID, Role.OPERATOR, own.platform)
        identity = Identity(operator_id=PLATFORM_ID, role=Role.PLATFORM, peers=peers)
        self._gateway = Gateway(
            identity=identity,
            store=MemoryStore(),
            duties=builtin(identity),
            couriers={},
            sender=HttpSender(),
        )
        self._door, self._courier = _framing(door, self._suites)
        self._platform = self._peer(PLATFORM_ID, Role.PLATFORM, own.peer)
        self._token = self._given_token()

    def receive(self, request: WireRequest) -> WireAnswer:
        """The platform's answer."""
        return self._gateway.receive(self._door, request, _NOW)

    def classes(self, what: str) -> tuple[list[WireRequest], list[WireRequest]]:
        """Forgeries that are right but for one character, and others that are wrong throughout;
        each is a message of its own. Of operators: some that are known, and some that are not; of
        ciphertexts: some whose padding or tag is wrong, and some whose content is."""
        make: Callable[[bool], WireRequest] = {
            "signature": self._by_signature,
            "token": self._by_token,
            "operator": self._by_operator,
            "operator secret": self._by_operator_secret,
            "padding": self._by_padding,
        }[what]
        count = _VARIANTS_BY_KEYS if self._links.by_keys else _VARIANTS
        return [make(True) for _ in range(count)], [make(False) for _ in range(count)]

    def _by_signature(self, near: bool) -> WireRequest:
        return self._parts.resigned(self._time_query(self._token), near=near)

    def _by_token(self, near: bool) -> WireRequest:
        return self._time_query(self._wrong(self._token, near=near))

    def _by_operator(self, near: bool) -> WireRequest:
        # As many names of either kind: one that is met again and again is quick for that alone.
        name = self._rng.choice(self._known if near else self._unknown)
        return self._parts.resigned(self._time_query(self._token, name), near=False)

    def _by_operator_secret(self, near: bool) -> WireRequest:
        secret = self._wrong(self._secret, near=near)
        asked = TokenRequest(operator_id=OPERATOR_ID, operator_secret=secret)
        return self._sealed(QUERY_TOKEN, asked, None)[0]

    def _by_padding(self, near: bool) -> WireRequest:
        asked = TokenRequest(operator_id=OPERATOR_ID, operator_secret=self._secret)
        wire, _ = self._sealed(QUERY_TOKEN, asked, None, host="https://gateway.example")
        return self._parts.garbled(wire, last=near)

    def _time_query(self, token: str, name: str = OPERATOR_ID) -> WireRequest:
        return self._sealed(QUERY_TIME, TimeQuery(t1=_NOW), token, name)[0]

    def _given_token(self) -> str:
        asked = TokenRequest(operator_id=OPERATOR_ID, operator_secret=self._secret)
        wire, sent = self._sealed(QUERY_TOKEN, asked, None)
        given: Any = self._courier.open(self._platform, QUERY_TOKEN, sent, self.receive(wire))
        return str(given.access_token)

    def _sealed(
        self,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        name: str = OPERATOR_ID,
        host: str = "http://127.0.0.1",
    ) -> tuple[WireRequest, Any]:
        courier = self._courier
        if name != OPERATOR_ID:
            courier = _framing(self._door_name, self._suites, name)[1]
        base = BASES[self._door_name]
        wire, sent = courier.seal(self._platform, f"{host}{base}", operation, request, token, _NOW)
        return replace(wire, path=base + wire.path, transport=Transport.LOOPBACK), sent

    def _wrong(self, right: str, *, near: bool) -> str:
        if near:
            return right[:-1] + ("A" if right[-1] != "A" else "B")
        return self._text(len(right))

    def _text(self, length: int) -> str:
        return "".join(self._rng.choices(string.ascii_letters + string.digits, k=length))

    def _drawn_secrets(self) -> Secrets:
        return Secrets.of(**{name: self._text(16) for name in _SECRETS})

    def _peer(self, name: str, role: Role, keys: AnyKeys) -> Peer:
        return Peer(
            operator_id=name,
            role=role,
            doors=frozenset(DOORS),
            suite=self._suite,
            inbound=keys,
            outbound=keys,
            allow_legacy_suite=True,
        )


def _framing(
    door: str, suites: dict[str, AnySuite], sender: str = OPERATOR_ID
) -> tuple[Door, Courier]:
    """The door of the platform, and what ``sender`` seals with for it."""
    if door == "cec102":
        return Cec102Door(PLATFORM_ID, suites), Cec102Courier(sender, suites)
    if door == "soap":
        return SoapDoor(PLATFORM_ID, suites), SoapCourier(sender, Role.OPERATOR, suites)
    return RestDoor(PLATFORM_ID, suites=suites), RestCourier(sender, suites=suites)
