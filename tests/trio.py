"""A platform, two operators and a dispatch in one process, and plain objects for them to send."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.links import by_suite, suites_for
from tests.stores.fresh import fresh_store
from vgigw.crypto.suite import Secrets
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.handlers.bulk_sizes import BulkSizes
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    ControlCurve,
    ControlPoint,
    InformationObject,
    OperatingRecord,
    StationInfo,
    TelemetryBatch,
    TokenRequest,
)
from vgigw.objects.enumerations import ObjectKind, PolarityMode, Scene, UnitProfile
from vgigw.objects.operating_enumerations import (
    CommandKind,
    ControlQuantity,
    Priority,
    ReportMode,
    ReportTrigger,
    TriggerType,
)
from vgigw.operations import QUERY_TOKEN, Operation, Role
from vgigw.ports import (
    Door,
    Duties,
    Functions,
    Gauge,
    Identity,
    Letter,
    Limits,
    Peer,
    Store,
    own_row,
)
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.fleet import Fleet
from vgigw.testing.loopback import FakeClock, LoopbackSender, doors_of

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MEASURED = NOW - timedelta(hours=1)
"""Record ``n`` of a stream was measured ``n`` seconds after this."""

PLATFORM, OPERATOR, OTHER, DISPATCH = "100000001", "123456789", "987654321", "200000002"
ROLES = {
    PLATFORM: Role.PLATFORM,
    OPERATOR: Role.OPERATOR,
    OTHER: Role.OPERATOR,
    DISPATCH: Role.DISPATCH,
}
BASES = {"cec102": "evcs/v1", "soap": "soap", "rest": "vgi/v1"}
STREAM = "S1"
Wrap = Callable[[Duties], Duties]


@cache
def secrets_of(party: str) -> Secrets:
    """The secrets of the link between the platform and ``party``, both directions."""
    sixteen = f"{party}secrets"[:16]
    return Secrets.of(
        operator_secret=f"operator-{party}",
        data_secret=sixteen,
        data_secret_iv=sixteen[::-1],
        sig_secret=f"signature-{party}",
    )


class Trio:
    """Gateways face to face on ``door``; the platform knows everyone, everyone knows it.

    ``peer_changes`` are how everyone sees everyone, ``platform_sees`` how the platform sees one;
    ``functions`` are what the platform decides, ``limits`` and ``gauge`` what it takes on. All have
    agreed on ``suite``. By ``https`` the typed doors encrypt what is of class IMP and SEN.
    """

    def __init__(
        self,
        door: str = "cec102",
        *,
        stores: dict[str, Store] | None = None,
        wrap: dict[str, Wrap] | None = None,
        peer_changes: dict[str, Any] | None = None,
        platform_sees: dict[str, dict[str, Any]] | None = None,
        functions: Functions | None = None,
        suite: str = "tcec102",
        scheme: str = "loop",
        limits: Limits | None = None,
        gauge: Gauge | None = None,
    ) -> None:
        self.suite, self.scheme = suite, scheme
        self._limits, self._gauge = limits, gauge
        self.clock = FakeClock(NOW)
        self.net = LoopbackSender(self.clock)
        self.door = door
        self.stores: dict[str, Store] = stores or {}
        self.events: list[tuple[str, str, dict[str, object]]] = []
        self._wrap = wrap or {}
        self._changes = peer_changes or {}
        self._platform_sees = platform_sees or {}
        self._functions = functions or Functions()
        self.gateways: dict[str, Gateway] = {}
        for party in ROLES:
            self.stores.setdefault(party, fresh_store())
            self.restart(party)

    def restart(self, party: str) -> Gateway:
        """A new gateway on the store of the one before; nothing else is kept."""
        others = [other for other in ROLES if other != party] if party == PLATFORM else [PLATFORM]
        peers = {other: self.peer(party, other) for other in others}
        identity = Identity(operator_id=party, role=ROLES[party], peers=peers)
        decided = self._functions if party == PLATFORM else Functions()
        duties = builtin(identity, functions=decided)
        if party in self._wrap:
            duties = self._wrap[party](duties)
        suites = suites_for(self.suite)
        couriers = (
            Cec102Courier(party, suites),
            SoapCourier(party, identity.role, suites),
            RestCourier(party, suites=suites),
        )
        gateway = Gateway(
            identity=identity,
            store=self.stores[party],
            duties=duties,
            couriers={courier.name: courier for courier in couriers},
            sender=self.net,
            observer=lambda event, /, **facts: self.events.append((party, event, facts)),
            limits=self._limits if party == PLATFORM else None,
            gauge=self._gauge if party == PLATFORM else None,
        )
        self.gateways[party] = gateway
        self.net.join(party, gateway)
        return gateway

    def peer(self, party: str, other: str) -> Peer:
        """How ``party`` sees ``other``."""
        secrets = secrets_of(party if other == PLATFORM else other)
        plain = Peer(
            operator_id=other,
            role=ROLES[other],
            doors=frozenset(BASES),
            suite="tcec102",
            inbound=secrets,
            outbound=secrets,
            paths=(f"{self.scheme}://{other}/{BASES[self.door]}",),
            door=self.door,
        )
        plain = by_suite(plain, self.suite, party, secrets)
        own = self._platform_sees.get(other, {}) if party == PLATFORM else {}
        return replace(plain, **self._changes | own)

    @property
    def platform(self) -> Gateway:
        return self.gateways[PLATFORM]

    @property
    def operator(self) -> Gateway:
        return self.gateways[OPERATOR]

    @property
    def dispatch(self) -> Gateway:
        return self.gateways[DISPATCH]

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> datetime:
        """Move the clock."""
        self.clock.move_to(self.now + timedelta(seconds=seconds))
        return self.now

    def tick(self, rounds: int = 1, *, step_s: float = 0.0) -> None:
        """Everyone's clockwork, so many times, with ``step_s`` before each."""
        for _ in range(rounds):
            self.wait(step_s)
            for gateway in self.gateways.values():
                gateway.tick(self.now)

    def call(
        self, party: str, operation: Operation, request: InformationObject, to: str = PLATFORM
    ) -> Any:
        """One exchange now; raises as ``Gateway.call`` does."""
        return self.gateways[party].call(to, operation, request, self.now)

    def token(self, party: str = OPERATOR) -> str:
        """A new token of the platform for ``party``."""
        secret = secrets_of(party).operator_secret.decode()
        asked = TokenRequest(operator_id=party, operator_secret=secret)
        given = self.call(party, QUERY_TOKEN, asked)
        return str(given.access_token)

    def sealed(
        self,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        *,
        party: str = OPERATOR,
        door: str | None = None,
        at: datetime | None = None,
    ) -> WireRequest:
        """What ``party`` puts on the wire to the platform on ``door``, whole path included."""
        door = door or self.door
        gateway = self.gateways[party]
        courier = gateway._exchanges._couriers[door]
        peer = replace(gateway.identity.peers[PLATFORM], door=door)
        base = f"{self.scheme}://{PLATFORM}/{BASES[door]}"
        wire, _ = courier.seal(peer, base, operation, request, token, at or self.now)
        path = f"/{BASES[door]}{wire.path}"
        return replace(wire, path=path, transport=Transport.LOOPBACK, source="127.0.0.1")

    def give(self, wire: WireRequest) -> WireAnswer:
        """The platform's answer to ``wire``."""
        return self.platform.receive(door_for(self.platform, wire), wire, self.now)

    def journal(self, party: str, batch: TelemetryBatch) -> None:
        """Put ``batch`` into the journal of ``party`` as its own."""
        self.stores[party].write(lambda tx: tx.append(own_row(batch, party, batch.send_time)))

    def letters(self, party: str) -> list[Letter]:
        """Every letter in the outbox of ``party``."""
        return self.stores[party].read(lambda view: view.letters())

    def records(self, party: str = PLATFORM, owner: str = OPERATOR) -> dict[int, OperatingRecord]:
        """Sequence to record of ``owner``'s stream; fails where one is stored twice."""
        found: dict[int, OperatingRecord] = {}
        for row in self.stores[party].read(lambda view: view.rows(owner=owner, stream=STREAM)):
            held = kept(TelemetryBatch, row.payload)
            for seq, record in enumerate(held.records, start=row.seq_from):
                assert seq not in found
                found[seq] = record
        return found


