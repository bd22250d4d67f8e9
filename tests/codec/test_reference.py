"""The reference: a page for every object and operation, with all that is declared. ACC-3.1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vgigw.codec.example_exchange import party_of
from vgigw.codec.reference import reference
from vgigw.codec.reference_words import CODES_ZH, ROLES_ZH, chinese, code_of, codes, prose
from vgigw.codec.shape import shape_of
from vgigw.codec.xsd_types import docstring
from vgigw.objects import OBJECTS, ControlCurve, InformationObject, StationInfo
from vgigw.operations import CONTRACT, OPERATIONS, Operation, Role
from vgigw.rules.checks import CHECKS, rules_of

ROOT = Path(__file__).resolve().parents[2]
HOME = "docs/reference"
PAGES = reference(rules_of)
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")
each_object = pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)


def page_of_object(cls: type[InformationObject]) -> str:
    return PAGES[f"{HOME}/objects/{cls.__name__}.md"]


def page_of_operation(row: Operation) -> str:
    return PAGES[f"{HOME}/operations/{row.name}.md"]


def test_reference_pages_have_not_drifted() -> None:
    for name, text in PAGES.items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, name
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / HOME).rglob("*.md")}
    assert there == {*PAGES, f"{HOME}/matrix.md"}


@each_object
def test_a_page_of_an_object_has_every_member_in_two_languages(
    cls: type[InformationObject],
) -> None:
    page = page_of_object(cls)
    assert chinese(page.splitlines()[0])
    for member in shape_of(cls).members:
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{member.wire}` |")]
        cells = line.split(" | ")
        assert member.described.en in line
        assert member.described.zh in line
        assert cells[4].strip() == ("yes" if member.required else "")
        if member.enumeration is not None:
            assert f"### {member.enumeration.__name__}" in page
            for choice in member.enumeration:
                assert f"| `{choice.value}` | " in page


@each_object
def test_a_page_of_an_object_has_the_operations_that_carry_it(
    cls: type[InformationObject],
) -> None:
    page = page_of_object(cls)
    for row in OPERATIONS:
        linked = f"[{row.name}](../operations/{row.name}.md)" in page
        if cls in (row.request, row.response):
            assert linked, row.name


@pytest.mark.parametrize("cls", CHECKS, ids=lambda cls: cls.__name__)
def test_a_page_of_an_object_tells_its_rules_across_members(cls: type[InformationObject]) -> None:
    told = rules_of(cls)
    assert len(told) == len(CHECKS[cls])
    assert all(told), "a check says in its docstring what it holds"
    page = page_of_object(cls)
    rules = page.partition("## Rules across members")[2].partition("\n## ")[0]
    assert rules.count("\n- ") == len(told)
    assert ":class:" not in rules


@each_operation
def test_a_page_of_an_operation_has_what_its_row_declares(row: Operation) -> None:
    page = page_of_operation(row)
    assert page.startswith(f"# {row.name} {row.zh}\n\n{row.en}\n")
    for text in (row.clause, row.grade.value, row.timing, f"{CONTRACT.namespace}/{row.name}"):
        assert text in page
    for name in row.cec102:
        assert f"`POST /evcs/v1/{name}`" in page
    assert f"`{row.method} {CONTRACT.path}{row.path}`" in page
    assert all(f"`POST /soap/{face}`" in page for face in row.faces)
    wires = {member.attribute: member.wire for member in shape_of(row.request).members}
    assert all(f"`{wires[name]}`" in page for name in row.key)
    for ret in row.errors:
        assert f"| {ret} | {codes()[ret]} | {CODES_ZH[ret]} |" in page
    for cls in (row.request, row.response):
        assert f"[{cls.__name__}](../objects/{cls.__name__}.md)" in page
    for direction in row.directions:
        for roles in (direction.callers, direction.callees):
            named = {"any party 各方"} if roles == set(Role) else {ROLES_ZH[role] for role in roles}
            assert all(name in page for name in named)


@each_operation
def test_a_page_of_an_operation_links_its_six_example_messages(row: Operation) -> None:
    links = [found[0] for found in LINK.findall(page_of_operation(row)) if "messages" in found[0]]
    assert len(set(links)) == 6
    for link in links:
        assert (ROOT / HOME / "operations" / link).resolve().is_file(), link


def test_every_page_names_version_and_dates_of_the_contract_acc_a_2() -> None:
    for name, page in PAGES.items():
        assert f"`{CONTRACT.namespace}`. Version {CONTRACT.version}, " in page, name
        assert f"published {CONTRACT.published}, effective {CONTRACT.effective}." in page, name


def test_links_between_pages_lead_somewhere() -> None:
    there = {*PAGES, f"{HOME}/matrix.md"}
    for name, page in PAGES.items():
        for target, _ in LINK.findall(page):
            if "messages" not in target:
                path = (ROOT / name).parent / target
                assert path.resolve().relative_to(ROOT).as_posix() in there, (name, target)


def test_every_code_and_role_has_its_chinese_words() -> None:
    assert set(CODES_ZH) == set(codes())
    assert set(ROLES_ZH) == set(Role)
    assert all(party_of(role) for role in Role)


def test_every_object_has_a_chinese_name() -> None:
    assert [cls.__name__ for cls in OBJECTS if not chinese(docstring(cls))] == []


def test_a_docstring_names_an_error_with_its_code() -> None:
    assert code_of("InvalidObject") == 4004
    said = prose("Raise :class:`~vgigw.errors.InvalidObject` for ``ack`` of ``TooLate``.")
    assert said == "Raise `InvalidObject` (4004) for `ack` of `TooLate` (4406)."


def test_the_page_of_a_curve_tells_what_its_rules_refuse_plt_8_5a() -> None:
    page = page_of_object(ControlCurve)
    assert "`CurveRefused` (4405), with every fault by its path. PLT-8.5a." in page
    assert "`TooLate` (4406) where no answer or no execution is in time" in page
    assert "request of [IssueControl]" in page


def test_the_page_of_a_station_shows_units_limits_and_where_it_is_carried() -> None:
    page = page_of_object(StationInfo)
    line = next(line for line in page.splitlines() if line.startswith("| `RatedCapacity`"))
    assert "| kVA | > 0, " in line
    assert "- part of [StationPage](StationPage.md)" in page
    assert "[QueryStationsInfo](../operations/QueryStationsInfo.md)" in page
