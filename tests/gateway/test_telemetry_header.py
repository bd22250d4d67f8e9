"""A batch whose header contradicts the archives is refused on every door. PLT-7.4a to PLT-7.4c."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, LOAD, site
from tests.trio import BASES, NOW, OPERATOR, PLATFORM, Trio, batch, record, station
from vgigw.errors import PeerRefused
from vgigw.handlers import telemetry_polarity
from vgigw.objects import TelemetryBatch
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import BACKFILL_DATA, PUSH_ARCHIVE, UPLOAD_TELEMETRY
from vgigw.ports import View

CHARGER = station().equipment_infos[0]
THINGS = (
    (ObjectKind.STATION, "ST1"),
    (ObjectKind.EQUIPMENT, CHARGER.equipment_id),
    (ObjectKind.CONNECTOR, CHARGER.connector_infos[0].connector_id),
)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    """The operator's profile names no polarity."""
    return Trio(request.param)


def told(first: int = 1, *things: tuple[ObjectKind, str], **changes: Any) -> TelemetryBatch:
    """A record a thing, one second after the other; of the station where nothing is named."""
    at = changes.pop("at", NOW)
    records = tuple(
        record(
            place, object_kind=kind, object_id=name, data_time=at + timedelta(milliseconds=place)
        )
        for place, (kind, name) in enumerate(things or THINGS[:1])
    )
    changes = {"records": records, "batch_id": f"B{first}", "send_time": at} | changes
    return batch(first, first + len(records) - 1, **changes)


def refusal(trio: Trio, sent: TelemetryBatch, operation: Any = UPLOAD_TELEMETRY) -> int:
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, operation, sent)
    assert [each.path for each in refused.value.details] == ["/PolarityMode"]
    return refused.value.code


def kept(trio: Trio) -> list[int]:
    return [row.seq_from for row in trio.stores[PLATFORM].read(lambda view: view.rows())]


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("operation", [UPLOAD_TELEMETRY, BACKFILL_DATA])
def test_plt_7_4b_a_header_that_differs_from_the_archive_is_4402(
    trio: Trio, operation: Any, both_ways: bool, thing: tuple[ObjectKind, str]
) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=both_ways))
    right, wrong = (GENERATION, LOAD) if both_ways else (LOAD, GENERATION)
    mode = ReportMode.BACKFILL if operation is BACKFILL_DATA else ReportMode.CHANGE
    for _ in range(2):
        sent = told(1, thing, polarity_mode=wrong, report_mode=mode)
        assert refusal(trio, sent, operation) == 4402
        assert kept(trio) == []
    trio.call(OPERATOR, operation, told(1, thing, polarity_mode=right, report_mode=mode))
    trio.call(OPERATOR, operation, told(2, thing, polarity_mode=right, report_mode=mode))
    assert kept(trio) == [1, 2]


def test_plt_7_4c_a_batch_of_both_polarities_is_4402_as_a_whole(trio: Trio) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    connector = replace(CHARGER.connector_infos[0], connector_id="C-LOAD")
    plain = replace(CHARGER, equipment_id="E-LOAD", connector_infos=(connector,))
    only_load = replace(station(), station_id="ST2", equipment_infos=(plain,))
    trio.call(OPERATOR, PUSH_ARCHIVE, only_load)
    mixed = ((ObjectKind.STATION, "ST1"), (ObjectKind.STATION, "ST2"))
    for polarity in (LOAD, GENERATION):
        assert refusal(trio, told(1, *mixed, polarity_mode=polarity)) == 4402
    assert kept(trio) == []


def test_plt_7_4a_recalled_records_without_numbers_are_held_against_the_archive(trio: Trio) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, site())
    mode = {"report_mode": ReportMode.RECALL, "seq_to": 40}
    assert refusal(trio, replace(told(polarity_mode=GENERATION), **mode)) == 4402
    trio.call(OPERATOR, UPLOAD_TELEMETRY, replace(told(), **mode))


def test_plt_7_4_what_no_archive_has_is_kept_as_its_batch_says_until_one_has(trio: Trio) -> None:
    for place, polarity in enumerate((LOAD, GENERATION), start=1):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, told(place, polarity_mode=polarity))
    trio.call(OPERATOR, PUSH_ARCHIVE, site())
    assert refusal(trio, told(3, polarity_mode=GENERATION)) == 4402
    trio.call(OPERATOR, UPLOAD_TELEMETRY, told(3))
    assert kept(trio) == [1, 2, 3]


def test_plt_7_4c_after_a_flip_the_past_comes_in_the_polarity_of_then(trio: Trio) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, site())
    trio.call(OPERATOR, UPLOAD_TELEMETRY, told(1))
    before = trio.now
    trio.wait(60)
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    trio.wait(60)
    assert refusal(trio, told(2, at=trio.now)) == 4402
    trio.call(OPERATOR, UPLOAD_TELEMETRY, told(2, at=trio.now, polarity_mode=GENERATION))
    late = told(3, at=before, report_mode=ReportMode.BACKFILL)
    trio.call(OPERATOR, BACKFILL_DATA, late)
    assert refusal(trio, told(4, at=trio.now)) == 4402
    assert kept(trio) == [1, 2, 3]


def test_plt_9_6_things_are_looked_up_once_until_an_archive_changes(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def counted(view: View, kind: ObjectKind, name: str, *rest: Any) -> Any:
        looks.append(name)
        return original(view, kind, name, *rest)

    original = telemetry_polarity.archived_polarity
    monkeypatch.setattr(telemetry_polarity, "archived_polarity", counted)
    unknown = (ObjectKind.CONNECTOR, "nobody-has-it")
    trio.call(OPERATOR, PUSH_ARCHIVE, site())
    for first in (1, 5, 9):
        trio.call(OPERATOR, UPLOAD_TELEMETRY, told(first, *THINGS, unknown))
    assert sorted(looks) == sorted([*(name for _, name in THINGS), unknown[1]])
    trio.call(OPERATOR, PUSH_ARCHIVE, replace(site(), station_name="other", version=2))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, told(13, *THINGS, unknown))
    assert len(looks) == 8
    monkeypatch.setattr(telemetry_polarity, "_MOST_REMEMBERED", 0)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, told(17, *THINGS, unknown))
    assert len(looks) == 12
