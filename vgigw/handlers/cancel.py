"""Withdrawal of a command: by its issuer, by one that replaces it, or by us. PLT-8.5b.

On a platform it is passed to whoever has the command; it never overtakes the command, and what
still waits to issue it is not delivered any more.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import IllegalState, UnknownObject, VersionConflict
from vgigw.handlers.alarm_raising import Matter, raise_alarm
from vgigw.handlers.combining import tell_ack
from vgigw.handlers.commands import (
    NAMES,
    CommandRecord,
    call_back,
    keep,
    known,
    own_name,
    record_of,
    running,
    save_record,
    stop_letters,
    to_ms,
)
from vgigw.handlers.keeping import document_of
from vgigw.handlers.marks import authors, handles
from vgigw.objects import (
    AlarmDomain,
    AlarmObjectKind,
    CommandAck,
    CommandCancel,
    CommandReceipt,
)
from vgigw.objects.operating_enumerations import AckResult, CommandState, RefuseReason
from vgigw.operations import CANCEL_CONTROL, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.command import TURNED_DOWN, CommandEvent, advance
from vgigw.rules.origin import check_issued_by

CANCEL = CommandCancel.__name__


class Cancel:
    """Handlers of the withdrawal of commands."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(CANCEL_CONTROL)
    def cancel(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Only its issuer withdraws a command, once, and not by a version that is out of date."""
        cancel: CommandCancel = call.request
        issuer = call.peer.operator_id
        command_id = cancel.command_id
        if self._identity.role is Role.PLATFORM:
            check_issued_by(cancel.issued_by, issuer)
            command_id = NAMES.told(issuer, command_id, tx)
        record = record_of(tx, command_id)
        if record is None and self._identity.role is not Role.PLATFORM:
            record = self._never_came(cancel, issuer)
        elif record is None or record.issuer != issuer:
            raise UnknownObject()
        if record.version > cancel.version:
            raise VersionConflict(f"version {record.version} is held")
        version = tx.next_number(CANCEL)
        tx.put(document_of(call, CANCEL, issuer, command_id, version, command_id))
        after = withdraw(self._identity, record, cancel.reason, tx, call.now, cancel.version)
        return CommandReceipt(command_id=cancel.command_id, state=after.state)

    @authors(CANCEL_CONTROL)
    def keep_own(self, cancel: CommandCancel, _: str, tx: Transaction, now: datetime) -> None:
        """We withdraw what we issued ourselves; the letter is the one that is being sent."""
        record = record_of(tx, cancel.command_id)
        if record is not None and record.issuer == self._identity.operator_id:
            _close(record, tx, now)
        keep(cancel, self._identity.operator_id, cancel.command_id, cancel.command_id, tx, now)

    def _never_came(self, cancel: CommandCancel, issuer: str) -> CommandRecord:
        """A withdrawal that overtook its command, which is refused when it comes after all."""
        return CommandRecord(
            command_id=cancel.command_id,
            issuer=issuer,
            carrier=self._identity.operator_id,
            version=cancel.version,
            ack_deadline=cancel.cancel_time,
            state=CommandState.RECEIVED,
        )


def withdraw(
    identity: Identity,
    record: CommandRecord,
    reason: str,
    tx: Transaction,
    now: datetime,
    version: int | None = None,
) -> CommandRecord:
    """Cancel a command with all its parts, and tell whoever has them; once.

    ``version`` is that of the withdrawal, the command's own where there is none. Raises
    ``IllegalState`` where it is over.
    """
    if record.state is CommandState.CANCELLED:
        return record
    after = _close(record, tx, now)
    for part_id in record.parts:
        part = known(tx, part_id)
        if part.runs:
            withdraw(identity, part, reason, tx, now)
    call_back(identity, record, reason, tx, now, version)
    return after


def withdraw_replaced(
    identity: Identity, command_id: str, issuer: str, version: int, tx: Transaction, now: datetime
) -> None:
    """Cancel the command that a new one of ``version`` replaces. PLT-8.5b.

    Raises ``UnknownObject`` for another issuer's, ``VersionConflict`` where the new version is not
    higher, ``IllegalState`` where the old one is over; what was turned down needs no withdrawal.
    A party that carries commands out replaces what it has, and asks for no more.
    """
    record = record_of(tx, command_id)
    if identity.role is not Role.PLATFORM:
        if record is not None and record.issuer == issuer and record.runs:
            withdraw(identity, record, "replaced", tx, now)
        return
    if record is None or record.issuer != issuer:
        raise UnknownObject("no such command to replace")
    if record.version >= version:
        raise VersionConflict(f"version {record.version} is held of what it replaces")
    if record.runs:
        withdraw(identity, record, "replaced", tx, now)
    elif record.state not in TURNED_DOWN:
        raise IllegalState("the command to replace is over")


def withdraw_for(
    identity: Identity, owner: str, resource_id: str, reason: str, tx: Transaction, now: datetime
) -> tuple[str, ...]:
    """Cancel every command that ``owner`` carries out for a resource, and tell who issued it: by
    the decision where there is none yet, else by an alarm; gives the commands. JES-6.4.1c."""
    stopped = []
    for record in running(tx, carrier=owner, resource_id=resource_id):
        after = withdraw(identity, record, reason, tx, now)
        stopped.append(record.command_id)
        if record.ack is None and record.state is not CommandState.EXECUTING:
            ack = CommandAck(
                command_id=record.command_id,
                ack_party=record.carrier,
                ack_result=AckResult.REFUSED,
                refuse_reason=RefuseReason.USER_NEED,
                ack_time=to_ms(now),
            )
            after = replace(after, ack=ack)
            save_record(tx, after, now)
            tell_ack(identity, after, ack, tx, now)
        elif identity.role is Role.PLATFORM:
            raise_alarm(identity, _ended(record, tx), tx, now, detail=reason)
    return tuple(stopped)


def _ended(record: CommandRecord, view: View) -> Matter:
    """The matter of a command that was taken on, and that we end before its carrier does."""
    whole = record
    while whole.parent is not None:
        whole = known(view, whole.parent)
    return Matter(
        code="COMMAND_ENDED",
        domain=AlarmDomain.BUSINESS,
        object_kind=AlarmObjectKind.COMMAND,
        object_id=own_name(view, whole),
        party=f"{whole.issuer}/{record.command_id}",
    )


def _close(record: CommandRecord, tx: Transaction, now: datetime) -> CommandRecord:
    after = replace(record, state=advance(record.state, CommandEvent.WITHDRAWN))
    stop_letters(tx, record.command_id)
    save_record(tx, after, now)
    return after
