"""In each shipped dialect each operation has a way there and back, and QueryServices tells it.

What a courier writes the door of the other side reads as the same object, but for what the dialect
has no word for; the answer likewise. ACC-A.2, CARD-12.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.codec.variants import filled
from tests.doors.dialect_host import CITY, OTHER, PARTIES, Host
from vgigw import Peer, Secrets
from vgigw.codec import json
from vgigw.codec.dialect import DEFAULT, Dialect, ObjectRules, Spelling
from vgigw.codec.dialect_files import shipped
from vgigw.codec.shape import shape_of
from vgigw.crypto.suite import SUITES
from vgigw.doors.cec102.door import Cec102Door
from vgigw.envelope.wire import Transport
from vgigw.objects import InformationObject
from vgigw.operations import OPERATIONS, QUERY_SERVICES, Operation, Role
from vgigw.senders.cec102 import Cec102Courier

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
US, THEM = "100000001", "123456789"
SECRET = "1234567890abcdef"
SECRETS = Secrets.of(
    operator_secret=SECRET, data_secret=SECRET, data_secret_iv=SECRET, sig_secret=SECRET
)
EVERY = [(name, row) for name in shipped().names for row in OPERATIONS]
each = pytest.mark.parametrize(
    ("name", "row"), EVERY, ids=[f"{name}-{row.name}" for name, row in EVERY]
)


def peer(name: str, **more: Any) -> Peer:
    return Peer(
        operator_id=US, role=Role.PLATFORM, doors=frozenset({"cec102"}), suite="tcec102",
        inbound=SECRETS, outbound=SECRETS, dialect=name, **more,
    )  # fmt: skip


def whole(cls: type[InformationObject]) -> InformationObject:
    """An object with every member: nothing that a dialect requires is missing."""
    return json.accept(cls, filled(cls))


def same(spelling: Spelling, ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Paths at which two objects differ, without what the dialect leaves out or says otherwise."""
    cls: type[InformationObject] = type(ours)
    rules = spelling.rules.get(cls, ObjectRules())
    moved = set(rules.omitted)
    for rule in rules.values:
        moved |= rule.theirs.keys() | rule.ours.keys() | rule.written_for.keys()
    found = []
    for member in shape_of(cls).members:
        one, other = getattr(ours, member.attribute), getattr(theirs, member.attribute)
        here = f"{path}/{member.wire}"
        if member.wire in moved:
            continue
        if member.of is None or one is None:
            found += [here] if one != other else []
            continue
        pairs = zip(one, other, strict=True) if member.many else [(one, other)]
        found += [fault for pair in pairs for fault in same(spelling, *pair, here)]
    return found


def there(name: str, row: Operation) -> tuple[Dialect, str, Any]:
    """The dialect, the wire name called, and what the other side's door reads."""
    dialect = shipped().at(name, NOW)
    base = f"loop://them{'/evcs/v1' if dialect.prefix is None else dialect.prefix}"
    courier = Cec102Courier(THEM, SUITES)
    wire, sent = courier.seal(peer(name), base, row, whole(row.request), "t", NOW)
    path = wire.path if wire.rooted else f"{base.removeprefix('loop://them')}{wire.path}"
    received = type(wire)(
        method=wire.method, path=path, headers=wire.headers, body=wire.body,
        transport=Transport.LOOPBACK,
    )  # fmt: skip
    door = Cec102Door(US, SUITES, selectors=[name])
    claim = door.read(received)
    assert claim.operation is row
    door.verify(claim, peer(name))
    answer = door.answer(claim, peer(name), whole(row.response), NOW)
    answered = courier.open(peer(name), row, sent, answer)
    return dialect, sent.name, (door.open(claim, peer(name), NOW).request, answered)


@each
def test_what_is_written_in_a_dialect_is_read_there_as_the_same_object(
    name: str, row: Operation
) -> None:
    dialect, called, (asked, answered) = there(name, row)
    spelling = dialect.spelling_at(called)

    assert called in dialect.names_of(row)
    assert same(spelling, whole(row.request), asked) == []
    assert same(spelling, whole(row.response), answered) == []


def test_what_is_compared_is_nearly_everything() -> None:
    """Few members are spared: else the test above would hold nothing."""
    objects = list(itertools.chain(*((row.request, row.response) for row in OPERATIONS)))
    for name in shipped().names:
        rules = shipped().at(name, NOW).spelling_at("").rules
        spared = sum(len(rule.omitted) + 3 * len(rule.values) for rule in rules.values())
        assert spared < 60 < len(objects)


def told(who: str, path: str) -> dict[str, list[str]]:
    """Names by operation, as QueryServices tells ``who``."""
    host = Host()
    token_path = f"{path.rpartition('/')[0]}/query_token"
    answer = host.post(who, path, {}, token_path=token_path)
    assert answer.ret == 0
    # What carries others encrypted on SOAP and REST has no name here.
    return {entry["Name"]: entry.get("Cec102", []) for entry in answer.data["Operations"]}


def test_a_peer_of_the_standard_is_told_the_names_of_the_standard_acc_7_6() -> None:
    assert told(OTHER, "/evcs/v1/query_services")["QueryStationStatus"] == ["query_station_status"]


def test_a_peer_is_told_the_names_and_paths_of_its_dialect_acc_7_6() -> None:
    names = told(CITY, "/shevcs/v1.0/query_services")

    assert names["QueryStationStatus"] == ["/shevcs/v1.0/query_stations_status"]
    assert names["QueryTime"] == ["/shevcs/v1.0/query_time"]


@pytest.mark.parametrize("name", sorted(set(PARTIES) - {DEFAULT}))
def test_whatever_is_told_is_served_there_acc_7_6(name: str) -> None:
    dialect = shipped().at(name, NOW)
    door = Cec102Door(US, SUITES, selectors=[name])
    served = {path: row for path, row, _ in dialect.paths("/evcs/v1")}
    for row in OPERATIONS:
        for each_name in dialect.told_names(row):
            path = each_name if each_name.startswith("/") else f"/evcs/v1/{each_name}"
            assert served[path] is row
            assert path.startswith(tuple(door.mounts))
    assert QUERY_SERVICES in served.values()
