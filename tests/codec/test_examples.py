"""The example of every object and operation: valid in every form, held by its rules, one story."""

from __future__ import annotations

import json as builtin_json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from vgigw.codec import json, xml, xsd
from vgigw.codec.example import document, example, moment, story
from vgigw.codec.example_exchange import party_of, request_of, response_of, roles_of
from vgigw.codec.json_schema import json_schema
from vgigw.codec.shape import Kind, shape_of
from vgigw.objects import OBJECTS, InformationObject, Receipt, StationInfo
from vgigw.operations import BY_NAME, OPERATIONS, Operation, Role
from vgigw.rules.checks import check

TOLD_AFTERWARDS = [
    "submit_time",
    "issue_time",
    "apply_time",
    "ack_time",
    "opt_time",
    "occur_time",
    "change_time",
    "send_time",
    "data_time",
    "clear_time",
    "actual_end_time",
    "outage_end",
    "read_time",
    "cancel_time",
    "publish_time",
]
each_object = pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)


def valid_in_every_form(shown: InformationObject) -> None:
    cls = type(shown)
    encoded = json.encode(shown)
    assert json.decode(cls, encoded) == shown
    format_checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    checker = jsonschema.Draft202012Validator(json_schema(cls), format_checker=format_checker)
    checker.validate(builtin_json.loads(encoded))
    assert xsd.accept(cls, xml.to_element(shown)) == shown


@each_object
def test_the_example_of_every_object_is_valid_in_every_form_and_holds_its_rules(
    cls: type[InformationObject],
) -> None:
    shown = example(cls)
    valid_in_every_form(shown)
    check(shown, moment())


@each_operation
def test_request_and_response_of_every_operation_are_valid_in_every_form(row: Operation) -> None:
    for shown, cls in ((request_of(row), row.request), (response_of(row), row.response)):
        assert type(shown) is cls
        valid_in_every_form(shown)
        check(shown, moment())


@each_operation
def test_whoever_calls_in_the_example_may_acc_5_2(row: Operation) -> None:
    caller, callee = roles_of(row)
    assert row.may_call(caller, callee)
    assert Role.PLATFORM in (caller, callee)


@each_operation
def test_an_answer_speaks_of_what_was_asked(row: Operation) -> None:
    asked, answered = request_of(row), response_of(row)
    for attribute in row.key:
        held = getattr(answered, attribute, None)
        assert held in (None, getattr(asked, attribute)), attribute
    if isinstance(answered, Receipt):
        assert answered.object_id == str(getattr(asked, row.key[0]))


def test_one_story_names_one_site_one_aggregator_and_parties_that_are_in_it() -> None:
    parties = {party_of(role) for role in Role}
    said: dict[str, set[Any]] = {}
    for row in OPERATIONS:
        for shown in (request_of(row), response_of(row)):
            _collect(builtin_json.loads(json.encode(shown)), said)
    assert said["StationID"] == {"NJ0001"}
    assert said["ResourceID"] == {"R-NJ0001"}
    assert said["AggregatorID"] == {party_of(Role.AGGREGATOR)}
    assert said["OperatorID"] == {party_of(Role.OPERATOR)}
    for name in ("PartyID", "OwnerID", "IssuedBy", "RequesterID", "ApplicantID", "Audience"):
        assert said[name] <= parties, name


def test_what_happened_lies_before_the_moment_at_which_it_is_told() -> None:
    for row in OPERATIONS:
        shown = request_of(row)
        for name in TOLD_AFTERWARDS:
            told = getattr(shown, name, None)
            assert told is None or told <= moment(), (row.name, name)


def test_the_story_names_objects_members_and_operations_that_there_are() -> None:
    by_name = {cls.__name__: {m.wire for m in shape_of(cls).members} for cls in OBJECTS}
    for name, values in story()["objects"].items():
        assert set(values) - {"also"} | set(values.get("also", ())) <= by_name[name], name
    wires = {wire for members in by_name.values() for wire in members}
    assert set(story()["names"]) <= wires
    for table in ("requests", "responses"):
        for name, values in story()[table].items():
            row = BY_NAME[name]
            cls = row.request if table == "requests" else row.response
            assert set(values) - {"parties"} <= by_name[cls.__name__], name


def test_an_object_of_an_integrator_has_an_example_too() -> None:
    class Own(StationInfo):
        """A station with something more."""

    shown = example(Own)
    assert isinstance(shown, Own)
    assert shown.station_id == "NJ0001"


def test_values_are_laid_over_the_example_as_deep_as_they_reach() -> None:
    told = document(StationInfo, {"EquipmentInfos": [{"Power": 7.0}]})
    (equipment,) = told["EquipmentInfos"]
    assert (equipment["Power"], equipment["EquipmentID"]) == (7.0, "NJ0001-E01")


def test_instants_of_the_story_are_of_its_day_or_those_around_it() -> None:
    for cls in OBJECTS:
        shown = example(cls)
        for member in shape_of(cls).members:
            told = getattr(shown, member.attribute)
            if member.kind is Kind.INSTANT and told is not None and not member.many:
                assert abs(told - moment()) < timedelta(days=366), (cls.__name__, member.wire)


def _collect(document: Any, said: dict[str, set[Any]]) -> None:
    if isinstance(document, list):
        for item in document:
            _collect(item, said)
    elif isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, list) and value and isinstance(value[0], str):
                said.setdefault(name, set()).update(value)
            elif isinstance(value, str):
                said.setdefault(name, set()).add(value)
            _collect(value, said)
