"""What a recall may ask for, by code and path, and the sum of its records. PLT-7.6d, PLT-9.3b."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgigw.errors import InvalidObject, NotRetained, PeerFault
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.rules.recall import AHEAD, NO_RECORDS, RETAINED, check_recall, with_record

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)
NUMBERS = {"stream_id": "S1", "seq_from": 3, "seq_to": 3}
TIMES = {"time_from": NOW - MS, "time_to": NOW}


def asked(**members: Any) -> RecallRequest:
    plain: dict[str, Any] = {
        "recall_id": "R",
        "requester_id": "200000002",
        "cause": RecallCause.MANUAL,
    }
    return RecallRequest(**plain | members)


GOOD: list[dict[str, Any]] = [
    NUMBERS,
    TIMES,
    NUMBERS | TIMES,
    TIMES | {"stream_id": "S1", "object_ids": ("C1",)},
    {"time_from": NOW - RETAINED, "time_to": NOW},
    {"time_from": NOW + AHEAD, "time_to": NOW + AHEAD + MS},
]

BAD: list[tuple[dict[str, Any], int, set[str]]] = [
    ({}, 4004, {"/"}),
    ({"stream_id": "S1", "seq_from": 3}, 4004, {"/"}),
    ({"stream_id": "S1", "seq_to": 3}, 4004, {"/"}),
    ({"time_from": NOW - MS}, 4004, {"/"}),
    ({"time_to": NOW}, 4004, {"/"}),
    ({"stream_id": "S1"}, 4004, {"/"}),
    ({"seq_from": 3, "seq_to": 3}, 4004, {"/StreamID"}),
    (NUMBERS | {"seq_from": 4}, 4004, {"/SeqTo"}),
    (TIMES | {"time_to": NOW - MS}, 4004, {"/TimeTo"}),
    (NUMBERS | {"time_from": NOW, "time_to": NOW}, 4004, {"/TimeTo"}),
    (
        {"time_from": NOW + AHEAD + MS, "time_to": NOW + AHEAD + 2 * MS},
        4004,
        {"/TimeFrom"},
    ),
    (NUMBERS | {"time_from": NOW + AHEAD + MS}, 4004, {"/TimeFrom"}),
    (NUMBERS | {"point_types": ("SOC",)}, 4004, {"/PointTypes"}),
    ({"point_types": ("SOC",)}, 4004, {"/", "/PointTypes"}),
    ({"time_from": NOW - RETAINED - MS, "time_to": NOW}, 4503, {"/TimeFrom"}),
    (NUMBERS | {"time_from": NOW - RETAINED - MS}, 4503, {"/TimeFrom"}),
]


@pytest.mark.parametrize("members", GOOD)
def test_plt_7_6d_a_range_of_numbers_or_of_times_may_be_recalled(members: dict[str, Any]) -> None:
    check_recall(asked(**members), NOW)


@pytest.mark.parametrize(("members", "code", "paths"), BAD)
def test_plt_7_6d_anything_else_has_its_code_and_its_paths(
    members: dict[str, Any], code: int, paths: set[str]
) -> None:
    with pytest.raises(PeerFault) as refused:
        check_recall(asked(**members), NOW)
    assert type(refused.value) is (InvalidObject if code == 4004 else NotRetained)
    assert refused.value.ret == code
    assert {detail.path for detail in refused.value.details} == paths


TOLD: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({}, ("/", "required", "a sequence range or a time range is needed")),
    (
        {"seq_from": 3, "seq_to": 3},
        ("/StreamID", "required", "a sequence range needs its stream"),
    ),
    (NUMBERS | {"seq_to": 2}, ("/SeqTo", "rule", "must not be less than SeqFrom")),
    (TIMES | {"time_to": NOW - MS}, ("/TimeTo", "rule", "must be later than TimeFrom")),
    (
        NUMBERS | {"time_from": NOW + AHEAD + MS},
        ("/TimeFrom", "rule", "must not lie in the future"),
    ),
    (
        NUMBERS | {"point_types": ("SOC",)},
        ("/PointTypes", "rule", "whole records only: leave PointTypes out"),
    ),
    (
        NUMBERS | {"time_from": NOW - RETAINED - MS},
        ("/TimeFrom", "rule", "must not lie more than three years back; PLT-9.3b"),
    ),
]


@pytest.mark.parametrize(("members", "told"), TOLD, ids=[told[0] for _, told in TOLD])
def test_f51_what_is_wrong_is_told_by_place_kind_and_words(
    members: dict[str, Any], told: tuple[str, str, str]
) -> None:
    with pytest.raises(PeerFault) as refused:
        check_recall(asked(**members), NOW)
    assert [(each.path, each.code, each.message) for each in refused.value.details] == [told]


def test_plt_9_3b_three_years_are_never_a_day_less() -> None:
    for year in range(2026, 2034):
        then = datetime(year, 3, 1, tzinfo=UTC)
        assert then - RETAINED <= then.replace(year=year - 3)


RECORD = st.tuples(
    st.sampled_from(["A", "B"]),
    st.sampled_from(["S", "S1"]),
    st.integers(0, 30),
    st.binary(max_size=6),
)


def total(records: list[tuple[str, str, int, bytes]]) -> str:
    found = NO_RECORDS
    for each in records:
        found = with_record(found, *each)
    return found


@given(st.lists(RECORD, max_size=8), st.randoms())
def test_plt_7_6d_the_digest_does_not_depend_on_order(
    records: list[tuple[str, str, int, bytes]], random: Any
) -> None:
    other = list(records)
    random.shuffle(other)
    assert total(records) == total(other)
    assert len(total(records)) == len(NO_RECORDS) == 64


@given(st.lists(RECORD, min_size=1, max_size=8), RECORD)
def test_plt_7_6d_a_record_more_less_or_other_is_another_digest(
    records: list[tuple[str, str, int, bytes]], other: tuple[str, str, int, bytes]
) -> None:
    assert total([*records, other]) != total(records)
    assert total(records[1:]) != total(records)
    if other != records[0]:
        assert total([other, *records[1:]]) != total(records)


def test_plt_7_6d_the_digest_is_the_sum_that_the_docstring_says() -> None:
    def number(text: bytes) -> int:
        return int.from_bytes(hashlib.sha256(text).digest(), "big")

    wanted = (number(b"A\nS1\n7\n{}") + number(b"A\nS1\n8\n[]")) % 2**256
    assert total([("A", "S1", 7, b"{}"), ("A", "S1", 8, b"[]")]) == f"{wanted:064x}"
    full = "f" * 64
    carried = (2**256 - 1 + number(b"A\nS1\n7\n{}")) % 2**256
    assert with_record(full, "A", "S1", 7, b"{}") == f"{carried:064x}"
