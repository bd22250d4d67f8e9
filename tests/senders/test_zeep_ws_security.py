"""zeep, made from the WSDL alone, signs by xmlsec and verifies by its own code. ACC-5.5, CARD-2."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.wsse.signature import _verify_envelope_with_key

from tests.senders.test_zeep_header import contract
from tests.trio import DISPATCH, NOW, PLATFORM, secrets_of
from tests.wsse import SignedTrio, certified
from vgigw.codec.xml import tag
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import Transport, WireRequest
from vgigw.rules.freshness import write_time_stamp
from vgigw.senders.zeep_header import refusal_of

xmlsec = pytest.importorskip("xmlsec", reason="python-xmlsec is not installed")


class IntoTheCorridor(zeep.Transport):
    """Hands each envelope straight to the platform's SOAP door."""

    def __init__(self, trio: SignedTrio) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._trio = trio

    def post_xml(self, address: str, envelope: etree._Element, headers: Any) -> requests.Response:
        request = WireRequest(
            method="POST",
            path=address,
            headers={name.lower(): value for name, value in headers.items()},
            body=etree.tostring(envelope, xml_declaration=True, encoding="utf-8"),
            transport=Transport.LOOPBACK,
        )
        answer = self._trio.give(request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body
        return response


class Signs:
    """Signs Timestamp, MessageHeader and Body by xmlsec: zeep's own signs no header block."""

    def apply(self, envelope: Any, headers: Any) -> Any:
        header, body = envelope[0], envelope[-1]
        security = etree.SubElement(header, term.SECURITY, nsmap={"wsse": term.WSSE})
        token = etree.SubElement(
            security, term.TOKEN, ValueType=term.X509_V3, EncodingType=term.BASE64
        )
        token.text = _base64(certified(DISPATCH).der)
        timestamp = etree.SubElement(security, term.TIMESTAMP, nsmap={"wsu": term.WSU})
        for name, instant in ((term.CREATED, NOW), (term.EXPIRES, NOW + timedelta(minutes=5))):
            etree.SubElement(timestamp, name).text = f"{instant:%Y-%m-%dT%H:%M:%SZ}"
        template, transform = xmlsec.template, xmlsec.constants
        signature = template.create(
            envelope, transform.TransformExclC14N, transform.TransformRsaSha256, ns="ds"
        )
        security.append(signature)
        context = xmlsec.SignatureContext()
        block = header.find(tag("MessageHeader"))
        for number, part in enumerate((token, timestamp, block, body)):
            part.set(term.ID, f"id-{number}")
            context.register_id(part, "Id", term.WSU)
            if part is not token:
                reference = template.add_reference(
                    signature, transform.TransformSha256, uri=f"#id-{number}"
                )
                template.add_transform(reference, transform.TransformExclC14N)
        key_info = template.ensure_key_info(signature)
        to_token = etree.SubElement(key_info, term.TOKEN_REFERENCE)
        etree.SubElement(to_token, term.REFERENCE_TO_TOKEN, URI="#id-0", ValueType=term.X509_V3)
        context.key = xmlsec.Key.from_memory(certified(DISPATCH).pem, xmlsec.KeyFormat.PEM, None)
        context.sign(signature)
        return envelope, headers

    def verify(self, envelope: Any) -> Any:
        """As zeep does it, by the certificate of the platform."""
        pem = certified(PLATFORM).certificate_pem
        key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM, None)
        _verify_envelope_with_key(envelope, key)  # type: ignore[no-untyped-call]
        return envelope


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


class Caller:
    def __init__(self, version: str) -> None:
        self.trio = SignedTrio()
        self._version = version
        self._seq = 0
        asked = {
            "OperatorID": DISPATCH,
            "OperatorSecret": secrets_of(DISPATCH).operator_secret.decode(),
        }
        given = self.service("common").QueryToken(
            TokenRequest=asked, _soapheaders=self.header(None)
        )
        self.token = given.body.Token.AccessToken

    def service(self, face: str) -> Any:
        client: Any = zeep.Client(  # type: ignore[no-untyped-call]
            BytesIO(contract(face)), transport=IntoTheCorridor(self.trio), wsse=Signs()
        )
        binding = f"{{urn:vgigw:v1}}Vgi{face.title()}Soap{self._version}"
        return client.create_service(binding, f"/soap/{face}")

    def header(self, token: str | None) -> dict[str, Any]:
        """As the WSDL describes it, without Sig."""
        self._seq += 1
        header = {
            "OperatorID": DISPATCH,
            "TimeStamp": write_time_stamp(NOW),
            "Seq": f"{self._seq:04d}",
        }
        return {"MessageHeader": header | ({"AccessToken": token} if token else {})}


@pytest.mark.parametrize("version", ["11", "12"], ids=["SOAP 1.1", "SOAP 1.2"])
def test_a_client_of_the_wsdl_that_signs_by_xmlsec_is_genuine(version: str) -> None:
    caller = Caller(version)
    service = caller.service("dispatch")

    answer = service.QueryTelemetry(
        TelemetryQuery={"PageSize": 2}, _soapheaders=caller.header(caller.token)
    )
    with pytest.raises(zeep.exceptions.Fault) as fault:
        service.QueryControl(
            CommandQuery={"CommandID": "nobody's"}, _soapheaders=caller.header(caller.token)
        )

    assert answer.body.TelemetryPage.ItemSize == 0
    assert answer.header.MessageHeader.OperatorID == PLATFORM
    refusal = refusal_of(fault.value.detail)
    assert refusal is not None
    assert refusal.ret == 4201
