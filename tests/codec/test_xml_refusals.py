"""What the schema refuses is explained as on the JSON door, or as ``format``. ACC-7.6."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import objects_of
from vgigw.codec import json, xml, xsd
from vgigw.codec.shape import Kind, shape_of
from vgigw.errors import Detail, InvalidObject, Malformed
from vgigw.objects import (
    OBJECTS,
    EquipmentInfo,
    InformationObject,
    OperatingRecord,
    Refusal,
    StationStatusQuery,
    TimeQuery,
)

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
RECORD = {"ObjectKind": "4", "ObjectID": "C1", "DataTime": "2026-01-01T00:00:00", "Quality": "0"}


def record(**members: str) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in {**RECORD, **members}.items())
    return f'<OperatingRecord xmlns="{xml.NAMESPACE}">{inner}</OperatingRecord>'


def details(cls: type[InformationObject], text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidObject) as refusal:
        xsd.accept(cls, xml.parse(text.encode()))
    return [(detail.path, detail.code) for detail in refusal.value.details]


@pytest.mark.parametrize(
    ("members", "document"),
    [
        ({"Quality": "4096"}, {"Quality": 4096}),
        ({"Quality": "x"}, {"Quality": "x"}),
        ({"Quality": "1.5"}, {"Quality": "1.5"}),
        ({"Quality": ""}, {"Quality": ""}),
        ({"ObjectKind": "9"}, {"ObjectKind": 9}),
        ({"ObjectID": ""}, {"ObjectID": ""}),
        ({"ObjectID": "x" * 33}, {"ObjectID": "x" * 33}),
        ({"DataTime": "yesterday"}, {"DataTime": "yesterday"}),
        ({"DataTime": "2026-01-01T00:00:00.0001Z"}, {"DataTime": "2026-01-01T00:00:00.0001Z"}),
        ({"SOC": "100.5"}, {"SOC": 100.5}),
        ({"ActivePower": "-1000000000001"}, {"ActivePower": -1000000000001}),
        ({"ChargeEnergy": "1.2345"}, {"ChargeEnergy": 1.2345}),
        ({"ChargeEnergy": "-1"}, {"ChargeEnergy": -1}),
        ({"Unknown": "1"}, {"Unknown": "1"}),
        ({"ObjectID": "x" * 33, "Quality": "-1"}, {"ObjectID": "x" * 33, "Quality": -1}),
        ({"Extra": "<Entry><Name></Name><Value>1</Value></Entry>"}, {"Extra": {"": 1}}),
        ({"Extra": "<Entry><Name>a</Name><Value>b</Value></Entry>"}, {"Extra": {"a": "b"}}),
        ({"Extra": "text"}, {"Extra": "text"}),
    ],
)
def test_a_fault_has_the_code_and_path_of_the_json_door(
    members: dict[str, str], document: dict[str, Any]
) -> None:
    good = {"ObjectKind": 4, "ObjectID": "C1", "DataTime": "2026-01-01T00:00:00", "Quality": 0}
    with pytest.raises(InvalidObject) as by_json:
        json.accept(OperatingRecord, {**good, **document})
    with pytest.raises(InvalidObject) as by_xml:
        xsd.accept(OperatingRecord, xml.parse(record(**members).encode()))
    assert by_xml.value.details == by_json.value.details


def test_every_fault_is_named_deep_inside_lists_too() -> None:
    text = (
        f'<EquipmentInfo xmlns="{xml.NAMESPACE}"><Power>0</Power><ProtocolSupport>'
        "<Item>OCPP2.1</Item><Item>smoke</Item></ProtocolSupport><ConnectorInfos>"
        "<ConnectorInfo><Current>-1</Current></ConnectorInfo></ConnectorInfos></EquipmentInfo>"
    )
    found = details(EquipmentInfo, text)
    assert ("/Power", "out_of_range") in found
    assert ("/ProtocolSupport/1", "not_in_enumeration") in found
    assert ("/ConnectorInfos/0/Current", "out_of_range") in found
    assert ("/ConnectorInfos/0/ConnectorID", "required") in found
    assert ("/EquipmentID", "required") in found


@pytest.mark.parametrize("spelt", ["NaN", "INF", "-INF", "+INF", "nan", "inf", "1e400", "-1e400"])
@pytest.mark.parametrize("member", ["ActivePower", "SOC", "ChargeEnergy"])
def test_a_number_that_is_none_is_refused(member: str, spelt: str) -> None:
    assert [path for path, _ in details(OperatingRecord, record(**{member: spelt}))] == [
        f"/{member}"
    ]


GOOD = record(SOC="5")
FORMS = {
    "nil": (
        record(SOC="5").replace("<SOC>5", f'<SOC {XSI} xsi:nil="true">'),
        "/SOC",
    ),
    "not nil": (record(SOC="5").replace("<SOC>", f'<SOC {XSI} xsi:nil="false">'), "/SOC"),
    "nil object": (GOOD.replace("xmlns=", f'{XSI} xsi:nil="true" xmlns='), "/"),
    "order": (
        record().replace("<Quality>0</Quality>", "").replace(
            "<ObjectID>", "<Quality>0</Quality><ObjectID>"
        ),
        "/ObjectID",
    ),
    "repeated": (record(SOC="5</SOC><SOC>6"), "/SOC"),
    "foreign member": (record(SOC='5</SOC><SOC xmlns="urn:other">6'), "/SOC"),
    "foreign object": (GOOD.replace("urn:vgigw:v1", "urn:vgigw:v2"), "/"),
    "no namespace": (GOOD.replace(f' xmlns="{xml.NAMESPACE}"', ""), "/"),
    "attribute": (GOOD.replace("<SOC>", '<SOC unit="%">'), "/SOC"),
    "attribute named like a member": (GOOD.replace("<SOC>5</SOC>", "").replace(
        "<OperatingRecord", '<OperatingRecord SOC="5"'), "/"),
    "stray text": (GOOD.replace("<SOC>", "x<SOC>"), "/"),
    "exponent in a decimal": (record(ChargeEnergy="1E2"), "/ChargeEnergy"),
    "blank around an instant": (record(DataTime=" 2026-01-01T00:00:00"), "/DataTime"),
    "name twice in a map": (
        record(Extra="<Entry><Name>a</Name><Value>1</Value></Entry>" * 2),
        "/Extra/1",
    ),
    "entry out of order": (
        record(Extra="<Entry><Value>1</Value><Name>a</Name></Entry>"),
        "/Extra/0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_fault_of_form_has_a_path_and_our_words(form: str) -> None:
    text, path = FORMS[form]
    assert (path, "format") in details(OperatingRecord, text)


def test_items_of_a_list_have_their_own_name() -> None:
    head = f'<StationStatusQuery xmlns="{xml.NAMESPACE}">'
    text = head + "<StationIDs>{}</StationIDs></StationStatusQuery>"
    good = xml.parse(text.format("<Item>a</Item>").encode())
    assert xsd.accept(StationStatusQuery, good).station_ids == ("a",)
    wrong = details(StationStatusQuery, text.format("<StationID>a</StationID>"))
    assert wrong == [("/StationIDs/0", "format")]


def test_no_word_of_the_validator_reaches_a_peer() -> None:
    with pytest.raises(InvalidObject) as refusal:
        xsd.accept(OperatingRecord, xml.parse(record(SOC="secret-value").encode()))
    said = str(refusal.value) + "".join(str(detail) for detail in refusal.value.details)
    assert "secret-value" not in said
    assert "facet" not in said
    assert "{urn" not in said


def test_a_schema_location_in_a_message_is_not_followed() -> None:
    hint = f'{XSI} xsi:schemaLocation="{xml.NAMESPACE} file:///nonexistent/x.xsd"'
    text = GOOD.replace("<OperatingRecord", f"<OperatingRecord {hint}")
    assert xsd.accept(OperatingRecord, xml.parse(text.encode())).soc == 5


def test_a_wrapper_holds_exactly_the_request() -> None:
    good = xsd.wrap("QueryTime", xsd.accept(TimeQuery, xml.parse(time_query())))
    assert xsd.unwrap("QueryTime", TimeQuery, xml.parse(good)).t1.year == 2025
    inner = time_query().decode()
    for wrong in ("", inner * 2, f"x{inner}", inner.replace("TimeQuery", "TimeAnswer")):
        text = f'<QueryTime xmlns="{xml.NAMESPACE}">{wrong}</QueryTime>'
        with pytest.raises(Malformed):
            xsd.unwrap("QueryTime", TimeQuery, xml.parse(text.encode()))
    with pytest.raises(Malformed):
        xsd.unwrap("QueryTime", TimeQuery, xml.parse(time_query()))


def time_query() -> bytes:
    return f'<TimeQuery xmlns="{xml.NAMESPACE}"><T1>2026-01-01T00:00:00</T1></TimeQuery>'.encode()


def test_threads_validate_beside_each_other_each_with_its_own_verdict() -> None:
    wrong: list[Any] = []

    def work(number: int) -> None:
        path = "/SOC" if number % 2 else "/Quality"
        bad = record(**{path[1:]: "9999999"})
        for _ in range(100):
            if xsd.accept(OperatingRecord, xml.parse(GOOD.encode())).soc != 5:
                wrong.append(number)
            try:
                xsd.accept(OperatingRecord, xml.parse(bad.encode()))
                wrong.append("accepted")
            except InvalidObject as refusal:
                wrong.extend(detail for detail in refusal.details if detail.path != path)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def verdict(call: Callable[[], InformationObject]) -> InformationObject | tuple[Detail, ...]:
    try:
        return call()
    except InvalidObject as refusal:
        return refusal.details


VALUES = st.one_of(
    st.integers(-10, 10_000),
    st.floats(-1e13, 1e13).map(lambda number: round(number, 5)),
    st.sampled_from(["", "x", "x" * 300, "2026-01-01T00:00:00Z", "2026-01-01", "OCPP2.1"]),
    st.booleans(),
)


@pytest.mark.parametrize("cls", OBJECTS, ids=lambda cls: cls.__name__)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_document_with_one_value_changed_gets_one_verdict_in_both_forms(
    cls: type[InformationObject], data: st.DataObject
) -> None:
    obj = data.draw(objects_of(cls))
    if cls.__struct_config__.forbid_unknown_fields is False:
        return
    document = json.parse(json.encode(obj))
    names = [name for name, value in document.items() if not isinstance(value, dict | list)]
    if not names:
        return
    name, value = data.draw(st.sampled_from(names)), data.draw(VALUES)
    element = xml.to_element(obj)
    child = element.find(xml.tag(name))
    if child is None:
        return
    child.text = ("true" if value else "false") if isinstance(value, bool) else spell(value)
    document[name] = value_of_text(cls, name, value)
    by_json = verdict(lambda: json.accept(cls, document))
    assert verdict(lambda: xsd.accept(cls, element)) == by_json


def spell(value: object) -> str:
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def value_of_text(cls: type[InformationObject], name: str, value: Any) -> Any:
    """In XML a text member holds a text whatever it looks like, and 1 is a truth."""
    kind = next(member.kind for member in shape_of(cls).members if member.wire == name)
    if kind in {Kind.TEXT, Kind.TEXT_CHOICE, Kind.INSTANT, Kind.DAY}:
        return str(value).lower() if isinstance(value, bool) else spell(value)
    if isinstance(value, bool) and kind is not Kind.BOOLEAN:
        return str(value).lower()
    if kind is Kind.BOOLEAN and not isinstance(value, float) and value in (0, 1):
        return bool(value)
    if kind in {Kind.INTEGER, Kind.NUMBER_CHOICE} and isinstance(value, float):
        return spell(value)
    return value


def test_the_refusal_itself_is_an_object_like_the_others() -> None:
    refusal = Refusal(ret=4003, msg="no")
    assert xsd.accept(Refusal, xml.to_element(refusal)) == refusal
