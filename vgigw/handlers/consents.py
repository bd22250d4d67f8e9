"""Consents of vehicles' users: granted, looked up, withdrawn; in force at once. JES-6.4.1c.

Section 3.2(6) of the operation catalogue. What is left of a withdrawn one is that it was withdrawn.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from vgigw.errors import IllegalState
from vgigw.handlers.forgetting import forget
from vgigw.handlers.marks import authors, follows, handles
from vgigw.handlers.shelf import Shelf
from vgigw.handlers.vehicles import CONSENTS
from vgigw.handlers.withdrawn import take_again
from vgigw.objects import (
    ConsentInfo,
    ConsentQuery,
    ConsentReceipt,
    ConsentWithdrawal,
    InformationObject,
)
from vgigw.objects.consents import ConsentState
from vgigw.operations import GRANT_CONSENT, QUERY_CONSENT, WITHDRAW_CONSENT
from vgigw.ports import Call, Identity, Letter, Transaction
from vgigw.rules.anonymity import ERASED
from vgigw.rules.checks import check
from vgigw.rules.consent import ConsentEvent, advance, state_at

RECEIPTS: Final = Shelf(ConsentReceipt, key="consent_id", version=None)
"""What the other side answered to a withdrawal of ours: the user may ask for it."""


class Consents:
    """Handlers of consents. Each belongs to the party that asked the user."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @handles(GRANT_CONSENT)
    def grant(self, call: Call, tx: Transaction) -> ConsentReceipt:
        """In force from now on. Raises ``IllegalState`` for one that was withdrawn or has lapsed,
        ``Conflict`` for another consent under its identifier."""
        consent: ConsentInfo = call.request
        owner = call.peer.operator_id
        _check_grantable(consent, CONSENTS.find(tx, owner, consent.consent_id), call.now)
        CONSENTS.take(call, tx, owner)
        take_again(owner, consent.vehicle_id, tx)
        return ConsentReceipt(
            consent_id=consent.consent_id,
            consent_state=ConsentState.ACTIVE,
            effective_time=_to_ms(call.now),
        )

    @handles(QUERY_CONSENT)
    def query(self, call: Call, tx: Transaction) -> ConsentInfo:
        """One that the caller told of, in its present state; any other does not exist."""
        query: ConsentQuery = call.request
        found = CONSENTS.get(tx, call.peer.operator_id, query.consent_id)
        return replace(found, consent_state=state_at(found, call.now))

    @handles(WITHDRAW_CONSENT)
    def withdraw(self, call: Call, tx: Transaction) -> ConsentReceipt:
        """Everything that rests on it ends and is erased with this commit; commands are called
        back. Raises ``UnknownObject``, and ``IllegalState`` for one that was withdrawn before."""
        withdrawal: ConsentWithdrawal = call.request
        owner = call.peer.operator_id
        held = CONSENTS.get(tx, owner, withdrawal.consent_id)
        stopped = self._withdraw(held, owner, tx, call.now)
        return ConsentReceipt(
            consent_id=held.consent_id,
            consent_state=ConsentState.WITHDRAWN,
            effective_time=_to_ms(call.now),
            cancelled_commands=stopped,
        )

    @authors(GRANT_CONSENT)
    def keep_own(self, consent: ConsentInfo, _: str, tx: Transaction, now: datetime) -> None:
        """Once, however many parties are told of it."""
        check(consent, now)
        own = self._identity.operator_id
        _check_grantable(consent, CONSENTS.find(tx, own, consent.consent_id), now)
        CONSENTS.keep(consent, own, tx, now)
        take_again(own, consent.vehicle_id, tx)

    @authors(WITHDRAW_CONSENT)
    def withdraw_own(
        self, withdrawal: ConsentWithdrawal, _: str, tx: Transaction, now: datetime
    ) -> None:
        """Here as there: what was sent is erased, what waits to be sent is not sent any more."""
        own = self._identity.operator_id
        held = CONSENTS.find(tx, own, withdrawal.consent_id)
        if held is not None and held.consent_state is not ConsentState.WITHDRAWN:
            self._withdraw(held, own, tx, now)

    @follows(WITHDRAW_CONSENT)
    def keep_receipt(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """The receipt stays; why the user withdrew is nobody's business any more."""
        if isinstance(reply, ConsentReceipt):
            RECEIPTS.renew(reply, letter.destination, tx, now)
            tx.erase_letter(letter.id)
            tx.scrub()

    def _withdraw(
        self, held: ConsentInfo, owner: str, tx: Transaction, now: datetime
    ) -> tuple[str, ...]:
        """The commands that it ended."""
        state = advance(state_at(held, now), ConsentEvent.WITHDRAW)
        stopped = forget(self._identity, held, owner, tx, now)
        left = replace(held, vehicle_id=ERASED, consent_state=state, withdrawn_at=_to_ms(now))
        CONSENTS.keep(left, owner, tx, now)
        return stopped


def _check_grantable(consent: ConsentInfo, held: ConsentInfo | None, now: datetime) -> None:
    if held is not None:
        advance(state_at(held, now), ConsentEvent.GRANT)
    if state_at(consent, now) is not ConsentState.ACTIVE:
        raise IllegalState("the consent has lapsed")


def _to_ms(now: datetime) -> datetime:
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
