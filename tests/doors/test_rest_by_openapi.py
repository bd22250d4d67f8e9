"""Whatever fits the published paths is answered as published, and never with 500. ACC-4.1, ACC-7.8.

Each path of the OpenAPI description is called by a party that may, with objects that fit the
schema, with one member changed, and with any text in path and query, in a world that remembers.
"""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases.worlds import NOW, ROLES, SECRET, World
from tests.codec.variants import filled
from tests.doors.sealing import Sender, by_rest
from tests.strategies import objects_of
from vgigw.codec import json as canonical
from vgigw.codec.json_schema import json_schema
from vgigw.codec.openapi import openapi
from vgigw.codec.shape import shape_of
from vgigw.doors.rest.door import RestDoor
from vgigw.envelope.wire import WireAnswer
from vgigw.objects import InformationObject, Token, TokenRequest
from vgigw.operations import BY_NAME, EXCHANGE_SECURED, QUERY_TOKEN, Operation

PREFIX = "/vgi/v1"
PATHS = [
    (path.removeprefix(PREFIX), method.upper(), BY_NAME[found["operationId"].removesuffix("All")])
    for path, methods in openapi()["paths"].items()
    for method, found in methods.items()
    if found["operationId"] != EXCHANGE_SECURED.name  # its own tests give it any text
]
SOME = settings(
    max_examples=6,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
ODD = st.sampled_from(
    ["", "x", "0", "-1", "1e400", "NaN", "null", "%", "..", "充电站", "\x00", "'", "a" * 500,
     "2026-02-30T00:00:00Z", "9999-12-31 24:00", "1,2,,3", "true"]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10**30, 1e300, -0.0, "", "x" * 5000, "\x00", "\ud800", [], [[]], {},
     {"a": {"b": []}}, "2026-02-30T00:00:00Z", "9999-12-31 24:00", "1e999"]
)  # fmt: skip


@functools.cache
def world_of(served: str) -> World:
    return World(served)


@functools.cache
def sender(party: str, served: str) -> Sender:
    asked = TokenRequest(operator_id=party, operator_secret=SECRET)
    given_token = world_of(served).call("rest", party, QUERY_TOKEN, asked)
    assert isinstance(given_token, Token)
    return Sender(party, given_token.access_token)


@functools.cache
def schema_of(cls: type[InformationObject]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(cls))


def pairs(row: Operation) -> list[tuple[str, str]]:
    """Who may call it, and on whom."""
    return [(a, b) for a in ROLES for b in ROLES if a != b and row.may_call(ROLES[a], ROLES[b])]


def documents(row: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """Requests that fit the schema, or that would but for one member."""
    fitting = st.one_of(objects_of(row.request).map(plain), st.just(filled(row.request)))
    names = [member.wire for member in shape_of(row.request).members]
    changed = st.builds(
        lambda document, name, value: document | {name: value},
        fitting,
        st.sampled_from([*names, "Flavour"]),
        VALUES,
    )
    return st.one_of(fitting, changed)


def plain(obj: InformationObject) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(canonical.encode(obj))
    return found


def sent(data: st.DataObject, path: str, method: str, row: Operation) -> WireAnswer:
    """The answer to one drawn request."""
    document = data.draw(documents(row))
    for part in [part.strip("{}") for part in path.split("/") if part.startswith("{")]:
        text = data.draw(st.one_of(st.just(str(document.get(part, "x"))), ODD))
        path = path.replace(f"{{{part}}}", quote(text, safe="", errors="replace"))
        document = {name: value for name, value in document.items() if name != part}
    body, query = b"", ""
    if row.bodiless:
        chosen = data.draw(st.dictionaries(st.sampled_from([*document, "Flavour"]), ODD))
        query = urlencode(chosen, errors="replace")
    else:
        body = json.dumps(document, default=float).encode()
    caller, served = data.draw(st.sampled_from(pairs(row)))
    wire = by_rest(sender(caller, served), method, path, body, query)
    gateway = world_of(served).served
    return gateway.receive(RestDoor(served), wire, NOW)


@pytest.mark.parametrize(
    ("path", "method", "row"), PATHS, ids=[f"{method} {path}" for path, method, _ in PATHS]
)
@SOME
@given(data=st.data())
def test_what_fits_the_description_is_answered_as_described(
    path: str, method: str, row: Operation, data: st.DataObject
) -> None:
    answer = sent(data, path, method, row)

    document = msgspec.json.decode(answer.body)
    if answer.status == 200:
        schema_of(row.response).validate(document)
    else:
        assert 400 <= answer.status < 500, document
        assert answer.headers["content-type"] == "application/problem+json"
        assert document["Ret"] >= 4000
        assert document["status"] == answer.status
