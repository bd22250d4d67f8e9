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
    files = [*root.glob("doors/rest/*.py"), root / "envelope" / "rest.py"]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    described_headers = [each["name"] for each in DOCUMENT["components"]["parameters"].values()]
    assert described_headers
    assert [name for name in described_headers if f'"{name.lower()}"' not in code] == []
