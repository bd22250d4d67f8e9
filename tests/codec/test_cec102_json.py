"""The T/CEC 102 spelling: Beijing time, empty for absent, stand-ins. 2.0(2), 2.0(16), 2.0(17)."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.codec.examples import CONNECTOR, EQUIPMENT, RECORD, STATION, as_bytes, batch
from tests.strategies import objects_of
from vgigw.codec import cec102_json as cec102
from vgigw.codec.dialect import Body, ObjectRules, Spelling
from vgigw.errors import InvalidObject, PeerFault
from vgigw.objects import (
    OBJECTS,
    ConnectorStatusInfo,
    InformationObject,
    OperatingRecord,
    StationInfo,
    StationPage,
    StationQuery,
    StationStatusInfo,
    TelemetryBatch,
    TimeQuery,
)
from vgigw.objects.enumerations import DirectionCapability

NOW = datetime(2026, 11, 20, 16, 0, 0, 123_456, tzinfo=UTC)
NOW_MS = NOW.replace(microsecond=123_000)
ORIGIN = "ab" * 32
quick = settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_what_is_written_is_read_as_the_same_object(cls: type[InformationObject]) -> None:
    @quick
    @given(objects_of(cls))
    def holds(obj: InformationObject) -> None:
        before = repr(obj)
        data = cec102.encode(obj)
        assert cec102.decode(cls, data, NOW, ORIGIN) == (obj, ())
        assert cec102.encode(obj) == data
        assert repr(obj) == before

    holds()


@given(st.binary(max_size=60), st.sampled_from(OBJECTS))
@quick
def test_arbitrary_bytes_raise_nothing_but_a_fault_of_the_peer(
    data: bytes, cls: type[InformationObject]
) -> None:
    for body in (data, b'{"' + data):
        with contextlib.suppress(PeerFault):
            cec102.decode(cls, body, NOW, ORIGIN)


def test_instants_are_beijing_time_with_milliseconds_only_where_there_are_some_2_0_2() -> None:
    assert cec102.encode(TimeQuery(t1=NOW_MS)) == b'{"T1":"2026-11-21 00:00:00.123"}'
    whole = NOW.replace(microsecond=0)
    assert cec102.encode(TimeQuery(t1=whole)) == b'{"T1":"2026-11-21 00:00:00"}'
    assert cec102.beijing(NOW_MS) == "2026-11-21 00:00:00.123"


def test_text_that_looks_like_an_instant_stays_as_it_is() -> None:
    record = OperatingRecord(
        object_kind=3,  # type: ignore[arg-type]
        object_id="2026-01-01T00:00:00Z",
        data_time=NOW_MS,
        quality=0,
    )
    assert b'"ObjectID":"2026-01-01T00:00:00Z"' in cec102.encode(record)


def test_an_empty_text_is_absent_where_the_member_is_optional() -> None:
    query = cec102.decode(StationQuery, b'{"LastQueryTime":"","PageNo":2}', NOW, ORIGIN)
    assert query == (StationQuery(page_no=2), ())
    with pytest.raises(InvalidObject) as caught:
        cec102.decode(StationInfo, as_bytes({**STATION, "StationName": "", "Remark": ""}), NOW, "a")
    assert [(d.path, d.code) for d in caught.value.details] == [("/StationName", "too_short")]


def test_a_station_of_t_cec_102_is_completed_and_says_so_2_0_17() -> None:
    two = [without(EQUIPMENT, "DirectionCapability"), dict(EQUIPMENT, EquipmentID="E2", Power=7)]
    bare = without(STATION, "Version", "UpdateTime", "RatedCapacity", "MaxChargePower")
    body = as_bytes({**bare, "EquipmentInfos": two})
    station, assumed = cec102.decode(StationInfo, body, NOW, ORIGIN)
    assert station.version == int(NOW_MS.timestamp() * 1000)
    assert station.update_time == NOW_MS
    assert station.rated_capacity == station.max_charge_power == Decimal("127.000")
    assert station.equipment_infos[0].direction_capability is DirectionCapability.CHARGE_ONLY
    assert station.equipment_infos[1].direction_capability is DirectionCapability.BIDIRECTIONAL
    assert assumed == (
        "/EquipmentInfos/0/DirectionCapability",
        "/Version",
        "/UpdateTime",
        "/RatedCapacity",
        "/MaxChargePower",
    )


def test_what_the_peer_sent_is_never_replaced() -> None:
    body = as_bytes(without(STATION, "Version"))
    station, assumed = cec102.decode(StationInfo, body, NOW, ORIGIN)
    assert assumed == ("/Version",)
    assert station.rated_capacity == Decimal("630.000")
    assert station.update_time == datetime(2026, 11, 20, 16, tzinfo=UTC)


def test_the_paths_of_assumed_members_reach_into_a_page() -> None:
    page = {"PageNo": 1, "PageCount": 1, "ItemSize": 1}
    body = as_bytes({**page, "StationInfos": [STATION, without(STATION, "Version")]})
    assert cec102.decode(StationPage, body, NOW, ORIGIN).assumed == ("/StationInfos/1/Version",)


@pytest.mark.parametrize("power", ["x", None, 0, -5, True, [1]])
def test_a_station_whose_power_is_not_valid_is_refused_whatever_stands_in(power: object) -> None:
    bare = without(STATION, "RatedCapacity", "MaxChargePower")
    body = as_bytes({**bare, "EquipmentInfos": [{**EQUIPMENT, "Power": power}]})
    with pytest.raises(InvalidObject) as caught:
        cec102.decode(StationInfo, body, NOW, ORIGIN)
    assert "/EquipmentInfos/0/Power" in {detail.path for detail in caught.value.details}


def test_a_state_change_gets_its_event_from_the_message_2_0_17() -> None:
    body = as_bytes({"ConnectorID": "C1", "Status": 3})
    change, assumed = cec102.decode(ConnectorStatusInfo, body, NOW, ORIGIN)
    assert change.event_id == ORIGIN[:40]
    assert change.change_time == NOW_MS
    assert assumed == ("/EventID", "/ChangeTime")
    assert cec102.decode(ConnectorStatusInfo, body, NOW, ORIGIN).obj == change


def test_each_of_many_state_changes_gets_an_event_of_its_own() -> None:
    states = [{"ConnectorID": f"C{n}", "Status": 3} for n in range(3)]
    body = as_bytes({"StationID": "S1", "ConnectorStatusInfos": states})
    station = cec102.decode(StationStatusInfo, body, NOW, ORIGIN).obj
    assert len({change.event_id for change in station.connector_status_infos}) == 3


def test_stand_ins_are_for_this_list_only() -> None:
    body = as_bytes({**STATION, "EquipmentInfos": [{**EQUIPMENT, "ConnectorInfos": [
        without(CONNECTOR, "ConnectorID")]}]})  # fmt: skip
    with pytest.raises(InvalidObject) as caught:
        cec102.decode(StationInfo, body, NOW, ORIGIN)
    assert [(d.path, d.code) for d in caught.value.details] == [
        ("/EquipmentInfos/0/ConnectorInfos/0/ConnectorID", "required")
    ]


def test_a_profile_may_give_stand_ins_of_its_own() -> None:
    body = as_bytes(without(STATION, "CountryCode"))
    own = Spelling({"StationInfo": ObjectRules(stand_ins={"CountryCode": "CN"})}, Body())
    station, assumed = cec102.decode(StationInfo, body, NOW, ORIGIN, own)
    assert (station.country_code, assumed) == ("CN", ("/CountryCode",))


def test_a_batch_in_beijing_time_is_read() -> None:
    body = as_bytes(batch([dict(RECORD, DataTime="2026-11-21 00:00:00.123")]))
    read = cec102.decode(TelemetryBatch, body, NOW, ORIGIN).obj
    assert read.records[0].data_time == NOW_MS
