"""The T/CEC 102 courier: calls a peer's ``{base}/{name}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vgigw.codec import cec102_json
from vgigw.crypto.suite import Suite
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
from vgigw.objects import InformationObject
from vgigw.objects.operating_enumerations import ReportMode
from vgigw.operations import Operation
from vgigw.ports import Peer
from vgigw.senders.sequence import SequenceNumbers


class Cec102Courier:
    """Seals requests of ``operator_id`` and opens the answers."""

    name = "cec102"

    def __init__(self, operator_id: str, suites: Mapping[str, Suite]) -> None:
        self._operator_id = operator_id
        self._suites = suites
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
        plaintext = cec102_json.encode(request)
        if operation.cec102_wrapper is not None:
            plaintext = b'{"%s":%s}' % (operation.cec102_wrapper.encode(), plaintext)
        time_stamp, seq = self._numbers.next(now)
        body = cec102.seal_request(
            self._suites[peer.suite],
            peer.issued,
            self._operator_id,
            plaintext,
            time_stamp,
            seq,
        )
        headers = {"content-type": "application/json;charset=utf-8"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        path = f"/{_name(operation, request)}"
        return WireRequest(method="POST", path=path, headers=headers, body=body), now

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        try:
            reply = cec102.open_reply(self._suites[peer.suite], peer.issued, answer.body)
            if reply.ret != 0:
                raise PeerRefused(reply.ret, reply.msg, cec102.read_details(reply.plaintext))
            decoded = cec102_json.decode(operation.response, reply.plaintext, sent, "")
        except NotGenuine as cause:
            raise PeerAnswerInvalid("the answer is not signed by the peer") from cause
        except (Malformed, NotDecrypted, PeerFault) as cause:
            raise PeerAnswerInvalid() from cause
        return decoded.obj


def _name(operation: Operation, request: InformationObject) -> str:
    full = getattr(request, "report_mode", None) is ReportMode.FULL
    return operation.cec102[-1 if full else 0]
