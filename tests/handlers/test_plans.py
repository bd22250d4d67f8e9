"""Plan curves: of a resource of one's own, before the gate, in its polarity. PLT-8.3, PLT-7.4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_conventions_through_doors import GENERATION, LOAD, site
from tests.handlers.test_relay import refused_code
from tests.trio import BASES, DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, kept, station
from vgigw.codec.convention import Convention
from vgigw.errors import PeerRefused
from vgigw.objects import PlanCurve, PlanQuery
from vgigw.objects.plans import CurveKind, PlanKind, PlanPoint
from vgigw.operations import PUSH_ARCHIVE, QUERY_PLAN, SUBMIT_PLAN
from vgigw.platform_functions import plain
from vgigw.ports import LetterState
from vgigw.rules.plan import begin_of

TODAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 22)
MIDNIGHT = begin_of(TOMORROW)
"""The end of today, Beijing time: eight hours after ``NOW``."""
HOUR = timedelta(hours=1)


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    made = Trio(request.param)
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    return made


def plan(version: int = 1, *, minutes: int = 15, power: str = "50", **changes: Any) -> PlanCurve:
    """The day-ahead plan of ``ST1`` for tomorrow."""
    kind = changes.get("plan_kind", PlanKind.DAY_AHEAD)
    begin = changes.pop("begin", MIDNIGHT)
    length = {PlanKind.DAY_AHEAD: 24 * HOUR, PlanKind.ROLLING: HOUR}.get(kind, 2 * HOUR)
    step = timedelta(minutes=minutes)
    made = PlanCurve(
        plan_id="P1",
        resource_id="ST1",
        aggregator_id=OPERATOR,
        plan_kind=PlanKind.DAY_AHEAD,
        plan_date=TOMORROW,
        start_time=begin,
        end_time=begin + length,
        interval_min=minutes,
        polarity_mode=LOAD,
        curve_kind=CurveKind.PLAN,
        points=tuple(
            PlanPoint(
                start_time=begin + n * step, end_time=begin + (n + 1) * step, power=Decimal(power)
            )
            for n in range(length // step)
        ),
        version=version,
        submit_time=NOW,
    )
    return replace(made, **changes)


def submit(trio: Trio, given: PlanCurve, party: str = OPERATOR) -> int:
    version: int = trio.call(party, SUBMIT_PLAN, given).version
    return version


def refused(trio: Trio, given: PlanCurve, party: str = OPERATOR) -> int:
    return refused_code(trio, party, SUBMIT_PLAN, given)[0]


def asked(trio: Trio, party: str = DISPATCH, **changes: Any) -> PlanCurve:
    query = PlanQuery(resource_id="ST1", plan_date=TOMORROW)
    found: PlanCurve = trio.call(party, QUERY_PLAN, replace(query, **changes))
    return found


def plans_at(trio: Trio, party: str) -> list[PlanCurve]:
    found = trio.stores[party].read(lambda view: view.documents("PlanCurve"))
    return [kept(PlanCurve, each.payload) for each in found]


def go_to(trio: Trio, instant: datetime) -> None:
    trio.wait((instant - trio.now).total_seconds())


@pytest.mark.parametrize(("minutes", "count"), [(1, 1440), (5, 288), (15, 96), (30, 48)])
def test_plt_8_3b_a_plan_of_1_5_15_or_30_minutes_goes_up_and_is_found(
    trio: Trio, minutes: int, count: int
) -> None:
    made = plan(minutes=minutes)
    assert len(made.points) == count
    assert submit(trio, made) == 1
    trio.tick()
    assert plans_at(trio, DISPATCH) == [made]
    assert asked(trio) == made


@pytest.mark.parametrize("minutes", [10, 45])
def test_plt_8_3b_an_interval_that_is_none_is_4405(trio: Trio, minutes: int) -> None:
    assert refused(trio, replace(plan(minutes=5), interval_min=minutes)) == 4405


def test_plt_8_3b_a_day_with_a_point_too_few_is_4405(trio: Trio) -> None:
    made = plan()
    short = replace(made, points=made.points[:-1])
    assert refused(trio, short) == 4405
    assert plans_at(trio, PLATFORM) == []


def test_plt_8_3a_a_day_ahead_plan_comes_before_its_day_begins_4406(trio: Trio) -> None:
    go_to(trio, MIDNIGHT)
    assert submit(trio, plan()) == 1
    trio.wait(1)
    late = plan(2)
    assert refused(trio, late) == 4406
    # What it says of itself does not count.
    assert refused(trio, replace(late, submit_time=NOW)) == 4406
    assert [each.version for each in plans_at(trio, PLATFORM)] == [1]
    trio.tick()
    assert [each.version for each in plans_at(trio, DISPATCH)] == [1]


def test_plt_8_3a_a_repeat_after_the_gate_gets_its_first_receipt(trio: Trio) -> None:
    first = trio.call(OPERATOR, SUBMIT_PLAN, plan())
    go_to(trio, MIDNIGHT + HOUR)
    assert trio.call(OPERATOR, SUBMIT_PLAN, plan()) == first


@dataclass
class Region:
    """A region whose gate closes at an hour of its own."""

    closes: datetime

    def gate(self, _: object) -> datetime:
        return self.closes


def test_plt_8_3a_the_gate_of_a_region_counts_where_it_closes_earlier() -> None:
    for closes, code in ((NOW + HOUR, 4406), (MIDNIGHT + 99 * HOUR, None)):
        trio = Trio("rest", functions=replace(plain(), gate=Region(closes).gate))
        trio.call(OPERATOR, PUSH_ARCHIVE, station())
        go_to(trio, NOW + 2 * HOUR)
        if code:
            assert refused(trio, plan()) == code
        else:
            assert submit(trio, plan()) == 1
            go_to(trio, MIDNIGHT + HOUR)
            assert refused(trio, plan(2)) == 4406


def test_plt_8_3a_a_rolling_plan_covers_the_next_hour_and_comes_before_it(trio: Trio) -> None:
    begin = MIDNIGHT - 4 * HOUR
    rolling = plan(
        plan_kind=PlanKind.ROLLING, plan_id="P2", plan_date=TODAY, begin=begin, minutes=5
    )
    assert len(rolling.points) == 12
    assert submit(trio, rolling) == 1
    go_to(trio, begin + timedelta(seconds=1))
    assert refused(trio, replace(rolling, version=2)) == 4406


def test_plt_8_3_a_lower_version_is_4204_and_other_content_4202(trio: Trio) -> None:
    submit(trio, plan(3))
    assert refused(trio, plan(2)) == 4204
    assert refused(trio, plan(3, power="51")) == 4202
    assert submit(trio, plan(4, power="51")) == 4
    assert asked(trio).version == 4


@pytest.mark.parametrize("moved", [{"resource_id": "ST2"}, {"curve_kind": CurveKind.BASELINE}])
def test_plt_8_3_a_plan_never_moves_to_another_resource_or_meaning(
    trio: Trio, moved: dict[str, Any]
) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, station("ST2"))
    submit(trio, plan())
    assert refused(trio, plan(2, **moved)) == 4202
    assert asked(trio) == plan()


def test_plt_7_4b_a_plan_of_the_other_polarity_than_its_station_is_4402(trio: Trio) -> None:
    assert refused(trio, plan(polarity_mode=GENERATION)) == 4402
    trio.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    assert refused(trio, plan()) == 4402
    assert submit(trio, plan(polarity_mode=GENERATION, power="-50")) == 1


@pytest.mark.parametrize(("power", "code"), [("-99", 4402), ("99999", 4403)])
def test_plt_7_4a_a_plan_of_what_a_station_cannot_do_is_refused_at_each_point(
    trio: Trio, power: str, code: int
) -> None:
    with pytest.raises(PeerRefused) as refused_:
        trio.call(OPERATOR, SUBMIT_PLAN, plan(minutes=60, power=power))
    assert refused_.value.code == code
    paths = [detail.path for detail in refused_.value.details]
    assert paths[:2] == ["/Points/0/Power", "/Points/1/Power"]
    assert plans_at(trio, PLATFORM) == []


def test_plt_7_4b_a_plan_turns_between_peers_of_one_polarity(trio: Trio) -> None:
    """Kept as the archive says; the dispatch hears generation, header and all."""
    made = Trio(
        trio.door,
        platform_sees={
            DISPATCH: {"convention": Convention(polarity=GENERATION)},
            OPERATOR: {"convention": Convention(polarity=LOAD)},
        },
    )
    made.call(OPERATOR, PUSH_ARCHIVE, site(both_ways=True))
    submit(made, plan(power="40"))
    (held,) = plans_at(made, PLATFORM)
    assert (held.polarity_mode, held.points[0].power) == (GENERATION, Decimal(-40))
    made.tick()
    assert plans_at(made, DISPATCH) == [held]


def test_plt_4_3_nobody_plans_for_a_resource_of_another_party(trio: Trio) -> None:
    """It is answered as one that nobody has; who names another owner is not allowed to."""
    nowhere = refused_code(trio, OTHER, SUBMIT_PLAN, plan(resource_id="NONE", aggregator_id=OTHER))
    assert refused_code(trio, OTHER, SUBMIT_PLAN, plan(aggregator_id=OTHER)) == nowhere
    assert nowhere[0] == 4201
    assert refused(trio, plan(), OTHER) == 4301
    assert plans_at(trio, PLATFORM) == []


def test_plt_4_3_a_foreign_plan_is_answered_as_one_that_is_absent(trio: Trio) -> None:
    """An operator answers for its own plans only; so does a platform of a name that is not one."""
    submit(trio, plan())
    query = PlanQuery(resource_id="ST1", plan_date=TOMORROW)
    absent = refused_code(trio, DISPATCH, QUERY_PLAN, replace(query, resource_id="NONE"))
    assert absent[0] == 4201
    assert refused_code(trio, OPERATOR, QUERY_PLAN, query)[0] == 4301
    nothing = _refusal_of(trio, OTHER, replace(query, resource_id="NONE"))
    trio.stores[OTHER].write(lambda tx: _copy(trio, tx))
    assert _refusal_of(trio, OTHER, query) == nothing


def _refusal_of(trio: Trio, party: str, query: PlanQuery) -> tuple[int, str]:
    with pytest.raises(Exception, match="4201") as refused_:
        trio.platform.call(party, QUERY_PLAN, query, trio.now)
    return refused_.value.code, refused_.value.message  # type: ignore[attr-defined]


def _copy(trio: Trio, tx: Any) -> None:
    """Another party's plan in a store, as if it were there by mistake."""
    found = trio.stores[PLATFORM].read(lambda view: view.documents("PlanCurve"))
    for each in found:
        tx.put(each)


