"""Consents as a table of states, and what of a vehicle each scope covers. JES-6.4.1c, 3.2(6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.strategies import objects_of
from vgigw.errors import IllegalState, NoConsent
from vgigw.objects import ConsentInfo, TripInfo, VehicleInfo
from vgigw.objects.consents import ConsentScope, ConsentState
from vgigw.rules.consent import (
    ConsentEvent,
    advance,
    check_covered,
    named_by_consent,
    needed,
    state_at,
)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FEW = settings(max_examples=80)
ACTIVE, WITHDRAWN, EXPIRED = ConsentState
PUSHED = st.one_of(objects_of(VehicleInfo), objects_of(TripInfo))


def given_for(pushed: VehicleInfo | TripInfo, **changes: Any) -> ConsentInfo:
    plain = ConsentInfo(
        consent_id=pushed.consent_id,
        vehicle_id=pushed.vehicle_id,
        consent_scope=tuple(ConsentScope),
        granted_at=NOW,
        consent_state=ACTIVE,
    )
    return replace(plain, **changes)


@given(st.lists(st.sampled_from(ConsentEvent), max_size=12))
def test_what_was_withdrawn_stays_withdrawn_3_2_6(events: list[ConsentEvent]) -> None:
    state, withdrawn = ACTIVE, False
    for event in events:
        try:
            state = advance(state, event)
        except IllegalState:
            continue
        withdrawn = withdrawn or event is ConsentEvent.WITHDRAW
        assert (state is WITHDRAWN) == withdrawn


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        (ACTIVE, ConsentEvent.GRANT, ACTIVE),
        (ACTIVE, ConsentEvent.WITHDRAW, WITHDRAWN),
        (ACTIVE, ConsentEvent.LAPSE, EXPIRED),
        (WITHDRAWN, ConsentEvent.GRANT, None),
        (WITHDRAWN, ConsentEvent.WITHDRAW, None),
        (WITHDRAWN, ConsentEvent.LAPSE, WITHDRAWN),
        (EXPIRED, ConsentEvent.GRANT, None),
        (EXPIRED, ConsentEvent.WITHDRAW, WITHDRAWN),
        (EXPIRED, ConsentEvent.LAPSE, EXPIRED),
    ],
)
def test_each_cell_of_the_table_3_2_6(
    state: ConsentState, event: ConsentEvent, after: ConsentState | None
) -> None:
    if after is None:
        with pytest.raises(IllegalState):
            advance(state, event)
    else:
        assert advance(state, event) is after


@given(st.integers(-5, 5))
def test_a_consent_lapses_at_its_end_by_itself_jes_6_4_1c(seconds: int) -> None:
    ends = NOW + timedelta(seconds=seconds)
    consent = ConsentInfo(
        consent_id="A",
        vehicle_id="V",
        consent_scope=(ConsentScope.TRIP,),
        granted_at=NOW - timedelta(days=1),
        valid_to=ends,
        consent_state=ACTIVE,
    )
    assert (state_at(consent, NOW) is ACTIVE) == (seconds > 0)


@FEW
@given(PUSHED, st.sets(st.sampled_from(ConsentScope), min_size=1))
def test_what_is_pushed_needs_every_scope_of_its_members_jes_6_4_1a(
    pushed: VehicleInfo | TripInfo, scopes: set[ConsentScope]
) -> None:
    consent = given_for(pushed, consent_scope=tuple(sorted(scopes)))
    missing = [path for path, scope in needed(pushed) if scope not in scopes]
    if not missing:
        check_covered(pushed, consent, NOW)
        return
    with pytest.raises(NoConsent) as refused:
        check_covered(pushed, consent, NOW)
    assert [each.path for each in refused.value.details] == missing


@FEW
@given(
    PUSHED,
    st.sampled_from(
        (
            {"consent_state": WITHDRAWN},
            {"consent_state": EXPIRED},
            {"valid_to": NOW},
            {"vehicle_id": "\x7f another"},
        )
    ),
)
def test_no_other_state_and_no_other_vehicle_is_covered_jes_6_4_1c(
    pushed: VehicleInfo | TripInfo, changes: dict[str, Any]
) -> None:
    for consent in (None, given_for(pushed, **changes)):
        with pytest.raises(NoConsent) as refused:
            check_covered(pushed, consent, NOW)
        assert [each.path for each in refused.value.details] == ["/ConsentID"]


@FEW
@given(PUSHED)
def test_a_personal_object_is_named_by_its_consent_jes_6_4_1b(
    pushed: VehicleInfo | TripInfo,
) -> None:
    assert named_by_consent(pushed) == pushed.consent_id
    assert named_by_consent(given_for(pushed)) is None
