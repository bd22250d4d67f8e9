"""Each row of the table has all that a row must have: examples, a case, three doors, a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import BUILDERS, CHANGED
from tests.cases.worlds import PLATFORM
from tests.doors import test_parity, test_parity_of_refusals
from tests.matrix import test_permissions, test_tenants
from vgigw.codec import published
from vgigw.codec.example_exchange import request_of, response_of
from vgigw.crypto.suite import SUITES
from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.routes import Routes
from vgigw.operations import BY_CEC102, FACES, OPERATIONS, Operation
from vgigw.testing.example_messages import FILES, FOLDER

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
WALKS: dict[str, Callable[..., None]] = {
    "one reply and one effect on three doors": (
        test_parity.test_one_object_through_three_doors_has_one_reply_and_one_effect
    ),
    "one refusal on three doors": (
        test_parity_of_refusals.test_a_violation_is_named_alike_on_every_door
    ),
    "who may not call": (
        test_permissions.test_whoever_the_table_does_not_name_is_refused_4301_and_nothing_is_kept
    ),
    "who serves": test_permissions.test_whoever_is_a_callee_serves_the_operation,
    "what is another's": test_tenants.test_a_foreign_object_is_answered_as_one_that_does_not_exist,
}
REPEATS = test_parity.test_the_same_object_over_every_door_has_one_effect_card_12


def walked_by(test: Callable[..., None]) -> set[str]:
    """The operations that pytest runs ``test`` for."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return {value.name for mark in marks for value in mark.args[1] if isinstance(value, Operation)}


@each_operation
def test_it_has_an_example_of_request_and_response(row: Operation) -> None:
    assert type(request_of(row)) is row.request
    assert type(response_of(row)) is row.response
    for name in FILES:
        assert (ROOT / FOLDER / row.name / name).is_file(), name


@each_operation
def test_it_has_a_case_and_with_a_key_what_breaks_its_repeat_card_6(row: Operation) -> None:
    assert row.name in BUILDERS
    assert (row.name in CHANGED) == bool(row.key)
    members = set(row.request.__struct_fields__)
    assert set(CHANGED.get(row.name, {})) <= members - set(row.key)


@pytest.mark.parametrize("walk", WALKS)
@each_operation
def test_it_is_walked_for_parity_permission_and_tenants(row: Operation, walk: str) -> None:
    assert row.name in walked_by(WALKS[walk])


@each_operation
def test_with_a_key_its_repeat_is_walked_over_every_door_card_12(row: Operation) -> None:
    assert (row.name in walked_by(REPEATS)) == bool(row.key)


def test_every_case_and_change_is_of_an_operation() -> None:
    names = {row.name for row in OPERATIONS}
    assert set(BUILDERS) <= names
    assert set(CHANGED) <= names


@each_operation
def test_it_stands_on_every_door_acc_7_6(row: Operation) -> None:
    assert row.faces
    assert set(row.faces) <= set(FACES)
    path = row.path.replace("{", "").replace("}", "")
    assert Routes(OPERATIONS).find(row.method, path)[0] is row
    mounted = Cec102Door(PLATFORM, SUITES)
    for name in row.cec102:
        assert BY_CEC102[name] is row
        assert mounted._interfaces.operation_at(f"/evcs/v1/{name}") is row


@each_operation
def test_it_is_in_every_published_description(row: Operation) -> None:
    home = published.files()
    for face in FACES:
        wsdl = (home / "wsdl" / f"{face}.wsdl").read_text("utf-8")
        assert (f'<wsdl:operation name="{row.name}"' in wsdl) == (face in row.faces), face
    paths = json.loads((home / "schemas" / "openapi.json").read_bytes())["paths"]
    assert paths[f"/vgi/v1{row.path}"][row.method.lower()]["operationId"] == row.name
    for cls in (row.request, row.response):
        assert (home / "schemas" / f"{cls.__name__}.schema.json").is_file()


@each_operation
def test_it_and_its_objects_have_a_page_in_the_reference(row: Operation) -> None:
    assert (REFERENCE / "operations" / f"{row.name}.md").is_file()
    assert f"(operations/{row.name}.md)" in (REFERENCE / "operations.md").read_text("utf-8")
    for cls in (row.request, row.response):
        assert (REFERENCE / "objects" / f"{cls.__name__}.md").is_file()
        assert f"(objects/{cls.__name__}.md)" in (REFERENCE / "objects.md").read_text("utf-8")
