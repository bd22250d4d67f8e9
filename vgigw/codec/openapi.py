"""OpenAPI 3.1 of the REST door, from the operations table. ACC-7.6."""

from __future__ import annotations

import json
from typing import Any

from vgigw.codec.example_exchange import request_of, response_of
from vgigw.codec.json import encode
from vgigw.codec.json_schema import DIALECT, definitions, value_schema
from vgigw.codec.openapi_unsigned import (
    UNSIGNED,
    answered_headers,
    unsigned_headers,
    unsigned_parameters,
)
from vgigw.codec.shape import Member, shape_of
from vgigw.codec.xsd_types import words
from vgigw.objects import Refusal
from vgigw.objects.declaration import InformationObject
from vgigw.operations import CONTRACT, PUBLISHED, Operation

PREFIX = CONTRACT.path
_SCHEMAS = "#/components/schemas/"
_SIGNING = ("SignatureInput", "Signature")


def openapi(operations: tuple[Operation, ...] = PUBLISHED) -> dict[str, Any]:
    """The document that the REST door serves; complete in itself."""
    roots = [cls for row in operations for cls in (row.request, row.response)]
    paths: dict[str, Any] = {}
    for row in operations:
        paths.setdefault(PREFIX + row.path, {})[row.method.lower()] = _operation(row, row.path)
        if row.collection:
            paths.setdefault(PREFIX + row.collection, {})["get"] = _operation(row, row.collection)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "vgigw",
            "version": CONTRACT.version,
            "summary": "Vehicle-grid interaction: dispatch, platform, operators 车网互动接口",
            "x-published": CONTRACT.published.isoformat(),
            "x-effective": CONTRACT.effective.isoformat(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions([*roots, Refusal], _SCHEMAS) | {"Problem": _problem()},
            "parameters": _headers() | unsigned_parameters(),
            "headers": unsigned_headers(),
            "responses": {
                "Problem": {
                    "description": "Refused, or failed 拒绝或失败.",
                    **answered_headers(UNSIGNED),
                    "content": {
                        "application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}Problem"}}
                    },
                }
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Token of QueryToken 令牌. ACC-5.7.",
                }
            },
        },
    }


def _operation(row: Operation, path: str) -> dict[str, Any]:
    # What is encrypted is signed as well.
    unsigned = () if row.carries else UNSIGNED
    headers = [*_SIGNING, *_headers_of(row), *unsigned]
    parameters = [{"$ref": f"#/components/parameters/{name}"} for name in headers]
    in_path = [m for m in shape_of(row.request).members if f"{{{m.wire}}}" in path]
    asked = _shown(request_of(row))
    parameters += [_parameter(member, "path", asked) for member in in_path]
    if row.bodiless:
        rest = [m for m in shape_of(row.request).members if m not in in_path]
        parameters += [_parameter(member, "query", asked) for member in rest]
    described: dict[str, Any] = {
        "operationId": row.name if path == row.path else f"{row.name}All",
        "summary": row.en,
        "description": _description(row, in_path),
        "tags": list(row.faces),
        "parameters": parameters,
    }
    if not row.bodiless:
        described["requestBody"] = {"required": True, "content": _content(row.request, asked)}
    if row.carries:
        described["security"] = [{"token": []}, {}]
    elif not row.needs_token:
        described["security"] = []
    answered = _content(row.response, _shown(response_of(row)))
    described["responses"] = {
        "200": {"description": "Done 成功.", "content": answered} | answered_headers(unsigned),
        "4XX": {"$ref": "#/components/responses/Problem"},
        "5XX": {"$ref": "#/components/responses/Problem"},
    }
    if row.errors:
        described["x-codes"] = list(row.errors)
    if row.timing:
        described["x-timing"] = row.timing
    described["x-clause"] = row.clause
    described["x-class"] = row.grade.value
    described["x-cec102"] = list(row.cec102)
    return described


def _headers_of(row: Operation) -> tuple[str, ...]:
    """Fields of a request besides its signature."""
    if row.bodiless:
        return ()
    versioned = ("IfMatch",) if row.method == "PUT" and "version" in row.key else ()
    return ("ContentDigest", *versioned)


def _description(row: Operation, in_path: list[Member]) -> str:
    text = f"{row.zh}. Class {row.grade.value}. [{row.clause}]"
    if row.carries:
        text += " Path, query and body of the operation inside stand in one object, encrypted."
    if row.key:
        wires = {m.attribute: m.wire for m in shape_of(row.request).members}
        key = ", ".join(wires[name] for name in row.key)
        text += f" A repeat is known by sender and {key}."
    if in_path and not row.bodiless:
        names = " and ".join(member.wire for member in in_path)
        text += f" {names} of the path and of the body must be equal."
    return text


def _parameter(member: Member, place: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A member in path or query, with its value in the example ``asked``, where it has one."""
    english, chinese = words(member)
    schema = value_schema(member, _SCHEMAS)
    if member.many:
        limits = {"minItems": member.min_items, "maxItems": member.max_items}
        kept = {name: limit for name, limit in limits.items() if limit}
        schema = {"type": "array", "items": schema} | kept
    elif member.default is not None:
        schema = schema | {"default": member.default}
    parameter: dict[str, Any] = {
        "name": member.wire,
        "in": place,
        "required": place == "path" or member.required,
        "description": f"{english} {chinese}",
        "schema": schema,
    }
    if member.wire in asked:
        parameter["example"] = asked[member.wire]
    if member.many:
        parameter |= {"style": "simple" if place == "path" else "form", "explode": False}
    return parameter


def _shown(obj: InformationObject) -> dict[str, Any]:
    """The example as JSON shows it. The same as in the example messages."""
    document: dict[str, Any] = json.loads(encode(obj))
    return document


def _content(cls: type[InformationObject], shown: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{cls.__name__}"}, "example": shown}}


def _headers() -> dict[str, Any]:
    said = {
        "SignatureInput": ("Signature-Input", "What is signed, by which key. RFC 9421."),
        "Signature": ("Signature", "Signature of the message. RFC 9421."),
        "ContentDigest": (
            "Content-Digest",
            "Digest of the body, part of what is signed. RFC 9530.",
        ),
        "IfMatch": ("If-Match", "The version to be replaced, as an ETag told it. RFC 9110."),
    }
    return {
        name: {
            "name": header,
            "in": "header",
            "required": False,
            "description": text,
            "schema": {"type": "string"},
        }
        for name, (header, text) in said.items()
    }


def _problem() -> dict[str, Any]:
    """RFC 9457 with the return code, its words and every fault."""
    return {
        "title": "Problem",
        "description": "Why a message was refused 拒绝; the same codes on every door. RFC 9457.",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "Ret": {"type": "integer", "description": "Return code 返回码."},
            "Msg": {"type": "string", "description": "In words 返回信息."},
            "Details": {"type": "array", "items": {"$ref": f"{_SCHEMAS}FaultItem"}},
            "SecuredData": {
                "type": "string",
                "description": "A Refusal, sealed, base64, where the request was 密文.",
            },
            "TraceID": {"type": "string", "description": "To quote in a call 追踪号."},
        },
        "required": ["Ret", "Msg"],
    }
