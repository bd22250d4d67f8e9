"""The T/CEC 102 door: ``POST {prefix}/{name}`` with the sealed JSON envelope. ACC-5.3.

An answer is always HTTP 200 with a Ret, the habit of that protocol, except where the message was
not read at all (413). Somebody who was not found genuine gets an answer without signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from vgigw.codec import cec102_json
from vgigw.crypto.suite import Suite
from vgigw.envelope import cec102
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Malformed, TooLarge, UnknownOperation, VgigwError
from vgigw.objects import Envelope, InformationObject
from vgigw.operations import BY_CEC102
from vgigw.ports import Claim, Opened, Peer
from vgigw.rules.freshness import parse_time_stamp

_JSON = {"content-type": "application/json;charset=utf-8"}


class _Sealed(NamedTuple):
    envelope: Envelope
    signed: bytes


class Cec102Door:
    """Reads and answers under ``prefix`` (no slash at its end)."""

    name = "cec102"

    def __init__(self, suites: Mapping[str, Suite], prefix: str = "/evcs/v1") -> None:
        self._suites = suites
        self.prefix = prefix.rstrip("/")

    def read(self, request: WireRequest) -> Claim:
        name = request.path.removeprefix(self.prefix).lstrip("/")
        operation = BY_CEC102.get(name)
        if operation is None:
            raise UnknownOperation()
        if request.method != "POST":
            raise Malformed("the method must be POST")
        envelope = cec102.read_request(request.body)
        signed = cec102.signed_text(envelope)
        return Claim(
            sender=envelope.operator_id,
            operation=operation,
            sent_at=parse_time_stamp(envelope.time_stamp),
            token=request.bearer,
            guard=cec102.guard_of(signed),
            clear=False,
            trace_id=None,
            sealed=_Sealed(envelope, signed),
        )

    def verify(self, claim: Claim, peer: Peer) -> None:
        sealed: _Sealed = claim.sealed
        self._suites[peer.suite].verify(peer.inbound, sealed.signed, sealed.envelope.sig)

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        sealed: _Sealed = claim.sealed
        suite = self._suites[peer.suite]
        plaintext = cec102.open_data(sealed.envelope.data, suite, peer.inbound)
        wrapper = claim.operation.cec102_wrapper
        if wrapper is not None:
            plaintext = unwrap(plaintext, wrapper)
        # What stands in for a missing member comes of what is signed, so that a repeat is equal.
        sent_at = claim.sent_at + timedelta(milliseconds=min(int(sealed.envelope.seq), 999))
        decoded = cec102_json.decode(claim.operation.request, plaintext, sent_at, claim.guard.hex())
        return Opened(decoded.obj, decoded.assumed)

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        body = cec102.seal_reply(
            self._suites[peer.suite], peer.inbound, 0, "", cec102_json.encode(reply)
        )
        return WireAnswer(status=200, headers=_JSON, body=body)

    def refuse(
        self, request: WireRequest, claim: Claim | None, peer: Peer | None, error: VgigwError
    ) -> WireAnswer:
        status = 413 if isinstance(error, TooLarge) else 200
        if peer is None:
            return WireAnswer(
                status=status,
                headers=_JSON,
                body=cec102.unsealed_reply(error.ret, error.message, error.details),
            )
        plaintext = cec102.details_of(error.details)
        body = cec102.seal_reply(
            self._suites[peer.suite], peer.inbound, error.ret, error.message, plaintext
        )
        return WireAnswer(status=status, headers=_JSON, body=body)


def unwrap(plaintext: bytes, wrapper: str) -> bytes:
    """The request inside ``{wrapper: {...}}``; a bare one stays as it is."""
    if not plaintext.lstrip()[:200].startswith(b"{"):
        return plaintext
    try:
        document = msgspec.json.decode(plaintext, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return plaintext
    inner = document.get(wrapper)
    return bytes(inner) if inner is not None and len(document) == 1 else plaintext
