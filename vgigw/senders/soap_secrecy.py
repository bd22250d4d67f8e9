"""The caller's half of encrypted bodies on SOAP: into the carrier, and out of its answer."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from vgigw.codec import xml, xsd
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.envelope import secured, soap
from vgigw.objects import Refusal, SecuredAnswer, SecuredRequest
from vgigw.operations import EXCHANGE_SECURED

REFUSAL = f".//{{{xml.NAMESPACE}}}Refusal"
"""Where a fault tells why."""


def carrying(suite: AnySuite, keys: AnyKeys, operation: str, payload: bytes) -> bytes:
    """The element of the carrier with ``payload``, the element of ``operation``, encrypted."""
    data = secured.sealed(suite, keys, payload)
    request = SecuredRequest(operation=operation, secured_data=data)
    return xsd.wrap(EXCHANGE_SECURED.name, request)


def carried(suite: AnySuite, keys: AnyKeys, payload: etree._Element) -> etree._Element:
    """The element inside an answer; one in the open is none to a request that was encrypted.

    Raises ``Malformed``, ``InvalidObject``, ``NotDecrypted``.
    """
    answer = xsd.unwrap(f"{EXCHANGE_SECURED.name}Response", SecuredAnswer, payload)
    return soap.element_of(secured.opened(suite, keys, answer.secured_data))


def whole_refusal(suite: AnySuite, keys: AnyKeys, element: etree._Element) -> Refusal:
    """What a ``Refusal`` element tells, with what of it is encrypted. Raises as :func:`carried`."""
    refusal = xsd.accept(Refusal, element)
    return secured.opened_refusal(
        suite, keys, refusal, lambda data: xsd.accept(Refusal, soap.element_of(data))
    )


def called_by_carrier(http_headers: Mapping[str, str], operation: str) -> dict[str, str]:
    """HTTP headers with the action of the carrier, as SOAP 1.1 and as SOAP 1.2 write it."""
    own, carrier = (f'"{xml.NAMESPACE}/{name}"' for name in (operation, EXCHANGE_SECURED.name))
    return {name: value.replace(own, carrier) for name, value in http_headers.items()}
