"""Explain: msgspec and marshmallow accept the same set, and every refusal is named. ACC-4.1."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from tests.codec.examples import RECORD, STATION, as_bytes, batch
from tests.strategies import objects_of
from vgigw.codec import json as canonical
from vgigw.codec.explain import MOST_DETAILS, explain
from vgigw.codec.marshmallow import schema_of
from vgigw.errors import InvalidObject
from vgigw.objects import (
    OBJECTS,
    Envelope,
    InformationObject,
    OperatingRecord,
    StationInfo,
    TelemetryBatch,
)

CODES = {
    "required", "unknown", "type", "null", "too_short", "too_long", "too_few", "too_many",
    "out_of_range", "not_in_enumeration", "resolution", "character", "format",
}  # fmt: skip

_WRONG: list[Any] = [
    None, True, 0, -1, 1, 12.0, 1.5, 7.12345678, 1e13, -1e13, 10**30, 987_654, "", "x",
    "充" * 20_000, "\x01", "1.5", "NaN", [], {}, [None], [{}], ["a"] * 60, {"a": 1}, {"": 1},
    {"a": "b"}, "2026-01-01 24:00", "2026-01-01T00:00:00.0001Z", "2026-02-30", "2026-01-01",
    "2500-01-01 00:00:00",
]  # fmt: skip


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in ``document``, root members first."""
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    found = [(document, key) for key in keys]
    for key in keys:
        if isinstance(document[key], dict | list):
            found += _places(document[key])
    return found


def _mutate(data: st.DataObject, document: dict[str, Any]) -> None:
    places = _places(document)
    if not places:
        document["Unknown"] = 1
        return
    container, key = data.draw(st.sampled_from(places))
    how = data.draw(st.sampled_from(["drop", "set", "set", "set", "add", "widen", "again"]))
    if how == "drop":
        del container[key]
    elif how == "add" and isinstance(container, dict):
        container["Unknown"] = 1
    elif how == "again" and isinstance(container, list):
        container.extend([container[key]] * data.draw(st.sampled_from([1, 60])))
    elif how == "widen" and isinstance(container[key], str | int | float):
        container[key] = container[key] * 11
    else:
        container[key] = data.draw(st.sampled_from(_WRONG))


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_msgspec_and_marshmallow_accept_the_same_set(cls: type[InformationObject]) -> None:
    @settings(max_examples=25, suppress_health_check=list(HealthCheck), database=None)
    @given(objects_of(cls), st.data())
    def holds(obj: InformationObject, data: st.DataObject) -> None:
        document = json.loads(canonical.encode(obj))
        # Eighteen digits do not fit a float of this test; the codec itself keeps them.
        assume(canonical.decode(cls, json.dumps(document).encode()) == obj)
        assert explain(cls, document) == ()
        assert schema_of(cls)().load(document) == obj
        _mutate(data, document)
        said = explain(cls, document)
        try:
            read = canonical.decode(cls, json.dumps(document).encode())
        except InvalidObject as error:
            refused, read = error.details, None
        else:
            refused = ()
            assert schema_of(cls)().load(document) == read
        assert set(refused) == set(said), document
        assert (read is None) == bool(said)
        assert all(d.code in CODES and len(d.path) <= 256 and d.message for d in said)

    holds()


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_a_partner_may_dump_with_the_schema(cls: type[InformationObject]) -> None:
    @settings(max_examples=4, suppress_health_check=list(HealthCheck), database=None)
    @given(objects_of(cls))
    def holds(obj: InformationObject) -> None:
        assert schema_of(cls)().load(schema_of(cls)().dump(obj)) == obj

    holds()


