"""Every kind of bad message that a door may get, each with its code and the places it names."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from tests.cases.worlds import SECRETS
from tests.doors.sealing import SUITE, Sender, by_cec102, by_rest, by_soap
from tests.doors.wsgi_caller import with_body, with_headers
from vgigw.envelope import cec102, rest
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireRequest
from vgigw.operations import HEARTBEAT

Make = Callable[[Sender], WireRequest]
BEAT = b'{"LinkID":"L","Seq":1,"Time":"2026-11-21T08:00:00Z","ChannelRole":1}'
BEAT_XML = (
    b'<Heartbeat xmlns="urn:vgigw:v1"><Heartbeat><LinkID>L</LinkID><Seq>1</Seq>'
    b"<Time>2026-11-21T16:00:00+08:00</Time><ChannelRole>1</ChannelRole></Heartbeat></Heartbeat>"
)
DEEP = 100_000
ZEROS = base64.b64encode(bytes(32)).decode()
OTHER = rest.content_digest(b"another body")
S12 = SoapVersion.SOAP_12


def c102(sender: Sender, plaintext: bytes = BEAT) -> WireRequest:
    return by_cec102(sender, "notification_heartbeat", plaintext)


def rest_(sender: Sender, body: bytes = BEAT) -> WireRequest:
    return by_rest(sender, "POST", "/heartbeats", body)


def soap_(sender: Sender, payload: bytes = BEAT_XML, **header: Any) -> WireRequest:
    return by_soap(sender, HEARTBEAT, payload, **header)


def envelope(sender: Sender, **members: Any) -> WireRequest:
    """A T/CEC 102 envelope with members changed after sealing, or taken away where None."""
    request = c102(sender)
    document = msgspec.json.decode(request.body) | members
    kept = {name: value for name, value in document.items() if value is not None}
    return with_body(request, msgspec.json.encode(kept))


def resigned(sender: Sender, data: str) -> WireRequest:
    """An envelope whose Data is this text, genuinely signed."""
    request = c102(sender)
    sealed = msgspec.structs.replace(cec102.read_request(request.body), data=data)
    sig = SUITE.sign(SECRETS, cec102.signed_text(sealed))
    return with_body(request, msgspec.json.encode(msgspec.structs.replace(sealed, sig=sig)))


def swapped(make: Make, old: bytes, new: bytes) -> Make:
    def changed(sender: Sender) -> WireRequest:
        request = make(sender)
        assert old in request.body
        return with_body(request, request.body.replace(old, new, 1))

    return changed


def body(make: Make, content: bytes) -> Make:
    return lambda sender: with_body(make(sender), content)


def fields(make: Make, **changed: str | None) -> Make:
    return lambda sender: with_headers(make(sender), **changed)


def line(make: Make, **changed: Any) -> Make:
    return lambda sender: msgspec.structs.replace(make(sender), **changed)


def later(make: Make, **shift: float) -> Make:
    return lambda sender: make(sender._replace(now=sender.now + timedelta(**shift)))


def nobody(make: Make) -> Make:
    return lambda sender: make(sender._replace(operator_id="999999999"))


def wrong_key(make: Make) -> Make:
    other = dataclasses.replace(SECRETS, sig_secret=b"quite another secret")
    return lambda sender: make(sender._replace(secrets=other))


def with_token(make: Make, token: str | None) -> Make:
    return lambda sender: make(sender._replace(token=token))


def rest_signed(sender: Sender, content: bytes, media: str = "application/json") -> WireRequest:
    return with_headers(rest_(sender, content), content_type=media)


def covering(*components: str) -> Make:
    return lambda sender: by_rest(sender, "POST", "/heartbeats", BEAT, covered=components)


def spoilt(make: Callable[[Sender, bytes], WireRequest]) -> Make:
    wrong = b'{"LinkID":"%s","Seq":0,"Time":"x","ChannelRole":77,"Q":1}' % (b"L" * 33)
    return lambda sender: make(sender, wrong)


def without(request: WireRequest, name: str) -> WireRequest:
    """The envelope without one member of its header."""
    pattern = f"<{name}>[^<]*</{name}>".encode()
    return with_body(request, re.sub(pattern, b"", request.body, count=1))


ALL = ('"@method"', '"@path"', '"content-digest"', '"authorization"')
ARRAYS = b"[" * DEEP
ELEMENTS, ENDS = b"<a>" * DEEP, b"</a>" * DEEP
ENVELOPE_11 = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'

CASES: list[tuple[str, str, Make, int, list[str] | None]] = [
    # the T/CEC 102 door
    ("not json", "cec102", body(c102, b"hello"), 4003, None),
    ("json, no object", "cec102", body(c102, b"[1]"), 4003, None),
    ("nothing", "cec102", body(c102, b""), 4003, None),
    ("depth bomb", "cec102", body(c102, ARRAYS), 4003, None),
    ("sealed depth bomb", "cec102", lambda s: c102(s, ARRAYS), 4003, None),
    ("sealed, not json", "cec102", lambda s: c102(s, b"hello"), 4003, None),
    ("sealed GBK", "cec102", lambda s: c102(s, BEAT.replace(b"L", "链".encode("gbk"))), 4003, None),
    ("GBK", "cec102", body(c102, '{"OperatorID":"链"}'.encode("gbk")), 4003, None),
    ("UTF-16", "cec102", body(c102, BEAT.decode().encode("utf-16")), 4003, None),
    ("BOM", "cec102", lambda s: c102(s, b"\xef\xbb\xbf" + BEAT), 4003, None),
    ("NUL", "cec102", lambda s: c102(s, BEAT.replace(b'"L"', b'"\\u0000"')), 4004, ["/LinkID"]),
    *[
        (f"no {name}", "cec102", lambda s, n=name: envelope(s, **{n: None}), 4003, [f"/{name}"])
        for name in ("OperatorID", "Data", "TimeStamp", "Seq", "Sig")
    ],
    ("Seq of letters", "cec102", lambda s: envelope(s, Seq="abcd"), 4003, ["/Seq"]),
    ("no time", "cec102", lambda s: envelope(s, TimeStamp="20261399000000"), 4003, None),
    ("bad base64", "cec102", lambda s: resigned(s, "*not base64*"), 4103, None),
    ("half a block", "cec102", lambda s: resigned(s, "AAAA"), 4103, None),
    ("bad padding", "cec102", lambda s: resigned(s, ZEROS), 4103, None),
    ("unknown operation", "cec102", line(c102, path="/evcs/v1/query_all"), 4003, None),
    ("GET", "cec102", line(c102, method="GET"), 4003, None),
    ("gzip", "cec102", fields(c102, content_encoding="gzip"), 4003, None),
    # the REST door
    ("not json", "rest", lambda s: rest_(s, b"hello"), 4003, None),
    ("json, no object", "rest", lambda s: rest_(s, b"[1]"), 4004, ["/"]),
    ("depth bomb", "rest", lambda s: rest_(s, ARRAYS), 4003, None),
    ("GBK", "rest", lambda s: rest_(s, BEAT.replace(b"L", "链".encode("gbk"))), 4003, None),
    ("UTF-16", "rest", lambda s: rest_(s, BEAT.decode().encode("utf-16")), 4003, None),
    ("BOM", "rest", lambda s: rest_(s, b"\xef\xbb\xbf" + BEAT), 4003, None),
    ("NUL", "rest", lambda s: rest_(s, BEAT.replace(b'"L"', b'"\\u0000"')), 4004, ["/LinkID"]),
    ("member twice", "rest", lambda s: rest_(s, BEAT[:-1] + b',"Seq":"x","Seq":2}'), 4003, None),
    ("text/plain", "rest", fields(rest_, content_type="text/plain"), 4003, None),
    ("gzip", "rest", fields(rest_, content_encoding="gzip"), 4003, None),
    ("unknown resource", "rest", line(rest_, path="/vgi/v1/nothing"), 4003, None),
    ("wrong method", "rest", line(rest_, method="DELETE"), 4003, None),
    ("no signature", "rest", fields(rest_, signature=None), 4001, None),
    ("odd signature", "rest", fields(rest_, signature="vgigw=:***:"), 4003, None),
    ("altered path", "rest", line(rest_, path="/vgi/v1/tokens"), 4001, None),
    ("altered query", "rest", line(rest_, query="a=b"), 4001, None),
    ("altered body", "rest", swapped(rest_, b'"Seq":1', b'"Seq":2'), 4001, None),
    ("digest of another", "rest", fields(rest_, content_digest=OTHER), 4001, None),
    ("no digest", "rest", fields(rest_, content_digest=None), 4001, None),
    *[
        (f"{left} not covered", "rest", covering(*(c for c in ALL if c != left)), 4001, None)
        for left in ALL
    ],
    ("component twice", "rest", covering(*ALL, '"@method"'), 4003, None),
    ("unknown component", "rest", covering(*ALL, '"@unheard-of"'), 4001, None),
    ("body in GET", "rest", line(rest_, method="GET", path="/vgi/v1/time"), 4003, None),
    ("too many fields", "rest",
     lambda s: by_rest(s, "GET", "/telemetry", query="&".join(["ObjectIDs=a"] * 3000)), 4003, None),
    ("bytes in the query", "rest",
     lambda s: by_rest(s, "GET", "/telemetry", query="StreamID=%00%ff"), 4004, ["/StreamID"]),
    ("path differs from body", "rest",
     lambda s: by_rest(s, "PUT", "/commands/A/ack", b'{"CommandID":"B","AckResult":1,'
                       b'"AckTime":"2026-11-21T08:00:00Z"}'), 4004, ["/CommandID"]),
    # the SOAP door
    ("not xml", "soap", body(soap_, b"hello"), 4003, None),
    ("nothing", "soap", body(soap_, b""), 4003, None),
    ("DOCTYPE", "soap",
     body(soap_, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'), 4003, None),
    ("billion laughs", "soap",
     body(soap_, b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'), 4003, None),
    ("depth bomb", "soap", body(soap_, ELEMENTS), 4003, None),
    ("depth bomb in the Body", "soap",
     body(soap_, ENVELOPE_11 + b"<e:Body>" + ELEMENTS + ENDS + b"</e:Body></e:Envelope>"),
     4003, None),
    ("wrong namespace", "soap", swapped(soap_, b"/soap/envelope/", b"/soap/other/"), 4003, None),
    ("another's payload", "soap",
     lambda s: soap_(s, BEAT_XML.replace(b"vgigw:v1", b"vgigw:v2")),
     4003, None),
    ("unknown operation", "soap", lambda s: soap_(s, b'<Nothing xmlns="urn:vgigw:v1"/>'),
     4003, None),
    ("two elements", "soap", lambda s: soap_(s, BEAT_XML + BEAT_XML), 4003, None),
    ("two Bodies", "soap", swapped(soap_, b"</soap:Envelope>", b"<soap:Body/></soap:Envelope>"),
     4003, None),
    ("Header after Body", "soap",
     swapped(soap_, b"</soap:Envelope>", b"<soap:Header/></soap:Envelope>"), 4003, None),
    ("no MessageHeader", "soap",
     body(soap_, ENVELOPE_11 + b"<e:Body>" + BEAT_XML + b"</e:Body></e:Envelope>"), 4003, None),
    *[
        (f"no {name}", "soap",
         lambda s, n=name: without(soap_(s), n), 4003, [f"/MessageHeader/{name}"])
        for name in ("OperatorID", "TimeStamp", "Seq")
    ],
    ("no Sig", "soap", lambda s: without(soap_(s), "Sig"), 4001, None),
    ("wrong SOAPAction", "soap", fields(soap_, soapaction='"urn:vgigw:v1/QueryTime"'), 4003, None),
    ("no SOAPAction", "soap", fields(soap_, soapaction=None), 4003, None),
    ("no such face", "soap", line(soap_, path="/soap/secret"), 4003, None),
    ("PUT", "soap", line(soap_, method="PUT"), 4003, None),
    ("gzip", "soap", fields(soap_, content_encoding="gzip"), 4003, None),
    ("GBK declared", "soap", fields(soap_, content_type="text/xml; charset=gbk"), 4003, None),
    ("GBK", "soap", swapped(soap_, b"<LinkID>L", b"<LinkID>" + "链".encode("gbk")), 4003, None),
    ("UTF-16", "soap", body(soap_, BEAT_XML.decode().encode("utf-16")), 4003, None),
    ("NUL", "soap", swapped(soap_, b"<LinkID>L", b"<LinkID>\x00"), 4003, None),
    ("json", "soap", fields(soap_, content_type="application/json"), 4003, None),
    ("1.2 said to be 1.1", "soap", fields(
        lambda s: by_soap(s, HEARTBEAT, BEAT_XML, S12), content_type="text/xml"), 4003, None),
    ("altered", "soap", swapped(soap_, b"<Seq>1<", b"<Seq>2<"), 4001, None),
    ("another's block", "soap",
     swapped(soap_, b"<soap:Header>", b'<soap:Header><x xmlns="u" soap:mustUnderstand="1"/>'),
     4003, None),
]  # fmt: skip

for door, make, wrong in (
    ("cec102", c102, c102),
    ("rest", rest_, rest_),
    ("soap", soap_, None),
):
    CASES += [
        ("no token", door, with_token(make, None), 4002, None),
        ("unknown token", door, with_token(make, "x" * 64), 4002, None),
        ("old", door, later(make, seconds=-400), 4102, None),
        ("from the future", door, later(make, seconds=400), 4102, None),
        ("wrong signature", door, wrong_key(make), 4001, None),
        ("unknown operator", door, nobody(make), 4001, None),
    ]
    if wrong is not None:
        paths = ["/ChannelRole", "/LinkID", "/Q", "/Seq", "/Time"]
        CASES.append(("long, out of range, unknown", door, spoilt(wrong), 4004, paths))
