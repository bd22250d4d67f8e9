"""What is answered to a command: the decision on it, the reports of its execution, where it stands.

PLT-8.8a, JES-6.5.3. On a platform an answer walks back to the issuer; an issuer keeps it, and so
does the party that gives it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.errors import UnknownObject
from vgigw.handlers.combining import expired, tell_ack, tell_report
from vgigw.handlers.commands import (
    ACK,
    NAMES,
    REPORT,
    CommandRecord,
    awaited,
    curve_of,
    keep,
    own_name,
    record_of,
    save_record,
    stop_letters,
)
from vgigw.handlers.keeping import document_of, object_of, packed
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.polarity import aligned_call
from vgigw.handlers.progress import check_room, is_kept, one_more, put_aside
from vgigw.handlers.trading_day import note_step
from vgigw.objects import (
    CommandAck,
    CommandQuery,
    CommandReceipt,
    CommandStatus,
    ControlCurve,
    ExecutionReport,
)
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import ACK_CONTROL, ISSUE_CONTROL, QUERY_CONTROL, REPORT_EXECUTION, Role
from vgigw.ports import Call, Identity, LetterState, Transaction, View, letter_groups
from vgigw.rules.acknowledgement import check_accepted
from vgigw.rules.command import (
    ENDS,
    ack_event,
    advance,
    after_report,
    check_answer,
    is_new_decision,
)
from vgigw.rules.day import DayEvent, trade_date

_ALLOWANCE: Final = timedelta(seconds=10)
"""How long an answer that was given in time may travel. PLT-9.7."""


class Answers:
    """Handlers of acknowledgements and execution reports."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(ACK_CONTROL)
    def acknowledge(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the decision and tell the issuer, once. PLT-8.8a."""
        ack: CommandAck = call.request
        record = self._record_for(call, tx, ack.command_id)
        if record is None:
            party = ack.ack_party or call.peer.operator_id
            return _kept(call, tx, ACK, f"{ack.command_id}/{party}", CommandState.RECEIVED)
        if self._identity.role is Role.PLATFORM and ack.ack_party not in (None, record.carrier):
            raise UnknownObject()
        curve = curve_of(tx, record)
        check_answer(curve, ack)
        call = aligned_call(call, curve.polarity_mode)
        check_accepted(curve, call.request)
        ack = replace(call.request, ack_party=ack.ack_party or record.carrier)
        after = _after_ack(record, ack, tx, call.now)
        if after is None:
            return CommandReceipt(command_id=ack.command_id, state=record.state)
        key = f"{ack.command_id}/{ack.ack_party}"
        receipt = _kept(call, tx, ACK, key, after.state)
        self._note(curve, DayEvent.ACKNOWLEDGE, tx, call.now)
        tell_ack(self._identity, after, ack, tx, call.now)
        return receipt

    @handles(REPORT_EXECUTION)
    def report(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the report and pass it on. JES-6.5.3. One that is kept says nothing new; any other
        one after the end is refused, and so is progress without an end."""
        report: ExecutionReport = call.request
        record = self._record_for(call, tx, report.command_id)
        if record is None:
            check_room(tx, report, call.peer.operator_id)
            return _kept(call, tx, REPORT, report.report_id, CommandState.RECEIVED)
        curve = curve_of(tx, record)
        call = aligned_call(call, curve.polarity_mode)
        if is_kept(tx, report, record.carrier, call.digest):
            return CommandReceipt(command_id=report.command_id, state=record.state)
        record = _after_report(record, call.request, tx, call.now)
        receipt = _kept(call, tx, REPORT, report.report_id, record.state)
        if record.report is not None:
            self._note(curve, DayEvent.REPORT, tx, call.now)
        tell_report(self._identity, record, call.request, tx, call.now)
        return receipt

    @handles(QUERY_CONTROL)
    def query(self, call: Call, tx: Transaction) -> CommandStatus:
        """Issuer and carrier see a command with the decision on its version in force, each under
        the name that it knows; to anyone else it does not exist. Of the reports there are the end
        and the last one before it."""
        query: CommandQuery = call.request
        caller, name = call.peer.operator_id, query.command_id
        record = record_of(tx, NAMES.told(caller, name, tx))
        if record is None or not _is_known_as(name, record, caller, tx):
            raise UnknownObject()
        reports = tx.documents(REPORT, group=record.command_id)
        told = (object_of(ExecutionReport, found.payload) for found in reports)
        return CommandStatus(
            command=replace(curve_of(tx, record), command_id=name),
            state=record.state,
            acks=() if record.ack is None else (replace(record.ack, command_id=name),),
            reports=tuple(replace(each, command_id=name) for each in told),
        )

    @authors(ACK_CONTROL)
    def keep_own_ack(self, ack: CommandAck, _: str, tx: Transaction, now: datetime) -> None:
        """Our own decision on a command that we carry out: kept as it is sent."""
        record = record_of(tx, ack.command_id)
        if record is not None and record.carrier == self._identity.operator_id:
            curve = curve_of(tx, record)
            check_answer(curve, ack)
            check_accepted(curve, ack)
            _after_ack(record, replace(ack, ack_party=record.carrier), tx, now)
            keep(ack, record.carrier, f"{ack.command_id}/{record.carrier}", ack.command_id, tx, now)

    @authors(REPORT_EXECUTION)
    def keep_own_report(
        self, report: ExecutionReport, _: str, tx: Transaction, now: datetime
    ) -> None:
        """Our own report on a command that we carry out: kept as it is sent."""
        record = record_of(tx, report.command_id)
        if record is not None and record.carrier == self._identity.operator_id:
            if is_kept(tx, report, record.carrier, packed(report)[1]):
                return
            _after_report(record, report, tx, now)
            keep(report, record.carrier, report.report_id, report.command_id, tx, now)

    @chore
    def expire(self, tx: Transaction, now: datetime) -> None:
        """Chore: a command that its carrier did not answer in time is over. PLT-8.8a.

        People hear of it by an alarm. Of a command of our own that a platform passes on, the
        platform says so.
        """
        if self._identity.role is not Role.PLATFORM:
            return
        for record in awaited(tx):
            if record.ack_deadline + _ALLOWANCE < now and not self._is_on_its_way(record, tx):
                stop_letters(tx, record.command_id)
                expired(self._identity, record, tx, now)

    def _is_on_its_way(self, record: CommandRecord, view: View) -> bool:
        """Whether the outbox will say itself that it came too late."""
        peer = self._identity.peers.get(record.carrier)
        group = letter_groups.of_command(record.command_id)
        waiting = view.letters(state=LetterState.WAITING, group=group)
        return bool(
            peer is not None
            and peer.paths
            and any(letter.operation == ISSUE_CONTROL.name for letter in waiting)
        )

    def _record_for(self, call: Call, tx: Transaction, command_id: str) -> CommandRecord | None:
        """The command that the caller carries out. On a platform anybody else's does not exist;
        an issuer may have issued it past this gateway."""
        record = record_of(tx, command_id)
        if record is not None and record.carrier == call.peer.operator_id:
            return record
        if self._identity.role is Role.PLATFORM:
            raise UnknownObject()
        return None

    def _note(self, curve: ControlCurve, event: DayEvent, tx: Transaction, now: datetime) -> None:
        if self._identity.role is Role.PLATFORM:
            day = trade_date(curve.points[0].start_time)
            note_step(tx, curve.aggregator_id, curve.resource_id, day, event, now)


def _is_known_as(name: str, record: CommandRecord, party: str, view: View) -> bool:
    if party == record.issuer:
        return own_name(view, record) == name
    return party == record.carrier and record.command_id == name


def _after_ack(
    record: CommandRecord, ack: CommandAck, tx: Transaction, now: datetime
) -> CommandRecord | None:
    """The record with a decision; None where it was made before."""
    state = advance(_arrived(record.state), ack_event(ack.ack_result))
    if not is_new_decision(record.ack, ack, record.since, runs=record.runs):
        return None
    after = replace(record, state=state, ack=ack)
    save_record(tx, after, now)
    return after


def _after_report(
    record: CommandRecord, report: ExecutionReport, tx: Transaction, now: datetime
) -> CommandRecord:
    state = after_report(_arrived(record.state), report.exec_state, first=record.report is None)
    if report.exec_state in ENDS:
        after = replace(record, state=state, report=replace(report, actual_points=()))
    else:
        after = replace(record, state=state, progress=one_more(record))
        put_aside(tx, record)
    save_record(tx, after, now)
    return after


def _kept(call: Call, tx: Transaction, kind: str, key: str, state: CommandState) -> CommandReceipt:
    command_id = call.request.command_id
    owner, version = call.peer.operator_id, tx.next_number(kind)
    tx.put(document_of(call, kind, owner, key, version, command_id))
    return CommandReceipt(command_id=command_id, state=state)


def _arrived(state: CommandState) -> CommandState:
    """Whoever acknowledges or reports has the command, even if its receipt was lost on the way."""
    return CommandState.ISSUED if state is CommandState.RECEIVED else state
