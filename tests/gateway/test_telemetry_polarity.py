"""Telemetry of a peer that speaks one polarity for everything is kept in those of the archives.

PLT-7.4b, PLT-7.4c. Parties as in the tests of conventions: only the platform knows them.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, LOAD, site, trio_of
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, PLATFORM, STREAM, Trio, batch, kept, record
from vgigw.codec.convention import Convention
from vgigw.errors import PeerRefused
from vgigw.objects import PolarityMode, RecallRequest, TelemetryBatch
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import RecallCause, ReportMode
from vgigw.objects.telemetry import TelemetryPage, TelemetryQuery
from vgigw.operations import (
    BACKFILL_DATA,
    PUSH_ARCHIVE,
    QUERY_TELEMETRY,
    RECALL_DATA,
    UPLOAD_TELEMETRY,
)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    """The operator speaks load; it has ``ST1``, which charges, and ``ST2``, which does both."""
    made = trio_of(request.param, dispatch=Convention(polarity=GENERATION))
    both = replace(site(both_ways=True), station_id="ST2", version=1)
    made.call(OPERATOR, PUSH_ARCHIVE, replace(both, equipment_infos=_renamed(both)))
    return made


def _renamed(station: object) -> tuple[object, ...]:
    """Chargers of a second station: identifiers are unique in their operator."""
    return tuple(
        replace(
            each,
            equipment_id=f"Z{each.equipment_id}"[:23],
            connector_infos=tuple(
                replace(one, connector_id=f"Z{one.connector_id}"[:26])
                for one in each.connector_infos
            ),
        )
        for each in station.equipment_infos  # type: ignore[attr-defined]
    )


def measured(*powers: tuple[str, float], first: int = 1, **changes: object) -> TelemetryBatch:
    """A record a station and power, as the operator says it: consumption positive."""
    records = tuple(
        record(
            first + place,
            object_kind=ObjectKind.STATION,
            object_id=station,
            active_power=power,
            up_capability=10.0,
            down_capability=None,
        )
        for place, (station, power) in enumerate(powers)
    )
    return batch(first, first + len(powers) - 1, **{"records": records, **changes})


def rows(trio: Trio, party: str = PLATFORM) -> list[TelemetryBatch]:
    found = trio.stores[party].read(lambda view: view.rows(stream=STREAM))
    return [kept(TelemetryBatch, row.payload) for row in found]


def signed(stored: list[TelemetryBatch]) -> list[tuple[PolarityMode, int, int, list[float | None]]]:
    return [
        (each.polarity_mode, each.seq_from, each.seq_to, [r.active_power for r in each.records])
        for each in stored
    ]


def test_plt_7_4b_a_dual_resource_that_is_told_in_load_is_kept_in_generation(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, measured(("ST2", 500.0), ("ST2", -300.0)))
    assert signed(rows(trio)) == [(GENERATION, 1, 2, [-500.0, 300.0])]
    ability = rows(trio)[0].records[0]
    assert (ability.up_capability, ability.down_capability) == (None, 10.0)


def test_plt_7_4a_a_resource_that_only_charges_is_kept_as_it_was_told(trio: Trio) -> None:
    sent = measured(("ST1", 500.0), ("NONE", 7.0))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, sent)
    assert rows(trio) == [sent]


@pytest.mark.parametrize("operation", [UPLOAD_TELEMETRY, BACKFILL_DATA])
def test_plt_7_4b_a_batch_of_both_is_kept_in_parts_and_nothing_is_missing(
    trio: Trio, operation: object
) -> None:
    mode = ReportMode.BACKFILL if operation is BACKFILL_DATA else ReportMode.CHANGE
    sent = measured(
        ("ST1", 1.0), ("ST2", 2.0), ("ST2", -3.0), ("NONE", 4.0), ("ST2", 5.0), report_mode=mode
    )
    receipt = trio.call(OPERATOR, operation, sent)  # type: ignore[arg-type]
    assert receipt.ack_seq == 5
    assert signed(rows(trio)) == [
        (LOAD, 1, 1, [1.0]),
        (GENERATION, 2, 3, [-2.0, 3.0]),
        (LOAD, 4, 4, [4.0]),
        (GENERATION, 5, 5, [-5.0]),
    ]
    assert all(each.actual_count == len(each.records) for each in rows(trio))
    assert trio.stores[PLATFORM].read(lambda view: view.gaps()) == []


def test_plt_7_6b_what_comes_again_in_another_batch_is_known_again(trio: Trio) -> None:
    """Also after the archive has learnt that a station can discharge."""
    trio.call(OPERATOR, UPLOAD_TELEMETRY, measured(("ST1", 1.0), ("ST2", 2.0)))
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    again = measured(("ST1", 1.0), ("ST2", 2.0), ("ST1", 3.0), batch_id="again")
    trio.call(OPERATOR, UPLOAD_TELEMETRY, again)
    assert signed(rows(trio)) == [
        (LOAD, 1, 1, [1.0]),
        (GENERATION, 2, 2, [-2.0]),
        (GENERATION, 3, 3, [-3.0]),
    ]
    other = measured(("ST1", -1.0), ("ST2", 2.0), batch_id="other")
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, other)
    assert refused.value.code == 4202


def test_plt_7_6d_recalled_records_without_numbers_turn_as_well(trio: Trio) -> None:
    sparse = measured(
        ("ST2", 8.0), ("ST1", 9.0), report_mode=ReportMode.RECALL, seq_to=40, batch_id="sparse"
    )
    trio.call(OPERATOR, UPLOAD_TELEMETRY, sparse)
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, replace(sparse, batch_id="once more"))
    stored = rows(trio)
    assert signed(stored) == [(GENERATION, 1, 40, [-8.0]), (LOAD, 1, 40, [9.0])]


def test_plt_7_4_whoever_asks_hears_each_record_in_its_own_polarity(trio: Trio) -> None:
    """The operator hears again what it said; dispatch hears generation of everything."""
    trio.call(OPERATOR, UPLOAD_TELEMETRY, measured(("ST1", 1.0), ("ST2", 2.0)))
    wanted = TelemetryQuery(stream_id=STREAM, seq_from=1, seq_to=2)
    for party, expected in ((OPERATOR, [1.0, 2.0]), (DISPATCH, [-1.0, -2.0])):
        page: TelemetryPage = trio.call(party, QUERY_TELEMETRY, wanted)
        assert [each.active_power for each in page.records] == expected


def test_plt_7_6d_a_recall_gives_the_parts_back_without_a_gap(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, measured(("ST1", 1.0), ("ST2", 2.0), ("ST1", 3.0)))
    recall = RecallRequest(
        recall_id="R1",
        requester_id=DISPATCH,
        time_from=NOW - timedelta(hours=2),
        time_to=NOW,
        cause=RecallCause.PEER_RECALL,
    )
    trio.call(DISPATCH, RECALL_DATA, recall)
    trio.tick(3, step_s=1)
    told = [record for each in rows(trio, DISPATCH) for record in each.records]
    assert sorted(each.active_power or 0 for each in told) == [-3.0, -2.0, -1.0]
