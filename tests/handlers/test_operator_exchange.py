"""Two operators, face to face and without a platform: stations and their states. ACC-1.1."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.registers import CONNECTORS, STATION
from tests.cases.worlds import DOORS, NOW, OPERATOR, OTHER, PREFIXES, ROLES, peer
from tests.stores.fresh import fresh_store
from vgigw import operations as ops
from vgigw.crypto.suite import SUITES
from vgigw.errors import PeerRefused
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import (
    ConnectorStatusInfo,
    InformationObject,
    StationInfo,
    StationQuery,
    StationStatusQuery,
)
from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.operations import Operation
from vgigw.ports import Identity
from vgigw.senders.cec102 import Cec102Courier
from vgigw.senders.rest import RestCourier
from vgigw.senders.soap import SoapCourier
from vgigw.testing.loopback import FakeClock, LoopbackSender

THEIRS: StationInfo = replace(STATION, operator_id=OTHER, station_name="theirs")
"""The same identifiers, of the other operator."""


class Two:
    """Two operators' gateways that know each other and nobody else."""

    def __init__(self, door: str) -> None:
        self.clock = FakeClock(NOW)
        self.net = LoopbackSender(self.clock)
        self.gateways = {
            own: self._gateway(own, other, door)
            for own, other in ((OPERATOR, OTHER), (OTHER, OPERATOR))
        }

    def _gateway(self, own: str, other: str, door: str) -> Gateway:
        path = f"loop://{other}/{PREFIXES[door]}"
        known = peer(other, ROLES[other], door, paths=(path,))
        identity = Identity(operator_id=own, role=ROLES[own], peers={other: known})
        couriers = (
            Cec102Courier(own, SUITES),
            RestCourier(own),
            SoapCourier(own, ROLES[own], SUITES),
        )
        gateway = Gateway(
            identity=identity,
            store=fresh_store(),
            duties=builtin(identity),
            couriers={courier.name: courier for courier in couriers},
            sender=self.net,
        )
        self.net.join(own, gateway)
        return gateway

    def ask(self, own: str, operation: Operation, request: InformationObject) -> Any:
        """What ``own`` hears of the other."""
        other = OTHER if own == OPERATOR else OPERATOR
        return self.gateways[own].call(other, operation, request, self.clock.now())

    def tell(self, own: str, operation: Operation, request: InformationObject) -> None:
        """Through the outbox, until the other one has it."""
        other = OTHER if own == OPERATOR else OPERATOR
        self.gateways[own].send(other, operation, request, self.clock.now())
        self.gateways[own].tick(self.clock.now())

    def held(self, own: str) -> list[tuple[str, str, int]]:
        found = self.gateways[own].store.read(lambda view: view.documents("StationInfo"))
        return [(each.owner, each.key, each.version) for each in found]


@pytest.fixture(params=DOORS)
def two(request: pytest.FixtureRequest) -> Two:
    return Two(request.param)


def event(event_id: str, status: ConnectorStatus) -> ConnectorStatusInfo:
    return ConnectorStatusInfo(
        event_id=event_id,
        connector_id=CONNECTORS[0],
        status=status,
        change_time=NOW,
        fault_code="E0001" if status is ConnectorStatus.FAULT else None,
    )


def test_acc_1_1_a_station_reaches_the_other_operator_and_stays_its_own(two: Two) -> None:
    two.tell(OPERATOR, ops.PUSH_ARCHIVE, STATION)
    two.tell(OTHER, ops.PUSH_ARCHIVE, THEIRS)
    both = [(each, STATION.station_id, STATION.version) for each in (OPERATOR, OTHER)]
    assert (two.held(OPERATOR), two.held(OTHER)) == (both, both)


def test_acc_1_1_each_asks_the_other_and_is_shown_its_own_stations_only(two: Two) -> None:
    two.tell(OPERATOR, ops.PUSH_ARCHIVE, STATION)
    two.tell(OTHER, ops.PUSH_ARCHIVE, THEIRS)
    shown = two.ask(OTHER, ops.QUERY_STATIONS_INFO, StationQuery())
    assert shown.station_infos == (STATION,)
    shown = two.ask(OPERATOR, ops.QUERY_STATIONS_INFO, StationQuery())
    assert shown.station_infos == (THEIRS,)


def test_acc_1_1_states_are_pushed_and_asked_for(two: Two) -> None:
    two.tell(OPERATOR, ops.PUSH_ARCHIVE, STATION)
    first, second = event("E1", ConnectorStatus.IDLE), event("E2", ConnectorStatus.FAULT)
    for each in (first, second):
        two.tell(OPERATOR, ops.PUSH_DEVICE_STATE, each)
    query = StationStatusQuery(station_ids=(STATION.station_id,))
    shown = two.ask(OTHER, ops.QUERY_STATION_STATUS, query)
    (station,) = shown.station_status_infos
    assert station.connector_status_infos == (second,)
    kept = two.gateways[OTHER].store.read(
        lambda view: view.history("ConnectorStatusInfo", OPERATOR, CONNECTORS[0])
    )
    assert [each.group for each in kept] == ["E1", "E2"]


def test_acc_1_1_no_operator_speaks_of_the_stations_of_another(two: Two) -> None:
    for operation, request, code in (
        (ops.PUSH_ARCHIVE, THEIRS, 4301),
        (ops.PUSH_DEVICE_STATE, event("E1", ConnectorStatus.FAULT), 4201),
    ):
        with pytest.raises(PeerRefused) as refused:
            two.ask(OPERATOR, operation, request)
        assert refused.value.code == code
    assert two.held(OTHER) == []


def test_acc_1_1_what_one_operator_told_the_other_does_not_show(two: Two) -> None:
    two.tell(OPERATOR, ops.PUSH_ARCHIVE, STATION)
    two.tell(OPERATOR, ops.PUSH_DEVICE_STATE, event("E1", ConnectorStatus.FAULT))
    query = StationStatusQuery(station_ids=(STATION.station_id,))
    assert two.ask(OPERATOR, ops.QUERY_STATION_STATUS, query).total == 0


def test_acc_1_1_an_event_that_is_told_twice_stands_once_in_the_own_archive(two: Two) -> None:
    two.tell(OPERATOR, ops.PUSH_ARCHIVE, STATION)
    for name in ("E1", "E2", "E1"):
        two.tell(OPERATOR, ops.PUSH_DEVICE_STATE, event(name, ConnectorStatus.FAULT))
    kept = two.gateways[OPERATOR].store.read(
        lambda view: view.history("ConnectorStatusInfo", OPERATOR, CONNECTORS[0])
    )
    assert [each.group for each in kept] == ["E1", "E2"]
