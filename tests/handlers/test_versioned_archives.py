"""Rules of every archive with a version: rising, kept, found page by page, If-Match. PLT-6.9."""

from __future__ import annotations

import json as plain_json
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from tests.cases.registers import (
    STATION,
    a_customer,
    a_device,
    a_party,
    a_resource,
    member,
)
from tests.cases.trading import call, refusal
from tests.cases.worlds import DISPATCH, NOW, OPERATOR, OTHER, SECRET, World
from tests.doors.sealing import Sender, by_rest, read_refusal
from vgigw import operations as ops
from vgigw.codec import json
from vgigw.doors.rest.door import RestDoor
from vgigw.envelope.wire import WireAnswer
from vgigw.handlers.keeping import object_of
from vgigw.objects import InformationObject, Token, TokenRequest
from vgigw.objects.enumerations import ObjectKind
from vgigw.operations import Operation


class Archive(NamedTuple):
    """One kind of archive: how it is pushed and asked for, and what names one of it."""

    push: Operation
    query: Operation
    plain: InformationObject
    key: str
    changed: str
    listed: str

    def version(self, number: int, **changes: Any) -> Any:
        return replace(self.plain, version=number, **changes)

    def named(self, number: int, name: str) -> Any:
        return self.version(number, **{self.changed: name})

    @property
    def path(self) -> str:
        """Where it stands on REST."""
        name = self.push.path.rpartition("/")[0]
        return f"{name}/{getattr(self.plain, self.key)}"


STATIONS = Archive(
    ops.PUSH_ARCHIVE,
    ops.QUERY_STATIONS_INFO,
    STATION,
    "station_id",
    "station_name",
    "station_infos",
)
CUSTOMERS = Archive(
    ops.PUSH_CUSTOMER,
    ops.QUERY_CUSTOMERS,
    a_customer(),
    "customer_no",
    "customer_name",
    "customer_infos",
)
DEVICES = Archive(
    ops.PUSH_LOAD_DEVICE,
    ops.QUERY_LOAD_DEVICES,
    a_device(),
    "load_device_id",
    "load_device_name",
    "load_devices",
)
PARTIES = Archive(
    ops.PUSH_OPERATOR,
    ops.QUERY_OPERATORS,
    a_party(),
    "operator_id",
    "operator_name",
    "operator_infos",
)
RESOURCES = Archive(
    ops.PUSH_RESOURCE,
    ops.QUERY_RESOURCES,
    a_resource(),
    "resource_id",
    "resource_name",
    "aggregate_resources",
)
ARCHIVES = (STATIONS, CUSTOMERS, DEVICES, PARTIES, RESOURCES)
MANY = tuple(each for each in ARCHIVES if each is not PARTIES)
"""Of these a party has as many as it likes."""
each_archive = pytest.mark.parametrize("archive", ARCHIVES, ids=lambda each: each.push.name)
each_of_many = pytest.mark.parametrize("archive", MANY, ids=lambda each: each.push.name)


@pytest.fixture
def world() -> World:
    return World()


def history(world: World, archive: Archive) -> list[str]:
    cls = type(archive.plain)
    key = getattr(archive.plain, archive.key)
    held = world.served.store.read(lambda view: view.history(cls.__name__, OPERATOR, key))
    return [getattr(object_of(cls, each.payload), archive.changed) for each in held]


def numbered(archive: Archive, number: int) -> Any:
    """One of many that are alike, each with members of its own."""
    name = f"K{number:02d}"
    more: dict[str, Any] = {archive.key: name}
    if archive is RESOURCES:
        more["members"] = (member(ObjectKind.VEHICLE, name),)
    if archive is STATIONS:
        first = STATION.equipment_infos[0]
        inside = tuple(replace(each, connector_id=name) for each in first.connector_infos)
        more["equipment_infos"] = (replace(first, equipment_id=name, connector_infos=inside),)
    return replace(archive.plain, **more)


def asked(archive: Archive, **members: Any) -> Any:
    return archive.query.request(**members)


def found(world: World, archive: Archive, party: str = OPERATOR, **members: Any) -> Any:
    return call(world, party, archive.query, asked(archive, **members))


@each_archive
def test_plt_6_9_an_older_version_is_4204_whatever_it_says(world: World, archive: Archive) -> None:
    call(world, OPERATOR, archive.push, archive.named(5, "five"))
    assert refusal(world, OPERATOR, archive.push, archive.named(4, "four")) == 4204
    assert history(world, archive) == ["five"]


@each_archive
def test_acc_7_1_a_change_raises_the_version_and_history_is_kept(
    world: World, archive: Archive
) -> None:
    for number, name in ((1, "one"), (2, "two"), (7, "seven")):
        receipt = call(world, OPERATOR, archive.push, archive.named(number, name))
        assert (int(receipt.status), receipt.version) == (0, number)
    assert history(world, archive) == ["one", "two", "seven"]
    (last,) = getattr(found(world, archive), archive.listed)
    assert getattr(last, archive.changed) == "seven"


