"""Assessments of carried-out commands, and appeals against them. PLT-8.8b, PLT-8.8c, PLT-8.7b."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import TooLate, UnknownObject
from vgigw.handlers.addressee import check_addressee, hand_on
from vgigw.handlers.commands import COMMAND, NAMES, record_of
from vgigw.handlers.keeping import call_with, object_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.sanctions import SANCTIONS
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.standing import hear_defence
from vgigw.handlers.trading_day import advance_day
from vgigw.objects import Appeal, AssessmentResult, ControlCurve, Receipt
from vgigw.operations import PUBLISH_ASSESSMENT, SUBMIT_APPEAL, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.day import DayEvent, trade_date
from vgigw.rules.distrust import DistrustEvent

ASSESSMENTS = Shelf(AssessmentResult, key="assessment_id", version=None, group="command_id")
_NAMES = NamesTold("AssessmentName")
APPEALS = Shelf(Appeal, key="assessment_id", version=None)


class Assessments:
    """Handlers of assessments: to whom it concerns, who alone may appeal."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUBLISH_ASSESSMENT)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """On a platform it must be of a command that its sender issued to who is assessed."""
        own_name = call.request.assessment_id
        if self._identity.role is Role.PLATFORM:
            call = self._named(call, tx)
        result: AssessmentResult = call.request
        hand_on(self._identity, call, tx, result.aggregator_id)
        ASSESSMENTS.take(call, tx, result.aggregator_id)
        _keep_day(result, tx, call.now)
        return receipt(call, own_name)

    @authors(PUBLISH_ASSESSMENT)
    def keep_own(
        self, result: AssessmentResult, destination: str, tx: Transaction, now: datetime
    ) -> None:
        check_addressee(self._identity, destination, result.aggregator_id)
        if self._identity.role is Role.PLATFORM:
            _NAMES.claim(self._identity.operator_id, result.assessment_id, tx, now)
        ASSESSMENTS.keep(result, result.aggregator_id, tx, now)
        _keep_day(result, tx, now)

    @handles(SUBMIT_APPEAL)
    def appeal(self, call: Call, tx: Transaction) -> Receipt:
        """Before the deadline, as it arrives, by whom the assessment was addressed to; or against
        a sanction, by the identifier of that. PLT-8.7b."""
        appeal: Appeal = call.request
        owner = self._routes.owner(call, appeal.appeal_party)
        result = ASSESSMENTS.find(tx, owner, appeal.assessment_id)
        if result is None:
            SANCTIONS.get(tx, owner, appeal.assessment_id)
        elif result.appeal_deadline is not None and call.now >= result.appeal_deadline:
            raise TooLate("the time for an appeal is over")
        APPEALS.take(call, tx, owner)
        hear_defence(self._identity, owner, DistrustEvent.APPEAL, tx, call.now)
        return receipt(call, appeal.assessment_id)

    @authors(SUBMIT_APPEAL)
    def keep_own_appeal(self, appeal: Appeal, _: str, tx: Transaction, now: datetime) -> None:
        APPEALS.keep(appeal, appeal.appeal_party, tx, now)

    def _named(self, call: Call, tx: Transaction) -> Call:
        """``call`` under the names that assessment and command have towards the south."""
        said: AssessmentResult = call.request
        issuer = call.peer.operator_id
        result = replace(said, command_id=NAMES.told(issuer, said.command_id, tx))
        self._check_command(result, issuer, tx)
        name = _NAMES.give(issuer, said.assessment_id, tx, call.now)
        result = replace(result, assessment_id=name)
        return call if result == said else call_with(call, result)

    def _check_command(self, result: AssessmentResult, issuer: str, view: View) -> None:
        record = record_of(view, result.command_id)
        if record is None or (record.issuer, record.carrier) != (issuer, result.aggregator_id):
            raise UnknownObject("no such command")
        curve = _curve_of(result, view)
        if curve is None or curve.resource_id != result.resource_id:
            raise UnknownObject("no such command")


def _keep_day(result: AssessmentResult, tx: Transaction, now: datetime) -> None:
    """The day of the command, where we know it."""
    curve = _curve_of(result, tx)
    if curve is not None:
        day = trade_date(curve.points[0].start_time)
        owner = result.aggregator_id
        advance_day(tx, owner, result.resource_id, day, DayEvent.ASSESS, now)


def _curve_of(result: AssessmentResult, view: View) -> ControlCurve | None:
    record = record_of(view, result.command_id)
    held = view.document(COMMAND, record.issuer, record.command_id) if record else None
    return object_of(ControlCurve, held.payload) if held else None
