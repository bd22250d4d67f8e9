"""A real SOAP client reads each WSDL and builds every request from it; we read what it built."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zeep
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import objects_of
from vgigw.codec import xml, xsd
from vgigw.codec.example import example
from vgigw.codec.shape import Kind, shape_of
from vgigw.codec.wsdl import operations_of
from vgigw.objects import InformationObject, MessageHeader
from vgigw.operations import FACES, Operation
from vgigw.testing.simulators.zeep_values import to_zeep

ROOT = Path(__file__).resolve().parents[2]
ROWS = [(face, row) for face in FACES for row in operations_of(face)]
BODIES = {
    "Soap11": "{http://schemas.xmlsoap.org/soap/envelope/}Body",
    "Soap12": "{http://www.w3.org/2003/05/soap-envelope}Body",
}


@functools.cache
def client(face: str) -> Any:
    make: Any = zeep.Client  # ships no types
    return make(str(ROOT / "wsdl" / f"{face}.wsdl"))


def message(face: str, soap: str, row: Operation, request: InformationObject) -> Any:
    """The envelope that zeep builds for ``request``."""
    bound = client(face).bind(f"Vgi{face.title()}Service", f"Vgi{face.title()}{soap}")
    header = to_zeep(example(MessageHeader))
    return client(face).create_message(
        bound,
        row.name,
        **{row.request.__name__: to_zeep(request)},
        _soapheaders={"MessageHeader": header},
    )


@pytest.mark.parametrize("soap", ["Soap11", "Soap12"])
@pytest.mark.parametrize(("face", "row"), ROWS, ids=lambda part: getattr(part, "name", part))
def test_zeep_builds_every_request_and_we_read_it(face: str, soap: str, row: Operation) -> None:
    request = example(row.request)
    envelope = message(face, soap, row, request)
    body = envelope.find(BODIES[soap])
    assert xsd.unwrap(row.name, row.request, body[0]) == request
    header = next(envelope.iter(xml.tag("MessageHeader")))
    assert xsd.accept(MessageHeader, header) == example(MessageHeader)


@pytest.mark.parametrize(("face", "row"), ROWS, ids=lambda part: getattr(part, "name", part))
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_zeep_reads_every_answer_that_we_write(
    face: str, row: Operation, data: st.DataObject
) -> None:
    answer = data.draw(objects_of(row.response))
    element = xml.parse(xsd.wrap(f"{row.name}Response", answer))
    declared = client(face).get_element(f"{{{xml.NAMESPACE}}}{row.name}Response")
    parsed = declared.parse(element, client(face).wsdl.types)
    read = getattr(parsed, row.response.__name__)
    for member in shape_of(row.response).members:
        value = getattr(answer, member.attribute)
        got: Any = getattr(read, member.wire, None)
        if member.kind in {Kind.TEXT, Kind.INTEGER, Kind.DECIMAL} and not member.many:
            assert got == value, member.wire
        elif member.kind is Kind.INSTANT and value is not None:
            assert msgspec.to_builtins(got.astimezone(value.tzinfo)) == msgspec.to_builtins(value)


def test_zeep_knows_the_fault_detail() -> None:
    refusal = client("common").get_type(f"{{{xml.NAMESPACE}}}Refusal")
    assert [name for name, _ in refusal.elements] == [
        "Ret",
        "Msg",
        "Details",
        "TraceID",
        "SecuredData",
    ]
