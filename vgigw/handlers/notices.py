"""Notices and prices: from the north through a platform to their audience. PLT-8.6, VGI-D.12.

What goes to one party names that party only: who else was addressed is not its business.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from vgigw.errors import Conflict, UnknownObject
from vgigw.handlers.marks import authors, chore, handles
from vgigw.handlers.notice_watch import NOTICES, READ, alarm_if_unread, all_read, watch_notice
from vgigw.handlers.receiving import receipt
from vgigw.handlers.routes import Routes
from vgigw.handlers.shelf import Shelf
from vgigw.objects import NoticeReceipt, PolicyNotice, PriceSignal, Receipt
from vgigw.objects.notices import EVERYBODY
from vgigw.operations import CONFIRM_NOTICE, PUBLISH_NOTICE, PUBLISH_PRICE, Role
from vgigw.ports import Call, Identity, Transaction, View
from vgigw.rules.notice import Published, addresses, audience, check_period
from vgigw.rules.price import check_prices

PRICES = Shelf(PriceSignal, key="notice_id", version=None)


class Notices:
    """Handlers of notices, their receipts, and prices."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._routes = Routes(identity)

    @handles(PUBLISH_NOTICE)
    def take(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it, pass it on to its audience, and watch who reads it."""
        notice: PolicyNotice = call.request
        issuer = call.peer.operator_id
        _check_free(NOTICES, issuer, notice.notice_id, tx)
        NOTICES.take(call, tx, issuer)
        reached = self._pass_on(call, tx)
        if self._identity.role is Role.PLATFORM:
            watch_notice(notice, issuer, reached, tx, call.now)
        return receipt(call, notice.notice_id)

    @authors(PUBLISH_NOTICE)
    def keep_own(self, notice: PolicyNotice, _: str, tx: Transaction, now: datetime) -> None:
        """Once, however many parties it is sent to."""
        check_period(notice)
        own = self._identity.operator_id
        _check_free(NOTICES, own, notice.notice_id, tx)
        NOTICES.keep(notice, own, tx, now)
        if self._identity.role is Role.PLATFORM:
            addressed = self._routes.receivers(PUBLISH_NOTICE, audience(notice))
            watch_notice(notice, own, addressed, tx, now)

    @handles(CONFIRM_NOTICE)
    def confirm(self, call: Call, tx: Transaction) -> Receipt:
        """Keep that an addressee has read it, and tell whoever published it."""
        read: NoticeReceipt = call.request
        party = self._routes.owner(call, read.party_id)
        issuer, notice = self._addressed(read.notice_id, party, tx)
        READ.take(call, tx, party)
        self._routes.pass_on(call, tx, to=(issuer,))
        all_read(self._identity, issuer, notice, tx, call.now)
        return receipt(call, read.notice_id)

    @authors(CONFIRM_NOTICE)
    def keep_confirmation(
        self, read: NoticeReceipt, _: str, tx: Transaction, now: datetime
    ) -> None:
        READ.keep(read, read.party_id, tx, now)

    @chore
    def look_for_unread(self, tx: Transaction, now: datetime) -> None:
        """Chore: one alarm for a notice that somebody did not read in time."""
        alarm_if_unread(self._identity, tx, now)

    @handles(PUBLISH_PRICE)
    def take_price(self, call: Call, tx: Transaction) -> Receipt:
        """Keep it and pass it on to its audience; nobody needs it once it is no longer in force."""
        price: PriceSignal = call.request
        issuer = call.peer.operator_id
        _check_free(PRICES, issuer, price.notice_id, tx)
        PRICES.take(call, tx, issuer)
        self._pass_on(call, tx, valid_until=price.effective_to)
        return receipt(call, price.notice_id)

    @authors(PUBLISH_PRICE)
    def keep_own_price(self, price: PriceSignal, _: str, tx: Transaction, now: datetime) -> None:
        check_period(price)
        check_prices(price)
        own = self._identity.operator_id
        _check_free(PRICES, own, price.notice_id, tx)
        PRICES.keep(price, own, tx, now)

    def _pass_on(
        self, call: Call, tx: Transaction, valid_until: datetime | None = None
    ) -> tuple[str, ...]:
        """Each addressee gets it without the others; gives those that it was sent to."""
        published: Published = call.request
        reached: list[str] = []
        for party in self._routes.receivers(call.operation, audience(published)):
            told = replace(published, audience=_told_audience(published, party))
            if isinstance(told, PolicyNotice):
                told = replace(told, receipts=())
            reached += self._routes.pass_on(
                call, tx, to=(party,), request=told, valid_until=valid_until
            )
        return tuple(reached)

    def _addressed(self, notice_id: str, party: str, view: View) -> tuple[str, PolicyNotice]:
        """Who published it, and the notice. Raises ``UnknownObject`` for one not for ``party``."""
        for issuer, notice in NOTICES.everywhere(view, notice_id):
            if addresses(notice, party):
                return issuer, notice
        raise UnknownObject()


def _told_audience(published: Published, party: str) -> tuple[str, ...]:
    return (EVERYBODY,) if EVERYBODY in published.audience else (party,)


def _check_free(shelf: Shelf[Any], issuer: str, notice_id: str, view: View) -> None:
    """Two issuers with one identifier could not both reach an addressee."""
    if any(owner != issuer for owner, _ in shelf.everywhere(view, notice_id)):
        raise Conflict("the notice identifier is taken")
