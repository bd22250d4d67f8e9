"""Messages of the operator made by hand, on any door: what an attacker or a tester would send."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from vgigw.crypto.suite import SUITES
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.objects import InformationObject
from vgigw.operations import Operation, Role
from vgigw.ports import Courier, Peer
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.http import HttpSender
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.demo.stage import Stage
from vgigw.testing.simulators.operator import now_ms
from vgigw.testing.simulators.tally import TallySender, code_of

PREFIXES = {"cec102": "/evcs/v1", "rest": "/vgi/v1", "soap": "/soap"}


class Sealed(NamedTuple):
    """A message ready to be sent, and what is needed to open its answer."""

    door: str
    operation: Operation
    wire: WireRequest
    sent: Any


class Wire:
    """Seals and sends as ``operator_id``, straight to the gateway and past every queue."""

    def __init__(self, stage: Stage, operator_id: str) -> None:
        self._url = stage.gateway.url
        self._party = stage.operator_party
        self._http = HttpSender()
        self._sender = TallySender(self._http, stage.to_gateway)
        self._couriers: dict[str, Courier] = {
            "cec102": Cec102Courier(operator_id, SUITES),
            "rest": RestCourier(operator_id),
            "soap": SoapCourier(operator_id, Role.OPERATOR, SUITES),
        }

    def close(self) -> None:
        """Close pooled connections."""
        self._http.close()

    def peer(self, door: str) -> Peer:
        """The platform as it is reached over ``door``."""
        return self._party.platform_at(self._url + PREFIXES[door], door)

    def seal(
        self,
        door: str,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        *,
        now: datetime | None = None,
        peer: Peer | None = None,
    ) -> Sealed:
        """A message as the door wants it, sealed with the secrets in ``peer``."""
        towards = peer or self.peer(door)
        base = self._url + PREFIXES[door]
        courier = self._couriers[door]
        wire, sent = courier.seal(towards, base, operation, request, token, now or now_ms())
        return Sealed(door, operation, wire, sent)

    def send(self, message: Sealed) -> tuple[int, WireAnswer]:
        """The return code of the answer (0 = accepted), and the answer."""
        answer = self._sender.exchange(self._url + PREFIXES[message.door], message.wire)
        return code_of(message.door, answer.status, answer.body), answer

    def open(self, message: Sealed, answer: WireAnswer) -> InformationObject:
        """The answer's object, its signature checked. Raises ``PeerRefused``."""
        courier = self._couriers[message.door]
        return courier.open(self.peer(message.door), message.operation, message.sent, answer)


def with_body(message: Sealed, body: bytes, path: str | None = None) -> Sealed:
    """``message`` with another body, to another path."""
    wire = msgspec.structs.replace(message.wire, body=body, path=path or message.wire.path)
    return message._replace(wire=wire)
