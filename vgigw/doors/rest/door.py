"""The REST door: resources under ``/vgi/v1``, bearer token, RFC 9421 signature, problem+json.

A message without any signature says who sent it in header fields; the corridor decides of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from vgigw.codec import json
from vgigw.codec.shape import shape_of
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.http_signing import http_signer
from vgigw.crypto.suite import SUITES, AnyKeys, AnySuite
from vgigw.doors.rest import versions
from vgigw.doors.rest.problems import problem
from vgigw.doors.rest.routes import Routes
from vgigw.envelope import rest, secured, unsigned
from vgigw.envelope.rest import IN_QUERY
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import (
    Detail,
    InvalidObject,
    Malformed,
    NotFresh,
    NotGenuine,
    UnknownOperation,
    VgigwError,
    WrongMedia,
)
from vgigw.objects import InformationObject, SecuredRequest
from vgigw.operations import CONTRACT, EXCHANGE_SECURED, OPERATIONS, Operation
from vgigw.ports import Claim, Opened, Peer

PREFIX = CONTRACT.path
_MOST_FIELDS = 1000


class _Sealed(NamedTuple):
    parameters: Mapping[str, str]
    request: WireRequest
    said: rest.Signed | unsigned.Unsigned
    base: bytes
    carrying: SecuredRequest | None

    @property
    def known_by(self) -> dict[str, str]:
        """The fields by which an answer names this request."""
        if isinstance(self.said, unsigned.Unsigned):
            return self.said.fields
        return {"signature": self.request.headers.get("signature", "")}


class RestDoor:
    """Reads and answers under ``prefix``."""

    name = "rest"

    def __init__(
        self,
        operator_id: str,
        operations: tuple[Operation, ...] = OPERATIONS,
        prefix: str = PREFIX,
        suites: Mapping[str, AnySuite] = SUITES,
    ) -> None:
        self._operator_id = operator_id
        self._suites = suites
        self._routes = Routes((*operations, EXCHANGE_SECURED))
        self._named = {row.name: row for row in operations}
        self.prefix = prefix

    def named(self, request: WireRequest) -> Operation | None:
        try:
            return self._route(request)[0]
        except UnknownOperation:
            return None

    def read(self, request: WireRequest) -> Claim:
        operation, parameters = self._route(request)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.body and media != "application/json":
            raise WrongMedia("the content type must be application/json")
        if request.body and operation.bodiless:
            raise Malformed(f"a {operation.method} carries no body")
        carrying = None
        if operation is EXCHANGE_SECURED:
            carrying = secured.request_in_json(request.body)
            operation = self._carried(carrying)
        said = _said(request)
        base = rest.request_base(said, request) if isinstance(said, rest.Signed) else b""
        return Claim(
            sender=said.sender,
            operation=operation,
            sent_at=said.sent_at,
            token=request.bearer,
            guard=said.guard if isinstance(said, unsigned.Unsigned) else rest.guard_of(base),
            clear=carrying is None,
            trace_id=request.trace_id,
            sealed=_Sealed(parameters, request, said, base, carrying),
            unsigned=isinstance(said, unsigned.Unsigned),
        )

    def _carried(self, carrying: SecuredRequest) -> Operation:
        """The operation inside; none that carries another stands among those that are named."""
        operation = self._named.get(carrying.operation)
        if operation is None:
            raise UnknownOperation()
        return operation

    def verify(self, claim: Claim, peer: Peer) -> None:
        sealed: _Sealed = claim.sealed
        if isinstance(sealed.said, unsigned.Unsigned):
            raise NotGenuine()
        keys = peer.accepted.about(self._exchange(claim))
        rest.verify(self._suites[peer.suite], keys, sealed.said, sealed.base)
        if sealed.request.body:
            rest.check_digest(sealed.request.headers, sealed.request.body)

    def open(self, claim: Claim, peer: Peer, now: datetime) -> Opened:
        sealed: _Sealed = claim.sealed
        if isinstance(sealed.said, rest.Signed) and sealed.said.ended_before(now):
            raise NotFresh("the signature has expired")
        cls = claim.operation.request
        if sealed.carrying is not None:
            return Opened(json.decode(cls, self._decrypted(claim, peer, sealed.carrying)))
        expected = versions.expected(claim.operation, sealed.request.headers)
        if claim.operation.bodiless:
            query = _fields(sealed.request.query)
            return Opened(json.decode_query(cls, query | _items(cls, sealed.parameters)))
        opened = json.decode(cls, sealed.request.body)
        _check_path(opened, sealed.parameters)
        return Opened(opened, expected_version=expected)

    def _decrypted(self, claim: Claim, peer: Peer, carrying: SecuredRequest) -> bytes:
        # A version in a header would stand in the open, and a carrier has none.
        versions.expected(EXCHANGE_SECURED, claim.sealed.request.headers)
        secured.check_answerable(self._answering(claim, peer))
        keys = peer.accepted.about(self._exchange(claim))
        return secured.opened(self._suites[peer.suite], keys, carrying.secured_data)

    def answer(
        self, claim: Claim, peer: Peer, reply: InformationObject, now: datetime
    ) -> WireAnswer:
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        if claim.clear:
            headers |= versions.entity_tag(reply)
        else:
            suite, keys = self._suites[peer.suite], self._answering(claim, peer)
            reply = secured.sealed_answer(suite, keys, json.encode(reply))
        unsigned = WireAnswer(status=200, headers=headers, body=json.encode(reply))
        return self._sign(unsigned, claim, peer, now)

    def refuse(
        self,
        request: WireRequest,
        claim: Claim | None,
        peer: Peer | None,
        error: VgigwError,
        now: datetime,
    ) -> WireAnswer:
        if peer is None or claim is None:
            return problem(error)
        refusal = None
        if not claim.clear:
            suite, keys = self._suites[peer.suite], self._answering(claim, peer)
            refusal = secured.sealed_refusal(suite, keys, error, json.encode)
        return self._sign(problem(error, refusal), claim, peer, now)

    def _route(self, request: WireRequest) -> tuple[Operation, dict[str, str]]:
        return self._routes.find(request.method, request.path.removeprefix(self.prefix))

    def _exchange(self, claim: Claim) -> Exchange:
        # A secret in common needs no nonce, and covers none of this.
        nonce = claim.sealed.said.nonce or claim.guard.hex()
        operation = claim.operation.name
        return Exchange(operation, claim.sender, self._operator_id, claim.sent_at, nonce)

    def _answering(self, claim: Claim, peer: Peer) -> AnyKeys:
        named = "/".join(claim.sealed.known_by.values())
        return peer.accepted.about(self._exchange(claim).answered(named))

    def _sign(self, answer: WireAnswer, claim: Claim, peer: Peer, now: datetime) -> WireAnswer:
        known_by = claim.sealed.known_by
        signer = http_signer(self._suites[peer.suite], self._answering(claim, peer))
        headers = dict(answer.headers) | {"content-digest": rest.content_digest(answer.body)}
        answer = msgspec.structs.replace(answer, headers=headers)
        created = int(now.timestamp())
        covered = rest.answered(known_by)
        signed = rest.unsigned_input(covered, self._operator_id, created, "answer", signer)
        base = rest.answer_base(signed, answer, known_by)
        headers |= rest.signature_fields(signed, signer.sign(base))
        return msgspec.structs.replace(answer, headers=headers)


def _said(request: WireRequest) -> rest.Signed | unsigned.Unsigned:
    """Who sent it and when: by its signature, if there is any trace of one, else by its fields.

    Raises ``NotGenuine`` where neither says it, and ``Malformed``.
    """
    if not rest.SIGNATURE_FIELDS & request.headers.keys():
        found = unsigned.in_fields(request.headers)
        if found is not None:
            if "content-digest" in request.headers:
                rest.check_digest(request.headers, request.body)
            return found
    return rest.read_signature(request.headers)


def _fields(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as cause:
        raise Malformed(f"a query may have {_MOST_FIELDS} fields") from cause


def _items(cls: type[InformationObject], parameters: Mapping[str, str]) -> dict[str, list[str]]:
    """Path parameters as a query has them: a list stands between commas, or ``-`` in the query."""
    lists = {member.wire for member in shape_of(cls).members if member.many}
    return {
        name: text.split(",") if name in lists else [text]
        for name, text in parameters.items()
        if not (name in lists and text == IN_QUERY)
    }


def _check_path(request: Any, parameters: Mapping[str, str]) -> None:
    by_wire = dict(zip(request.__struct_encode_fields__, request.__struct_fields__, strict=True))
    details = tuple(
        Detail(f"/{name}", "mismatch", "differs from the path")
        for name, text in parameters.items()
        if str(getattr(request, by_wire[name])) != text
    )
    if details:
        raise InvalidObject(details=details)
