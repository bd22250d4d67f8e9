"""Encrypted bodies that no courier would make: any ciphertext in any message, by whoever signs."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from tests.links import suites_for
from tests.trio import OPERATOR, PLATFORM, Trio, batch, ret_of
from vgigw.codec import json, xsd
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.http_signing import http_signer
from vgigw.crypto.suite import AnySuite
from vgigw.envelope import rest, secured, soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import InformationObject, MessageHeader, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED, UPLOAD_TELEMETRY, Operation
from vgigw.rules.freshness import write_time_stamp

NOT_READ = {4001, 4003, 4004, 4103}
"""Refusals of what does not open, or not to what was asked."""

DATA = re.compile(rb'(SecuredData(?:":"|>))([^"<]+)')


class Scene(Trio):
    """The trio on a typed door, beyond this machine, so that bodies are encrypted.

    What is made by hand has one nonce, or one number, which no courier gives.
    """

    def __init__(self, door: str, suite: str, **more: Any) -> None:
        super().__init__(door, suite=suite, scheme="https", **more)
        self.by: AnySuite = suites_for(suite)[suite]

    def upload(self) -> WireRequest:
        """What the operator's courier makes of a batch."""
        return self.sealed(UPLOAD_TELEMETRY, batch(1, 2), self.token())

    def plain(self, request: InformationObject, operation: Operation = UPLOAD_TELEMETRY) -> bytes:
        """The plaintext that this door takes."""
        return json.encode(request) if self.door == "rest" else xsd.wrap(operation.name, request)

    def keys(self, party: str, operation: Operation) -> Any:
        nonce = "made-by-hand" if self.door == "rest" else "0777"
        told = Exchange(operation.name, party, PLATFORM, self.now, nonce)
        return self.gateways[party].identity.peers[PLATFORM].issued.about(told)

    def data(self, plaintext: bytes, operation: Operation = UPLOAD_TELEMETRY) -> str:
        """SecuredData that the operator could make."""
        return secured.sealed(self.by, self.keys(OPERATOR, operation), plaintext)

    def signed(
        self, name: str, data: str, *, party: str = OPERATOR, if_match: str | None = None
    ) -> WireRequest:
        """A message that ``party`` signs as an upload, whatever it says inside."""
        token = self.token(party)
        request = SecuredRequest(operation=name, secured_data=data)
        if self.door == "soap":
            return self._by_soap(request, party, token)
        return self._by_rest(request, party, token, if_match)

    def refused(self, wire: WireRequest, *codes: int) -> WireAnswer:
        """The answer, after which nothing is kept."""
        answer = self.give(wire)
        assert ret_of(answer) in codes
        assert self.records() == {}
        return answer

    def _by_soap(self, request: SecuredRequest, party: str, token: str) -> WireRequest:
        unsigned = MessageHeader(
            operator_id=party,
            time_stamp=write_time_stamp(self.now),
            seq="0777",
            suite=self.suite,
            access_token=token,
            sig="-",
        )
        version = SoapVersion.SOAP_11
        body = soap.body_of(version, xsd.wrap(EXCHANGE_SECURED.name, request))
        header = soap.sign(unsigned, body, self.by, self.keys(party, UPLOAD_TELEMETRY))
        action = soap.action_of(EXCHANGE_SECURED)
        return WireRequest(
            method="POST",
            path=f"/soap/{UPLOAD_TELEMETRY.faces[0]}",
            headers={"content-type": "text/xml; charset=utf-8", "soapaction": f'"{action}"'},
            body=soap.envelope_of(version, header, body),
            transport=Transport.LOOPBACK,
        )

    def _by_rest(
        self, request: SecuredRequest, party: str, token: str, if_match: str | None
    ) -> WireRequest:
        body = json.encode(request)
        headers = {
            "content-type": "application/json",
            "content-digest": rest.content_digest(body),
            "authorization": f"Bearer {token}",
        }
        covered = ['"@method"', '"@path"', '"content-digest"', '"authorization"']
        if if_match is not None:
            headers["if-match"] = if_match
            covered.append('"if-match"')
        signer = http_signer(self.by, self.keys(party, UPLOAD_TELEMETRY))
        at = int(self.now.timestamp())
        signed = rest.unsigned_input(tuple(covered), party, at, "made-by-hand", signer)
        wire = WireRequest(
            method="POST",
            path="/vgi/v1/secured",
            headers=headers,
            body=body,
            transport=Transport.LOOPBACK,
        )
        fields = rest.signature_fields(signed, signer.sign(rest.request_base(signed, wire)))
        return replace(wire, headers=headers | fields)
