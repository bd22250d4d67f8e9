"""The compliance page says what its data say; a claim that does not hold is refused. PLT-1.1."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from vgigw.cli import main
from vgigw.codec import compliance
from vgigw.codec.citations import Citations, citations, cited, covered, shares, unknown
from vgigw.codec.compliance import CLAIMS, PAGE, REQUIREMENTS, Claim, Compliance, State, faults
from vgigw.codec.compliance_page import compliance_page
from vgigw.errors import Misconfigured
from vgigw.objects import OBJECTS

ROOT = Path(__file__).resolve().parent.parent
HEAD = "id,force,part,text,layer,parties\n"
IDS = ("PLT-7.1a", "PLT-7.1b", "PLT-7.10a", "PLT-6.8d1", "JES-A.6", "ACC-2.1")
NOWHERE = "PLT" + "-99.9"
"""An id of no catalogue, put together so that it is not cited here."""


@pytest.fixture(scope="module")
def found() -> Compliance:
    return compliance.load(ROOT)


def checkout(folder: Path, claims: str, ids: tuple[str, ...] = ("CARD-1",)) -> Path:
    """A checkout with a catalogue of ``ids``, ``claims`` and one file of tests, in two places."""
    (folder / "docs" / "compliance").mkdir(parents=True)
    (folder / "docs" / "reference").mkdir()
    (folder / "tests").mkdir()
    rows = "".join(f"{name},M,Part,Words,model,INT\n" for name in ids)
    (folder / REQUIREMENTS).write_text(HEAD + rows, "utf-8")
    (folder / CLAIMS).write_text(claims, "utf-8")
    for place in ("tests", "docs"):
        (folder / place / "test_x.py").write_text(
            "def test_y(): ...\ndef other(): ...\nTestModel = Model.TestCase\n"
            "class TestX:\n    def test_z(self): ...\n    def made(self): ...\n",
            "utf-8",
        )
    return folder


def test_the_page_is_what_the_data_say() -> None:
    for name, text in compliance_page(ROOT).items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, "run vgigw contract --docs"


def test_every_requirement_has_exactly_one_claim(found: Compliance) -> None:
    assert [row.id for row in found.requirements] == list(found.claims)
    assert list(faults(found, ROOT)) == []


def test_every_clause_that_is_cited_is_in_the_catalogue(found: Compliance) -> None:
    assert unknown(ROOT, [row.id for row in found.requirements]) == {}


def test_every_claim_stands_on_the_page_and_the_counts_add_up(found: Compliance) -> None:
    page = compliance_page(ROOT)[PAGE]
    total = next(line for line in page.splitlines() if line.startswith("| **all** |"))
    counts = [int(cell) for cell in total.split("|")[2:-1]]
    states = [claim.state for claim in found.claims.values()]
    assert counts == [*map(states.count, State), len(found.requirements)]
    for row in found.requirements:
        assert f"\n| {row.id} | {row.force} |" in page


def test_card_10_the_top_of_the_checkout_has_its_folders() -> None:
    named = ("vgigw", "wsdl", "schemas", "examples", "tests", "setup.cfg", "tox.ini")
    assert [name for name in named if not (ROOT / name).exists()] == []


WRONG = {
    "no claim": ("", "CARD-1: nothing is claimed of it"),
    "two claims": ('["CARD-1"]\nstate="not yet"\n["CARD-1"]\nstate="works"', "cannot be read"),
    "unknown id": (f'["CARD-1"]\nstate="not yet"\n["{NOWHERE}"]\nstate="not yet"', "not in the"),
    "unknown state": ('["CARD-1"]\nstate="done"', "cannot be read"),
    "unknown key": ('["CARD-1"]\nstate="not yet"\nnotes="x"', "cannot be read"),
    "works without a test": ('["CARD-1"]\nstate="works"', "names no test"),
    "partly without a test": ('["CARD-1"]\nstate="partly"\nnote="x"', "names no test"),
    "partly without a note": (
        '["CARD-1"]\nstate="partly"\ntests=["tests/test_x.py::test_y"]',
        "needs a note",
    ),
    "not ours without a note": ('["CARD-1"]\nstate="not ours"', "needs a note"),
    "not yet with a test": (
        '["CARD-1"]\nstate="not yet"\ntests=["tests/test_x.py::test_y"]',
        'say "partly"',
    ),
    "a test twice": (
        '["CARD-1"]\nstate="works"\ntests=["tests/test_x.py::test_y", "tests/test_x.py::test_y"]',
        "names a test twice",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_claim_that_does_not_hold_is_refused(case: str, tmp_path: Path) -> None:
    claims, words = WRONG[case]
    with pytest.raises(Misconfigured, match=words):
        compliance.load(checkout(tmp_path, claims))


def test_an_id_that_stands_twice_in_the_catalogue_is_refused(tmp_path: Path) -> None:
    root = checkout(tmp_path, '["CARD-1"]\nstate="not yet"', ("CARD-1", "CARD-1"))
    with pytest.raises(Misconfigured, match="twice in the catalogue"):
        compliance.load(root)


@pytest.mark.parametrize("name", ["test_y", "TestModel", "TestX", "TestX::test_z"])
def test_a_test_is_named_as_pytest_names_it(name: str, tmp_path: Path) -> None:
    root = checkout(tmp_path, f'["CARD-1"]\nstate="works"\ntests=["tests/test_x.py::{name}"]')
    assert compliance.load(root).claims["CARD-1"] == Claim(
        state=State.WORKS, tests=(f"tests/test_x.py::{name}",)
    )


@pytest.mark.parametrize(
    "test",
    [
        "tests/test_x.py::test_gone",
        "tests/test_x.py::test_y[1]",
        "tests/test_x.py::other",
        "tests/test_x.py::TestX::made",
        "tests/test_x.py",
        "tests/gone.py::test_y",
        "tests/test_gone.py::test_y",
        "docs/test_x.py::test_y",
        "tests/../tests/test_x.py::test_y",
    ],
)
def test_a_test_that_is_not_there_is_refused(test: str, tmp_path: Path) -> None:
    root = checkout(tmp_path, f'["CARD-1"]\nstate="works"\ntests=["{test}"]')
    with pytest.raises(Misconfigured, match="CARD-1: there is no"):
        compliance.load(root)


@pytest.mark.parametrize(
    ("clause", "ids"),
    [
        ("PLT-7.1a", ("PLT-7.1a",)),
        ("PLT-7.1", ("PLT-7.1a", "PLT-7.1b")),
        ("PLT-7", ("PLT-7.1a", "PLT-7.1b", "PLT-7.10a")),
        ("PLT-6.8d", ("PLT-6.8d1",)),
        ("JES-A", ("JES-A.6",)),
        (NOWHERE, ()),
    ],
)
def test_a_citation_stands_for_itself_or_for_its_group(clause: str, ids: tuple[str, ...]) -> None:
    assert covered(clause, IDS) == ids


def test_a_citation_ends_where_its_sentence_does() -> None:
    text = "Held by PLT-7.6b, PLT-7.9d. VGI-T1.OCPP is not; 2.0(4) and T/CEC-102 are none."
    assert cited(text) == ["PLT-7.6b", "PLT-7.9d", "VGI-T1.OCPP"]


def test_a_clause_of_no_catalogue_is_found_wherever_it_is_cited(tmp_path: Path) -> None:
    root = checkout(tmp_path, "")
    (root / "vgigw").mkdir()
    (root / "vgigw" / "a.py").write_text(f'"""Good: CARD-1. Not so: {NOWHERE}."""', "utf-8")
    (root / "tests" / "test_b.py").write_text(f"# {NOWHERE}", "utf-8")
    (root / "docs" / "c.md").write_text(f"CARD-1 {NOWHERE}", "utf-8")
    assert unknown(root, ["CARD-1"]) == {NOWHERE: ("docs/c.md", "tests/test_b.py", "vgigw/a.py")}


def test_who_cites_a_clause_is_derived_from_the_declarations(found: Compliance) -> None:
    by_clause = citations(ROOT, [row.id for row in found.requirements])
    recall = by_clause["PLT-7.6d"]
    assert dict(recall.objects)["RecallRequest"] != ()
    assert "RecallData" in recall.operations
    assert "handlers/recall.py" in recall.modules
    assert "tests/handlers/test_recall.py" in recall.tests
    assert "StationType" in dict(by_clause["JES-6.1.3b"].objects)
    assert all(each != Citations((), (), (), ()) for each in by_clause.values())


def test_a_name_of_a_test_cites_its_longest_clause(tmp_path: Path) -> None:
    root = checkout(tmp_path, "")
    (root / "tests" / "test_names.py").write_text(
        "def test_plt_7_1a_holds(): ...\ndef test_that_jes_a_6(): ...\ndef test_plt_6_8d(): ...\n",
        "utf-8",
    )
    assert {name for name, each in citations(root, IDS).items() if each.tests} == {
        "PLT-7.1a",
        "JES-A.6",
        "PLT-6.8d1",
    }


def test_every_member_has_one_origin() -> None:
    assert sum(msgspec.structs.astuple(shares())) == sum(len(cls.described) for cls in OBJECTS)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    claims = '["CARD-1"]\nstate="works"\ntests=["tests/test_x.py::test_y"]'
    return checkout(tmp_path, claims)


def test_the_command_writes_and_checks_the_page_where_its_data_lie(small: Path) -> None:
    docs = str(small / "docs" / "reference")
    assert CliRunner().invoke(main, ["contract", "--docs", docs]).exit_code == 0
    assert "`tests/test_x.py::test_y`" in (small / PAGE).read_text("utf-8")
    (small / PAGE).write_text("edited", "utf-8")

    ran = CliRunner().invoke(main, ["contract", "--check", "--docs", docs])

    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (1, str(small / PAGE))


def test_the_command_refuses_a_claim_whose_test_is_gone(small: Path) -> None:
    (small / "tests" / "test_x.py").write_text("", "utf-8")
    ran = CliRunner().invoke(main, ["contract", "--docs", str(small / "docs" / "reference")])
    assert ran.exit_code != 0
    assert "CARD-1: there is no tests/test_x.py::test_y" in ran.output
