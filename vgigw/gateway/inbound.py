"""The way in: one message from door to durable answer, in the order that is the safety rule.

Form, who, genuine, fresh, within its quota, token, protected, decrypt and decode, allowed, seen
before, in business, handle, seal.
What was verified is what is decoded. A success leaves only after the commit that holds everything
that the message changed.
"""

from __future__ import annotations

import secrets
from copy import copy
from datetime import datetime
from typing import cast

from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import (
    Conflict,
    HandlerFailed,
    Misconfigured,
    NotAllowed,
    OwnFault,
    PeerFault,
    StoreFull,
    VgigwError,
)
from vgigw.gateway.admission import Admission
from vgigw.gateway.chosen_sets import vouched
from vgigw.gateway.conventions import inward, outward
from vgigw.gateway.following import followed, is_followed
from vgigw.gateway.guards import Guards
from vgigw.gateway.strangers import Strangers
from vgigw.gateway.telling import Telling
from vgigw.gateway.ties import Ties, check_protection
from vgigw.gateway.tokens import InboundTokens
from vgigw.objects import Grade, InformationObject, Success
from vgigw.ports import (
    Call,
    Claim,
    Door,
    Duties,
    Handler,
    Identity,
    Peer,
    Store,
    Transaction,
)
from vgigw.rules.checks import check
from vgigw.rules.freshness import check_fresh


class Inbound:
    """Receives for one identity."""

    def __init__(
        self,
        identity: Identity,
        store: Store,
        duties: Duties,
        telling: Telling,
        admission: Admission,
    ) -> None:
        self._identity = identity
        self._store = store
        self._handlers = duties.handlers
        self._guards = Guards(identity, duties.admit)
        self._screen = duties.screen
        self._witness = duties.witness
        self._tracer = duties.tracer
        self._telling = telling
        self._admission = admission
        self._tokens = InboundTokens(identity, store)
        self._strangers = Strangers(identity)
        self._ties = Ties(identity, watched=duties.sees_changes)

    def receive(self, door: Door, request: WireRequest, now: datetime) -> WireAnswer:
        """The answer to one message; never raises for what a peer sent."""
        claim: Claim | None = None
        genuine: Peer | None = None
        try:
            claim = door.read(request)
            sender = self._sender(door, claim, request, now)
            self._ties.check(request, sender)
            genuine = sender
            call = self._admit(door, request, claim, sender, now)
            reply = self._carry_out(call, claim)
            answer = door.answer(claim, genuine, _told(reply, genuine), now)
        except Exception as error:  # noqa: BLE001 - the last resort: told as our own fault
            told = _to_be_told(error)
            answer = _refusal(door, request, claim, genuine, told, now)
            self._telling.refused(door, claim, genuine, told, now)
            return answer
        self._telling.accepted(call, len(request.body))
        return answer

    def _sender(self, door: Door, claim: Claim, request: WireRequest, now: datetime) -> Peer:
        if claim.unsigned:
            return vouched(self._ties.sender(door, claim, request), now)
        return self._strangers.sender(door, claim, now)

    def _admit(
        self, door: Door, request: WireRequest, claim: Claim, peer: Peer, now: datetime
    ) -> Call:
        operation = claim.operation
        check_fresh(claim.sent_at, now, self._identity.window_of(peer))
        self._admission.check(peer, operation, len(request.body), now)
        if operation.needs_token:
            self._tokens.check(claim.token, peer, now)
        check_protection(claim, peer, self._ties.transport(request, peer))
        with peer.convention.reading():
            opened = door.open(claim, peer, now)
        if not operation.may_call(peer.role, self._identity.role):
            raise NotAllowed()
        asked = inward(opened.request, peer)
        canonical = json.encode(asked)
        return Call(
            peer=peer,
            operation=operation,
            request=asked,
            canonical=canonical,
            packed=pack(canonical) if operation.writes else b"",
            digest=json.digest(canonical),
            door=door.name,
            guard=claim.guard.hex(),
            now=now,
            trace_id=claim.trace_id or secrets.token_hex(16),
            source=request.source,
            certificate=request.certificate,
            unsigned=claim.unsigned,
            followed=is_followed(operation, claim.trace_id),
            assumed=opened.assumed,
            expected_version=opened.expected_version,
        )

    def _carry_out(self, call: Call, claim: Claim) -> InformationObject:
        handler = self._handlers.get(call.operation.name)
        if handler is None:
            raise NotAllowed("this gateway does not serve the operation")
        guards = self._guards

        def act(tx: Transaction) -> InformationObject:
            return self._once(call, handler, tx, fresh=guards.enter(call, claim, tx))

        if call.operation.writes:
            return self._store.write(act)
        try:
            self._store.write(lambda tx: guards.enter(call, claim, tx))
        except StoreFull:
            if _audited(call):
                raise  # Who reads it has to stand in the audit.
            self._store.read(lambda view: guards.enter_unkept(call, claim, cast(Transaction, view)))
        return self._look(call, handler)

    def _look(self, call: Call, handler: Handler) -> InformationObject:
        """What a read says, or its refusal: told once its code stands in the audit. PLT-7.10d."""
        try:
            reply = self._store.read(lambda view: _run(handler, call, cast(Transaction, view)))
        except Exception as error:
            self._write_audit(call, _to_be_told(error).ret)
            raise
        self._write_audit(call, 0)
        return reply

    def _once(
        self, call: Call, handler: Handler, tx: Transaction, *, fresh: bool
    ) -> InformationObject:
        """A repeat gets the original answer, the same key with other content is refused. CARD-6.

        What was turned down in its answer may be asked again, in a fresh envelope; a row that
        ``answers_anew`` never gives an answer that has become old. A row without a key is carried
        out again: an answer with a secret, as a token, is kept nowhere.
        """
        if not call.operation.key:
            return self._act(call, handler, tx)
        key = call.operation.key_of(call.request)
        sender = call.peer.operator_id
        before = tx.answered(sender, call.operation.name, key)
        if before is not None:
            if before.digest != call.digest:
                raise Conflict()
            answered = json.decode(call.operation.response, before.reply)
            again = call.operation.answers_anew or (fresh and _turned_down(answered))
            if not again:
                return answered
            tx.erase_answer(sender, call.operation.name, key)
        reply = self._act(call, handler, tx)
        tx.keep_answer(sender, call.operation.name, key, call.digest, json.encode(reply), call.now)
        return reply

    def _act(self, call: Call, handler: Handler, tx: Transaction) -> InformationObject:
        inside = followed(tx, self._tracer, call) if self._tracer and call.followed else tx
        reply = _run(handler, call if self._screen is None else self._screen(call, tx), inside)
        self._audit(call, tx)
        return reply

    def _write_audit(self, call: Call, result: int) -> None:
        """In a write of its own. Raises where that is not durable."""
        if self._witness is not None and _audited(call):
            self._store.write(lambda tx: self._audit(call, tx, result))

    def _audit(self, call: Call, tx: Transaction, result: int = 0) -> None:
        if self._witness is not None and _audited(call):
            self._witness(call, tx, result)


