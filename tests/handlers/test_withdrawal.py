"""After a withdrawal nothing personal stands in any file of either side. JES-6.4.1c, Q24.

Looked at are the bytes of the files themselves, and what each column holds once it is unpacked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zstandard
from msgspec.structs import replace

from tests.handlers.test_vehicles import a_command, a_consent, a_trip, a_vehicle
from tests.stores.fresh import store_at
from tests.trio import DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, Trio, batch, kept, record
from vgigw import operations as ops
from vgigw.codec.example import example
from vgigw.codec.packing import unpack
from vgigw.handlers import anonymising, anonymous_records
from vgigw.handlers.anonymising import is_done
from vgigw.handlers.audit import broken_link
from vgigw.handlers.commands import known
from vgigw.objects import (
    AdjustCapability,
    AggregateResource,
    AlarmEvent,
    AlarmObjectKind,
    ChargeOrder,
    ChargeStatus,
    CommandAck,
    ConsentWithdrawal,
    EdgeSync,
    PolarityMode,
    RecallRequest,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ObjectKind, ResourceLevel
from vgigw.objects.operating_enumerations import AckResult, CommandState, RecallCause, RefuseReason
from vgigw.objects.resources import ResourceMember
from vgigw.rules.anonymity import ERASED

pytestmark = pytest.mark.own_store("reads every byte of the embedded store's files")

VEHICLE, VIN, TRIP, WHY = "pseudonym-0f3a9c71", "LSVAA4182E2123456", "trip-77ac", "we part ways"
PLATE, CHARGED = "AF71Q3", "LSVBB4182E2765432"
NEIGHBOUR = "pseudonym-of-another"
PERSONAL = tuple(
    each.encode() for each in (VEHICLE, VIN, PLATE, CHARGED, TRIP, WHY, "116.397", "39.908")
)
SIDES = (PLATFORM, OPERATOR)
WHEN = {"start_time": NOW - timedelta(hours=1), "end_time": NOW}


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    stores: dict[str, Any] = {each: store_at(tmp_path / each / "state.db") for each in SIDES}
    yield Trio("rest", stores=stores)
    for store in stores.values():
        store.close()


def files(trio: Trio, party: str) -> bytes:
    folder = trio.stores[party].path.parent  # type: ignore[attr-defined]
    return b"".join(each.read_bytes() for each in sorted(folder.iterdir()))


def columns(trio: Trio, party: str) -> Iterator[tuple[str, bytes, bytes]]:
    """Of every row of every table: the table, each content as it lies there, and unpacked."""
    connection = sqlite3.connect(trio.stores[party].path)  # type: ignore[attr-defined]
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in names:
        for row in connection.execute(f"SELECT * FROM {table}"):
            for content in row:
                raw = content if isinstance(content, bytes) else str(content).encode()
                yield table, raw, opened(raw)
    connection.close()


def opened(raw: bytes) -> bytes:
    try:
        return unpack(raw)
    except zstandard.ZstdError:
        return raw


def personal(trio: Trio, party: str) -> set[tuple[str, bytes]]:
    """Table and word of everything personal that can be read."""
    return {
        (table, word)
        for table, _, content in columns(trio, party)
        for word in PERSONAL
        if word in content
    }


def blobs(trio: Trio, party: str) -> list[bytes]:
    """What holds something personal and is packed, as it lies in the file."""
    return [
        raw
        for _, raw, content in columns(trio, party)
        if raw != content and any(word in content for word in PERSONAL)
    ]


def send(trio: Trio, operation: Any, request: Any, to: str = PLATFORM) -> None:
    trio.operator.send(to, operation, request, trio.now)


def live(trio: Trio) -> None:
    """A vehicle with all that is ever told of one: a trip, a session, telemetry, a command."""
    send(trio, ops.GRANT_CONSENT, a_consent(vehicle_id=VEHICLE))
    trio.tick()
    send(trio, ops.PUSH_VEHICLE, a_vehicle(vehicle_id=VEHICLE))
    send(trio, ops.PUSH_VEHICLE, a_vehicle(2, vehicle_id=VEHICLE, vin=VIN))
    send(trio, ops.PUSH_TRIP, a_trip(TRIP, vehicle_id=VEHICLE))
    driving = record(1, object_kind=ObjectKind.VEHICLE, object_id=VEHICLE)
    another = record(2, object_kind=ObjectKind.VEHICLE, object_id=NEIGHBOUR)
    send(trio, ops.UPLOAD_TELEMETRY, batch(1, 2, records=(driving, another)))
    for told in told_of_it():
        send(trio, *told)
    trio.tick(3)
    trio.dispatch.send(PLATFORM, ops.ISSUE_CONTROL, a_command(resource_id=VEHICLE), trio.now)
    asked = RecallRequest(
        recall_id="R1",
        requester_id=DISPATCH,
        object_ids=(VEHICLE,),
        time_from=NOW - timedelta(days=1),
        time_to=NOW,
        cause=RecallCause.MANUAL,
    )
    trio.dispatch.send(PLATFORM, ops.RECALL_DATA, asked, trio.now)
    trio.tick(3)
    edge: Any = example(EdgeSync)
    in_force = trio.call(OPERATOR, ops.SYNC_EDGE, edge)
    assert [each.resource_id for each in in_force.commands] == [VEHICLE]


def told_of_it() -> list[tuple[Any, Any]]:
    status: Any = example(ChargeStatus)
    order: Any = example(ChargeOrder)
    alarm: Any = example(AlarmEvent)
    ability: Any = example(AdjustCapability)
    second = replace(order, start_charge_seq=f"{order.start_charge_seq[:-1]}9", **WHEN)
    return [
        (ops.PUSH_CHARGE_ORDER, replace(second, vehicle_id=VEHICLE)),
        (ops.PUSH_CHARGE_STATUS, replace(status, vehicle_id=VEHICLE, **WHEN)),
        (
            ops.PUSH_CHARGE_ORDER,
            replace(order, vehicle_id=VEHICLE, vin=CHARGED, plate_no=PLATE, **WHEN),
        ),
        (
            ops.PUSH_ALARM,
            replace(alarm, object_kind=AlarmObjectKind.VEHICLE, object_id=VEHICLE),
        ),
        (
            ops.REPORT_CAPABILITY,
            replace(
                ability,
                resource_id=VEHICLE,
                data_time=NOW - timedelta(seconds=1),
                active_power=0,
                up_capability=7,
                down_capability=0,
                capability_curve=(),
            ),
        ),
        (ops.PUSH_RESOURCE, a_resource()),
    ]


def a_resource() -> AggregateResource:
    drawn: Any = example(AggregateResource)
    members = tuple(
        ResourceMember(member_kind=ObjectKind.VEHICLE, member_id=each, share=Decimal(1))
        for each in (VEHICLE, NEIGHBOUR)
    )
    made: AggregateResource = replace(
        drawn,
        aggregator_id=OPERATOR,
        resource_level=ResourceLevel.REGION,
        polarity_mode=PolarityMode.LOAD,
        rated_discharge_power=0,
        members=members,
    )
    return made


def withdraw(trio: Trio) -> None:
    send(trio, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A", reason=WHY))
    trio.tick(4)


def test_the_life_of_a_vehicle_is_told_everywhere_before(trio: Trio) -> None:
    live(trio)
    assert not [each for each in trio.letters(OPERATOR) if each.last_error]
    kinds = {"VehicleInfo", "TripInfo", "ConsentInfo", "ChargeStatus", "ChargeOrder", "AlarmEvent"}
    kinds |= {"AdjustCapability", "AggregateResource", "ControlCurve", "CommandRecord"}
    told = {PLATFORM: kinds | {"RecallPlan"}, OPERATOR: kinds}
    for party in SIDES:
        tables = {table for table, _ in personal(trio, party)}
        assert {"document", "journal", "letter"} <= tables
        assert all(any(word == each for _, word in personal(trio, party)) for each in PERSONAL[:3])
        assert told[party] <= holding(trio, party)
    assert "answer" in {table for table, _ in personal(trio, PLATFORM)}


def holding(trio: Trio, party: str) -> set[str]:
    """Kinds of the documents that name the vehicle."""
    connection = sqlite3.connect(trio.stores[party].path)  # type: ignore[attr-defined]
    rows = connection.execute("SELECT kind, payload FROM document").fetchall()
    connection.close()
    return {kind for kind, payload in rows if VEHICLE.encode() in opened(payload)}


def test_nothing_personal_stays_in_any_byte_of_either_side_jes_6_4_1c(trio: Trio) -> None:
    live(trio)
    before = {party: blobs(trio, party) for party in SIDES}
    assert all(before.values())

    withdraw(trio)

    for party in SIDES:
        assert personal(trio, party) == set()
        written = files(trio, party)
        assert [word for word in PERSONAL if word in written] == []
        # Packed content need not show its words: its own bytes must be gone, too.
        assert [raw for raw in before[party] if raw[-24:] in written] == []


def test_it_is_gone_with_the_commit_of_the_withdrawal_jes_6_4_1c(trio: Trio) -> None:
    live(trio)
    trio.call(OPERATOR, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A", reason=WHY))
    assert personal(trio, PLATFORM) == set()
    assert [word for word in PERSONAL if word in files(trio, PLATFORM)] == []


def test_what_waits_to_be_sent_goes_without_the_vehicle_or_not_at_all(trio: Trio) -> None:
    live(trio)
    moved = replace(a_resource(), version=a_resource().version + 1)
    trio.call(OPERATOR, ops.PUSH_RESOURCE, moved)
    trio.call(OPERATOR, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A"))
    (letter,) = [
        each
        for each in trio.letters(PLATFORM)
        if each.operation == ops.PUSH_RESOURCE.name and each.state.value == "waiting"
    ]
    sent = kept(AggregateResource, letter.payload)
    assert (sent.version, [each.member_id for each in sent.members]) == (
        moved.version,
        [NEIGHBOUR],
    )


def test_the_facts_stay_without_the_person_q24(trio: Trio) -> None:
    live(trio)
    withdraw(trio)
    for party in SIDES:
        (row,) = trio.stores[party].read(lambda view: view.rows(owner=OPERATOR, stream=STREAM))
        held = kept(TelemetryBatch, row.payload)
        assert [each.object_id for each in held.records] == [ERASED, NEIGHBOUR]
        assert [each.active_power for each in held.records] == [1.0, 2.0]
        document = trio.stores[party].read(lambda view: view.documents("ChargeOrder"))[0]
        told: Any = example(ChargeOrder)
        assert kept(ChargeOrder, document.payload) == replace(told, vehicle_id=ERASED, **WHEN)


def test_the_audit_still_holds_together_after_a_withdrawal_plt_7_10d(trio: Trio) -> None:
    live(trio)
    withdraw(trio)
    identity = trio.platform.identity
    assert trio.stores[PLATFORM].read(lambda view: broken_link(identity, view)) is None


def test_a_command_that_nobody_decided_on_is_refused_by_its_carrier_3_2_6(trio: Trio) -> None:
    live(trio)
    withdraw(trio)
    record = trio.stores[PLATFORM].read(lambda view: known(view, "K1"))
    assert (record.state, record.resource_id) == (CommandState.REFUSED, ERASED)
    assert record.ack is not None
    assert record.ack.refuse_reason is RefuseReason.USER_NEED


def test_no_log_names_a_vehicle_or_a_trip_jes_6_4_1b(trio: Trio) -> None:
    live(trio)
    withdraw(trio)
    told = repr([each for each in trio.events if each[0] in SIDES]).encode()
    assert [word for word in PERSONAL if word in told] == []


def test_the_receipt_of_a_withdrawal_is_kept_by_who_asked_3_2_6(trio: Trio) -> None:
    live(trio)
    taken = CommandAck(command_id="K1", ack_result=AckResult.ACCEPTED, ack_time=NOW)
    send(trio, ops.ACK_CONTROL, taken)
    withdraw(trio)
    (document,) = trio.stores[OPERATOR].read(lambda view: view.documents("ConsentReceipt"))
    assert document.owner == PLATFORM
    assert b'"CancelledCommands":["K1"]' in unpack(document.payload)


def test_what_rested_on_one_of_two_consents_leaves_the_files_jes_6_4_1c(trio: Trio) -> None:
    live(trio)
    send(trio, ops.GRANT_CONSENT, a_consent("B", vehicle_id=VEHICLE))
    trio.tick()
    trio.call(OPERATOR, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A"))
    words = {word for _, word in personal(trio, PLATFORM)}
    of_it = (VEHICLE, PLATE, CHARGED)
    assert words == {word.encode() for word in of_it}
    written = files(trio, PLATFORM)
    assert [word for word in PERSONAL if word in written] == [VEHICLE.encode()]


@pytest.mark.parametrize("documents", [1, 100])
def test_much_is_made_anonymous_a_part_at_a_time_also_after_a_restart(
    trio: Trio, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    live(trio)
    for module in (anonymising, anonymous_records):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    monkeypatch.setattr(anonymous_records, "_DOCUMENTS", documents)
    monkeypatch.setattr(anonymous_records, "_ROWS", 1)
    trio.call(OPERATOR, ops.WITHDRAW_CONSENT, ConsentWithdrawal(consent_id="A"))
    assert personal(trio, PLATFORM) != set()
    assert not trio.stores[PLATFORM].read(is_done)
    for _ in range(200):
        trio.restart(PLATFORM).do_chores(trio.now)
        if trio.stores[PLATFORM].read(is_done):
            break
    assert personal(trio, PLATFORM) == set()
