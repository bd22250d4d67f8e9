"""The T/CEC 102 courier: calls a peer's ``{base}/{name}`` in the peer's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from vgigw.codec import cec102_json
from vgigw.codec.dialect import Dialect
from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnySuite
from vgigw.envelope import cec102
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import (
    Malformed,
    NotDecrypted,
    NotGenuine,
    PeerAnswerInvalid,
    PeerFault,
    PeerRefused,
)
from vgigw.objects import Envelope, InformationObject
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import Operation
from vgigw.ports import Peer
from vgigw.rules.freshness import parse_time_stamp
from vgigw.senders.sequence import SequenceNumbers, written


class Sent(NamedTuple):
    """What opening the answer needs: when the request was sealed, for which wire name, and what
    the answer to it is about."""

    now: datetime
    name: str
    answer: Exchange


class Cec102Courier:
    """Seals requests of ``operator_id`` and opens the answers; ``dialects`` are those shipped."""

    name = "cec102"

    def __init__(
        self, operator_id: str, suites: Mapping[str, AnySuite], dialects: Dialects | None = None
    ) -> None:
        self._operator_id = operator_id
        self._suites = suites
        self._dialects = dialects or shipped()
        self._numbers = SequenceNumbers()

    def seal(
        self,
        peer: Peer,
        base: str,
        operation: Operation,
        request: InformationObject,
        token: str | None,
        now: datetime,
    ) -> tuple[WireRequest, Any]:
        dialect = self._dialects.at(peer.dialect, now)
        name = _name(dialect, operation, request)
        plaintext = cec102_json.encode(request, dialect.spelling_at(name))
        if operation.cec102_wrapper is not None and operation.name not in dialect.body.bare:
            plaintext = b'{"%s":%s}' % (operation.cec102_wrapper.encode(), plaintext)
        time_stamp, seq = self._numbers.next(now)
        envelope, told = self._sealed(
            peer, operation, plaintext, time_stamp, written(seq, dialect.framing.seq), dialect
        )
        body = msgspec.json.encode(envelope)
        headers = {"content-type": "application/json;charset=utf-8"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        rooted = name.startswith("/")
        path = name if rooted else f"/{name}"
        wire = WireRequest(method="POST", path=path, headers=headers, body=body, rooted=rooted)
        return wire, Sent(now, name, told.answered(envelope.sig))

    def _sealed(
        self,
        peer: Peer,
        operation: Operation,
        plaintext: bytes,
        time_stamp: str,
        seq: str,
        dialect: Dialect,
    ) -> tuple[Envelope, Exchange]:
        own = self._operator_id
        told = Exchange(operation.name, own, peer.operator_id, parse_time_stamp(time_stamp), seq)
        suite, keys = self._suites[peer.suite], peer.issued.about(told)
        envelope = cec102.sealed_request(
            suite, keys, own, plaintext, time_stamp, seq, dialect.framing
        )
        return envelope, told

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        known: Sent = sent
        dialect = self._dialects.at(peer.dialect, known.now)
        try:
            keys = peer.issued.about(known.answer)
            reply = cec102.open_reply(self._suites[peer.suite], keys, answer.body, dialect.framing)
            if reply.ret != 0:
                raise PeerRefused(reply.ret, reply.msg, cec102.read_details(reply.plaintext))
            spelling = dialect.spelling_at(known.name)
            decoded = cec102_json.decode(
                operation.response, reply.plaintext, known.now, "", spelling
            )
        except NotGenuine as cause:
            raise PeerAnswerInvalid("the answer is not signed by the peer") from cause
        except (Malformed, NotDecrypted, PeerFault) as cause:
            raise PeerAnswerInvalid() from cause
        return decoded.obj


def _name(dialect: Dialect, operation: Operation, request: InformationObject) -> str:
    full = getattr(request, "report_mode", None) is ReportMode.FULL
    return dialect.names_of(operation)[-1 if full else 0]
