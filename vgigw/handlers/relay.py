"""Control down, results up: a curve goes to whoever owns the resource, answers walk back.

PLT-4.3, PLT-8.5, PLT-8.8a. On a platform the command is passed on by the outbox; on an operator or
aggregator it is kept for its own control system; a dispatch keeps the answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from vgigw.errors import (
    Conflict,
    IllegalState,
    TooLate,
    UnknownObject,
    VersionConflict,
)
from vgigw.handlers.commands import (
    COMMAND,
    CommandRecord,
    awaited,
    give_up,
    pass_on,
    record_of,
    save_record,
)
from vgigw.handlers.keeping import document_of, object_of
from vgigw.handlers.marks import chore, follows, handles
from vgigw.handlers.polarity import aligned_call, check_sayable
from vgigw.objects import (
    AggregateResource,
    CommandAck,
    CommandQuery,
    CommandReceipt,
    CommandStatus,
    ControlCurve,
    DirectionCapability,
    ExecutionReport,
    InformationObject,
    PolarityMode,
    StationInfo,
)
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import ACK_CONTROL, ISSUE_CONTROL, QUERY_CONTROL, REPORT_EXECUTION, Role
from vgigw.ports import (
    Call,
    Identity,
    Letter,
    LetterState,
    Transaction,
    View,
)
from vgigw.rules.command import CommandEvent, ack_event, advance, report_event

ACK = CommandAck.__name__
REPORT = ExecutionReport.__name__
_OVER = frozenset(
    {CommandState.DONE, CommandState.FAILED, CommandState.CANCELLED, CommandState.AUTO_EXIT}
)
_TURNED_DOWN = frozenset({CommandState.REFUSED, CommandState.EXPIRED})
_ALLOWANCE = timedelta(seconds=10)
"""How long an answer that was given in time may travel. PLT-9.7."""


class Relay:
    """Handlers of load regulation."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(ISSUE_CONTROL)
    def issue(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the curve and pass it on; a higher version replaces, a lower one is refused.

        Kept is the polarity of the archive, whatever the issuer and the carrier speak. PLT-7.4b.
        """
        curve: ControlCurve = call.request
        before = record_of(tx, curve.command_id)
        issuer = call.peer.operator_id
        if before is not None and before.issuer != issuer:
            raise Conflict("the command identifier is taken")
        if before is not None and before.version >= curve.version:
            raise VersionConflict(f"version {before.version} is held")
        carrier = self._identity.operator_id
        if self._identity.role is Role.PLATFORM:
            carrier, held = self._carrier(curve, tx)
            call = aligned_call(call, held)
            curve = call.request
            check_sayable(curve, self._identity.peers[carrier])
        _check_replaces(before, carrier)
        tx.put(
            document_of(call, COMMAND, issuer, curve.command_id, curve.version, curve.command_id)
        )
        record = CommandRecord(
            command_id=curve.command_id,
            issuer=issuer,
            carrier=carrier,
            version=curve.version,
            ack_deadline=curve.ack_deadline,
            state=CommandState.RECEIVED,
        )
        save_record(tx, record, call.now)
        if carrier != self._identity.operator_id:
            # After its deadline nobody may decide on it any more.
            until = min(curve.ack_deadline, curve.valid_until)
            pass_on(self._identity, carrier, ISSUE_CONTROL, curve, tx, call.now, until)
        return CommandReceipt(command_id=curve.command_id, state=record.state)

    @handles(ACK_CONTROL)
    def acknowledge(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the decision and tell the issuer. PLT-8.8a."""
        ack: CommandAck = call.request
        if self._identity.role is not Role.PLATFORM:
            party = ack.ack_party or call.peer.operator_id
            return self._keep(call, tx, ACK, f"{ack.command_id}/{party}", ack.command_id)
        record = self._record_for_carrier(call, tx, ack.command_id)
        if ack.ack_party not in (None, record.carrier):
            raise UnknownObject()
        curve = self._curve(record, tx)
        if ack.ack_time > curve.ack_deadline:
            raise TooLate("decided after the deadline")
        call = aligned_call(call, curve.polarity_mode)
        state = advance(_arrived(record.state), ack_event(ack.ack_result))
        self._keep(call, tx, ACK, f"{ack.command_id}/{record.carrier}", ack.command_id)
        save_record(tx, msgspec.structs.replace(record, state=state), call.now)
        ack = msgspec.structs.replace(call.request, ack_party=record.carrier)
        held = curve.polarity_mode
        pass_on(self._identity, record.issuer, ACK_CONTROL, ack, tx, call.now, held=held)
        return CommandReceipt(command_id=ack.command_id, state=state)

    @handles(REPORT_EXECUTION)
    def report(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the report and pass it on. JES-6.5.3."""
        report: ExecutionReport = call.request
        if self._identity.role is not Role.PLATFORM:
            return self._keep(call, tx, REPORT, report.report_id, report.command_id)
        record = self._record_for_carrier(call, tx, report.command_id)
        held = self._curve(record, tx).polarity_mode
        call = aligned_call(call, held)
        state = advance(_arrived(record.state), report_event(report.exec_state))
        self._keep(call, tx, REPORT, report.report_id, report.command_id)
        save_record(tx, msgspec.structs.replace(record, state=state), call.now)
        issuer, report = record.issuer, call.request
        pass_on(self._identity, issuer, REPORT_EXECUTION, report, tx, call.now, held=held)
        return CommandReceipt(command_id=report.command_id, state=state)

    @handles(QUERY_CONTROL)
    def query(self, call: Call, tx: Transaction) -> CommandStatus:
        """Issuer and carrier see a command; to anyone else it does not exist."""
        query: CommandQuery = call.request
        record = record_of(tx, query.command_id)
        if record is None or call.peer.operator_id not in (record.issuer, record.carrier):
            raise UnknownObject()
        acks = tx.documents(ACK, group=query.command_id)
        reports = tx.documents(REPORT, group=query.command_id)
        return CommandStatus(
            command=self._curve(record, tx),
            state=record.state,
            acks=tuple(object_of(CommandAck, found.payload) for found in acks),
            reports=tuple(object_of(ExecutionReport, found.payload) for found in reports),
        )

    @follows(ISSUE_CONTROL)
    def follow_issue(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """Delivered: ISSUED. Not to be delivered: FAILED or EXPIRED, and the issuer is told."""
        record = record_of(tx, letter.group)
        if record is None or record.state is not CommandState.RECEIVED:
            return
        if object_of(ControlCurve, letter.payload).version != record.version:
            return  # The curve was replaced; its own letter says how that one fares.
        if letter.state is LetterState.DELIVERED:
            state = advance(record.state, CommandEvent.ISSUED)
            save_record(tx, msgspec.structs.replace(record, state=state), now)
            return
        expired = letter.last_error == "expired"
        event = CommandEvent.EXPIRE if expired else CommandEvent.REPORT_FAILED
        give_up(self._identity, record, event, tx, now)

    @chore
    def expire(self, tx: Transaction, now: datetime) -> None:
        """Chore: a command that its carrier did not answer in time is over. PLT-8.8a."""
        for record in awaited(tx):
            if record.ack_deadline + _ALLOWANCE < now:
                give_up(self._identity, record, CommandEvent.EXPIRE, tx, now)

    def _carrier(self, curve: ControlCurve, view: View) -> tuple[str, PolarityMode]:
        """Who carries it out: the resource's owner, and only if the curve names it; with the
        polarity that the archive holds. PLT-4.3."""
        for document in view.documents(AggregateResource.__name__, key=curve.resource_id):
            resource = object_of(AggregateResource, document.payload)
            if resource.aggregator_id == curve.aggregator_id:
                return self._reachable(resource.aggregator_id), resource.polarity_mode
        for document in view.documents(StationInfo.__name__, key=curve.resource_id):
            station = object_of(StationInfo, document.payload)
            owner = station.aggregator_id or station.operator_id
            if curve.aggregator_id in (owner, station.operator_id):
                return self._reachable(curve.aggregator_id), _polarity_of(station)
        raise UnknownObject("no such resource")

    def _reachable(self, owner: str) -> str:
        peer = self._identity.peers.get(owner)
        if peer is None or not peer.paths:
            raise UnknownObject("no such resource")
        return owner

    def _record_for_carrier(self, call: Call, tx: Transaction, command_id: str) -> CommandRecord:
        record = record_of(tx, command_id)
        if record is None or record.carrier != call.peer.operator_id:
            raise UnknownObject()
        return record

    def _curve(self, record: CommandRecord, view: View) -> ControlCurve:
        document = view.document(COMMAND, record.issuer, record.command_id)
        if document is None:
            raise UnknownObject()
        return object_of(ControlCurve, document.payload)

    def _keep(
        self, call: Call, tx: Transaction, kind: str, key: str, command_id: str
    ) -> CommandReceipt:
        version = tx.next_number(kind)
        tx.put(document_of(call, kind, call.peer.operator_id, key, version, command_id))
        record = record_of(tx, command_id)
        state = record.state if record else CommandState.RECEIVED
        return CommandReceipt(command_id=command_id, state=state)


def _check_replaces(before: CommandRecord | None, carrier: str) -> None:
    """A command that is over stays over, and one that goes on stays with who has it. PLT-8.5b."""
    if before is None:
        return
    if before.state in _OVER:
        raise IllegalState("the command is over")
    if before.carrier != carrier and before.state not in _TURNED_DOWN:
        raise IllegalState("another party has the command: issue a new one")


def _polarity_of(station: StationInfo) -> PolarityMode:
    """A station that can also discharge has generation polarity. PLT-7.4b."""
    both = DirectionCapability.BIDIRECTIONAL
    can_discharge = any(e.direction_capability is both for e in station.equipment_infos)
    return PolarityMode.GENERATION if can_discharge else PolarityMode.LOAD


def _arrived(state: CommandState) -> CommandState:
    """Whoever acknowledges or reports has the command, even if its receipt was lost on the way."""
    return CommandState.ISSUED if state is CommandState.RECEIVED else state
