"""A zeep plugin that signs requests with MessageHeader and checks the signature of the answers.

For whoever calls a vgigw peer with a zeep client made from its WSDL::

    plugin = MessageHeaderPlugin("200000002", secrets, SUITES["tcec102"], lambda: token)
    client = zeep.Client("http://127.0.0.1:8080/soap/dispatch?wsdl", plugins=[plugin])
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from zeep import Plugin

from vgigw.codec import xml
from vgigw.codec.xsd import accept
from vgigw.crypto.exchange import Exchange
from vgigw.crypto.suite import AnyKeys, AnySuite, Secrets
from vgigw.envelope import soap
from vgigw.envelope.soap import SoapVersion
from vgigw.errors import Misconfigured, PeerAnswerInvalid, PeerFault
from vgigw.objects import MessageHeader, Refusal
from vgigw.operations import BY_NAME
from vgigw.senders.sequence import SequenceNumbers
from vgigw.senders.soap_secrecy import (
    REFUSAL,
    called_by_carrier,
    carried,
    carrying,
    whole_refusal,
)

_BLOCK = f"{{{xml.NAMESPACE}}}MessageHeader"
_TRACE_ID = f"{{{xml.NAMESPACE}}}TraceID"
_VERSIONS = {version.namespace: version for version in SoapVersion}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MessageHeaderPlugin(Plugin):
    """Seals each request of ``operator_id`` and opens each answer. ACC-5.3, ACC-5.5.

    ``secrets`` are those that the peer issued to us, or the keys of the link. ``token_source``
    gives the present access token; it is not asked for operations that need none (QueryToken), so
    it may itself call the client. ``peer_id``, where given, is the only sender of answers that is
    taken; with keys it must be, since they sign for one receiver. One plugin may serve any number
    of threads and tasks; it belongs to one peer.

    ``secured`` encrypts the body of each call and takes encrypted answers alone; the client goes on
    calling operations by their names. ACC-5.6.

    ``ingress`` raises ``PeerAnswerInvalid`` for an answer or fault that the peer did not sign, for
    this request: whether the request was carried out is then unknown.
    """

    def __init__(
        self,
        operator_id: str,
        secrets: AnyKeys,
        suite: AnySuite,
        token_source: Callable[[], str | None],
        *,
        peer_id: str | None = None,
        clock: Callable[[], datetime] = _utc_now,
        secured: bool = False,
    ) -> None:
        if peer_id is None and not isinstance(secrets, Secrets):
            raise Misconfigured("with keys of a link the peer's operator id must be given")
        self._operator_id = operator_id
        self._keys = secrets
        self._suite = suite
        self._token_source = token_source
        self._peer_id = peer_id
        self._clock = clock
        self._secured = secured
        self._numbers = SequenceNumbers()
        # Of this thread or task: the answer to a request comes back in the same one.
        self._sent: ContextVar[Exchange | None] = ContextVar("sent", default=None)

    def egress(
        self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any
    ) -> tuple[Any, Any]:
        """Put the signed header block first.

        A MessageHeader given by hand is replaced; its TraceID is kept.
        """
        row = BY_NAME.get(operation.name)
        token = self._token_source() if row is None or row.needs_token else None
        time_stamp, seq = self._numbers.next(self._clock())
        header, body = _parts(envelope)
        given = header.findall(_BLOCK)
        unsigned = MessageHeader(
            operator_id=self._operator_id,
            time_stamp=time_stamp,
            seq=seq,
            trace_id=next((each.findtext(_TRACE_ID) for each in given), None),
            suite=self._suite.name,
            access_token=token,
        )
        # Secrets in common cover no receiver, and there may be none that is known.
        told = soap.exchange_of(unsigned, operation.name, self._peer_id or "unknown")
        keys = self._keys.about(told)
        if self._secured:
            self._encrypt(body, operation.name, keys)
            http_headers = called_by_carrier(http_headers, operation.name)
        signed = soap.sign(unsigned, body, self._suite, keys)
        for block in given:
            header.remove(block)
        header.insert(0, etree.fromstring(xml.write(signed, "MessageHeader")))
        self._sent.set(told.answered(soap.sig_of(signed)))
        return envelope, http_headers

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> tuple[Any, Any]:
        """Check that the answer is the peer's own, for the request of this thread or task."""
        sent = self._sent.get()
        self._sent.set(None)
        try:
            message = soap.parse(etree.tostring(envelope))
            header = message.header
            if sent is None or header is None:
                raise PeerAnswerInvalid("the answer is not signed by the peer")
            if self._peer_id not in (None, header.operator_id):
                raise PeerAnswerInvalid("the answer is not signed by the peer")
            signed = soap.signed_bytes(header, message.body, sent.answers)
            keys = self._keys.about(sent)
            self._suite.verify(keys, signed, soap.sig_of(header))
            if self._secured:
                _, body = _parts(envelope)
                body[:] = [self._decrypted(message, operation.name, keys)]
        except PeerFault as cause:
            raise PeerAnswerInvalid() from cause
        return envelope, http_headers

    def _encrypt(self, body: etree._Element, operation: str, keys: AnyKeys) -> None:
        (payload,) = body
        plaintext = etree.tostring(payload, encoding="utf-8", with_tail=False)
        body[:] = [xml.parse(carrying(self._suite, keys, operation, plaintext))]

    def _decrypted(
        self, message: soap.SoapMessage, operation: str, keys: AnyKeys
    ) -> etree._Element:
        """What stands in a Body that was found genuine; a fault with the whole of its refusal."""
        payload = message.payload
        if etree.QName(payload) == etree.QName(message.version.namespace, "Fault"):
            element = payload.find(REFUSAL)
            if element is not None:
                whole = xml.to_element(whole_refusal(self._suite, keys, element))
                element[:] = list(whole)
            return payload
        inside = carried(self._suite, keys, payload)
        if inside.tag != f"{{{xml.NAMESPACE}}}{operation}Response":
            raise PeerAnswerInvalid("the answer is to another operation")
        return inside


def refusal_of(detail: etree._Element | None) -> Refusal | None:
    """The typed refusal in ``zeep.exceptions.Fault.detail``: Ret, Msg, Details. None if absent."""
    element = None if detail is None else detail.find(REFUSAL)
    return None if element is None else accept(Refusal, element)


def _parts(envelope: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Header, made where there is none, and Body."""
    namespace = etree.QName(envelope).namespace or ""
    if namespace not in _VERSIONS:
        raise Misconfigured("the client's binding is neither SOAP 1.1 nor SOAP 1.2")
    body = envelope.find(f"{{{namespace}}}Body")
    if body is None:
        raise Misconfigured("the client made no Body")
    header = envelope.find(f"{{{namespace}}}Header")
    if header is None:
        header = etree.Element(f"{{{namespace}}}Header")
        envelope.insert(0, header)
    return header, body