@pytest.mark.parametrize(
    ("wire", "value", "code", "message"),
    [
        ("StationName", "站" * 51, "too_long", "at most 50 characters"),
        ("AreaCode", "1", "too_short", "at least 6 characters"),
        ("StationName", 5, "type", "must be a text"),
        ("StationName", "a\x01", "character", "holds a character that XML 1.0 does not allow"),
        ("StationName", None, "null", "must not be null"),
        ("StationType", 2, "not_in_enumeration", "must be one of 1, 50, 100, 101, 102, 103, 255"),
        ("StationType", "1", "type", "must be an integer"),
        ("StationLng", 181, "out_of_range", "must be at least -180 and at most 180"),
        ("StationLng", "x", "type", "must be a number"),
        ("StationLng", 121.4712345, "resolution", "at most 6 decimal places"),
        ("RatedCapacity", 0, "out_of_range", "must be above 0 and at most 1000000000000"),
        ("Version", True, "type", "must be an integer"),
        ("EquipmentInfos", [], "too_few", "at least 1 items"),
        ("EquipmentInfos", {}, "type", "must be a list"),
        ("EdgeAutonomy", 1, "type", "must be true or false"),
        ("UpdateTime", "2026-11-20", "format", "must be a date and time, seconds included"),
        ("UpdateTime", 5, "type", "must be a date and time as text"),
        ("Flavour", 5, "unknown", "is not a member of StationInfo"),
    ],
)
def test_each_fault_has_its_code_and_words_with_the_limit(
    wire: str, value: object, code: str, message: str
) -> None:
    assert explain(StationInfo, {**STATION, wire: value}) == ((f"/{wire}", code, message),)


def test_a_missing_member_is_required_and_the_root_must_be_an_object() -> None:
    document = {name: value for name, value in STATION.items() if name != "StationID"}
    assert explain(StationInfo, document) == (("/StationID", "required", "is required"),)
    roots: tuple[object, ...] = ([], 1, "x", None)
    for root in roots:
        assert explain(StationInfo, root) == (("/", "type", "must be an object"),)


def test_names_that_are_no_text_are_unknown_like_any_other() -> None:
    document: dict[Any, Any] = {**STATION, 1: 2, "Flavour": 1}
    assert [(d.path, d.code) for d in explain(StationInfo, document)] == [
        ("/1", "unknown"),
        ("/Flavour", "unknown"),
    ]


def test_a_map_names_the_key_that_is_wrong() -> None:
    raw = {"ok": 1, "bad": "x", "k" * 41: 1}
    assert [(d.path, d.code) for d in explain(OperatingRecord, {**RECORD, "Raw": raw})] == [
        ("/Raw/bad", "type"),
        (f"/Raw/{'k' * 40}", "too_long"),
    ]


def test_details_are_sorted_by_place_with_list_indexes_as_numbers_and_capped() -> None:
    rows = [dict(RECORD, SOC=500) for _ in range(MOST_DETAILS + 20)]
    paths = [detail.path for detail in explain(TelemetryBatch, batch(rows))]
    assert paths == [f"/Records/{number}/SOC" for number in range(MOST_DETAILS)]


def test_the_peers_value_never_comes_back_and_its_names_are_made_harmless() -> None:
    secret = "s3cr3t-value"
    document = {
        **STATION,
        "StationType": secret,
        "UpdateTime": secret,
        "a/b~\n" + "x" * 300: secret,
    }
    details = explain(StationInfo, document)
    assert len(details) == 3
    assert secret not in str(details)
    assert details[-1].path == "/a~1b~0?" + "x" * 35


def test_an_envelope_may_hold_more_than_we_know() -> None:
    sealed = {"OperatorID": "123456789", "Data": "", "TimeStamp": "2" * 14, "Seq": "0001"}
    document = {**sealed, "Sig": "A", "More": 1}
    assert explain(Envelope, document) == ()
    assert canonical.decode(Envelope, as_bytes(document)).seq == "0001"


def test_a_schema_refuses_with_messages_that_carry_the_code() -> None:
    with pytest.raises(ValidationError) as caught:
        schema_of(StationInfo)().load({**STATION, "StationName": ""})
    assert caught.value.messages == {"StationName": ["at least 1 characters"]}
