"""Notices and prices: from the north through a platform to their audience. PLT-8.6, VGI-D.12.

What goes to one party names that party only: who else was addressed is not its business. Issuers
choose their identifiers by themselves; the south is told each under one that is free.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from vgigw.errors import NotAllowed, UnknownObject
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.notice_watch import NOTICES, READ, alarm_if_unread, all_read, watch_notice
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import NoticeReceipt, PolicyNotice, PriceSignal, Receipt
from vgigw.objects.notices import EVERYBODY
from vgigw.operations import CONFIRM_NOTICE, PUBLISH_NOTICE, PUBLISH_PRICE, Role
from vgigw.ports import Call, Identity, Transaction
from vgigw.rules.notice import Published, addresses, audience, check_period
from vgigw.rules.price import check_prices

PRICES = Shelf(PriceSignal, key="notice_id", version=None)
_NOTICE_NAMES = NamesTold("NoticeName")
_PRICE_NAMES = NamesTold("PriceName")


class Notices:
    """Handlers of notices, their receipts, and prices. Each belongs to whom it came from."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUBLISH_NOTICE)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it, pass it on to its audience, and watch who reads it."""
        notice: PolicyNotice = call.request
        issuer = call.peer.operator_id
        NOTICES.take(call, tx, issuer)
        if self._identity.role is Role.PLATFORM:
            name = _NOTICE_NAMES.give(issuer, notice.notice_id, tx, call.now)
            reached = self._pass_on(call, replace(notice, notice_id=name, receipts=()), tx)
            watch_notice(notice, issuer, name, reached, tx, call.now)
        return receipt(call, notice.notice_id)

    @authors(PUBLISH_NOTICE)
    def keep_own(self, notice: PolicyNotice, to: str, tx: Transaction, now: datetime) -> None:
        """Once, however many parties it is sent to. Raises ``Conflict`` where its identifier is
        taken, ``NotAllowed`` where the party is not addressed."""
        check_period(notice)
        own, name = self._identity.operator_id, notice.notice_id
        if self._identity.role is Role.PLATFORM:
            _check_addressed(notice, to)
            _NOTICE_NAMES.claim(own, name, tx, now)
            addressed = self._routes.receivers(PUBLISH_NOTICE, audience(notice))
            watch_notice(notice, own, name, addressed, tx, now)
        NOTICES.keep(notice, own, tx, now)

    @handles(CONFIRM_NOTICE)
    def confirm(self, call: Call, tx: Transaction) -> Receipt:
        """Keep that an addressee has read it, and tell whoever published it. Raises
        ``UnknownObject`` for a notice that is not meant for the party."""
        read: NoticeReceipt = call.request
        party = self._routes.owner(call, read.party_id)
        issuer, own_name = self._identity.operator_id, read.notice_id
        if self._identity.role is Role.PLATFORM:
            issuer, own_name = _NOTICE_NAMES.meant(read.notice_id, tx) or (issuer, own_name)
        if not addresses(NOTICES.get(tx, issuer, own_name), party):
            raise UnknownObject()
        READ.take(call, tx, party)
        told = replace(read, notice_id=own_name)
        self._routes.pass_on(call, tx, to=(issuer,), request=told)
        all_read(self._identity, issuer, own_name, tx, call.now)
        return receipt(call, read.notice_id)

    @authors(CONFIRM_NOTICE)
    def keep_confirmation(
        self, read: NoticeReceipt, to: str, tx: Transaction, now: datetime
    ) -> None:
        """Kept by who published it: two platforms may choose one identifier."""
        READ.keep(read, to, tx, now)

    @chore
    def look_for_unread(self, tx: Transaction, now: datetime) -> None:
        """Chore: one alarm for a notice that somebody did not read in time."""
        alarm_if_unread(self._identity, tx, now)

    @handles(PUBLISH_PRICE)
    def take_price(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it and pass it on to its audience; nobody needs it once it is no longer in force."""
        price: PriceSignal = call.request
        issuer = call.peer.operator_id
        PRICES.take(call, tx, issuer)
        if self._identity.role is Role.PLATFORM:
            name = _PRICE_NAMES.give(issuer, price.notice_id, tx, call.now)
            self._pass_on(call, replace(price, notice_id=name), tx, price.effective_to)
        return receipt(call, price.notice_id)

    @authors(PUBLISH_PRICE)
    def keep_own_price(self, price: PriceSignal, to: str, tx: Transaction, now: datetime) -> None:
        """As :meth:`keep_own`."""
        check_period(price)
        check_prices(price)
        own = self._identity.operator_id
        if self._identity.role is Role.PLATFORM:
            _check_addressed(price, to)
            _PRICE_NAMES.claim(own, price.notice_id, tx, now)
        PRICES.keep(price, own, tx, now)

    def _pass_on(
        self, call: Call, published: Published, tx: Transaction, until: datetime | None = None
    ) -> tuple[str, ...]:
        """Each addressee gets it without the others; gives those that it was sent to."""
        reached: list[str] = []
        everybody = EVERYBODY in published.audience
        for party in self._routes.receivers(call.operation, audience(published)):
            told = replace(published, audience=(EVERYBODY,) if everybody else (party,))
            reached += self._routes.pass_on(call, tx, to=(party,), request=told, valid_until=until)
        return tuple(reached)


def _check_addressed(published: Published, party: str) -> None:
    if not addresses(published, party):
        raise NotAllowed("the party is not addressed")
