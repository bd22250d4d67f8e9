"""Versions of the published contract: named and dated, and two of them side by side. ACC-A.2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from lxml import etree

from tests.cases.worlds import OPERATOR, World
from tests.doors.sealing import Sender, by_soap, read_refusal
from vgigw.codec import published
from vgigw.codec.example import moment
from vgigw.codec.example_exchange import party_of, request_of
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import StationQuery, TimeQuery
from vgigw.operations import (
    CONTRACT,
    OPERATIONS,
    QUERY_SERVICES,
    QUERY_STATIONS_INFO,
    QUERY_TIME,
    Operation,
    Role,
)
from vgigw.senders.rest import RestCourier
from vgigw.testing.example_messages import known

NEXT = tuple(row for row in OPERATIONS if row is not QUERY_TIME)
"""The table of a next major version, from which an operation was taken."""


class TwoVersions:
    """One gateway behind two REST doors, of this version and of the next."""

    def __init__(self) -> None:
        self.world = World()
        served = self.world.party
        self.doors = {"v1": RestDoor(served), "v2": RestDoor(served, NEXT, prefix="/vgi/v2")}
        self.token: str | None = None

    def sealed(self, version: str, operation: Operation, request: Any) -> WireRequest:
        courier, peer = RestCourier(OPERATOR), known(Role.PLATFORM, "rest")
        base = f"https://platform.example/vgi/{version}"
        now = self.world.clock.now()
        wire, _ = courier.seal(peer, base, operation, request, self.token, now)
        path = f"/vgi/{version}{wire.path}"
        return msgspec.structs.replace(wire, path=path, transport=Transport.LOOPBACK)

    def asked(self, version: str, request: WireRequest) -> WireAnswer:
        return self.world.served.receive(self.doors[version], request, self.world.clock.now())


@pytest.fixture
def two() -> TwoVersions:
    made = TwoVersions()
    world = made.world
    world.call("rest", OPERATOR, QUERY_STATIONS_INFO, StationQuery())
    made.token = next(
        request.bearer for request, _ in reversed(world.net.exchanged) if request.bearer
    )
    return made


def test_both_versions_are_answered_by_one_gateway_at_one_time_acc_a_2(two: TwoVersions) -> None:
    for version in ("v1", "v2"):
        request = two.sealed(version, QUERY_STATIONS_INFO, StationQuery())
        assert two.asked(version, request).status == 200, version


def test_what_the_next_version_gave_up_is_still_served_under_this_one_acc_a_2(
    two: TwoVersions,
) -> None:
    question = TimeQuery(t1=two.world.clock.now())
    gone = two.asked("v2", two.sealed("v2", QUERY_TIME, question))
    assert (gone.status, read_refusal("rest", gone).ret) == (404, 4003)
    assert two.asked("v1", two.sealed("v1", QUERY_TIME, question)).status == 200


def test_each_version_answers_under_its_own_path_only_acc_a_2(two: TwoVersions) -> None:
    for door, path in (("v1", "v2"), ("v2", "v1")):
        answer = two.asked(door, two.sealed(path, QUERY_STATIONS_INFO, StationQuery()))
        assert (answer.status, read_refusal("rest", answer).ret) == (404, 4003)


def test_a_message_of_one_version_is_not_genuine_under_the_other_acc_a_2(two: TwoVersions) -> None:
    """The path is under the signature."""
    request = two.sealed("v1", QUERY_STATIONS_INFO, StationQuery())
    moved = msgspec.structs.replace(request, path=request.path.replace("v1", "v2"))
    assert read_refusal("rest", two.asked("v2", moved)).ret == 4001


def test_a_body_of_another_major_version_is_refused_and_not_read_as_this_one_acc_a_2() -> None:
    world = World()
    ours = by_soap(Sender(OPERATOR), QUERY_SERVICES, b'<QueryServices xmlns="urn:vgigw:v2"/>')
    answer = world.served.receive(SoapDoor(world.party, {}), ours, world.clock.now())
    assert read_refusal("soap", answer).ret == 4003


def test_the_contract_counts_a_week_after_it_was_published_at_the_earliest_acc_a_2() -> None:
    assert CONTRACT.effective - CONTRACT.published >= timedelta(days=7)
    assert moment().date() >= CONTRACT.effective, "the examples are of this version"


def test_version_and_dates_stand_in_xsd_and_wsdl_in_two_languages_acc_a_2() -> None:
    contents = published.generate()
    for name in ("schemas/vgigw.xsd", "wsdl/common.wsdl", "wsdl/dispatch.wsdl"):
        text = etree.fromstring(contents[name])
        said = str(text.xpath("string()"))
        for date in (CONTRACT.published, CONTRACT.effective):
            assert date.isoformat() in said, name
        assert text.get("targetNamespace") == CONTRACT.namespace
        assert f'version="{CONTRACT.version}"'.encode() in contents[name]


def test_a_caller_is_told_the_version_and_it_is_that_of_the_files_acc_a_2() -> None:
    world = World()
    told: Any = world.call("rest", OPERATOR, QUERY_SERVICES, request_of(QUERY_SERVICES))
    assert told.versions == (CONTRACT.version,)
    assert party_of(Role.OPERATOR) == OPERATOR
