"""Demand response: who is invited to an event, and who answers to it. JES-6.5.1.5, VGI-T1.OADR."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Detail, IllegalState, TooLate, UnknownObject
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import authors, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import DREvent, DROpt, Receipt
from vgigw.operations import PUSH_DR_EVENT, RESPOND_DR_EVENT, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.origin import check_issued_by
from vgigw.rules.response_event import OVER, answer_deadline, check_event, follow

EVENTS = Shelf(DREvent, key="event_id", version="event_state")
"""Its states follow each other upwards, so that a state is the version."""
ANSWERS = Shelf(DROpt, key="event_id", version=None, group="event_id")
_NAMES: Final = NamesTold("DREventName")
"""Two issuers may choose the same identifier; the south is told each event under a free one."""
_ALLOWANCE: Final = timedelta(seconds=10)
"""How long an answer that was given in time may travel. PLT-9.7."""


class ResponseEvents:
    """Handlers of demand response events and of the answers to them."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUSH_DR_EVENT)
    def push(self, call: Call, tx: Transaction) -> Receipt:
        """Keep the event and tell everybody who was ever invited to it, and nobody who else was.

        Raises ``UnknownObject`` for an invited party that cannot be reached, ``IllegalState`` for
        a state that does not follow, ``NotAllowed`` in the name of another issuer.
        """
        event: DREvent = call.request
        issuer = call.peer.operator_id
        if self._identity.role is Role.PLATFORM:
            check_issued_by(event.issued_by, issuer)
        _check_follows(event, EVENTS.find(tx, issuer, event.event_id))
        EVENTS.take(call, tx, issuer)
        if self._identity.role is Role.PLATFORM:
            self._check_reachable(event)
            name = _NAMES.give(issuer, event.event_id, tx, call.now)
            invited = _invited(tx, issuer, event.event_id)
            for destination in self._routes.receivers(PUSH_DR_EVENT, invited):
                audience = (destination,) if event.audience else ()
                shown = replace(event, event_id=name, audience=audience)
                self._routes.pass_on(call, tx, to=(destination,), request=shown)
        return receipt(call, event.event_id, int(event.event_state))

    @authors(PUSH_DR_EVENT)
    def keep_own(self, event: DREvent, _: str, tx: Transaction, now: datetime) -> None:
        """An event of our own, so that answers to it find it; it is sent to several parties.
        Raises ``Conflict`` where its identifier is taken."""
        check_event(event)
        issuer = self._identity.operator_id
        if self._identity.role is Role.PLATFORM:
            _NAMES.claim(issuer, event.event_id, tx, now)
        _check_follows(event, EVENTS.find(tx, issuer, event.event_id))
        EVENTS.keep(event, issuer, tx, now)

    @handles(RESPOND_DR_EVENT)
    def respond(self, call: Call, tx: Transaction) -> Receipt:
        """Keep the answer; a platform tells the issuer of the event, nobody else.

        An issuer may have told of the event past this gateway, and takes whatever a platform lets
        through. To whom is not invited the event does not exist. An answer is in time by its own
        time, if it did not travel for longer than it may.
        """
        opt: DROpt = call.request
        party = self._routes.owner(call, opt.party_id)
        if self._identity.role is not Role.PLATFORM:
            ANSWERS.take(call, tx, party)
            return receipt(call, opt.event_id)
        issuer, event_id = _meant(opt.event_id, tx)
        event = EVENTS.get(tx, issuer, event_id)
        audience = _invited(tx, issuer, event_id)
        if audience is not None and party not in audience:
            raise UnknownObject()
        if event.event_state in OVER:
            raise IllegalState("the event is over")
        _check_in_time(opt, event, call.now)
        ANSWERS.take(call, tx, party)
        if issuer != self._identity.operator_id:
            self._routes.pass_on(call, tx, to=(issuer,), request=replace(opt, event_id=event_id))
        return receipt(call, opt.event_id)

    @authors(RESPOND_DR_EVENT)
    def keep_own_answer(self, opt: DROpt, _: str, tx: Transaction, now: datetime) -> None:
        ANSWERS.keep(opt, opt.party_id, tx, now)

    def _check_reachable(self, event: DREvent) -> None:
        reached = self._routes.receivers(PUSH_DR_EVENT, event.audience)
        details = tuple(
            Detail(f"/Audience/{place}", "rule", "is no party that can be reached; JES-6.5.1.5")
            for place, each in enumerate(event.audience)
            if each not in reached
        )
        if details:
            raise UnknownObject(details=details)


def _invited(view: View, issuer: str, event_id: str) -> tuple[str, ...] | None:
    """Everybody who was invited in any state of the event; None = all there are."""
    told = [
        object_of(DREvent, each.payload).audience
        for each in view.history(EVENTS.kind, issuer, event_id)
    ]
    if not all(told):
        return None
    return tuple(dict.fromkeys(party for audience in told for party in audience))


def _meant(name: str, view: View) -> tuple[str, str]:
    """Issuer and own identifier of the event told as ``name``; one that was kept before events had
    names of their own is told as its issuer calls it. Raises ``UnknownObject``."""
    found = _NAMES.meant(name, view)
    if found is not None:
        return found
    for issuer, _ in EVENTS.everywhere(view, name):
        return issuer, name
    raise UnknownObject()


def _check_follows(event: DREvent, held: DREvent | None) -> None:
    if held is not None:
        follow(held.event_state, event.event_state)


def _check_in_time(opt: DROpt, event: DREvent, now: datetime) -> None:
    deadline = answer_deadline(event)
    if opt.opt_time > deadline or now > deadline + _ALLOWANCE:
        words = "the time to answer is over; JES-6.5.1.5"
        raise TooLate(details=(Detail("/OptTime", "rule", words),))