def letters_of(records: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on large letters have so many records, however quickly they go."""
    monkeypatch.setattr(BulkSizes, "of", lambda *_: records)


def kept(cls: type[Any], payload: bytes) -> Any:
    """The object in a row, a document or a letter."""
    return object_of(cls, payload)


def door_for(gateway: Gateway, wire: WireRequest) -> Door:
    """The door that a path leads to."""
    return next(d for prefix, d in doors_of(gateway).items() if wire.path.startswith(prefix))


def ret_of(answer: WireAnswer) -> int:
    """The return code of an answer of any door; 0 where there is none."""
    found = re.search(rb'"Ret":\s*(-?\d+)|Ret>(-?\d+)<', answer.body)
    return int(found[1] or found[2]) if found else 0


def record(seq: int, **changes: Any) -> OperatingRecord:
    """The record with number ``seq``, unlike every other."""
    plain = OperatingRecord(
        object_kind=ObjectKind.CONNECTOR,
        object_id=f"C{seq % 3}",
        data_time=MEASURED + timedelta(seconds=seq),
        quality=0,
        active_power=float(seq),
    )
    return replace(plain, **changes)


def batch(first: int, last: int, **changes: Any) -> TelemetryBatch:
    """Records ``first`` to ``last`` of ``STREAM``."""
    count = last - first + 1
    plain = TelemetryBatch(
        batch_id=f"B{first}-{last}",
        source_id=OPERATOR,
        stream_id=STREAM,
        seq_from=first,
        seq_to=last,
        report_mode=ReportMode.CHANGE,
        trigger=ReportTrigger.EVENT,
        expected_count=count,
        actual_count=count,
        polarity_mode=PolarityMode.LOAD,
        unit_profile=UnitProfile.KW,
        send_time=NOW,
        records=tuple(record(seq) for seq in range(first, last + 1)),
    )
    return replace(plain, **changes)


@cache
def _archive() -> StationInfo:
    return Fleet(1, OPERATOR, 1, 2).archives(NOW)[0]


def station(station_id: str = "ST1", version: int = 1, **changes: Any) -> StationInfo:
    """A station of ``OPERATOR`` with two connectors; 120 kW, also to the grid if it can."""
    rated = {"max_charge_power": Decimal(120), "max_discharge_power": Decimal(120)}
    return replace(_archive(), station_id=station_id, version=version, **rated | changes)


def curve(command_id: str = "CMD1", version: int = 1, **changes: Any) -> ControlCurve:
    """A curve of one segment for the station ``ST1``, to be answered within 30 s."""
    plain = ControlCurve(
        command_id=command_id,
        resource_id="ST1",
        aggregator_id=OPERATOR,
        scene=Scene(1),
        service_item="PEAK",
        command_kind=CommandKind.CONTROL,
        trigger_type=TriggerType.DISPATCH,
        priority=Priority.NORMAL,
        control_quantity=ControlQuantity.POWER_SET_POINT,
        polarity_mode=PolarityMode(1),
        interval_min=15,
        points=(
            ControlPoint(
                start_time=NOW, end_time=NOW + timedelta(minutes=15), target_power=Decimal(100)
            ),
        ),
        ack_deadline=NOW + timedelta(seconds=30),
        valid_until=NOW + timedelta(minutes=20),
        version=version,
        issued_by=DISPATCH,
        issue_time=NOW,
        origin_signature="x",
    )
    return replace(plain, **changes)


def encoded(obj: InformationObject) -> bytes:
    """Some bytes that are equal where the objects are."""
    return msgspec.json.encode(obj)
