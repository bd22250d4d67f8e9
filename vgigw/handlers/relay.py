"""Control down: a curve goes to whoever owns the resource, and nobody else. PLT-4.3, PLT-8.5.

On a platform the command is passed on by the outbox, or decomposed where the resource is the
platform's own; on an operator or aggregator it is kept for its own control system.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Conflict, IllegalState, VersionConflict
from vgigw.handlers.cancel import withdraw, withdraw_replaced
from vgigw.handlers.combining import combine, expired, give_up
from vgigw.handlers.commands import (
    COMMAND,
    NAMES,
    CommandRecord,
    keep,
    known,
    pass_on,
    record_of,
    save_record,
    stop_letters,
)
from vgigw.handlers.decomposition import portions_of
from vgigw.handlers.keeping import call_with, document_of, object_of
from vgigw.handlers.marks import authors, follows, handles
from vgigw.handlers.polarity import aligned_call, check_sayable
from vgigw.handlers.routes import NORTH, Routes
from vgigw.handlers.targets import Target, check_target, no_resource, target_of
from vgigw.handlers.trading_day import note_step
from vgigw.objects import CommandReceipt, ControlCurve, InformationObject
from vgigw.objects.operating_enumerations import CommandState, Priority, RefuseReason
from vgigw.operations import ISSUE_CONTROL, Role
from vgigw.ports import Call, Functions, Identity, Letter, LetterState, Transaction
from vgigw.rules.command import OVER, TURNED_DOWN, CommandEvent, advance, deliver_until
from vgigw.rules.day import DayEvent, trade_date
from vgigw.rules.origin import check_issued_by

_MOST_LEVELS: Final = 8
"""City, region, station and what lies between: more is a circle."""


class Relay:
    """Handlers of commands on their way down; ``functions.decompose`` splits a whole."""

    def __init__(self, identity: Identity, functions: Functions | None = None) -> None:
        self._identity = identity
        self._functions = functions or Functions()
        self._routes = Routes(identity)

    @handles(ISSUE_CONTROL)
    def issue(self, call: Call, tx: Transaction) -> CommandReceipt:
        """Keep the curve and pass it on; a higher version replaces, a lower one is refused.

        Kept is the polarity of the archive, whatever the issuer and the carrier speak. PLT-7.4b.
        To a platform nobody issues in the name of another party. VGI-D.17.
        """
        own_name, issuer = call.request.command_id, call.peer.operator_id
        if self._identity.role is Role.PLATFORM:
            check_issued_by(call.request.issued_by, issuer)
            call = call_with(call, _named(call.request, issuer, tx, call.now))
        curve: ControlCurve = call.request
        before = record_of(tx, curve.command_id)
        _check_identity(before, issuer, curve)
        target = None
        if self._identity.role is Role.PLATFORM:
            at = curve.points[0].start_time
            target = target_of(tx, curve.resource_id, curve.aggregator_id, at)
            call = aligned_call(call, target.polarity)
            curve = call.request
            self._check_reachable(curve, target)
            check_target(curve, target, tx, call.now, from_north=call.peer.role in NORTH)
        record = self._opened(curve, issuer, target)
        if before is not None:
            record = replace(record, since=call.now)
            _check_replaces(before, record.carrier, called_back=self._answers_a_platform)
        key, version = curve.command_id, curve.version
        tx.put(document_of(call, COMMAND, issuer, key, version, key))
        record = self._placed(record, before, curve, target, tx, call.now)
        return CommandReceipt(command_id=own_name, state=record.state)

    @authors(ISSUE_CONTROL)
    def keep_own(
        self, curve: ControlCurve, destination: str, tx: Transaction, now: datetime
    ) -> None:
        """A command of our own to ``destination``, which answers it; as it is sent. Raises
        ``Conflict`` where its identifier is taken."""
        if self._identity.role is Role.PLATFORM:
            NAMES.claim(self._identity.operator_id, curve.command_id, tx, now)
        before = record_of(tx, curve.command_id)
        _check_identity(before, self._identity.operator_id, curve)
        stop_letters(tx, curve.command_id)
        record = self._opened(curve, self._identity.operator_id, None)
        if before is not None:
            _check_replaces(before, destination)
            record = replace(record, since=now)
        save_record(tx, replace(record, carrier=destination), now)
        keep(curve, record.issuer, curve.command_id, curve.command_id, tx, now, curve.version)

    @follows(ISSUE_CONTROL)
    def follow_issue(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """Delivered: ISSUED. Not to be delivered: FAILED or EXPIRED, and the issuer is told."""
        curve = object_of(ControlCurve, letter.payload)
        record = record_of(tx, curve.command_id)
        if record is None or record.state is not CommandState.RECEIVED:
            return
        if curve.version != record.version:
            return  # The curve was replaced; its own letter says how that one fares.
        if letter.state is LetterState.DELIVERED:
            state = advance(record.state, CommandEvent.ISSUED)
            save_record(tx, replace(record, state=state), now)
            if record.parent is not None:
                combine(self._identity, record.parent, tx, now)
        elif letter.last_error == "expired":
            expired(self._identity, record, tx, now)
        else:
            reason = RefuseReason.OTHER
            give_up(self._identity, record, CommandEvent.REPORT_FAILED, reason, tx, now)

    def _opened(self, curve: ControlCurve, issuer: str, target: Target | None) -> CommandRecord:
        return CommandRecord(
            command_id=curve.command_id,
            issuer=issuer,
            carrier=self._identity.operator_id if target is None else target.owner,
            version=curve.version,
            ack_deadline=curve.ack_deadline,
            state=CommandState.RECEIVED,
            resource_id=curve.resource_id,
        )

    def _placed(
        self,
        record: CommandRecord,
        before: CommandRecord | None,
        curve: ControlCurve,
        target: Target | None,
        tx: Transaction,
        now: datetime,
        level: int = 1,
    ) -> CommandRecord:
        """Put the command where it belongs, in place of whatever it replaces. PLT-8.5b."""
        replaced = curve.supersedes_command_id
        if replaced not in (None, curve.command_id):
            version, issuer = curve.version, record.issuer
            withdraw_replaced(self._identity, str(replaced), issuer, version, tx, now)
        stop_letters(tx, curve.command_id)
        if target is not None and curve.priority is not Priority.EMERGENCY:
            day = trade_date(curve.points[0].start_time)
            note_step(tx, target.owner, curve.resource_id, day, DayEvent.CONTROL, now)
        if target is not None and self._is_ours(target):
            return self._decomposed(record, before, curve, target, tx, now, level)
        save_record(tx, record, now)
        if target is not None:
            until = deliver_until(curve)
            pass_on(self._identity, record.carrier, ISSUE_CONTROL, curve, tx, now, until)
        return record

    def _decomposed(
        self,
        record: CommandRecord,
        before: CommandRecord | None,
        curve: ControlCurve,
        target: Target,
        tx: Transaction,
        now: datetime,
        level: int,
    ) -> CommandRecord:
        """One command for each part; the parts of the version before are replaced. PLT-6.3a."""
        if target.resource is None or level > _MOST_LEVELS:
            raise no_resource()
        portions = portions_of(curve, target.resource, self._functions, tx, now)
        state = advance(record.state, CommandEvent.DECOMPOSED)
        ids = tuple(each.curve.command_id for each in portions)
        record = replace(record, state=state, parts=ids)
        save_record(tx, record, now)
        old = {}
        for part_id in before.parts if before is not None else ():
            left = known(tx, part_id)
            old[left.resource_id, left.carrier] = left
        for part, part_target in portions:
            held = old.pop((part_target.resource_id, part_target.owner), None)
            replaced = held.command_id if held is not None and held.runs else None
            asked = replace(part, supersedes_command_id=replaced)
            self._place_part(record, asked, part_target, tx, now, level + 1)
        for left in old.values():
            if left.runs:
                withdraw(self._identity, left, "replaced", tx, now)
        return record

    def _place_part(
        self,
        whole: CommandRecord,
        curve: ControlCurve,
        target: Target,
        tx: Transaction,
        now: datetime,
        level: int,
    ) -> None:
        issuer = self._identity.operator_id
        NAMES.claim(issuer, curve.command_id, tx, now)
        before = record_of(tx, curve.command_id)
        _check_identity(before, issuer, curve)
        self._check_reachable(curve, target)
        keep(curve, issuer, curve.command_id, curve.command_id, tx, now, curve.version)
        record = replace(self._opened(curve, issuer, target), parent=whole.command_id)
        self._placed(record, before, curve, target, tx, now, level)

    def _check_reachable(self, curve: ControlCurve, target: Target) -> None:
        """Raise ``UnknownObject`` where nobody we can call has the resource, and what
        :func:`check_sayable` raises where its owner could not be told."""
        if self._is_ours(target) and target.resource is not None:
            return
        if not self._routes.receivers(ISSUE_CONTROL, (target.owner,)):
            raise no_resource()
        check_sayable(curve, self._identity.peers[target.owner])

    @property
    def _answers_a_platform(self) -> bool:
        """A platform knows better than its carriers whether a command is over for its issuer."""
        return self._identity.role is not Role.PLATFORM

    def _is_ours(self, target: Target) -> bool:
        return target.owner == self._identity.operator_id


def _named(curve: ControlCurve, issuer: str, tx: Transaction, now: datetime) -> ControlCurve:
    """``curve`` under the names that its command, and what that replaces, have here."""
    name, replaced = curve.command_id, curve.supersedes_command_id
    if replaced not in (None, name):
        replaced = NAMES.told(issuer, str(replaced), tx)
    given = NAMES.give(issuer, name, tx, now)
    if replaced == name:
        replaced = given
    if (given, replaced) == (name, curve.supersedes_command_id):
        return curve
    return replace(curve, command_id=given, supersedes_command_id=replaced)


def _check_identity(before: CommandRecord | None, issuer: str, curve: ControlCurve) -> None:
    """Raise ``Conflict`` for another issuer's command, ``VersionConflict`` for no newer version."""
    if before is not None and before.issuer != issuer:
        raise Conflict("the command identifier is taken")
    if before is not None and before.version >= curve.version:
        raise VersionConflict(f"version {before.version} is held")


def _check_replaces(before: CommandRecord, carrier: str, *, called_back: bool = False) -> None:
    """A command that is over stays over, and one that goes on stays with who has it. PLT-8.5b.

    What was ``called_back`` because its answer came too late may come again, in a higher version.
    """
    if called_back and before.state is CommandState.CANCELLED:
        return
    if before.state in OVER:
        raise IllegalState("the command is over")
    if before.carrier != carrier and before.state not in TURNED_DOWN:
        raise IllegalState("another party has the command: issue a new one")
