"""The REST courier: calls a peer's ``/vgi/v1`` with bearer token and RFC 9421 signature."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

import msgspec

from vgigw.codec import json
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.http_signing import http_signer
from vgigw.crypto.suite import SUITES, AnyKeys, AnySuite
from vgigw.envelope import rest, secured
from vgigw.envelope.unsigned import Unsigned, in_fields
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Detail, PeerAnswerInvalid, PeerFault, PeerRefused
from vgigw.objects import FaultItem, InformationObject, Refusal, SecuredAnswer, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED, Operation
from vgigw.ports import Peer
from vgigw.senders.secrecy import Secrecy, by_profile
from vgigw.senders.sequence import SequenceNumbers
from vgigw.senders.unsigned import awaited, check_answer

_PARAMETER = re.compile(r"\{(\w+)\}")


class _Problem(msgspec.Struct):
    """What of a problem document is a refusal."""

    ret: int = msgspec.field(name="Ret")
    msg: str = msgspec.field(name="Msg", default="")
    details: tuple[FaultItem, ...] = msgspec.field(name="Details", default=())
    secured_data: str | None = msgspec.field(name="SecuredData", default=None)


class _Sent(NamedTuple):
    signature: str
    answer: Exchange
    encrypted: bool
    awaited: Unsigned | None


class RestCourier:
    """Seals requests of ``operator_id`` and opens the answers.

    ``nonce`` makes one request unlike another of the same second: never the same text twice.
    ``secrecy`` says whose body goes encrypted.
    """

    name = "rest"

    def __init__(
        self,
        operator_id: str,
        nonce: Callable[[], str] = lambda: secrets.token_hex(8),
        suites: Mapping[str, AnySuite] = SUITES,
        secrecy: Secrecy = by_profile,
    ) -> None:
        self._secrecy = secrecy
        self._operator_id = operator_id
        self._suites = suites
        self._nonce = nonce
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
        created, nonce = int(now.timestamp()), self._nonce()
        at = rest.instant_of(created)
        told = Exchange(operation.name, self._operator_id, peer.operator_id, at, nonce)
        encrypted = self._secrecy(peer, base, operation)
        if encrypted:
            method, path, query = EXCHANGE_SECURED.method, EXCHANGE_SECURED.path, ""
            body = self._carrying(peer, told, request)
        else:
            method, (path, query, body) = operation.method, _place(operation, request)
        headers: dict[str, str] = {}
        components = ['"@method"', '"@path"']
        if query:
            components.append('"@query"')
        if body:
            headers |= {
                "content-type": "application/json",
                "content-digest": rest.content_digest(body),
            }
            components.append('"content-digest"')
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
            components.append('"authorization"')
        expected = None
        if peer.unsigned:
            asked = Unsigned(self._operator_id, *self._numbers.next(now))
            expected = awaited(peer, base, operation, asked)
            headers |= asked.fields
            components += [f'"{name}"' for name in asked.fields]
        signer = http_signer(self._suites[peer.suite], peer.issued.about(told))
        signed = rest.unsigned_input(tuple(components), self._operator_id, created, nonce, signer)
        # The signature covers the whole path, the sender adds that of ``base`` itself.
        whole = WireRequest(
            method=method,
            path=unquote(urlsplit(base).path).rstrip("/") + path,
            query=query,
            headers=headers,
            body=body,
        )
        fields = rest.signature_fields(signed, signer.sign(rest.request_base(signed, whole)))
        wire = msgspec.structs.replace(whole, path=path, headers=headers | fields)
        answered = told.answered(fields["signature"])
        return wire, _Sent(fields["signature"], answered, encrypted, expected)

    def _carrying(self, peer: Peer, told: Exchange, request: InformationObject) -> bytes:
        keys = peer.issued.about(told)
        data = secured.sealed(self._suites[peer.suite], keys, json.encode(request))
        return json.encode(SecuredRequest(operation=told.operation, secured_data=data))

    def open(
        self, peer: Peer, operation: Operation, sent: Any, answer: WireAnswer
    ) -> InformationObject:
        try:
            keys = peer.issued.about(sent.answer)
            self._verify(peer, sent, keys, answer)
            if answer.status != 200:
                raise _refused(self._suites[peer.suite], keys, answer.body)
            if not sent.encrypted:
                return json.decode(operation.response, answer.body)
            carrying = json.decode(SecuredAnswer, answer.body)
            data = secured.opened(self._suites[peer.suite], keys, carrying.secured_data)
            return json.decode(operation.response, data)
        except (PeerFault, msgspec.MsgspecError, ValueError, RecursionError) as cause:
            raise PeerAnswerInvalid() from cause

    def _verify(self, peer: Peer, sent: _Sent, keys: AnyKeys, answer: WireAnswer) -> None:
        """Raises a fault unless the answer is the peer's own, to this request."""
        if peer.unsigned and not rest.SIGNATURE_FIELDS & answer.headers.keys():
            check_answer(sent.awaited, in_fields(answer.headers))
            return
        signed = rest.read_signature(answer.headers)
        if signed.sender != peer.operator_id:
            raise PeerAnswerInvalid("the answer is not signed by the peer")
        base = rest.answer_base(signed, answer, {"signature": sent.signature})
        rest.verify(self._suites[peer.suite], keys, signed, base)
        rest.check_digest(answer.headers, answer.body)


def _refused(suite: AnySuite, keys: AnyKeys, body: bytes) -> PeerRefused:
    problem = msgspec.json.decode(body, type=_Problem)
    told = Refusal(
        ret=problem.ret,
        msg=problem.msg,
        details=problem.details,
        secured_data=problem.secured_data,
    )
    whole = secured.opened_refusal(suite, keys, told, partial(json.decode, Refusal))
    details = tuple(Detail(item.path, item.code, item.message) for item in whole.details)
    return PeerRefused(whole.ret, whole.msg, details)


def _place(operation: Operation, request: InformationObject) -> tuple[str, str, bytes]:
    """Path (decoded), query and body of a request."""
    values = msgspec.json.decode(json.encode(request))
    if not operation.bodiless:
        path = _PARAMETER.sub(lambda name: str(values[name[1]]), operation.path)
        return path, "", json.encode(request)
    names = _PARAMETER.findall(operation.path)
    collection = operation.collection
    if collection is not None and names[-1] not in values:
        return collection, urlencode(_query_of(values), doseq=True), b""
    placed = {name: _in_path(values[name]) for name in names}
    path = _PARAMETER.sub(lambda name: placed[name[1]], operation.path)
    rest_of_it = {
        name: value
        for name, value in values.items()
        if placed.get(name, rest.IN_QUERY) == rest.IN_QUERY
    }
    return path, urlencode(_query_of(rest_of_it), doseq=True), b""


def _query_of(values: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: _in_query(value) for name, value in values.items()}


def _in_query(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [str(value).lower()]
    if not isinstance(value, list):
        return [value]
    # A name that stands once is split at commas; an empty item beside it says that it is whole.
    return [*value, ""] if len(value) == 1 and "," in str(value[0]) else value


def _in_path(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    together = ",".join(str(item) for item in value)
    return rest.IN_QUERY if together.count(",") >= len(value) else together
