"""Reports of ability: of one's own, within the rating, and what they allow. PLT-8.4, PLT-6.3a."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, LOAD, site
from tests.handlers.test_relay import issue, refusal, refused_code
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, curve, kept, station
from vgigw.codec.convention import Convention
from vgigw.objects import AdjustCapability, CommandState, ControlCurve
from vgigw.objects.capability import CapabilityBasis, CapabilityPoint
from vgigw.objects.operating_enumerations import ControlQuantity, RunState
from vgigw.operations import PUSH_ARCHIVE, REPORT_CAPABILITY
from vgigw.ports import LetterState


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


def ability(capability_id: str = "A1", **changes: Any) -> AdjustCapability:
    """``ST1`` of 120 kW: it takes 60 kW and can take 20 more or 30 less, for an hour."""
    plain = AdjustCapability(
        capability_id=capability_id,
        resource_id="ST1",
        data_time=NOW,
        run_state=RunState.RUNNING,
        active_power=Decimal(60),
        up_capability=Decimal(20),
        down_capability=Decimal(30),
        up_rate=Decimal(10),
        down_rate=Decimal(10),
        up_duration=60,
        down_duration=60,
        capability_basis=CapabilityBasis.REPORTED_SIGN,
    )
    return replace(plain, **changes)


def told(trio: Trio, given: AdjustCapability, party: str = OPERATOR) -> None:
    trio.call(party, REPORT_CAPABILITY, given)


def refused(trio: Trio, given: AdjustCapability, party: str = OPERATOR) -> int:
    return refused_code(trio, party, REPORT_CAPABILITY, given)[0]


def reports_at(trio: Trio, party: str) -> list[AdjustCapability]:
    found = trio.stores[party].read(lambda view: view.documents("AdjustCapability"))
    return [kept(AdjustCapability, each.payload) for each in found]


def asking(power: str, name: str = "", **changes: Any) -> ControlCurve:
    point = replace(curve().points[0], target_power=Decimal(power))
    return curve(name or f"C{power}", points=(point,), **changes)


def test_plt_8_4_a_report_goes_up_with_all_eight_items(trio: Trio) -> None:
    told(trio, ability())
    trio.tick()
    assert reports_at(trio, DISPATCH) == reports_at(trio, PLATFORM) == [ability()]


@pytest.mark.parametrize(
    ("power", "fits"), [("80", True), ("80.001", False), ("30", True), ("29.999", False)]
)
def test_plt_6_3a_a_command_is_held_to_the_newest_report_4403(
    trio: Trio, power: str, fits: bool
) -> None:
    assert issue(trio, asking("100", "BEFORE")) is CommandState.RECEIVED
    told(trio, ability())
    if fits:
        assert issue(trio, asking(power)) is CommandState.RECEIVED
    else:
        assert refusal(trio, asking(power)) == 4403
        trio.tick()
        assert (
            trio.stores[OPERATOR].read(lambda v: v.documents("ControlCurve", key="C" + power)) == []
        )


def test_plt_8_4_an_old_report_bounds_nothing_and_an_older_one_does_not_replace(trio: Trio) -> None:
    told(trio, ability(data_time=NOW - timedelta(minutes=1)))
    told(trio, ability("A0", data_time=NOW - timedelta(minutes=2), up_capability=Decimal(60)))
    assert refusal(trio, asking("100")) == 4403
    trio.wait(241)
    later: dict[str, Any] = {"ack_deadline": trio.now + timedelta(minutes=1)}
    assert issue(trio, asking("100", **later)) is CommandState.RECEIVED


def test_vgi_d_10_a_limit_is_no_target(trio: Trio) -> None:
    """To stay below 500 kW is always possible; to stay below 20 kW is not, right now."""
    told(trio, ability())
    limit: dict[str, Any] = {"control_quantity": ControlQuantity.POWER_LIMIT}
    assert issue(trio, asking("500", **limit)) is CommandState.RECEIVED
    assert refusal(trio, asking("20", **limit)) == 4403


def test_plt_8_4_what_a_party_reports_bounds_its_own_resource_only(trio: Trio) -> None:
    trio.call(OTHER, PUSH_ARCHIVE, replace(station(), operator_id=OTHER))
    told(trio, ability(), OTHER)
    assert issue(trio, asking("100")) is CommandState.RECEIVED
    assert refusal(trio, asking("100", "THEIRS", aggregator_id=OTHER)) == 4403


def test_plt_4_3_nobody_reports_for_a_resource_of_another_party(trio: Trio) -> None:
    nowhere = refused_code(trio, OTHER, REPORT_CAPABILITY, ability(resource_id="NONE"))
    assert nowhere[0] == 4201
    assert refused_code(trio, OTHER, REPORT_CAPABILITY, ability()) == nowhere
    assert reports_at(trio, PLATFORM) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"up_capability": Decimal("60.001")}, 4403),
        ({"down_capability": Decimal("60.001")}, 4403),
        ({"active_power": Decimal(-1)}, 4402),
        ({"run_state": RunState.FAULT}, 4401),
        ({"data_time": NOW + timedelta(seconds=6)}, 4401),
        ({"capability_curve": "gap"}, 4405),
    ],
)
def test_plt_8_4_what_cannot_be_true_is_refused(
    trio: Trio, changes: dict[str, Any], code: int
) -> None:
    if changes.get("capability_curve") == "gap":
        changes = {"capability_curve": (_hour(0), _hour(2))}
    assert refused(trio, ability(**changes)) == code
    assert reports_at(trio, PLATFORM) == []
    assert issue(trio, asking("100")) is CommandState.RECEIVED


def _hour(number: int) -> CapabilityPoint:
    start = NOW + timedelta(hours=number)
    up = Decimal(1)
    return CapabilityPoint(start_time=start, end_time=start + timedelta(hours=1), up=up, down=up)


def test_card_6_a_repeat_is_one_report_and_other_content_is_4202(trio: Trio) -> None:
    told(trio, ability())
    told(trio, ability())
    assert refused(trio, ability(up_rate=Decimal(11))) == 4202
    assert len(trio.letters(PLATFORM)) == 1


def test_two_parties_may_choose_one_capability_identifier(trio: Trio) -> None:
    """Neither hides from dispatch what the other reports. 2.0(12)."""
    trio.call(OTHER, PUSH_ARCHIVE, replace(station("ST9"), operator_id=OTHER))
    told(trio, ability())
    told(trio, ability(resource_id="ST9"), OTHER)
    trio.tick()
    assert sorted(each.resource_id for each in reports_at(trio, DISPATCH)) == ["ST1", "ST9"]
    assert {each.state for each in trio.letters(PLATFORM)} == {LetterState.DELIVERED}


def test_plt_7_4b_up_and_down_change_places_for_a_peer_of_the_other_polarity(trio: Trio) -> None:
    """A station that discharges, an operator in load, a dispatch in load: kept in generation."""
    made = Trio(
        trio.door,
        platform_sees={
            DISPATCH: {"convention": Convention(polarity=LOAD)},
            OPERATOR: {"convention": Convention(polarity=LOAD)},
        },
    )
    made.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    told(made, ability())
    (held,) = reports_at(made, PLATFORM)
    shown = (held.active_power, held.up_capability, held.down_capability)
    assert [int(each) for each in shown] == [-60, 30, 20]
    made.tick()
    assert reports_at(made, DISPATCH) == [ability()]
    # Net consumption of 30 to 80 kW is possible, whoever says it how.
    beyond = asking("-80.001", polarity_mode=GENERATION)
    plain = Trio(trio.door, stores={PLATFORM: made.stores[PLATFORM]})
    assert refusal(plain, beyond) == 4403
    assert issue(plain, asking("-80", polarity_mode=GENERATION)) is CommandState.RECEIVED


def test_what_an_operator_reports_itself_is_kept_there_too(trio: Trio) -> None:
    trio.operator.send(PLATFORM, REPORT_CAPABILITY, ability(), trio.now)
    trio.tick(2)
    for party in (OPERATOR, PLATFORM, DISPATCH):
        assert reports_at(trio, party) == [ability()]


def test_jes_6_2_3_3_less_than_a_station_is_not_told_to_discharge_by_the_north(trio: Trio) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    charger = station().equipment_infos[0].equipment_id
    down = asking("1", resource_id=charger, polarity_mode=GENERATION)
    assert refusal(trio, down) == 4403
    up = asking("-1", resource_id=charger, polarity_mode=GENERATION)
    assert issue(trio, up) is CommandState.RECEIVED
    whole = asking("2", polarity_mode=GENERATION)
    assert issue(trio, whole) is CommandState.RECEIVED