def _audited(call: Call) -> bool:
    return call.unsigned or call.operation.grade is Grade.SEN


def _to_be_told(error: Exception) -> VgigwError:
    """The error, or a failure of ours: what is set up wrongly here, and where, concerns no peer."""
    if isinstance(error, VgigwError) and not isinstance(error, Misconfigured):
        return error
    failed = HandlerFailed()
    failed.__cause__ = error
    return failed


def _refusal(
    door: Door,
    request: WireRequest,
    claim: Claim | None,
    genuine: Peer | None,
    error: VgigwError,
    now: datetime,
) -> WireAnswer:
    """The refusal; without a signature where our keys, or the peer's, have run out."""
    try:
        return door.refuse(request, claim, genuine, error, now)
    except Misconfigured:
        asked_in_secret = claim is not None and not claim.clear
        return door.refuse(request, None, None, _bare(error) if asked_in_secret else error, now)


def _bare(error: VgigwError) -> VgigwError:
    """Its code alone: words and details may tell of what was asked."""
    told = copy(error)
    told.message, told.details = error.text, ()
    return told


def _told(reply: InformationObject, peer: Peer) -> InformationObject:
    """The reply in the peer's convention; what cannot be said in it is no fault of the peer."""
    try:
        return outward(reply, peer)
    except PeerFault as cause:
        raise HandlerFailed("the answer cannot be said in the convention agreed") from cause


def _turned_down(reply: InformationObject) -> bool:
    """Whether an answer says within itself that nothing was done, as those of T/CEC 102 do."""
    return getattr(reply, "succ_stat", Success.OK) is Success.FAILED


def _run(handler: Handler, call: Call, tx: Transaction) -> InformationObject:
    try:
        check(call.request, call.now)
        return handler(call, tx)
    except (PeerFault, OwnFault):
        raise
    except Exception as cause:
        raise HandlerFailed() from cause
