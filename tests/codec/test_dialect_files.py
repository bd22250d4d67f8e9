"""Dialect files: what is not known is refused with advice, and a date decides between versions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vgigw.codec.dialect import DEFAULT, Body, Framing, ObjectRules
from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.errors import Misconfigured
from vgigw.operations import QUERY_STATION_STATUS, QUERY_TOKEN

HEAD = """
name = "{name}"
version = "{version}"
published = {published}
effective = {effective}
based_on = "tcec102-2016"
confidence = "B"
"""
TITLE = """
[title]
zh = "示例"
en = "An example"
"""


def text(rest: str = "", **changes: str) -> str:
    """A whole file; ``rest`` are further tables, ``changes`` those of the head."""
    plain = {"name": "mine", "version": "1", "published": "2026-01-01", "effective": "2026-02-01"}
    return HEAD.format(**plain | changes) + TITLE + rest


def written(folder: Path, *texts: str) -> Dialects:
    paths = []
    for number, content in enumerate(texts):
        paths.append(folder / f"{number}.toml")
        paths[-1].write_text(content, encoding="utf-8")
    return Dialects(paths)


def refusal(folder: Path, *texts: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        written(folder, *texts)
    return refused.value.message


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """Beijing time."""
    return datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{hour:02}:00:00+08:00")


def test_the_shipped_dialects_are_whole_and_the_default_is_strict() -> None:
    assert DEFAULT in shipped().names
    assert len(shipped().names) == 5
    (standard,) = shipped().versions(DEFAULT)
    assert standard.prefix is None
    assert standard.names == {}
    assert standard.framing.seq_digits == (4, 4)
    assert standard.framing == Framing()
    assert standard.body == Body()
    assert (standard.framing.any_case_sig, standard.framing.null_in_mac) == (False, False)
    assert (standard.body.numbers_in_text, standard.body.wrapper_as_list) == (False, False)


@pytest.mark.parametrize(
    ("content", "unknown", "nearest"),
    [
        ("prefixes = '/x'\n" + text(), "unknown key prefixes", "prefix"),
        (text("[framing]\nsig_any_case = true\n"), "unknown key framing.sig_any_case", "any_case"),
        (text("[body]\nnumber_in_text = true\n"), "unknown key body.number_in_text", "numbers_in"),
        (
            text("[objects.StationInfo]\nspeling = {}\n"),
            "unknown key objects.StationInfo.speling",
            "spellings",
        ),
        (
            text("[[objects.EquipmentInfo.values]]\ntheir = {A = 1}\n"),
            "unknown key objects.EquipmentInfo.values.their",
            "theirs",
        ),
        (text('[names]\nQueryTokn = ["x"]\n'), "names: QueryTokn", "QueryToken"),
        (text('[body]\nbare = ["PushDeviceStat"]\n'), "bare: PushDeviceStat", "PushDeviceState"),
        (text("[objects.StationInf]\n"), "objects: StationInf", "StationInfo"),
        (
            text('[objects.StationInfo]\nrequires = ["StationTell"]\n'),
            "StationInfo.requires: StationTell",
            "StationTel",
        ),
        (
            text('[objects.StationInfo.spellings]\nStationNam = ["x"]\n'),
            "StationInfo.spellings: StationNam",
            "StationName",
        ),
        (
            text("[objects.StationInfo.stand_ins]\nVersion = {from = 'arrival'}\n"),
            "stand_ins: rule: arrival",
            "arrival-time",
        ),
        (
            text("[interfaces.query_tokn.objects.Token]\n"),
            "interfaces: query_tokn",
            "query_token",
        ),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_that_is(
    tmp_path: Path, content: str, unknown: str, nearest: str
) -> None:
    message = refusal(tmp_path, content)
    assert unknown in message
    assert f"the nearest known one is {nearest}" in message
    assert "0.toml: " in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name = 1", "name"),
        ("[title", "not TOML"),
        (text(effective="2025-12-31"), "effective is before published"),
        (text(effective='"soon"'), "effective"),
        (text(name="Mine"), "name"),
        (text().replace("confidence", "# "), "confidence"),
        ("prefix = 'evcs'\n" + text(), "prefix 'evcs'"),
        ("prefix = '/evcs/'\n" + text(), "prefix '/evcs/'"),
        (text("[names]\nQueryToken = []\n"), "names.QueryToken is empty"),
        (text('[names]\nQueryToken = ["a/../b"]\n'), "not a name"),
        (text('[names]\nQueryToken = ["query time"]\n'), "not a name"),
        (text('[names]\nQueryToken = ["query_time"]\n'), "query_time is both"),
        (text("[framing]\nseq_digits = [5, 4]\n"), "seq_digits"),
        (text("[framing]\nseq_digits = [1, 6]\n"), "seq_digits"),
        (text("[framing]\nbase64_line = 3\n"), "base64_line"),
        (text('[framing]\nseq = "random"\n'), "seq"),
        (text("[objects.StationInfo.spellings]\nVersion = []\n"), "spellings.Version is empty"),
        (
            text('[objects.StationInfo.spellings]\nVersion = ["Remark"]\n'),
            "Remark stands for two things",
        ),
        (
            text('[objects.StationInfo]\nignored = ["Remark"]\n'),
            "Remark stands for two things",
        ),
        (
            text("[objects.StationInfo.stand_ins]\nVersion = {of = 1}\n"),
            "a rule is {from = ...}",
        ),
        (text("[[objects.StationInfo.values]]\ntheirs = {A = 1}\n"), "theirs is needed"),
        (text("[objects]\nStationInfo = 5\n"), "at `$.objects[...]`"),
        (text("[interfaces]\nquery_token = 5\n"), "at `$.interfaces[...]`"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, content: str, says: str) -> None:
    assert says in refusal(tmp_path, content)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"none\.toml: the dialect cannot be read"):
        Dialects([tmp_path / "none.toml"])


def test_one_version_in_two_files_is_refused(tmp_path: Path) -> None:
    assert "mine@1 is in" in refusal(tmp_path, text(), text())


def test_a_dialect_on_top_of_another_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    names = '[names]\nQueryToken = ["own_token"]\n'
    upper = text(name="upper").replace('based_on = "tcec102-2016"', 'based_on = "city-platform"')
    (dialect,) = written(tmp_path, upper + names).versions("upper")
    assert dialect.names_of(QUERY_TOKEN) == ("own_token",)
    assert dialect.names_of(QUERY_STATION_STATUS) == ("query_stations_status",)
    assert (dialect.prefix, dialect.framing.seq_digits) == ("/shevcs/v1.0", (4, 5))
    assert dialect.title.en == "An example"
    standard = shipped().versions("city-platform")[0]
    assert standard.names_of(QUERY_TOKEN) == ("query_token",)


@pytest.mark.parametrize("base", ["nobody", "mine", "tcec102-2016@1999", "twice"])
def test_a_base_must_be_one_other_dialect(tmp_path: Path, base: str) -> None:
    twice = [text(name="twice", version=version) for version in "12"]
    own = text().replace('"tcec102-2016"', f'"{base}"')
    assert "must name one other" in refusal(tmp_path, own, *twice)


def test_dialects_that_are_based_on_each_other_are_refused(tmp_path: Path) -> None:
    one = text(name="one").replace('"tcec102-2016"', '"two"')
    two = text(name="two").replace('"tcec102-2016"', '"one"')
    assert "must name one other" in refusal(tmp_path, one, two)


def test_acc_a_2_the_effective_date_decides_between_two_versions(tmp_path: Path) -> None:
    old = text(version="2025", published="2025-01-01", effective="2025-02-01")
    new = text(version="2027", published="2026-06-01", effective="2027-03-01")
    dialects = written(tmp_path, new, old)
    versions = {
        at(2025, 2, 1): "2025",
        at(2026, 6, 2): "2025",  # published, and not yet in force
        at(2027, 2, 28, 23): "2025",
        at(2027, 3, 1): "2027",
        at(2030, 1, 1): "2027",
        at(2024, 1, 1): "2025",  # before anything was in force the first one counts
    }
    for moment, version in versions.items():
        assert dialects.at("mine", moment).version == version
        assert dialects.at("mine", moment.astimezone(UTC)).version == version
    pinned = {"2025": "2025", "2027": "2027", "2027-02-28": "2025", "2027-03-01": "2027"}
    for pin, version in pinned.items():
        for moment in versions:
            assert dialects.at(f"mine@{pin}", moment).version == version
    assert [dialect.version for dialect in dialects.versions("mine")] == ["2025", "2027"]


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        ("tcec102-2061", "the nearest known one is tcec102-2016"),
        ("tcec102-2016@1999", "known are 2016"),
        ("tcec102-2016@", "neither a day nor a version"),
        ("tcec102-2016@2026-13-01", "neither a day nor a version"),
        ("", "is not known"),
    ],
)
def test_a_selector_that_means_nothing_is_refused(selector: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        shipped().at(selector, at(2026, 1, 1))


def test_the_dialect_in_the_guide_is_one(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "dialect.md"
    (example,) = re.findall(r"```toml\n(name = .*?)```", guide.read_text("utf-8"), re.DOTALL)
    (dialect,) = written(tmp_path, example).versions("harbour")
    assert dialect.names_of(QUERY_STATION_STATUS) == ("query_stations_status",)
    keys = {*Framing.__struct_fields__, *Body.__struct_fields__, *ObjectRules.__struct_fields__}
    assert [key for key in keys if not re.search(rf"\b{key}\b", example)] == []
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", guide.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == list(shipped().names)
