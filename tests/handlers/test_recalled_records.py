"""Records that come without their numbers, compared with what the journal holds. PLT-7.6d."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.trio import BASES, OPERATOR, PLATFORM, Trio, batch, record
from vgigw.errors import PeerRefused
from vgigw.objects import OperatingRecord, TelemetryBatch
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import UPLOAD_TELEMETRY


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def recalled(whole: TelemetryBatch, *records: OperatingRecord) -> TelemetryBatch:
    """An answer with some records of ``whole``, that says no numbers of its own."""
    count = len(records)
    return replace(
        whole,
        batch_id=f"some{count}",
        report_mode=ReportMode.RECALL,
        records=records,
        actual_count=count,
        expected_count=count,
    )


def test_plt_7_6d_a_record_is_compared_with_those_of_its_own_kind(trio: Trio) -> None:
    station = record(1, object_kind=ObjectKind.STATION, object_id="X", active_power=9.0)
    connector = replace(station, object_kind=ObjectKind.CONNECTOR, active_power=3.0)
    whole = batch(1, 2, records=(station, connector))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, whole)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, recalled(whole, station))
    rows = trio.stores[PLATFORM].read(lambda view: view.rows())
    assert len(rows) == 1, "it was there already"


def test_plt_7_6d_of_several_records_at_one_place_any_may_be_the_equal_one(trio: Trio) -> None:
    first, second = record(1, object_id="X"), record(1, object_id="X", active_power=3.0)
    whole = batch(1, 3, records=(first, second, record(3)))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, whole)
    trio.call(OPERATOR, UPLOAD_TELEMETRY, recalled(whole, first))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, recalled(whole, second, first))
    other = replace(first, active_power=7.0)
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, recalled(whole, other, record(3)))
    assert refused.value.code == 4202
