"""Cases of notices, prices, alarms and sanctions: requests that the business rules accept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, act, step
from tests.cases.completed import in_order
from tests.cases.worlds import (
    AGGREGATOR,
    DISPATCH,
    EXCHANGE,
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    SUPERVISOR,
)
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    AccessState,
    AlarmClear,
    AlarmEvent,
    AlarmQuery,
    AlarmState,
    NoticeReceipt,
    PolicyNotice,
    PriceSignal,
    Sanction,
    SanctionKind,
)
from vgigw.objects.notices import EVERYBODY
from vgigw.operations import Operation

_AUDIENCES = st.sampled_from(
    ((EVERYBODY,), (OPERATOR,), (OPERATOR, AGGREGATOR), (OPERATOR, EVERYBODY))
)
_FITTING = {
    SanctionKind.NONE: AccessState.ACTIVE,
    SanctionKind.PENALTY: AccessState.PENALISED,
    SanctionKind.DISCONNECT: AccessState.SUSPENDED,
    SanctionKind.REMOVE: AccessState.REMOVED,
}


def _period(draw: Draw, drawn: Any) -> Any:
    """PLT-8.6 holds: it ends after it begins."""
    ends = draw(st.sampled_from((None, timedelta(milliseconds=1), timedelta(days=30))))
    begins = NOW + timedelta(hours=draw(st.integers(-24, 24)))
    return replace(
        drawn,
        audience=draw(_AUDIENCES),
        effective_from=begins,
        effective_to=None if ends is None else begins + ends,
    )


def notice(draw: Draw) -> PolicyNotice:
    made: PolicyNotice = _period(draw, draw(objects_of(PolicyNotice)))
    return made


def price(draw: Draw) -> PriceSignal:
    """VGI-D.12 holds: prices one after the other, without a gap."""
    drawn: PriceSignal = _period(draw, draw(objects_of(PriceSignal)))
    at, points = drawn.effective_from, []
    for point in drawn.price_points:
        end = at + timedelta(minutes=draw(st.integers(1, 120)))
        points.append(replace(point, start_time=at, end_time=end))
        at = end
    return replace(drawn, price_points=tuple(points))


def sanction(draw: Draw, party: str) -> Sanction:
    """PLT-8.7b holds: the access state is what the kind does."""
    drawn: Sanction = draw(objects_of(Sanction))
    state = _FITTING.get(drawn.sanction_kind, drawn.access_state)
    return replace(drawn, party_id=party, access_state=state)


def _publish(operation: Operation, draw: Draw) -> Case:
    issuer = draw(st.sampled_from((DISPATCH, EXCHANGE)))
    if operation is ops.PUBLISH_PRICE:
        return Case((), step(issuer, operation, price(draw)))
    made = notice(draw)
    publish = step(issuer, operation, made)
    if operation is ops.PUBLISH_NOTICE:
        return Case((), publish)
    drawn: NoticeReceipt = draw(objects_of(NoticeReceipt))
    read = replace(drawn, notice_id=made.notice_id, party_id=OPERATOR)
    own = act(OPERATOR, ops.PUBLISH_NOTICE, made)
    before = draw(st.sampled_from((step(issuer, ops.PUBLISH_NOTICE, made), own)))
    return Case((before,), step(OPERATOR, operation, read))


def _alarm(operation: Operation, draw: Draw) -> Case:
    alarm: AlarmEvent = draw(objects_of(AlarmEvent))
    raiser = draw(st.sampled_from((OPERATOR, AGGREGATOR, DISPATCH)))
    if operation is ops.PUSH_ALARM:
        return Case((), step(raiser, operation, alarm))
    open_one = replace(alarm, alarm_state=AlarmState.RAISED)
    push = step(raiser, ops.PUSH_ALARM, open_one)
    drawn: AlarmClear = draw(objects_of(AlarmClear))
    over = max(drawn.clear_time, alarm.occur_time)
    clear = replace(drawn, alarm_id=alarm.alarm_id, clear_time=over)
    if operation is ops.CLEAR_ALARM:
        by = draw(st.sampled_from((raiser, DISPATCH)))
        return Case((push,), step(by, operation, clear))
    other: AlarmEvent = draw(objects_of(AlarmEvent))
    more = step(OTHER, ops.PUSH_ALARM, other)
    cleared = step(raiser, ops.CLEAR_ALARM, clear)
    by = draw(st.sampled_from((raiser, DISPATCH, SUPERVISOR)))
    query: AlarmQuery = draw(st.one_of(st.just(AlarmQuery()), objects_of(AlarmQuery)))
    query = in_order(query, "time_from", "time_to")
    return Case((push, more, cleared), step(by, operation, query))


def _sanction(operation: Operation, draw: Draw) -> Case:
    """A sanction goes to whom it concerns, so that one is the party called."""
    return Case((), step(PLATFORM, operation, sanction(draw, OPERATOR)), served=OPERATOR)


CASES: dict[str, Builder] = {
    **{row.name: _publish for row in (ops.PUBLISH_NOTICE, ops.CONFIRM_NOTICE)},
    ops.PUBLISH_PRICE.name: _publish,
    **{row.name: _alarm for row in (ops.PUSH_ALARM, ops.CLEAR_ALARM, ops.QUERY_ALARMS)},
    ops.NOTIFY_SANCTION.name: _sanction,
}

CHANGED: dict[str, Change] = {
    "PublishNotice": {"title": "of another title"},
    "ConfirmNotice": {"read_time": NOW + timedelta(days=36_000)},
    "PublishPrice": {"title": "of another title"},
    "PushAlarm": {"object_id": "another object"},
    "ClearAlarm": {"detail": "in other words"},
    "NotifySanction": {"reason": "another reason"},
}
