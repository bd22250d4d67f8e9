"""The table of the SOAP door: error class to fault code and HTTP status; the typed detail.

SOAP 1.1 demands HTTP 500 for the faults of a message that it could process, and its clients find
the typed detail only there; whose fault it was says the fault code. What is no SOAP request at all
gets 400. SOAP 1.2 has 400 for the sender's faults and 500 for the receiver's. What was turned away
before it was read gets 503.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from vgigw.codec import xml
from vgigw.envelope.secured import refusal_of
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireRequest
from vgigw.errors import (
    Busy,
    Malformed,
    NotUnderstood,
    OwnFault,
    TooLarge,
    VersionMismatch,
    VgigwError,
    WrongMedia,
)
from vgigw.objects import Refusal

_STATUS: dict[type[VgigwError], int] = {TooLarge: 413, WrongMedia: 415}
_STATUS_UNREAD: dict[type[VgigwError], int] = {Busy: 503}
_OF_SOAP_ITSELF = (NotUnderstood, VersionMismatch)


def version_of(request: WireRequest) -> SoapVersion:
    """The version to answer in when the message could not be read."""
    twelve = SoapVersion.SOAP_12
    soap_12 = request.headers.get("content-type", "").strip().lower().startswith(twelve.media_type)
    return twelve if soap_12 else SoapVersion.SOAP_11


def fault(
    version: SoapVersion,
    error: VgigwError,
    refusal: Refusal | None = None,
    *,
    unread: bool = False,
) -> tuple[int, bytes]:
    """HTTP status and serialised Fault element, which tells ``refusal`` in the place of all;
    ``unread``: nothing of the message was read."""
    refusal = refusal or refusal_of(error)
    ours = isinstance(error, OwnFault)
    table = _STATUS | _STATUS_UNREAD if unread else _STATUS
    status = table.get(type(error), 500 if ours or _needs_500(version, error) else 400)
    detail = xml.write(refusal, "Refusal").decode()
    text = escape(refusal.msg)
    if version is SoapVersion.SOAP_11:
        code = _code(error, "Server" if ours else "Client")
        inner = (
            f"<faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring>"
            f"<detail>{detail}</detail>"
        )
    else:
        code = _code(error, "Receiver" if ours else "Sender")
        inner = (
            f"<soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
            f"<soap:Detail>{detail}</soap:Detail>"
        )
    whole = f'<soap:Fault xmlns:soap="{version.namespace}">{inner}</soap:Fault>'
    return status, whole.encode()


def _needs_500(version: SoapVersion, error: VgigwError) -> bool:
    unreadable = isinstance(error, Malformed) and not isinstance(error, _OF_SOAP_ITSELF)
    return version is SoapVersion.SOAP_11 and not unreadable


def _code(error: VgigwError, usual: str) -> str:
    if isinstance(error, VersionMismatch):
        return "VersionMismatch"
    return "MustUnderstand" if isinstance(error, NotUnderstood) else usual