def test_a_name_that_two_parties_use_is_answered_with_nobodys_plan(trio: Trio) -> None:
    """StationID is unique in its operator only, and a question does not say whose. 2.0(12)."""
    trio.call(OTHER, PUSH_ARCHIVE, replace(station(), operator_id=OTHER))
    submit(trio, plan())
    assert asked(trio) == plan()
    submit(trio, plan(aggregator_id=OTHER, power="1"), OTHER)
    query = PlanQuery(resource_id="ST1", plan_date=TOMORROW)
    assert refused_code(trio, DISPATCH, QUERY_PLAN, query)[0] == 4201
    # Both went up, though both are called P1.
    trio.tick()
    assert sorted(each.aggregator_id for each in plans_at(trio, DISPATCH)) == [OPERATOR, OTHER]
    assert {each.state for each in trio.letters(PLATFORM)} == {LetterState.DELIVERED}


def test_plt_8_3a_a_revision_is_answered_before_the_plan_that_it_revises(trio: Trio) -> None:
    submit(trio, plan())
    revised = plan(plan_id="P2", plan_kind=PlanKind.REVISED, begin=MIDNIGHT + 3 * HOUR, power="10")
    submit(trio, revised)
    trio.wait(1)
    submit(trio, plan(2))
    assert asked(trio) == revised
    assert asked(trio, plan_kind=PlanKind.DAY_AHEAD) == plan(2)
    assert (
        refused_code(
            trio,
            DISPATCH,
            QUERY_PLAN,
            PlanQuery(resource_id="ST1", plan_date=TOMORROW, curve_kind=CurveKind.BASELINE),
        )[0]
        == 4201
    )


def test_plt_8_3_what_an_operator_sends_itself_is_found_there(trio: Trio) -> None:
    trio.operator.send(PLATFORM, SUBMIT_PLAN, plan(), trio.now)
    query = PlanQuery(resource_id="ST1", plan_date=TOMORROW)
    assert trio.platform.call(OPERATOR, QUERY_PLAN, query, trio.now) == plan()
    trio.tick(2)
    assert plans_at(trio, DISPATCH) == [plan()]
