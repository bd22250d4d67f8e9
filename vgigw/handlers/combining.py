"""The way back of an answer: to the issuer, or into the answer to the whole it is a part of.

PLT-6.3a, PLT-8.8a. The issuer of a decomposed command hears of it as of any other: one decision,
one report of its end.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.handlers.commands import (
    REPORT,
    CommandRecord,
    call_back,
    curve_of,
    keep,
    known,
    own_name,
    pass_on,
    save_record,
    to_ms,
)
from vgigw.handlers.keeping import object_of
from vgigw.handlers.names_told import NamesTold
from vgigw.objects import (
    AlarmDomain,
    AlarmObjectKind,
    CommandAck,
    ExecutionReport,
    PolarityMode,
)
from vgigw.objects.operating_enumerations import AckResult, CommandState, RefuseReason
from vgigw.operations import ACK_CONTROL, REPORT_EXECUTION, Role
from vgigw.ports import Identity, Transaction, View
from vgigw.rules.combination import TAKEN, PartAnswer, combined_ack, combined_report
from vgigw.rules.command import OVER, TURNED_DOWN, CommandEvent, ack_event, advance, after_report
from vgigw.rules.polarity import flipped

_BEGUN: Final = OVER | {CommandState.EXECUTING}
_ON_THE_WAY: Final = frozenset({CommandState.RECEIVED, CommandState.DECOMPOSED})
_ID_LENGTH: Final = 40
_REPORT_NAMES: Final = NamesTold("ReportName")
"""A ReportID is chosen by whoever reports: two carriers may choose the same one."""


def tell_ack(
    identity: Identity, record: CommandRecord, ack: CommandAck, tx: Transaction, now: datetime
) -> None:
    """Tell the decision that ``record`` holds to whom it concerns. PLT-8.8a."""
    if record.parent is not None:
        combine(identity, record.parent, tx, now)
        return
    held = curve_of(tx, record).polarity_mode
    told = replace(ack, command_id=own_name(tx, record))
    pass_on(identity, record.issuer, ACK_CONTROL, told, tx, now, held=held)


def tell_report(
    identity: Identity,
    record: CommandRecord,
    report: ExecutionReport,
    tx: Transaction,
    now: datetime,
) -> None:
    """Tell a report on ``record`` to whom it concerns. JES-6.5.3."""
    if record.parent is not None:
        combine(identity, record.parent, tx, now)
        return
    held = curve_of(tx, record).polarity_mode
    name = _REPORT_NAMES.give(record.carrier, report.report_id, tx, now)
    told = replace(report, report_id=name, command_id=own_name(tx, record))
    pass_on(identity, record.issuer, REPORT_EXECUTION, told, tx, now, held=held)


def give_up(
    identity: Identity,
    record: CommandRecord,
    event: CommandEvent,
    reason: RefuseReason,
    tx: Transaction,
    now: datetime,
) -> None:
    """Close a command that came to nothing, and tell its issuer. PLT-8.8a."""
    ack = CommandAck(
        command_id=record.command_id,
        ack_party=record.carrier,
        ack_result=AckResult.REFUSED,
        refuse_reason=reason,
        ack_time=to_ms(now),
    )
    closed = replace(record, state=advance(record.state, event), ack=ack)
    save_record(tx, closed, now)
    keep(ack, record.carrier, f"{record.command_id}/{record.carrier}", record.command_id, tx, now)
    tell_ack(identity, closed, ack, tx, now)


def expired(identity: Identity, record: CommandRecord, tx: Transaction, now: datetime) -> None:
    """Close a command that nobody answered in time, tell its issuer and people, and call it back:
    whoever took it on and was not heard must not carry out what its issuer was told is refused.
    PLT-8.8a."""
    give_up(identity, record, CommandEvent.EXPIRE, RefuseReason.EXPIRED, tx, now)
    if identity.role is not Role.PLATFORM:
        return
    call_back(identity, record, "not answered in time", tx, now)
    raise_alarm(identity, _unanswered(record), tx, now, detail=f"by {record.carrier}")


def combine(identity: Identity, command_id: str, tx: Transaction, now: datetime) -> None:
    """Bring a decomposed command to where its parts are, and tell what all of them answered."""
    whole = known(tx, command_id)
    parts = [known(tx, each) for each in whole.parts]
    if whole.runs:
        before, whole = whole, _moved(whole, parts, tx, now)
        if whole.parent is not None and whole is not before:
            combine(identity, whole.parent, tx, now)
    if whole.runs and whole.ack is None and all(map(_is_decided, parts)):
        whole = _decided(identity, whole, parts, tx, now)
    taken = [each for each in parts if _is_taken(each)]
    turned_down = whole.state in TURNED_DOWN
    told = not turned_down and (whole.ack is not None or not whole.runs)
    if told and taken and whole.report is None and all(each.report for each in taken):
        _conclude(identity, whole, taken, tx, now)


def _moved(
    whole: CommandRecord, parts: list[CommandRecord], tx: Transaction, now: datetime
) -> CommandRecord:
    """Issued when every part has arrived, executing as soon as one is or was."""
    state = whole.state
    if all(each.state not in _ON_THE_WAY for each in parts):
        state = advance(state, CommandEvent.ISSUED)
    if any(each.state is CommandState.EXECUTING or each.report for each in parts):
        state = advance(state, CommandEvent.REPORT_EXECUTING)
    if state is whole.state:
        return whole
    moved = replace(whole, state=state)
    save_record(tx, moved, now)
    return moved


def _decided(
    identity: Identity,
    whole: CommandRecord,
    parts: list[CommandRecord],
    tx: Transaction,
    now: datetime,
) -> CommandRecord:
    curve = curve_of(tx, whole)
    answers = [_answer_of(each, curve.polarity_mode, tx, now) for each in parts]
    ack = combined_ack(curve, answers, identity.operator_id)
    state = advance(whole.state, ack_event(ack.ack_result))
    decided = replace(whole, state=state, ack=ack)
    save_record(tx, decided, now)
    key = f"{whole.command_id}/{identity.operator_id}"
    keep(ack, identity.operator_id, key, whole.command_id, tx, now)
    tell_ack(identity, decided, ack, tx, now)
    return decided


def _conclude(
    identity: Identity,
    whole: CommandRecord,
    taken: list[CommandRecord],
    tx: Transaction,
    now: datetime,
) -> None:
    """Over when every part that was taken on is over and has told what came of it."""
    curve = curve_of(tx, whole)
    reports = [_report_of(each, curve.polarity_mode, tx) for each in taken]
    report = combined_report(curve, reports, _report_id(whole))
    state = after_report(whole.state, report.exec_state, first=True)
    over = replace(whole, state=state, report=replace(report, actual_points=()))
    save_record(tx, over, now)
    keep(report, identity.operator_id, report.report_id, whole.command_id, tx, now)
    tell_report(identity, over, report, tx, now)


def _is_decided(part: CommandRecord) -> bool:
    """A report implies the acknowledgement that it overtook."""
    return part.ack is not None or part.state in _BEGUN


def _is_taken(part: CommandRecord) -> bool:
    accepted = part.ack is not None and part.ack.ack_result in TAKEN
    return accepted or part.report is not None or part.state is CommandState.EXECUTING


def _answer_of(
    part: CommandRecord, polarity: PolarityMode, view: View, now: datetime
) -> PartAnswer:
    """The decision on a part, in the polarity of the whole."""
    ack, curve = part.ack, curve_of(view, part)
    if ack is None:
        taken = _is_taken(part)
        ack = CommandAck(
            command_id=part.command_id,
            ack_result=AckResult.ACCEPTED if taken else AckResult.REFUSED,
            refuse_reason=None if taken else RefuseReason.OTHER,
            ack_time=to_ms(now),
        )
    same = curve.polarity_mode is polarity
    return PartAnswer(ack, curve) if same else PartAnswer(flipped(ack), flipped(curve))


def _report_of(part: CommandRecord, polarity: PolarityMode, view: View) -> ExecutionReport:
    """What a part came to, with its curve, in the polarity of the whole."""
    ends = [
        report
        for each in view.documents(REPORT, group=part.command_id)
        if part.report is not None
        and (report := object_of(ExecutionReport, each.payload)).report_id == part.report.report_id
    ]
    same = curve_of(view, part).polarity_mode is polarity
    return ends[0] if same else flipped(ends[0])


def _unanswered(record: CommandRecord) -> Matter:
    return Matter(
        code="NO_ACK",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.COMMAND,
        object_id=record.parent or record.command_id,
        party=record.carrier,
    )


def _report_id(whole: CommandRecord) -> str:
    name = f"{whole.command_id}\x1f{whole.version}"
    return hashlib.sha256(name.encode()).hexdigest()[:_ID_LENGTH]
