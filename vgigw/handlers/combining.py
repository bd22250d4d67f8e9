"""The way back of an answer: to the issuer, or into the answer to the whole it is a part of.

PLT-6.3a, PLT-8.8a. The issuer of a decomposed command hears of it as of any other: one decision,
one report of its end.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.handlers.commands import (
    CommandRecord,
    curve_of,
    keep,
    known,
    pass_on,
    save_record,
)
from vgigw.objects import CommandAck, ExecutionReport, PolarityMode
from vgigw.objects.operating_enumerations import AckResult, CommandState, RefuseReason
from vgigw.operations import ACK_CONTROL, REPORT_EXECUTION
from vgigw.ports import Identity, Transaction, View
from vgigw.rules.combination import TAKEN, PartAnswer, combined_ack, combined_report
from vgigw.rules.command import OVER, TURNED_DOWN, CommandEvent, ack_event, advance, after_report
from vgigw.rules.polarity import flipped

_BEGUN: Final = OVER | {CommandState.EXECUTING}
_ID_LENGTH: Final = 40


def tell_ack(
    identity: Identity, record: CommandRecord, ack: CommandAck, tx: Transaction, now: datetime
) -> None:
    """Tell the decision that ``record`` holds to whom it concerns. PLT-8.8a."""
    if record.parent is not None:
        combine(identity, record.parent, tx, now)
        return
    held = curve_of(tx, record).polarity_mode
    pass_on(identity, record.issuer, ACK_CONTROL, ack, tx, now, held=held)


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
    pass_on(identity, record.issuer, REPORT_EXECUTION, report, tx, now, held=held)


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


def combine(identity: Identity, command_id: str, tx: Transaction, now: datetime) -> None:
    """Bring a decomposed command to where its parts are, and tell what all of them answered."""
    whole = known(tx, command_id)
    parts = [known(tx, each) for each in whole.parts]
    if whole.runs:
        whole = _moved(whole, parts, tx, now)
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
    if all(each.state is not CommandState.RECEIVED for each in parts):
        state = advance(state, CommandEvent.ISSUED)
    if any(each.state is CommandState.EXECUTING or each.report for each in parts):
        state = advance(state, CommandEvent.REPORT_EXECUTING)
    moved = replace(whole, state=state)
    if state is not whole.state:
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
    reports = [each.report for each in taken if each.report is not None]
    report = combined_report(curve_of(tx, whole), reports, _report_id(whole))
    state = after_report(whole.state, report.exec_state, first=True)
    over = replace(whole, state=state, report=report)
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


def _report_id(whole: CommandRecord) -> str:
    name = f"{whole.command_id}\x1f{whole.version}"
    return hashlib.sha256(name.encode()).hexdigest()[:_ID_LENGTH]


def to_ms(now: datetime) -> datetime:
    """The present, as a message can tell it."""
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
