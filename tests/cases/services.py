"""Cases of keys, schemes, files, the audit and the inventory of data."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cases.case import Builder, Case, Change, Draw, act, step
from tests.cases.worlds import DISPATCH, NOW, OPERATOR, SUPERVISOR, TRACE_ID
from tests.strategies import objects_of
from vgigw import operations as ops
from vgigw.objects import (
    AssetQuery,
    AuditQuery,
    FileAck,
    FileManifest,
    KeyRecord,
    SupplyScheme,
    SupplySchemeQuery,
    TraceQuery,
)
from vgigw.objects.schemes import SchemeMethod
from vgigw.objects.security import KeyState
from vgigw.operations import Operation

_NAMES = st.text(st.characters(min_codepoint=0x30, max_codepoint=0x39), min_size=1, max_size=20)
_HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)


def key(draw: Draw) -> KeyRecord:
    """A key that begins its life."""
    drawn: KeyRecord = draw(objects_of(KeyRecord))
    first = draw(st.sampled_from((KeyState.PENDING, KeyState.ACTIVE)))
    life = timedelta(days=draw(st.integers(1, 4000)))
    return replace(drawn, owner_id=OPERATOR, state=first, not_before=NOW, not_after=NOW + life)


def scheme(draw: Draw) -> SupplyScheme:
    """JES-7.1.3 holds: what is taken is given."""
    drawn: SupplyScheme = draw(objects_of(SupplyScheme))
    small = Decimal("1000.000")
    loads = tuple(replace(each, p=min(each.p, small)) for each in drawn.loads)
    losses = min(drawn.losses, small)
    taken = sum((each.p for each in loads), losses)
    first, *others = drawn.sources
    sources = (replace(first, p=taken), *(replace(each, p=Decimal("0.000")) for each in others))
    minutes = draw(st.sampled_from((15, 30)))
    step_time = NOW + timedelta(minutes=minutes) * draw(st.integers(0, 1000))
    return replace(
        drawn,
        sources=sources,
        loads=loads,
        losses=losses,
        step_time=step_time,
        step_min=minutes,
        method=SchemeMethod.POWER_FLOW,
        objective=None,
        weights=(),
    )


def manifest(draw: Draw) -> FileManifest:
    drawn: FileManifest = draw(objects_of(FileManifest))
    return replace(drawn, file_name=draw(_NAMES), hash=draw(_HASHES))


def _key(operation: Operation, draw: Draw) -> Case:
    return Case((), step(OPERATOR, operation, key(draw)))


def _scheme(operation: Operation, draw: Draw) -> Case:
    made = scheme(draw)
    submit = step(DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, made)
    if operation is ops.SUBMIT_SUPPLY_SCHEME:
        return Case((), submit)
    query = SupplySchemeQuery(scheme_id=made.scheme_id)
    before = draw(st.sampled_from((submit, act(DISPATCH, ops.SUBMIT_SUPPLY_SCHEME, made))))
    return Case((before,), step(DISPATCH, operation, query))


def _file(operation: Operation, draw: Draw) -> Case:
    made = manifest(draw)
    if operation is ops.NOTIFY_FILE:
        return Case((), step(DISPATCH, operation, made))
    drawn: FileAck = draw(objects_of(FileAck))
    ack = replace(drawn, file_name=made.file_name, hash=made.hash)
    return Case((act(DISPATCH, ops.NOTIFY_FILE, made),), step(DISPATCH, operation, ack))


def _looked_up(operation: Operation, draw: Draw) -> Case:
    told = step(OPERATOR, ops.NOTIFY_KEY_CHANGE, key(draw))
    if operation is ops.QUERY_ASSETS:
        return Case((), step(SUPERVISOR, operation, draw(objects_of(AssetQuery))))
    drawn: AuditQuery = draw(objects_of(AuditQuery))
    query = replace(drawn, actor=OPERATOR, action=None, object_ref=None)
    query = replace(query, time_from=None, time_to=None, page_no=1)
    return Case((told,), step(SUPERVISOR, operation, query))


def _trace(operation: Operation, draw: Draw) -> Case:
    told = step(OPERATOR, ops.NOTIFY_KEY_CHANGE, key(draw))
    return Case((told,), step(SUPERVISOR, operation, TraceQuery(trace_id=TRACE_ID)))


CASES: dict[str, Builder] = {
    ops.NOTIFY_KEY_CHANGE.name: _key,
    ops.SUBMIT_SUPPLY_SCHEME.name: _scheme,
    ops.QUERY_SUPPLY_SCHEME.name: _scheme,
    ops.NOTIFY_FILE.name: _file,
    ops.ACK_FILE.name: _file,
    ops.QUERY_ASSETS.name: _looked_up,
    ops.QUERY_AUDIT.name: _looked_up,
    ops.QUERY_TRACE.name: _trace,
}

CHANGED: dict[str, Change] = {
    "NotifyKeyChange": {"algorithm": "another algorithm"},
    "SubmitSupplyScheme": {"losses": Decimal("999999.999")},
    "NotifyFile": {"count": 2_147_483_647},
    "AckFile": {"message": "in other words, again"},
}
