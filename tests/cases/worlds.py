"""A gateway with its three doors, parties that call it through real couriers, and what it kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from tests.links import by_suite, suites_for
from tests.stores.fresh import fresh_store
from vgigw.codec.packing import unpack
from vgigw.crypto.suite import Secrets
from vgigw.envelope.wire import WireAnswer
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import InformationObject
from vgigw.operations import Operation, Role
from vgigw.platform_functions import plain
from vgigw.ports import Courier, Identity, Peer, View
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.stores.sql_view import SqlView
from vgigw.testing.loopback import FakeClock, LoopbackSender

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PLATFORM, OPERATOR, OTHER, AGGREGATOR = "100000001", "123456789", "987654321", "400000004"
DISPATCH, EXCHANGE, SUPERVISOR, OEM = "200000002", "500000005", "300000003", "600000006"
ROLES = {
    PLATFORM: Role.PLATFORM,
    OPERATOR: Role.OPERATOR,
    OTHER: Role.OPERATOR,
    AGGREGATOR: Role.AGGREGATOR,
    DISPATCH: Role.DISPATCH,
    EXCHANGE: Role.EXCHANGE,
    SUPERVISOR: Role.SUPERVISOR,
    OEM: Role.OEM,
}
NEIGHBOURS = {
    "400000014": Role.AGGREGATOR,
    "200000012": Role.DISPATCH,
    "500000015": Role.EXCHANGE,
    "300000013": Role.SUPERVISOR,
    "600000016": Role.OEM,
}
"""A second party of each role that a platform has around it. A platform itself has no second."""

EVERYBODY = ROLES | NEIGHBOURS
TRACE_ID = "T-1"
"""What every call of a world is followed by."""

DOORS = ("cec102", "rest", "soap")
PREFIXES = {"cec102": "evcs/v1", "rest": "vgi/v1", "soap": "soap"}
SECRET = "1234567890abcdef"
SECRETS = Secrets.of(
    operator_secret=SECRET, data_secret=SECRET, data_secret_iv=SECRET, sig_secret=SECRET
)


def peer(operator_id: str, role: Role, door: str = "cec102", **more: Any) -> Peer:
    return Peer(
        operator_id=operator_id,
        role=role,
        doors=frozenset(DOORS),
        suite="tcec102",
        inbound=SECRETS,
        outbound=SECRETS,
        door=door,
        **more,
    )


def identity_of(
    served: str, parties: Mapping[str, Role] = ROLES, *, suite: str = "tcec102"
) -> Identity:
    """``served`` knows every other of ``parties``, how to reach it, and by which suite."""
    peers = {
        party: by_suite(
            peer(party, role, paths=(f"loop://{party}/evcs/v1",)), suite, served, SECRETS
        )
        for party, role in parties.items()
        if party != served
    }
    return Identity(operator_id=served, role=parties[served], peers=peers)


class World:
    """One gateway with an empty store. Its outbox is never emptied: nobody else is there.

    All parties have agreed on ``suite``. By ``https`` the typed doors encrypt what is of class IMP
    and SEN.
    """

    def __init__(
        self,
        served: str = PLATFORM,
        parties: Mapping[str, Role] = ROLES,
        *,
        suite: str = "tcec102",
        scheme: str = "loop",
    ) -> None:
        self.suite, self._scheme = suite, scheme
        self.clock = FakeClock(NOW)
        self.net = LoopbackSender(self.clock)
        self.party, self._roles = served, parties
        self.served = self._gateway(identity_of(served, parties, suite=suite), {})
        self.net.join("served", self.served)
        self._callers: dict[tuple[str, str], Gateway] = {}

    def act(self, destination: str, operation: Operation, request: InformationObject) -> None:
        """The gateway's own act: what it sends is kept, and lies in its outbox."""
        self.served.send(destination, operation, request, self.clock.now())

    def call(
        self, door: str, party: str, operation: Operation, request: InformationObject
    ) -> InformationObject:
        """Through courier, wire, door and corridor. Raises ``PeerRefused``."""
        caller = self._caller(party, door)
        return caller.call(self.party, operation, request, self.clock.now(), TRACE_ID)

    @property
    def last_answer(self) -> WireAnswer:
        return self.net.exchanged[-1][1]

    def kept(self) -> dict[str, Any]:
        """Everything of the gateway's store that a door could have made different."""
        return self.served.store.read(_kept)

    def _caller(self, party: str, door: str) -> Gateway:
        found = self._callers.get((party, door))
        if found is None:
            role = self._roles[party]
            path = f"{self._scheme}://served/{PREFIXES[door]}"
            called = peer(self.party, self._roles[self.party], door, paths=(path,))
            called = by_suite(called, self.suite, party, SECRETS)
            identity = Identity(operator_id=party, role=role, peers={self.party: called})
            suites = suites_for(self.suite)
            couriers: tuple[Courier, ...] = (
                Cec102Courier(party, suites),
                RestCourier(party, suites=suites),
                SoapCourier(party, role, suites),
            )
            found = self._gateway(identity, {courier.name: courier for courier in couriers})
            self._callers[party, door] = found
        return found

    def _gateway(self, identity: Identity, couriers: dict[str, Courier]) -> Gateway:
        return Gateway(
            identity=identity,
            store=fresh_store(),
            duties=builtin(identity, functions=plain()),
            couriers=couriers,
            sender=self.net,
        )


def _kept(view: View) -> dict[str, Any]:
    assert isinstance(view, SqlView)
    found = view._all("SELECT DISTINCT kind FROM document ORDER BY kind")
    # The audit also tells of each door's own token; it and the hops have tests of their own.
    beside = ("AuditRecord", "AuditHead", "TraceHop")
    kinds = [kind for (kind,) in found if kind not in beside]
    return {
        "rows": [_plain(msgspec.structs.replace(row, door="")) for row in view.rows()],
        "documents": [
            _plain(version)
            for kind in kinds
            for current in view.documents(kind)
            for version in view.history(kind, current.owner, current.key)
        ],
        "letters": [_plain(letter) for letter in view.letters()],
        "streams": view.streams(),
        "gaps": view.gaps(),
    }


def _plain(record: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.structs.asdict(record)
    payload = fields["payload"]
    return fields | {"payload": unpack(payload) if payload else payload}


EMPTY: dict[str, Any] = {"rows": [], "documents": [], "letters": [], "streams": [], "gaps": []}
