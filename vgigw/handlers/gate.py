"""The gate: who may do business now, and what a message shows of an access under way.

PLT-8.7b, PLT-8.11. A held, refused or removed party is not approved, one that a sanction cut off is
suspended; what leads back stays open to both, and so does a user's withdrawal of consent
(JES-6.4.1c: at any time). What a sanction cuts is the business data: of a party that is cut off
alarms, keys, clocks and the reading of notices go on. A party that calls from another network, or
by another certificate, than it was approved for is not approved there, unless its profile says that
an alarm will do; from there it may apply for the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from vgigw.errors import NotApproved, Suspended
from vgigw.handlers.network_changes import change_in
from vgigw.handlers.standing import Standing, first_standing, found_standing, save_standing
from vgigw.objects import TelemetryBatch
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import (
    CLEAR_ALARM,
    CONFIRM_NOTICE,
    HEARTBEAT,
    NOTIFY_KEY_CHANGE,
    PUSH_ALARM,
    PUSH_ARCHIVE,
    PUSH_CUSTOMER,
    PUSH_LOAD_DEVICE,
    PUSH_OPERATOR,
    PUSH_RESOURCE,
    QUERY_SERVICES,
    QUERY_TIME,
    QUERY_TOKEN,
    SUBMIT_ACCESS,
    SUBMIT_APPEAL,
    SUBMIT_OUTAGE_EXPLANATION,
    UPLOAD_TELEMETRY,
    WITHDRAW_CONSENT,
)
from vgigw.ports import Call, OnChange, Transaction
from vgigw.rules.access import ACCESS, SHUT, UNDER_WAY, AccessEvent
from vgigw.rules.network_change import Change

ALWAYS_OPEN = frozenset(
    row.name
    for row in (
        QUERY_TOKEN,
        HEARTBEAT,
        SUBMIT_ACCESS,
        SUBMIT_APPEAL,
        SUBMIT_OUTAGE_EXPLANATION,
        WITHDRAW_CONSENT,
    )
)
OPEN_IF_CUT_OFF = ALWAYS_OPEN | frozenset(
    row.name
    for row in (
        PUSH_ALARM,
        CLEAR_ALARM,
        CONFIRM_NOTICE,
        NOTIFY_KEY_CHANGE,
        QUERY_SERVICES,
        QUERY_TIME,
    )
)
_ARCHIVES = frozenset(
    row.name
    for row in (PUSH_ARCHIVE, PUSH_CUSTOMER, PUSH_LOAD_DEVICE, PUSH_OPERATOR, PUSH_RESOURCE)
)

Note = Callable[[Call, Change], None]


def _unheard(call: Call, change: Change) -> None:
    """Nobody is told."""


def admit(call: Call, tx: Transaction, /, note: Note = _unheard) -> None:
    """Raise ``NotApproved`` or ``Suspended``, or let the message in. One indexed read a message.

    ``note`` is told of each call that shows a change of the party's network. PLT-8.11b.
    """
    peer, name = call.peer, call.operation.name
    standing = found_standing(tx, peer.operator_id)
    _check_network(call, standing, note)
    if standing is None:
        if peer.approved:
            return
        standing = first_standing(peer.operator_id, peer)
    if standing.stage in SHUT and name not in ALWAYS_OPEN:
        raise NotApproved()
    if standing.cut_off and name not in OPEN_IF_CUT_OFF:
        raise Suspended()
    if standing.stage not in UNDER_WAY or not call.operation.writes:
        return
    stage = standing.stage
    for event in _shown_by(call):
        stage = ACCESS.advance(stage, event)
    if stage is not standing.stage:
        save_standing(msgspec.structs.replace(standing, stage=stage), tx, call.now)


def admit_known(call: Call, _tx: Transaction, /, note: Note = _unheard) -> None:
    """As :func:`admit`, of a gateway that gives nobody access: what its configuration names is all
    that counts, so that nothing is read. PLT-8.11b, PLT-10.3a."""
    _check_network(call, None, note)


def _check_network(call: Call, standing: Standing | None, note: Note) -> None:
    """Raise ``NotApproved`` for what comes from elsewhere, unless an alarm will do."""
    peer = call.peer
    change = change_in(peer, standing, call.source, call.certificate)
    if change is None or call.operation is SUBMIT_ACCESS:
        return
    note(call, change)
    if peer.upon_change is not OnChange.ALARM and call.operation.name not in ALWAYS_OPEN:
        raise NotApproved()


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
