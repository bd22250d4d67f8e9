"""Canonical JSON: round trip, tolerances, hostile bytes, query strings. 2.0(2), 2.0(4), ACC-4.1."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.codec.examples import OPERATOR, RECORD, STATION, as_bytes, batch
from tests.strategies import objects_of
from vgigw.codec import json as canonical
from vgigw.errors import InvalidObject, Malformed, PeerFault
from vgigw.objects import (
    OBJECTS,
    InformationObject,
    OperatingRecord,
    OperatorInfo,
    RecallRequest,
    StationInfo,
    StationStatusQuery,
    TelemetryBatch,
    TelemetryQuery,
    TimeQuery,
)

quick = settings(max_examples=12, suppress_health_check=list(HealthCheck), database=None)
T0 = datetime(2026, 11, 20, 16, tzinfo=UTC)


def codes(call: Callable[[], object]) -> list[tuple[str, str]]:
    """Path and code of every fault that ``call`` is refused for."""
    with pytest.raises(InvalidObject) as caught:
        call()
    return [(detail.path, detail.code) for detail in caught.value.details]


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
def test_what_is_written_is_read_as_the_same_object_and_bytes(cls: type[InformationObject]) -> None:
    @quick
    @given(objects_of(cls))
    def holds(obj: InformationObject) -> None:
        data = canonical.encode(obj)
        read = canonical.decode(cls, data)
        assert read == obj
        assert canonical.encode(read) == data
        # The slow way, which a message with a tolerance in it takes, gives the same.
        assert canonical.accept(cls, canonical.parse(data)) == obj
        assert canonical.validated(obj) == obj

    holds()


@given(st.binary(max_size=60), st.sampled_from(OBJECTS))
@quick
def test_arbitrary_bytes_raise_nothing_but_a_fault_of_the_peer(
    data: bytes, cls: type[InformationObject]
) -> None:
    for body in (data, b'{"' + data, b"[" + data + b"]"):
        with contextlib.suppress(PeerFault):
            canonical.decode(cls, body)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(RECORD)), _VALUES)
@settings(quick, max_examples=150)
def test_any_json_value_anywhere_is_taken_or_explained(wire: str, value: Any) -> None:
    body = json.dumps({**RECORD, wire: value, "Raw": {"x": value}}).encode()
    try:
        canonical.decode(OperatingRecord, body)
    except InvalidObject as error:
        details = error.details
    except Malformed:
        return
    else:
        return
    assert details


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"T1": NaN}',
        b'{"T1": -Infinity}',
        b'{"T1": 1' + b"0" * 5000 + b"}",
        b'\xef\xbb\xbf{"T1":"2026-01-01T00:00:00Z"}',
        '{"T1":"2026-01-01T00:00:00Z"}'.encode("utf-16"),
        '{"充电站":1}'.encode("gbk"),
        b'{"T1":' + b"[" * 100_000,
        b'{"T1":"2026-01-01T00:00:00Z"} x',
        b'{"T1":"a","T1":"b"}',
    ],
    ids=["empty", "cut", "nan", "inf", "huge", "bom", "utf16", "gbk", "deep", "tail", "twice"],
)
def test_what_is_not_json_in_utf8_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        canonical.decode(TimeQuery, body)
    assert "\n" not in caught.value.message
    assert "codec" not in caught.value.message


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_root_that_is_no_object_is_invalid_at_the_root(body: bytes) -> None:
    assert codes(lambda: canonical.decode(TimeQuery, body)) == [("/", "type")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-20T24:00:00Z", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-20 24:00", T0),
        ("2026-11-20 24:00:00", T0),
        ("2026-11-20 24:00:00.000", T0),
        ("2026-12-31T24:00:00+08:00", datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026-11-21 00:00:00", T0),
        ("2026-11-21T00:00:00+08:00", T0),
    ],
)
def test_24_00_and_offsets_become_utc_2_0_2(written: str, read: datetime) -> None:
    obj = canonical.decode(TimeQuery, as_bytes({"T1": written}))
    assert obj.t1 == read
    assert obj.t1.tzinfo is UTC


@pytest.mark.parametrize("written", ["2026-11-20 24:00:01", "2026-11-20 24:01", "9999-12-31 24:00"])
def test_no_other_hour_24_is_read(written: str) -> None:
    assert codes(lambda: canonical.decode(TimeQuery, as_bytes({"T1": written}))) == [
        ("/T1", "format")
    ]


@pytest.mark.parametrize("written", [b"12.0", b"1.2e1", b"12", b"12.000"])
def test_an_integral_number_is_an_integer_however_it_is_written(written: bytes) -> None:
    assert canonical.decode(TelemetryQuery, b'{"PageNo":%b}' % written).page_no == 12


@pytest.mark.parametrize("written", [b"12.5", b"1e999999999", b"1e-999999999", b'"12"', b"true"])
def test_nothing_else_is_an_integer(written: bytes) -> None:
    body = b'{"PageNo":%b}' % written
    assert codes(lambda: canonical.decode(TelemetryQuery, body)) == [("/PageNo", "type")]


def test_null_is_absent_where_a_member_is_optional_and_a_fault_elsewhere() -> None:
    taken = canonical.decode(OperatingRecord, as_bytes({**RECORD, "SOC": None}))
    assert taken.soc is None
    body = as_bytes({"ObjectIDs": None, "PageNo": None})
    assert canonical.decode(TelemetryQuery, body) == TelemetryQuery()
    refused = as_bytes({**RECORD, "ObjectID": None})
    assert codes(lambda: canonical.decode(OperatingRecord, refused)) == [("/ObjectID", "null")]


def test_digits_beyond_a_float_decide_on_the_slow_way_too() -> None:
    body = as_bytes({**STATION, "SiteGuide": None}).replace(
        b"121.47", b"121.470000000000000000000001"
    )
    assert codes(lambda: canonical.decode(StationInfo, body)) == [("/StationLng", "resolution")]


def test_equal_objects_give_equal_bytes() -> None:
    one = canonical.decode(TelemetryQuery, b'{"ObjectIDs":[],"PageSize":null}')
    assert one == TelemetryQuery()
    assert canonical.encode(one) == canonical.encode(TelemetryQuery()) == b"{}"
    first = canonical.decode(OperatingRecord, as_bytes({**RECORD, "Raw": {"b": 1, "a": 2}}))
    second = canonical.decode(OperatingRecord, as_bytes({**RECORD, "Raw": {"a": 2.0, "b": 1e0}}))
    assert canonical.encode(first) == canonical.encode(second)
    assert canonical.digest(b"abc").startswith("ba7816bf8f01cfea")


def test_decimals_are_numbers_with_all_their_places() -> None:
    station = canonical.decode(StationInfo, as_bytes(STATION))
    data = canonical.encode(station)
    assert b'"StationLng":121.470000' in data
    assert b'"RatedCapacity":630.000' in data
    assert b'"UpdateTime":"2026-11-20T16:00:00Z"' in data


def test_every_fault_of_a_batch_is_named_with_its_path() -> None:
    rows = [dict(RECORD, ObjectID=f"E{number}") for number in range(4)]
    rows[3] |= {"SOC": 101, "Quality": -1}
    rows[1] |= {"Flavour": 1}
    del rows[0]["DataTime"]
    body = as_bytes(batch(rows) | {"Trigger": 9, "BatchID": "x" * 41})
    assert codes(lambda: canonical.decode(TelemetryBatch, body)) == [
        ("/BatchID", "too_long"),
        ("/Records/0/DataTime", "required"),
        ("/Records/1/Flavour", "unknown"),
        ("/Records/3/Quality", "out_of_range"),
        ("/Records/3/SOC", "out_of_range"),
        ("/Trigger", "not_in_enumeration"),
    ]


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\u001f"', '"\\ufffe"', '"\ufffe"', '"\uffff"'])
def test_text_that_xml_cannot_carry_is_refused_however_it_is_spelled(text: str) -> None:
    body = as_bytes(OPERATOR).decode().replace('"示例运营商"', text).encode()
    assert codes(lambda: canonical.decode(OperatorInfo, body)) == [("/OperatorName", "character")]


def test_a_lone_surrogate_is_refused() -> None:
    body = as_bytes(OPERATOR).decode().replace('"示例运营商"', '"\\ud800"').encode()
    assert codes(lambda: canonical.decode(OperatorInfo, body)) == [("/OperatorName", "character")]


def test_escaped_chinese_is_read_as_plain_chinese() -> None:
    body = json.dumps(OPERATOR).encode()
    assert b"\\u793a" in body
    assert canonical.decode(OperatorInfo, body).operator_name == "示例运营商"


def test_an_object_built_in_python_is_checked_like_a_message() -> None:
    built = OperatingRecord(
        object_kind=3,  # type: ignore[arg-type]
        object_id="E1",
        data_time=datetime(2026, 11, 21),  # noqa: DTZ001 - Beijing time, as on the wire
        quality=0,
        soc=-0.0,
        charge_energy=Decimal("7.3"),
    )
    settled = canonical.validated(built)
    assert settled.data_time == T0
    assert str(settled.soc) == "0.0"
    assert str(settled.charge_energy) == "7.300"
    wrong = OperatingRecord(
        object_kind=3,  # type: ignore[arg-type]
        object_id="\ud800",
        data_time=T0,
        quality=-1,
        soc=float("nan"),
    )
    assert codes(lambda: canonical.validated(wrong)) == [
        ("/ObjectID", "character"),
        ("/Quality", "out_of_range"),
        ("/SOC", "out_of_range"),
    ]
    odd = TimeQuery(t1={1, 2} and object())  # type: ignore[arg-type]
    assert codes(lambda: canonical.validated(odd)) == [("/", "type")]


def test_a_query_string_is_read_by_the_declaration_acc_7_8() -> None:
    query = canonical.decode_query(
        TelemetryQuery,
        {"ObjectIDs": ["a,b,c"], "TimeFrom": ["2026-11-21 00:00:00"], "PageNo": ["2"]},
    )
    assert query.object_ids == ("a", "b", "c")
    assert query.time_from == T0
    assert query.page_no == 2


@pytest.mark.parametrize(
    ("texts", "items"),
    [
        (["a"], ("a",)),
        (["a,b", "c"], ("a,b", "c")),
        (["a,b", ""], ("a,b",)),
        (["a,,b"], ("a", "b")),
    ],
)
def test_an_item_with_a_comma_survives_a_query_string(
    texts: list[str], items: tuple[str, ...]
) -> None:
    assert canonical.decode_query(TelemetryQuery, {"ObjectIDs": texts}).object_ids == items


def test_every_fault_of_a_query_string_is_named() -> None:
    bad = {"PageNo": ["x"], "PageSize": ["0"], "Sort": ["up"], "StreamID": ["a", "b"]}
    assert codes(lambda: canonical.decode_query(TelemetryQuery, bad)) == [
        ("/PageNo", "type"),
        ("/PageSize", "out_of_range"),
        ("/Sort", "unknown"),
        ("/StreamID", "type"),
    ]
    many = {"StationIDs": [",".join(f"s{n}" for n in range(51))]}
    assert codes(lambda: canonical.decode_query(StationStatusQuery, many)) == [
        ("/StationIDs", "too_many")
    ]
    assert ("/Cause", "required") in codes(lambda: canonical.decode_query(RecallRequest, {}))


def test_who_never_refuses_a_message_never_imports_marshmallow() -> None:
    code = "import sys, vgigw.codec.cec102_json; sys.exit('marshmallow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
