"""The floor of the SOAP door: bare lxml, the compiled XSD and the generated reader.

Parse, the suite's signature over the exclusive canonical Body, XSD, reader, zstd level 1 of the
canonical Body, durable append, signed answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from vgigw.codec.xml import NAMESPACE
from vgigw.codec.xml_reader import reader
from vgigw.codec.xsd import object_validator
from vgigw.objects import TelemetryBatch
from vgigw.testing.bench.floor_cec102 import compress
from vgigw.testing.bench.floor_store import FloorStore
from vgigw.testing.bench.floor_suites import FloorSuite, about, floor_suite
from vgigw.testing.bench.scene import PLATFORM_ID

_HEADERS = [("content-type", "text/xml; charset=utf-8")]
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SEEN = ("OperatorID", "TimeStamp", "Seq", "TraceID", "KeyID", "Suite", "AccessToken")
_contexts = threading.local()


def _parse(body: bytes) -> Any:
    parser = getattr(_contexts, "parser", None)
    if parser is None:
        parser = _contexts.parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True
        )
    return etree.fromstring(body, parser)


def _signed(lines: dict[str, str], canonical: bytes) -> bytes:
    head = "".join(f"{name}:{value}\n" for name, value in lines.items())
    return b"vgigw-soap-1\n" + head.encode() + b"\n" + canonical


def _canonical(body: Any) -> bytes:
    return bytes(etree.tostring(body, method="c14n", exclusive=True))


def _answer(suite: FloorSuite, request: dict[str, str], last: int) -> bytes:
    body = (
        f'<soap:Body xmlns:soap="{_SOAP}"><UploadTelemetryResponse xmlns="{NAMESPACE}">'
        f"<TelemetryReceipt><AckSeq>{last}</AckSeq></TelemetryReceipt>"
        "</UploadTelemetryResponse></soap:Body>"
    )
    lines = {
        "OperatorID": PLATFORM_ID,
        "TimeStamp": request["TimeStamp"],
        "Seq": "0001",
        "Suite": request["Suite"],
    }
    # This text is its own canonical form.
    told = about(request["TimeStamp"], request["Seq"]).answered(request["Sig"])
    sig = suite.sign(told, _signed({**lines, "Answers": request["Sig"]}, body.encode()))
    block = "".join(f"<{name}>{value}</{name}>" for name, value in lines.items())
    return (
        f'<soap:Envelope xmlns:soap="{_SOAP}"><soap:Header><MessageHeader xmlns="{NAMESPACE}">'
        f"{block}<Sig>{sig}</Sig></MessageHeader></soap:Header>{body}</soap:Envelope>"
    ).encode()


def application() -> Callable[..., Iterable[bytes]]:
    """Factory that granian calls."""
    store = FloorStore(Path(os.environ["FLOOR_STATE"]))
    suite = floor_suite()
    schema, read = object_validator(TelemetryBatch), reader(TelemetryBatch)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        envelope = _parse(environ["wsgi.input"].read())
        header = {child.tag.rpartition("}")[2]: child.text for child in envelope[0][0]}
        canonical = _canonical(envelope[1])
        lines = {name: header[name] for name in _SEEN if name in header}
        payload = envelope[1][0][0]
        told = about(header["TimeStamp"], header["Seq"])
        genuine = suite.holds(told, _signed(lines, canonical), header["Sig"])
        if not genuine or not schema.validate(payload):
            start_response("403 Forbidden", _HEADERS)
            return [b""]
        batch: TelemetryBatch = read(payload)
        store.append((batch.stream_id, batch.seq_from, batch.seq_to, compress(canonical)))
        start_response("200 OK", _HEADERS)
        return [_answer(suite, header, batch.seq_to)]

    return app
