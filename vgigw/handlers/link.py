"""The link itself: tokens, services, clocks, and forgetting what ended. ACC-5.7, ACC-7.6."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.secret_sets import SecretSet, SecretSets
from vgigw.crypto.suite import AnyKeys
from vgigw.handlers.marks import chore, handles
from vgigw.objects import (
    ServiceEntry,
    ServiceLimit,
    ServiceList,
    TimeAnswer,
    TimeQuery,
    Token,
    TokenRequest,
)
from vgigw.objects.operating_enumerations import Success, TokenFailReason
from vgigw.objects.telemetry import MAX_RECORDS
from vgigw.operations import CONTRACT, PUBLISHED, QUERY_SERVICES, QUERY_TIME, QUERY_TOKEN
from vgigw.ports import Call, Identity, Transaction, token_digest

_TOKEN_BYTES = 48
ANSWERS_KEPT: Final = timedelta(days=7)
"""Own design number: for how long an answer is given again, and its letter and job are known."""


class Link:
    """Handlers that concern the link and no business object."""

    def __init__(self, identity: Identity, dialects: Dialects | None = None) -> None:
        self._identity = identity
        self._dialects = dialects

    @handles(QUERY_TOKEN)
    def give_token(self, call: Call, tx: Transaction) -> Token:
        """A new token; older ones live to their own end, so that several instances can share a
        peer. ACC-5.7."""
        request: TokenRequest = call.request
        own = request.operator_id == call.peer.operator_id
        shown = request.operator_secret.encode()
        right = [one for one in self._sets(call) if hmac.compare_digest(shown, one.operator_secret)]
        if not (own and right):
            reason = TokenFailReason.WRONG_SECRET if own else TokenFailReason.NO_SUCH_OPERATOR
            return Token(
                operator_id=request.operator_id,
                succ_stat=Success.FAILED,
                token_available_time=0,
                fail_reason=reason,
            )
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        if isinstance(right[0], SecretSet):
            # It ends when this set is revoked.
            token = right[0].token_mark + token
        life_s = self._identity.token_life_s
        tx.keep_token(
            token_digest(token), call.peer.operator_id, call.now + timedelta(seconds=life_s)
        )
        return Token(
            operator_id=request.operator_id,
            succ_stat=Success.OK,
            access_token=token,
            token_available_time=life_s,
            fail_reason=TokenFailReason.NONE,
        )

    def _sets(self, call: Call) -> Sequence[AnyKeys]:
        """Whose operator secret may be shown: that of the set which signed, or, where nobody
        signed, each that is in use."""
        known = self._identity.peers[call.peer.operator_id].inbound
        if call.unsigned and isinstance(known, SecretSets):
            return known.in_use(call.now)
        return (call.peer.accepted,)

    @handles(QUERY_SERVICES)
    def list_services(self, call: Call, tx: Transaction) -> ServiceList:
        """The operations that the caller may call here, named as its dialect names them, and the
        one that carries any of them encrypted."""
        role = call.peer.role
        dialect = (self._dialects or shipped()).at(call.peer.dialect, call.now)
        items = tuple(
            ServiceEntry(
                name=row.name,
                rest=row.rest,
                cec102=dialect.told_names(row),
                security_class=row.grade,
            )
            for row in PUBLISHED
            if row.carries or row.may_call(role, self._identity.role)
        )
        limits = (
            ServiceLimit(name="MaxBodyBytes", value=self._identity.max_body_bytes),
            ServiceLimit(name="MaxRecords", value=MAX_RECORDS),
            ServiceLimit(name="TimeWindowSec", value=self._identity.window_of(call.peer)),
        )
        return ServiceList(
            versions=(CONTRACT.version,),
            suites=self._identity.suites,
            operations=items,
            limits=limits,
        )

    @handles(QUERY_TIME)
    def compare_clocks(self, call: Call, tx: Transaction) -> TimeAnswer:
        """Receipt and answer are one instant to us: the corridor has one ``now``."""
        request: TimeQuery = call.request
        now = call.now.replace(microsecond=call.now.microsecond // 1000 * 1000)
        return TimeAnswer(t1=request.t1, t2=now, t3=now)

    @chore
    def forget(self, tx: Transaction, now: datetime) -> None:
        """Chore: drop replay guards and tokens that ended, and answers past their use."""
        tx.purge(now, now - ANSWERS_KEPT)
