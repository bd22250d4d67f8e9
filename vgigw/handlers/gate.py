"""The gate: who may do business now, and what a message shows of an access under way.

PLT-8.7b, PLT-8.11. A held, refused or removed party is not approved, one that a sanction cut off is
suspended; what leads back stays open to both.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from vgigw.errors import NotApproved, Suspended
from vgigw.handlers.standing import found_standing, save_standing
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import (
    HEARTBEAT,
    PUSH_ARCHIVE,
    PUSH_CUSTOMER,
    PUSH_LOAD_DEVICE,
    PUSH_OPERATOR,
    PUSH_RESOURCE,
    QUERY_TOKEN,
    SUBMIT_ACCESS,
    SUBMIT_APPEAL,
    SUBMIT_OUTAGE_EXPLANATION,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Call, Transaction
from vgigw.rules.access import ACCESS, SHUT, UNDER_WAY, AccessEvent

ALWAYS_OPEN = frozenset(
    row.name
    for row in (QUERY_TOKEN, HEARTBEAT, SUBMIT_ACCESS, SUBMIT_APPEAL, SUBMIT_OUTAGE_EXPLANATION)
)
_ARCHIVES = frozenset(
    row.name
    for row in (PUSH_ARCHIVE, PUSH_CUSTOMER, PUSH_LOAD_DEVICE, PUSH_OPERATOR, PUSH_RESOURCE)
)


def admit(call: Call, tx: Transaction) -> None:
    """Raise ``NotApproved`` or ``Suspended``, or let the message in. One indexed read a message."""
    standing = found_standing(tx, call.peer.operator_id)
    if standing is None:
        return
    if call.operation.name not in ALWAYS_OPEN:
        if standing.stage in SHUT:
            raise NotApproved()
        if standing.cut_off:
            raise Suspended()
    if standing.stage not in UNDER_WAY or not call.operation.writes:
        return
    stage = standing.stage
    for event in _shown_by(call):
        stage = ACCESS.advance(stage, event)
    if stage is not standing.stage:
        save_standing(msgspec.structs.replace(standing, stage=stage), tx, call.now)


def _shown_by(call: Call) -> Iterator[AccessEvent]:
    """A genuine message shows the keys, one beyond the token the token; undone if it is refused."""
    yield AccessEvent.KEYS
    if not call.operation.needs_token:
        return
    yield AccessEvent.TOKEN
    if call.operation.name in _ARCHIVES:
        yield AccessEvent.ARCHIVE
    if call.operation is UPLOAD_TELEMETRY:
        batch: TelemetryBatch = call.request
        if batch.report_mode is ReportMode.FULL:
            yield AccessEvent.FULL_TELEMETRY
