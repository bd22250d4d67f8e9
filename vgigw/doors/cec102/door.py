"""The T/CEC 102 door: ``POST {prefix}/{name}`` with the sealed JSON envelope. ACC-5.3.

An answer is always HTTP 200 with a Ret, the habit of that protocol, except where the message was
not read at all (413, 503). Somebody who was not found genuine gets an answer without signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from vgigw.codec import cec102_json
from vgigw.codec.dialect import Dialect, Spelling
from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.doors.cec102.interfaces import interfaces_of
from vgigw.envelope import cec102
from vgigw.envelope.secured import check_answerable
from vgigw.envelope.wire import WireAnswer, WireRequest, retry_after
from vgigw.errors import (
    Busy,
    Malformed,
    TooLarge,
    UnknownOperation,
    VgigwError,
)
from vgigw.objects import Envelope, InformationObject
from vgigw.operations import Operation
from vgigw.ports import Claim, Opened, Peer
from vgigw.rules.freshness import parse_time_stamp

_JSON = {"content-type": "application/json;charset=utf-8"}
_UNREAD: dict[type[VgigwError], int] = {TooLarge: 413, Busy: 503}


class _Sealed(NamedTuple):
    envelope: Envelope
    signed: bytes
    path: str


class Cec102Door:
    """Reads and answers under ``prefix`` (no slash at its end), and where else a dialect stands.

    ``selectors`` are the dialects of the peers, out of ``dialects`` (else those shipped). Raises
    ``Misconfigured`` for one that is not known, and for two that mean two things by one path.
    """

    name = "cec102"

    def __init__(
        self,
        operator_id: str,
        suites: Mapping[str, AnySuite],
        prefix: str = "/evcs/v1",
        dialects: Dialects | None = None,
        selectors: Iterable[str] = (),
    ) -> None:
        self._operator_id = operator_id
        self._suites = suites
        self._dialects = dialects or shipped()
        self._interfaces = interfaces_of(self._dialects, prefix.rstrip("/"), frozenset(selectors))
        self.mounts = self._interfaces.mounts

    def named(self, request: WireRequest) -> Operation | None:
        return self._interfaces.operation_at(request.path)

    def read(self, request: WireRequest) -> Claim:
        operation = self._interfaces.operation_at(request.path)
        if operation is None:
            raise UnknownOperation()
        if request.method != "POST":
            raise Malformed("the method must be POST")
        envelope = cec102.read_request(request.body, self._interfaces.seq_digits)
        signed = cec102.signed_text(envelope)
        return Claim(
            sender=envelope.operator_id,
            operation=operation,
            sent_at=parse_time_stamp(envelope.time_stamp),
            token=request.bearer,
            guard=cec102.guard_of(signed),
            clear=False,
            trace_id=request.trace_id,
            sealed=_Sealed(envelope, signed, request.path),
        )

    def verify(self, claim: Claim, peer: Peer) -> None:
        sealed: _Sealed = claim.sealed
        framing = self._dialect(claim, peer).framing
        keys = peer.accepted.about(self._exchange(claim))
        cec102.verify(self._suites[peer.suite], keys, sealed.signed, sealed.envelope.sig, framing)

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        sealed: _Sealed = claim.sealed
        check_answerable(self._answering(claim, peer))
        dialect = self._dialect(claim, peer)
        spelling = self._spelling(dialect, sealed.path)
        cec102.check_seq(sealed.envelope.seq, dialect.framing.seq_digits)
        keys = peer.accepted.about(self._exchange(claim))
        plaintext = cec102.open_data(sealed.envelope.data, self._suites[peer.suite], keys)
        wrapper = claim.operation.cec102_wrapper
        if wrapper is not None:
            plaintext = unwrap(plaintext, wrapper, as_list=dialect.body.wrapper_as_list)
        # What stands in for a missing member comes of what is signed, so that a repeat is equal.
        sent_at = claim.sent_at + timedelta(milliseconds=min(int(sealed.envelope.seq), 999))
        decoded = cec102_json.decode(
            claim.operation.request, plaintext, sent_at, claim.guard.hex(), spelling
        )
        return Opened(decoded.obj, decoded.assumed)

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        dialect = self._dialect(claim, peer)
        plaintext = cec102_json.encode(reply, self._spelling(dialect, claim.sealed.path))
        keys = self._answering(claim, peer)
        body = cec102.seal_reply(self._suites[peer.suite], keys, 0, "", plaintext, dialect.framing)
        return WireAnswer(status=200, headers=_JSON, body=body)

    def refuse(
        self,
        request: WireRequest,
        claim: Claim | None,
        peer: Peer | None,
        error: VgigwError,
        now: datetime,
    ) -> WireAnswer:
        headers = _JSON | retry_after(error)
        if peer is None or claim is None:
            unread = next((_UNREAD[kind] for kind in _UNREAD if isinstance(error, kind)), 200)
            return WireAnswer(
                status=unread if claim is None else 200,
                headers=headers,
                body=cec102.unsealed_reply(error.ret, error.message, error.details),
            )
        plaintext = cec102.details_of(error.details)
        framing = self._dialect(claim, peer).framing
        suite, keys = self._suites[peer.suite], self._answering(claim, peer)
        body = cec102.seal_reply(suite, keys, error.ret, error.message, plaintext, framing)
        return WireAnswer(status=200, headers=headers, body=body)

    def _exchange(self, claim: Claim) -> Exchange:
        return cec102.exchange_of(claim.sealed.envelope, claim.operation.name, self._operator_id)

    def _answering(self, claim: Claim, peer: Peer) -> AnyKeys:
        answer = self._exchange(claim).answered(claim.sealed.envelope.sig)
        return peer.accepted.about(answer)

    def _dialect(self, claim: Claim, peer: Peer) -> Dialect:
        """The version in force when the message was sent, so that its answer goes by the same."""
        return self._dialects.at(peer.dialect, claim.sent_at)

    def _spelling(self, dialect: Dialect, path: str) -> Spelling:
        """Raises ``UnknownOperation`` for a path that the peer's dialect does not have."""
        name = self._interfaces.name_in(dialect, path)
        if name is None:
            raise UnknownOperation()
        return dialect.spelling_at(name)


def unwrap(plaintext: bytes, wrapper: str, *, as_list: bool = False) -> bytes:
    """The request inside ``{wrapper: {...}}``; a bare one stays as it is.

    ``as_list`` takes ``{wrapper: [{...}]}``, too; a list of more than one stays as it is.
    """
    if not plaintext.lstrip()[:200].startswith(b"{"):
        return plaintext
    try:
        document = msgspec.json.decode(plaintext, type=dict[str, msgspec.Raw])
        inner = document.get(wrapper)
        if inner is None or len(document) != 1:
            return plaintext
        if as_list and bytes(inner).lstrip().startswith(b"["):
            items = msgspec.json.decode(inner, type=list[msgspec.Raw])
            return bytes(items[0]) if len(items) == 1 else plaintext
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return plaintext
    return bytes(inner)
