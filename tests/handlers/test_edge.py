"""An edge that was alone gets what is in force for it, and nothing else. JES-6.3.3."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_cancel import cancel, withdraw
from tests.handlers.test_relay import ack, issue, refused_code, report
from tests.trio import BASES, NOW, OPERATOR, OTHER, PLATFORM, Trio, curve, kept, station
from vgigw.objects import (
    AckResult,
    AggregateResource,
    EdgeSync,
    EdgeSyncReply,
    ExecState,
    StationInfo,
)
from vgigw.objects.edge import EdgeEvent, EdgeLogEntry, EdgeState
from vgigw.objects.enumerations import (
    Dimension,
    ObjectKind,
    PolarityMode,
    ResourceLevel,
    Scene,
)
from vgigw.objects.operating_enumerations import Priority
from vgigw.objects.resources import ResourceMember
from vgigw.operations import (
    ACK_CONTROL,
    PUSH_ARCHIVE,
    PUSH_RESOURCE,
    REPORT_EXECUTION,
    SYNC_EDGE,
)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    made.call(OPERATOR, PUSH_ARCHIVE, second())
    return made


def second() -> StationInfo:
    """``ST2`` of the operator, with devices of its own."""
    plain = station("ST2")
    chargers = tuple(
        replace(
            each,
            equipment_id=f"E2-{place}",
            connector_infos=tuple(
                replace(one, connector_id=f"C2-{place}-{number}")
                for number, one in enumerate(each.connector_infos)
            ),
        )
        for place, each in enumerate(plain.equipment_infos)
    )
    return replace(plain, equipment_infos=chargers)


def edge(seq: int = 1, edge_id: str = "EDGE", **changes: Any) -> EdgeSync:
    plain = EdgeSync(edge_id=edge_id, seq=seq, state=EdgeState.AUTONOMOUS)
    return replace(plain, **changes)


def commands(trio: Trio, party: str = OPERATOR, **asked: Any) -> list[str]:
    """What an edge is answered, in order."""
    reply: EdgeSyncReply = trio.call(party, SYNC_EDGE, edge(**asked))
    return [each.command_id for each in reply.commands]


def test_jes_6_3_3_the_log_is_kept_and_what_is_in_force_is_answered(trio: Trio) -> None:
    issue(trio, curve())
    entry = EdgeLogEntry(time=NOW, event=EdgeEvent.LINK_LOST)
    sent = edge(7, log_entries=(entry,))
    reply: EdgeSyncReply = trio.call(OPERATOR, SYNC_EDGE, sent)
    assert (reply.edge_id, reply.seq, reply.commands) == ("EDGE", 7, (curve(),))
    (document,) = trio.stores[PLATFORM].read(lambda view: view.documents("EdgeSync"))
    assert (document.owner, kept(EdgeSync, document.payload)) == (OPERATOR, sent)


def test_plt_4_3_an_edge_gets_nothing_of_another_party(trio: Trio) -> None:
    trio.call(OTHER, PUSH_ARCHIVE, replace(station(), operator_id=OTHER))
    issue(trio, curve())
    issue(trio, curve("THEIRS", aggregator_id=OTHER))
    for name in ("EDGE", "ST1"):
        assert commands(trio, edge_id=name) == ["CMD1"]
        assert commands(trio, OTHER, edge_id=name) == ["THEIRS"]


def test_jes_6_3_3_an_edge_that_the_archives_know_gets_what_stands_there(trio: Trio) -> None:
    """A station with its devices, a device, a resource with its members; else all of the sender."""
    connector = second().equipment_infos[0].connector_infos[0].connector_id
    issue(trio, curve("A"))
    issue(trio, curve("B", resource_id="ST2"))
    small = replace(curve().points[0], target_power=Decimal(1))
    issue(trio, curve("C", resource_id=connector, points=(small,)))
    trio.call(OPERATOR, PUSH_RESOURCE, park())
    issue(trio, curve("D", resource_id="PARK"))
    assert commands(trio) == ["A", "B", "C", "D"]
    assert commands(trio, edge_id="ST1") == ["A"]
    assert commands(trio, edge_id="ST2") == ["B", "C"]
    assert commands(trio, edge_id=connector) == ["C"]
    assert commands(trio, edge_id="PARK") == ["B", "C", "D"]


def park() -> AggregateResource:
    return AggregateResource(
        resource_id="PARK",
        resource_name="park",
        aggregator_id=OPERATOR,
        resource_level=ResourceLevel.REGION,
        dimension=Dimension(1),
        scene=Scene(1),
        polarity_mode=PolarityMode.LOAD,
        polarity_from=NOW - timedelta(days=1),
        members=(ResourceMember(member_kind=ObjectKind.STATION, member_id="ST2"),),
        rated_charge_power=Decimal(120),
        rated_discharge_power=Decimal(0),
        min_control_unit=Decimal(1),
        version=1,
        update_time=NOW,
    )


def test_q30_what_expired_is_never_answered(trio: Trio) -> None:
    """Neither after ValidUntil nor after its last segment, whoever accepted it."""
    longer = NOW + timedelta(hours=1)
    issue(trio, curve("VALID", valid_until=longer))
    issue(trio, curve("SHORT", valid_until=NOW + timedelta(minutes=5)))
    trio.tick()
    for name in ("VALID", "SHORT"):
        trio.call(OPERATOR, ACK_CONTROL, ack(command_id=name))
    assert commands(trio) == ["SHORT", "VALID"]
    trio.wait(300)
    assert commands(trio) == ["VALID"]
    trio.wait(599)
    assert commands(trio) == ["VALID"]
    trio.wait(1)
    assert commands(trio) == []


def test_plt_8_8a_what_nobody_may_decide_on_any_more_is_not_answered(trio: Trio) -> None:
    trio.net.cut.add(OPERATOR)
    issue(trio, curve())
    trio.tick()
    trio.wait(29)
    assert commands(trio) == ["CMD1"]
    trio.wait(1)
    assert commands(trio) == []


@pytest.mark.parametrize("how", ["withdrawn", "refused", "done", "replaced"])
def test_plt_8_5b_what_is_over_is_not_answered(trio: Trio, how: str) -> None:
    issue(trio, curve())
    trio.tick()
    if how == "withdrawn":
        withdraw(trio, cancel())
    elif how == "refused":
        trio.call(OPERATOR, ACK_CONTROL, ack(AckResult.REFUSED))
    elif how == "done":
        trio.call(OPERATOR, REPORT_EXECUTION, report(ExecState.DONE))
    else:
        issue(trio, curve("NEW", version=2, supersedes_command_id="CMD1"))
    assert commands(trio) == (["NEW"] if how == "replaced" else [])


def test_plt_8_5b_the_version_in_force_is_answered_and_the_most_urgent_first(trio: Trio) -> None:
    issue(trio, curve("A"))
    issue(trio, curve("B", priority=Priority.HIGH))
    issue(trio, curve("C", priority=Priority.EMERGENCY))
    issue(trio, curve("A", version=2))
    reply: EdgeSyncReply = trio.call(OPERATOR, SYNC_EDGE, edge())
    assert [(each.command_id, each.version) for each in reply.commands] == [
        ("C", 1),
        ("B", 1),
        ("A", 2),
    ]


def test_q30_a_repeated_sync_is_answered_with_what_is_in_force_now(trio: Trio) -> None:
    """Its answer may have been lost for hours; its number stays taken."""
    issue(trio, curve())
    first: EdgeSyncReply = trio.call(OPERATOR, SYNC_EDGE, edge(5))
    assert [each.version for each in first.commands] == [1]
    assert trio.call(OPERATOR, SYNC_EDGE, edge(5)) == first
    issue(trio, curve(version=2))
    again: EdgeSyncReply = trio.call(OPERATOR, SYNC_EDGE, edge(5))
    assert [each.version for each in again.commands] == [2]
    withdraw(trio, cancel(version=2))
    assert trio.call(OPERATOR, SYNC_EDGE, edge(5)).commands == ()
    other = edge(5, state=EdgeState.FALLBACK)
    assert refused_code(trio, OPERATOR, SYNC_EDGE, other)[0] == 4202
    history = trio.stores[PLATFORM].read(lambda v: v.history("EdgeSync", OPERATOR, "EDGE"))
    assert [each.version for each in history] == [5]
    # A log that was sent late is taken as well.
    assert trio.call(OPERATOR, SYNC_EDGE, edge(4)).commands == ()
