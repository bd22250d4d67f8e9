"""Archives across their members: polarity, agencies, members, credit codes, masks. PLT-7.4."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.archives import A_CREDIT_CODE
from tests.cases.registers import BOTH_WAYS, STATION, a_device, a_party, a_resource, an_aggregator
from vgigw.errors import InvalidObject, PolarityMismatch
from vgigw.objects import AgentOperator, LedgerQuery, PolarityMode
from vgigw.objects.enumerations import DirectionCapability, ObjectKind
from vgigw.objects.ledger import LedgerKind
from vgigw.objects.resources import ResourceMember
from vgigw.rules.archives import (
    PolarityPeriod,
    acts_for,
    check_flip,
    check_ledger_query,
    check_load_device,
    check_operator,
    check_resource,
    check_station,
    is_credit_code,
    masked,
    polarity_at,
    polarity_for,
    range_discharges,
    station_discharges,
)
from vgigw.rules.polarity import flipped

LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION
EPOCH = datetime(2026, 11, 21, tzinfo=UTC)
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

minutes = st.integers(-1000, 1000).map(lambda each: EPOCH + timedelta(minutes=each))
polarities = st.sampled_from(PolarityMode)
kilowatts = st.integers(-(10**6), 10**6).map(lambda each: Decimal(each).scaleb(-3))
names = st.sampled_from(("123456789", "987654321", "777777777", "555555555"))


def paths(fault: pytest.ExceptionInfo[InvalidObject]) -> list[str]:
    return [each.path for each in fault.value.details]


@given(kilowatts, kilowatts, polarities)
def test_plt_7_4_what_discharges_does_so_in_either_polarity(
    one: Decimal, other: Decimal, polarity: PolarityMode
) -> None:
    low, high = sorted((one, other))
    device = a_device(polarity_mode=polarity, min_power=low, max_power=high)
    check_load_device(device)
    assert range_discharges(device) == range_discharges(flipped(device))


@given(st.lists(st.sampled_from(DirectionCapability), min_size=1, max_size=4))
def test_plt_7_4b_one_charger_that_delivers_makes_generation_polarity(
    capabilities: list[DirectionCapability],
) -> None:
    first = STATION.equipment_infos[0]
    devices = tuple(replace(first, direction_capability=each) for each in capabilities)
    delivers = station_discharges(replace(STATION, equipment_infos=devices))
    assert polarity_for(delivers) is (
        GENERATION if DirectionCapability.BIDIRECTIONAL in capabilities else LOAD
    )
    assert (station_discharges(STATION), station_discharges(BOTH_WAYS)) == (False, True)


@given(kilowatts, kilowatts)
def test_plt_8_4_a_range_ends_where_it_begins_or_later(low: Decimal, high: Decimal) -> None:
    device = a_device(min_power=low, max_power=high)
    if low <= high:
        check_load_device(device)
        return
    with pytest.raises(InvalidObject) as fault:
        check_load_device(device)
    assert paths(fault) == ["/MaxPower"]


@given(polarities, minutes, st.lists(st.tuples(minutes, minutes), max_size=6))
def test_plt_7_4c_what_was_measured_stays_in_its_polarity(
    first: PolarityMode, since: datetime, flips: list[tuple[datetime, datetime]]
) -> None:
    """Flips that are accepted, each told at its own now, never change what held before that now."""
    periods = [PolarityPeriod(first, since)]
    for now, at in sorted(flips):
        other = LOAD if periods[-1].polarity is GENERATION else GENERATION
        told = PolarityPeriod(other, at)
        looked_at = [now - timedelta(minutes=each) for each in range(0, 2000, 50)]
        before = [polarity_at(periods, each) for each in looked_at]
        try:
            check_flip(periods[-1], told, now)
        except PolarityMismatch:
            assert at <= max(now, periods[-1].since)
            continue
        assert at > now
        periods.append(told)
        assert [polarity_at(periods, each) for each in looked_at] == before
        assert polarity_at(periods, at) is other
        assert polarity_at(periods, at - timedelta(milliseconds=1)) is not other


@given(polarities, minutes, minutes, minutes)
def test_plt_7_4c_an_instant_moves_with_its_polarity_only(
    polarity: PolarityMode, since: datetime, moved: datetime, now: datetime
) -> None:
    held = PolarityPeriod(polarity, since)
    check_flip(held, held, now)
    assume(moved != since)
    with pytest.raises(PolarityMismatch) as fault:
        check_flip(held, PolarityPeriod(polarity, moved), now)
    assert [each.path for each in fault.value.details] == ["/PolarityFrom"]


def test_plt_7_4c_of_what_is_not_known_there_is_no_polarity() -> None:
    assert polarity_at([], EPOCH) is None


@given(st.lists(st.sampled_from(("A", "B", "C")), min_size=1, max_size=5))
def test_plt_6_4a_each_member_that_stands_there_before_is_told(ids: list[str]) -> None:
    members = tuple(ResourceMember(member_kind=ObjectKind.VEHICLE, member_id=each) for each in ids)
    expected = [f"/Members/{at}/MemberID" for at, each in enumerate(ids) if each in ids[:at]]
    resource = a_resource("R1", 1, *members)
    if not expected:
        check_resource(resource)
        return
    with pytest.raises(InvalidObject) as fault:
        check_resource(resource)
    assert paths(fault) == expected


@given(polarities, st.integers(0, 100))
def test_plt_7_4b_a_resource_rated_to_discharge_has_generation_polarity(
    polarity: PolarityMode, rated: int
) -> None:
    resource = a_resource(polarity_mode=polarity, rated_discharge_power=Decimal(rated))
    if polarity is GENERATION or rated == 0:
        check_resource(resource)
        return
    with pytest.raises(PolarityMismatch):
        check_resource(resource)


def test_2_0_12_every_identifier_that_stands_twice_in_a_station_is_told() -> None:
    check_station(STATION)
    first = STATION.equipment_infos[0]
    with pytest.raises(InvalidObject) as fault:
        check_station(replace(STATION, equipment_infos=(first, first)))
    assert paths(fault) == [
        "/EquipmentInfos/1/EquipmentID",
        "/EquipmentInfos/1/ConnectorInfos/0/ConnectorID",
    ]


@given(st.lists(st.tuples(names, st.none() | minutes, st.none() | minutes), max_size=4), minutes)
def test_plt_8_2_an_aggregator_acts_for_whom_an_agency_is_in_force(
    agencies: list[tuple[str, datetime | None, datetime | None]], now: datetime
) -> None:
    agents = tuple(
        AgentOperator(operator_id=name, operator_name="x", agent_from=begins, agent_to=ends)
        for name, begins, ends in agencies
    )
    info = replace(an_aggregator(), agent_operators=agents)
    in_force = {
        name
        for name, begins, ends in agencies
        if (begins or now) <= now < (ends or now + timedelta(1))
    }
    assert acts_for(info, now) == in_force
    listed = [each for each, _, _ in agencies]
    wrong = {
        *(f"/AgentOperators/{at}/OperatorID" for at, x in enumerate(listed) if x in listed[:at]),
        *(
            f"/AgentOperators/{at}/AgentTo"
            for at, (_, begins, ends) in enumerate(agencies)
            if begins is not None and ends is not None and ends <= begins
        ),
    }
    if not wrong:
        check_operator(info)
        return
    with pytest.raises(InvalidObject) as fault:
        check_operator(info)
    assert set(paths(fault)) == wrong


codes = st.text(CHARACTERS, min_size=17, max_size=17)


@given(codes, st.data())
def test_gb_32100_exactly_one_check_character_is_right_and_one_slip_is_found(
    body: str, data: st.DataObject
) -> None:
    right = [body + each for each in CHARACTERS if is_credit_code(body + each)]
    assert len(right) == 1
    at = data.draw(st.integers(0, 17))
    slip = data.draw(st.sampled_from(CHARACTERS))
    slipped = right[0][:at] + slip + right[0][at + 1 :]
    assert is_credit_code(slipped) is (slip == right[0][at])


def test_gb_32100_a_right_code_passes() -> None:
    assert is_credit_code(A_CREDIT_CODE)
    check_operator(a_party(operator_uscid=A_CREDIT_CODE))


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y4I", "9" * 19])
def test_gb_32100_other_lengths_and_letters_are_wrong(code: str) -> None:
    assert not is_credit_code(code)


@given(st.text(max_size=64))
def test_jes_6_4_1b_a_mask_keeps_the_length_and_shows_four_at_most(text: str) -> None:
    hidden = masked(text)
    shown = hidden.lstrip("*") if "*" not in text else hidden[-4:]
    assert len(hidden) == len(text)
    assert len(shown) <= 4
    assert hidden[: max(len(text) - 4, 0)] == "*" * max(len(text) - 4, 0)
    assert len(text) > 8 or set(hidden) <= {"*"}


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        (LedgerQuery(), False),
        (LedgerQuery(root="R", root_kind=LedgerKind.RESOURCE), False),
        (LedgerQuery(root_kind=LedgerKind.RESOURCE), True),
        (LedgerQuery(root_owner_id="123456789"), True),
    ],
)
def test_plt_6_9_kind_and_owner_are_of_a_root(asked: LedgerQuery, wrong: bool) -> None:
    if not wrong:
        check_ledger_query(asked)
        return
    with pytest.raises(InvalidObject) as fault:
        check_ledger_query(asked)
    assert paths(fault) == ["/Root"]
