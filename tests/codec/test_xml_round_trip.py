"""Objects, XML and JSON say the same, for every object of the contract. CARD-1, CARD-4."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import objects_of
from vgigw.codec import json, xml, xsd
from vgigw.errors import InvalidObject
from vgigw.objects import (
    OBJECTS,
    Envelope,
    InformationObject,
    OperatingRecord,
    RecallReceipt,
    TelemetryQuery,
)

ROUND = settings(max_examples=15, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
@ROUND
@given(data=st.data())
def test_every_object_survives_xml_and_json_unchanged(
    cls: type[InformationObject], data: st.DataObject
) -> None:
    obj = json.validated(data.draw(objects_of(cls)))
    by_xml = xsd.accept(cls, xml.parse(xml.write(obj)))
    assert by_xml == obj
    assert json.encode(by_xml) == json.encode(obj)
    by_json = json.decode(cls, json.encode(by_xml))
    assert xml.write(by_json) == xml.write(obj)


def test_an_empty_list_that_was_written_out_gives_the_same_canonical_bytes() -> None:
    text = f'<TelemetryQuery xmlns="{xml.NAMESPACE}"><ObjectIDs/></TelemetryQuery>'
    obj = xsd.accept(TelemetryQuery, xml.parse(text.encode()))
    assert json.encode(obj) == json.encode(TelemetryQuery()) == b"{}"


@pytest.mark.parametrize(
    ("spelt", "utc"),
    [
        ("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T08:00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000Z"),
        ("2026-01-01T00:00:00.1230000Z", "2026-01-01T00:00:00.123000Z"),
        ("2025-12-31T24:00:00+08:00", "2025-12-31T16:00:00Z"),
        ("2025-12-31T24:00:00", "2025-12-31T16:00:00Z"),
        ("2026-01-01T00:00:00-03:30", "2026-01-01T03:30:00Z"),
    ],
)
def test_instants_are_read_with_any_offset_and_without_one_as_beijing(spelt: str, utc: str) -> None:
    record = xsd.accept(OperatingRecord, xml.parse(record_text(DataTime=spelt)))
    assert msgspec.to_builtins(record.data_time) == utc


@pytest.mark.parametrize(
    "spelt",
    [
        "2026-01-01T00:00:00.1234Z",
        "1969-12-31T23:59:59Z",
        "2200-01-01T08:00:00+08:00",
        "0001-01-01T00:00:00",
        "9999-12-31T24:00:00",
        "2026-01-01 00:00:00",
        "2026-02-30T00:00:00",
        "24:00:00",
        "",
    ],
)
def test_instants_finer_than_a_millisecond_or_outside_the_years_are_refused(spelt: str) -> None:
    with pytest.raises(InvalidObject) as refusal:
        xsd.accept(OperatingRecord, xml.parse(record_text(DataTime=spelt)))
    assert [detail.path for detail in refusal.value.details] == ["/DataTime"]


def test_instants_are_written_in_beijing_with_milliseconds_only_when_there_are_any() -> None:
    for spelt, written in (
        ("2026-01-01T00:00:00Z", b"<DataTime>2026-01-01T08:00:00+08:00</DataTime>"),
        ("2026-01-01T00:00:00.050Z", b"<DataTime>2026-01-01T08:00:00.050+08:00</DataTime>"),
    ):
        record = xsd.accept(OperatingRecord, xml.parse(record_text(DataTime=spelt)))
        assert written in xml.write(record)


def test_text_that_looks_like_markup_comes_back_to_the_character() -> None:
    hostile = "a<b>&amp;\r\n\t]]> 'q' \"q\""
    receipt = RecallReceipt(recall_id=hostile, job_id=" 补召 ", count=1)
    written = xml.write(receipt)
    assert b"&#13;" in written
    assert xsd.accept(RecallReceipt, xml.parse(written)) == receipt


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_text_that_xml_cannot_carry_is_refused_not_changed(character: str) -> None:
    with pytest.raises(InvalidObject):
        xml.write(RecallReceipt(recall_id=f"a{character}", job_id="j", count=1))


def test_a_negative_zero_has_no_sign_as_in_json() -> None:
    record = xsd.accept(OperatingRecord, xml.parse(record_text(ActivePower="-0", SOC="-0.0")))
    assert str(record.active_power) == str(record.soc) == "0.0"
    energy = xsd.accept(OperatingRecord, xml.parse(record_text(ChargeEnergy="-0.0")))
    assert str(energy.charge_energy) == "0.000"


def test_an_empty_map_and_an_absent_map_are_two_things() -> None:
    head = record_text().replace(b"</OperatingRecord>", b"<Extra/></OperatingRecord>")
    record = xsd.accept(OperatingRecord, xml.parse(head))
    assert record.extra == {}
    assert record.raw is None
    assert xml.write(record).endswith(b"<Extra></Extra></OperatingRecord>")


def test_the_element_may_have_another_name_and_the_tree_form_says_the_same() -> None:
    envelope = Envelope(
        operator_id="123456789", data="", time_stamp="20260101000000", seq="0001", sig="s"
    )
    assert xml.to_element(envelope).tag == xml.tag("Envelope")
    assert xml.to_element(envelope, "Other").tag == xml.tag("Other")


def record_text(**members: str) -> bytes:
    """An operating record; ``members`` replace or follow the required ones."""
    texts = {"ObjectKind": "4", "ObjectID": "C1", "DataTime": "2026-01-01T00:00:00", "Quality": "0"}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in {**texts, **members}.items())
    return f'<OperatingRecord xmlns="{xml.NAMESPACE}">{inner}</OperatingRecord>'.encode()
