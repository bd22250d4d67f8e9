"""One exchange with a peer: token, seal, carry, open; primary path first. ACC-5.7, PLT-9.4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from vgigw.codec import json
from vgigw.envelope.wire import WireAnswer
from vgigw.errors import (
    Misconfigured,
    NotAllowed,
    PeerAnswerInvalid,
    PeerFault,
    PeerRefused,
    PeerUnreachable,
    VgigwError,
)
from vgigw.gateway.chosen_sets import called
from vgigw.gateway.conventions import inward, outward
from vgigw.gateway.paths import Paths
from vgigw.gateway.retry_after import retry_after_s
from vgigw.objects import InformationObject, Token, TokenRequest
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import QUERY_TOKEN, Operation
from vgigw.ports import Courier, Identity, Peer, Sender

NO_TOKEN = 4002
_EARLY_S = 60
_VERDICT = frozenset({"succ_stat", "fail_reason"})
"""What became of a request: the answer's own, even where the request tells of an outcome, too."""
_FROM_A_PROXY = frozenset({502, 503, 504})
_SUCCESSES = range(200, 300)


class Exchanges:
    """Calls peers in the name of one identity; any number of threads may call."""

    def __init__(self, identity: Identity, couriers: Mapping[str, Courier], sender: Sender) -> None:
        self._identity = identity
        self._couriers = couriers
        self._sender = sender
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._paths = Paths()
        self._heard_at: dict[str, datetime] = {}

    def call(
        self,
        destination: str,
        operation: Operation,
        request: InformationObject,
        now: datetime,
        trace_id: str = "",
        *,
        settled: bool = False,
    ) -> InformationObject:
        """One exchange, now; ``trace_id`` goes with it as a hint to the peer. A ``settled`` request
        was decoded, and so checked, just now.

        Raises ``PeerRefused``, ``PeerUnreachable``, ``PeerAnswerInvalid``.
        """
        peer = self._peer(destination)
        request = request if settled else json.validated(request)
        try:
            return self._exchange(peer, operation, request, now, trace_id)
        except PeerRefused as refused:
            if refused.code != NO_TOKEN or not operation.needs_token:
                raise
        self._tokens.pop(destination, None)
        return self._exchange(peer, operation, request, now, trace_id)

    def heard_within(self, destination: str, within_s: float, now: datetime) -> bool:
        """Whether the peer itself answered anything in the last ``within_s`` seconds."""
        at = self._heard_at.get(destination)
        return at is not None and abs(now - at) <= timedelta(seconds=within_s)

    def _exchange(
        self,
        peer: Peer,
        operation: Operation,
        request: InformationObject,
        now: datetime,
        trace_id: str = "",
    ) -> InformationObject:
        """Over the path that carries, or the next one when it cannot be reached. PLT-9.4."""
        peer = called(peer, now)
        told = outward(request, peer)
        token = self._token(peer, now) if operation.needs_token else None
        courier = self._couriers[peer.door]
        for number, base in enumerate(self._paths.in_order(peer, now), start=1):
            wire, sent = courier.seal(peer, base, operation, told, token, now)
            if trace_id:
                wire = replace(wire, headers={**wire.headers, "traceid": trace_id})
            try:
                answer = self._sender.exchange(base, wire)
            except PeerUnreachable:
                if number == len(peer.paths):
                    raise
                continue
            if answer.status in _FROM_A_PROXY and number < len(peer.paths):
                continue
            try:
                with peer.convention.reading():
                    reply = courier.open(peer, operation, sent, answer)
                reply = _inward(reply, peer)
                _check_status(answer)
            except VgigwError as error:
                error.retry_after_s = retry_after_s(answer.headers, now)
                self._heard(peer, base, now, genuine=isinstance(error, PeerRefused))
                raise
            self._heard(peer, base, now, genuine=True)
            _check_echo(operation, request, reply)
            return reply
        raise PeerUnreachable("no path to the peer is configured")

    def _heard(self, peer: Peer, base: str, now: datetime, *, genuine: bool) -> None:
        self._paths.heard(peer, base, now, genuine=genuine)
        if genuine:
            self._heard_at[peer.operator_id] = now

    def _token(self, peer: Peer, now: datetime) -> str:
        token, until = self._tokens.get(peer.operator_id, ("", now))
        if until > now:
            return token
        asked = TokenRequest(
            operator_id=self._identity.operator_id,
            operator_secret=peer.issued.operator_secret.decode(),
        )
        # Shown inside a message that goes by the same set.
        given = self._exchange(peer, QUERY_TOKEN, asked, now)
        assert isinstance(given, Token)  # noqa: S101 - the courier decodes the row's response
        if given.succ_stat is not Success.OK or given.access_token is None:
            raise PeerRefused(NO_TOKEN, "no token given")
        life = max(given.token_available_time - _EARLY_S, given.token_available_time // 2)
        self._tokens[peer.operator_id] = (given.access_token, now + timedelta(seconds=life))
        return given.access_token

    def _peer(self, destination: str) -> Peer:
        peer = self._identity.peers.get(destination)
        if peer is None:
            raise NotAllowed(f"{destination} is not a peer of this gateway")
        if peer.door not in self._couriers:
            raise Misconfigured(f"no courier for door {peer.door}")
        return peer


def _inward(reply: InformationObject, peer: Peer) -> InformationObject:
    try:
        return inward(reply, peer)
    except PeerFault as cause:
        raise PeerAnswerInvalid() from cause


def _check_echo(operation: Operation, request: InformationObject, reply: InformationObject) -> None:
    """An answer to another request may be genuine, and is still none to ours. ACC-5.5."""
    for name in (each for each in operation.key if each not in _VERDICT):
        if getattr(reply, name, None) not in (None, getattr(request, name)):
            raise PeerAnswerInvalid("the answer is to another request")


def _check_status(answer: WireAnswer) -> None:
    """A success under a status that says otherwise is unknown, whoever changed which of them; the
    repeat gets the same answer. F40."""
    if answer.status not in _SUCCESSES:
        raise PeerAnswerInvalid("status and content of the answer differ")
