"""OpenAPI 3.1 of the REST door: what the standard asks, parameters, the examples. ACC-7.6."""

from __future__ import annotations

import json as builtin_json
from pathlib import Path
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

import vgigw
from vgigw.codec import json
from vgigw.codec.example_exchange import request_of, response_of
from vgigw.codec.openapi import openapi
from vgigw.codec.shape import shape_of
from vgigw.envelope.unsigned import FIELDS, Unsigned
from vgigw.operations import CONTRACT, OPERATIONS, Operation

DOCUMENT = openapi()
each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)


def described(row: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][f"/vgi/v1{row.path}"][row.method.lower()]
    return found


def schema_of(name: str) -> jsonschema.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema.Draft202012Validator(schema)


def test_the_document_is_one_of_openapi_3_1() -> None:
    openapi_spec_validator.validate(DOCUMENT)


def test_the_check_sees_a_path_parameter_that_is_not_described() -> None:
    broken = openapi()
    broken["paths"]["/vgi/v1/stations/{StationID}"]["put"]["parameters"] = []
    with pytest.raises(OpenAPIValidationError):
        openapi_spec_validator.validate(broken)


def test_the_document_names_version_and_dates_acc_a_2() -> None:
    info = DOCUMENT["info"]
    assert info["version"] == CONTRACT.version
    dates = (info["x-published"], info["x-effective"])
    assert dates == (CONTRACT.published.isoformat(), CONTRACT.effective.isoformat())


@each_operation
def test_every_operation_is_described_with_its_parameters(row: Operation) -> None:
    found = described(row)
    assert found["operationId"] == row.name
    assert ("security" in found) == (not row.needs_token)
    parameters = {p["name"]: p for p in found["parameters"] if "name" in p}
    for wire in [part[1:-1] for part in row.path.split("/") if part.startswith("{")]:
        assert parameters[wire]["in"] == "path"
        assert parameters[wire]["required"]
    if row.bodiless:
        assert set(parameters) == {member.wire for member in shape_of(row.request).members}


@each_operation
def test_request_and_answer_of_the_example_messages_are_shown(row: Operation) -> None:
    found = described(row)
    if row.bodiless:
        assert "requestBody" not in found
        shown = {p["name"]: p["example"] for p in found["parameters"] if "example" in p}
    else:
        shown = found["requestBody"]["content"]["application/json"]["example"]
    assert json.accept(row.request, shown) == request_of(row)
    schema_of(row.request.__name__).validate(shown)

    answer = found["responses"]["200"]["content"]["application/json"]["example"]
    assert json.accept(row.response, answer) == response_of(row)
    schema_of(row.response.__name__).validate(answer)


def test_everything_that_is_referred_to_is_there() -> None:
    references = set(builtin_json.dumps(DOCUMENT).split('"#/components/schemas/')[1:])
    assert {text.split('"')[0] for text in references} <= set(DOCUMENT["components"]["schemas"])


def test_every_header_that_is_described_is_read_acc_7_6() -> None:
    """A header that no code reads would promise what nobody keeps."""
    root = Path(vgigw.__file__).parent
    envelope = [root / "envelope" / name for name in ("rest.py", "unsigned.py")]
    files = [*root.glob("doors/rest/*.py"), *envelope]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    described_headers = [each["name"] for each in DOCUMENT["components"]["parameters"].values()]
    assert described_headers
    assert [name for name in described_headers if f'"{name.lower()}"' not in code] == []


@each_operation
def test_acc_5_3_the_fields_of_a_message_that_nobody_signed_are_described(row: Operation) -> None:
    """Of what goes encrypted there is none without a signature."""
    found = described(row)
    told = Unsigned("123456789", "20250101120000", "0001").fields
    written = {} if row.carries else told
    parts = DOCUMENT["components"]
    names = {each["$ref"].rpartition("/")[2] for each in found["parameters"] if "$ref" in each}
    asked = {name.lower(): parts["parameters"][name] for name in names if name.lower() in told}
    answered = {
        name.lower(): parts["headers"][each["$ref"].rpartition("/")[2]]
        for name, each in found["responses"]["200"].get("headers", {}).items()
    }
    for described_ones in (asked, answered):
        assert set(described_ones) == set(written)
        for name, text in written.items():
            assert not described_ones[name]["required"]
            jsonschema.validate(text, described_ones[name]["schema"])
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(f"{text} ", described_ones[name]["schema"])


def test_acc_5_3_a_refusal_may_be_unsigned_as_well() -> None:
    problem = DOCUMENT["components"]["responses"]["Problem"]
    assert {name.lower() for name in problem["headers"]} == set(FIELDS)