@each_of_many
def test_acc_7_1_pages_hold_each_once(world: World, archive: Archive) -> None:
    for number in range(11):
        call(world, OPERATOR, archive.push, numbered(archive, number))
    pages = [found(world, archive, page_no=number, page_size=4) for number in (1, 2, 3, 4)]
    assert [(p.page_no, p.page_count, p.item_size) for p in pages] == [
        (number, 3, 11) for number in (1, 2, 3, 4)
    ]
    names = [getattr(o, archive.key) for page in pages for o in getattr(page, archive.listed)]
    assert names == [f"K{number:02d}" for number in range(11)]
    assert len(getattr(found(world, archive), archive.listed)) == 10


@each_of_many
def test_acc_7_1_last_query_time_gives_what_changed_since(world: World, archive: Archive) -> None:
    old, changed, new = (numbered(archive, number) for number in range(3))
    call(world, OPERATOR, archive.push, old)
    call(world, OPERATOR, archive.push, changed)
    world.clock.move_to(NOW + timedelta(seconds=20))
    call(world, OPERATOR, archive.push, replace(changed, version=2))
    call(world, OPERATOR, archive.push, new)
    since = found(world, archive, last_query_time=NOW + timedelta(seconds=10))
    assert getattr(since, archive.listed) == (replace(changed, version=2), new)
    assert since.item_size == 2


@pytest.mark.parametrize("archive", [CUSTOMERS, DEVICES, RESOURCES], ids=lambda a: a.push.name)
def test_acc_g_4_the_same_key_of_two_parties_is_two_archives(
    world: World, archive: Archive
) -> None:
    theirs: Any = archive.version(3)
    if archive is RESOURCES:
        theirs = replace(theirs, aggregator_id=OTHER)
    call(world, OTHER, archive.push, theirs)
    call(world, OPERATOR, archive.push, archive.named(1, "ours"))
    assert [each.version for each in getattr(found(world, archive), archive.listed)] == [1]
    assert getattr(found(world, archive, OTHER), archive.listed) == (theirs,)


def test_plt_6_9_two_resources_of_one_name_both_reach_dispatch() -> None:
    """The key says whose, or the second would be refused there as other content."""
    world = World(DISPATCH)
    ours, theirs = a_resource(), a_resource(aggregator_id=OTHER, resource_name="theirs")
    for each in (ours, theirs):
        call(world, "100000001", ops.PUSH_RESOURCE, each)
    held = world.served.store.read(lambda view: view.documents("AggregateResource"))
    assert [(each.owner, each.key) for each in held] == [(OPERATOR, "R1"), (OTHER, "R1")]


class Rest:
    """``OPERATOR`` on REST, with fields of its own choice."""

    def __init__(self, world: World) -> None:
        self._world = world
        secret = TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)
        token = call(world, OPERATOR, ops.QUERY_TOKEN, secret)
        assert isinstance(token, Token)
        self._sender = Sender(OPERATOR, token.access_token)

    def put(self, archive: Archive, obj: InformationObject, if_match: str | None) -> WireAnswer:
        body = json.encode(obj)
        request = by_rest(self._sender, "PUT", archive.path, body, if_match=if_match)
        return self._world.served.receive(RestDoor(self._world.party), request, NOW)

    def get(self, archive: Archive) -> WireAnswer:
        path, _, key = archive.path.rpartition("/")
        query = "" if "{" in archive.query.path else f"{archive.key}={key}"
        path = path if query else archive.path
        request = by_rest(self._sender, "GET", path)
        return self._world.served.receive(RestDoor(self._world.party), request, NOW)


@each_archive
def test_if_match_replaces_what_is_held_and_nothing_else_4204(
    world: World, archive: Archive
) -> None:
    rest = Rest(world)
    made = rest.put(archive, archive.named(1, "one"), '"0"')
    assert (made.status, made.headers.get("etag")) == (200, '"1"')
    kept = world.kept()
    for expected in ('"0"', '"2"'):
        late = rest.put(archive, archive.named(2, "two"), expected)
        refused = read_refusal("rest", late)
        assert (late.status, refused.ret) == (412, 4204)
    assert world.kept() == kept
    assert rest.put(archive, archive.named(2, "two"), '"1"').headers.get("etag") == '"2"'
    assert history(world, archive) == ["one", "two"]


@each_archive
def test_a_tag_that_is_none_is_refused_and_nothing_kept(world: World, archive: Archive) -> None:
    rest = Rest(world)
    kept = world.kept()
    for tag in ("1", "*", 'W/"1"', '"1", "2"', '"-1"', '"x"'):
        answer = rest.put(archive, archive.version(1), tag)
        assert (answer.status, read_refusal("rest", answer).ret) == (400, 4003), tag
    assert world.kept() == kept


@each_archive
def test_what_is_asked_for_alone_has_its_version_as_etag(world: World, archive: Archive) -> None:
    rest = Rest(world)
    rest.put(archive, archive.version(7), None)
    answer = rest.get(archive)
    assert (answer.status, answer.headers.get("etag")) == (200, '"7"')
    (item,) = plain_json.loads(answer.body)[_wire_name(archive)]
    assert item["Version"] == 7


def _wire_name(archive: Archive) -> str:
    fields = msgspec.structs.fields(archive.query.response)
    return next(each.encode_name for each in fields if each.name == archive.listed)
