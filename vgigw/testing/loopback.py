"""Gateways face to face without a socket: bytes go from one corridor straight into another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from weakref import WeakKeyDictionary

import msgspec

from vgigw.codec.dialect_files import Dialects
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.suite import SUITES, AnySuite
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.gateway import Gateway
from vgigw.ports import Door


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, now: datetime) -> None:
        """Set the time."""
        self._now = now


_doors: WeakKeyDictionary[Gateway, tuple[object, Mapping[str, Door]]] = WeakKeyDictionary()


def doors_of(gateway: Gateway) -> Mapping[str, Door]:
    """The doors of a gateway by where their paths begin: those of the last time, unless it knows
    its peers otherwise by now."""
    identity, dialects = gateway.identity, getattr(gateway, "dialects", None)
    peers = [(each.dialect, each.suite) for each in identity.peers.values()]
    made_for = identity.operator_id, dialects, peers
    held = _doors.get(gateway)
    if held is None or held[0] != made_for:
        held = made_for, MappingProxyType(_made_for(gateway, dialects))
        _doors[gateway] = held
    return held[1]


def _made_for(gateway: Gateway, dialects: Dialects | None) -> dict[str, Door]:
    own_id = gateway.identity.operator_id
    selectors = [peer.dialect for peer in gateway.identity.peers.values()]
    named = [peer.suite for peer in gateway.identity.peers.values()]
    suites: dict[str, AnySuite] = {**SUITES, **ring_suites(named)}
    cec102 = Cec102Door(own_id, suites, dialects=dialects, selectors=selectors)
    doors: tuple[SoapDoor | RestDoor, ...] = (
        SoapDoor(own_id, suites),
        RestDoor(own_id, suites=suites),
    )
    return {door.prefix: door for door in doors} | dict.fromkeys(cec102.mounts, cec102)


class LoopbackSender:
    """A ``Sender`` whose bases are ``loop://name/prefix``; links can be cut.

    Another scheme leads to the same place: couriers take ``https`` for a path beyond this machine.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._gateways: dict[str, Gateway] = {}
        self.cut: set[str] = set()
        self.lose_answers: set[str] = set()
        self.transport = Transport.LOOPBACK
        self.exchanged: list[tuple[WireRequest, WireAnswer]] = []

    def join(self, name: str, gateway: Gateway) -> None:
        """Make ``gateway`` reachable as ``loop://name``."""
        self._gateways[name] = gateway

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        name, _, prefix = base.partition("://")[2].partition("/")
        if name in self.cut or name not in self._gateways:
            raise PeerUnreachable()
        gateway = self._gateways[name]
        whole = msgspec.structs.replace(
            request,
            path=request.path
            if request.rooted or request.path.startswith(f"/{prefix}/")
            else f"/{prefix}{request.path}",
            transport=self.transport,
            source="127.0.0.1",
        )
        door = next(d for start, d in doors_of(gateway).items() if whole.path.startswith(start))
        answer = gateway.receive(door, whole, self._clock.now())
        self.exchanged.append((whole, answer))
        if name in self.lose_answers:
            raise PeerUnreachable()
        return answer
