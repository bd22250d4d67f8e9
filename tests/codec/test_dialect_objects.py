"""Objects in a dialect: written as it says, read again, and never on the way of the standard."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.codec.examples import CONNECTOR, EQUIPMENT, STATION, as_bytes
from tests.strategies import objects_of
from vgigw.codec import cec102_json, json
from vgigw.codec.dialect import Body, Dialect, ObjectRules, Spelling, ValueRule
from vgigw.codec.dialect_files import shipped
from vgigw.errors import InvalidObject, Malformed, PeerFault
from vgigw.objects import (
    OBJECTS,
    ChargeOrder,
    ChargeOrderReceipt,
    ChargeStatus,
    ConnectorInfo,
    ConnectorStatusInfo,
    EquipmentInfo,
    InformationObject,
    StationInfo,
    StationStatusList,
    TelemetryBatch,
)
from vgigw.objects.enumerations import ConnectorType, DirectionCapability, EquipmentType

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NAMES = shipped().names
quick = settings(max_examples=25, suppress_health_check=list(HealthCheck), database=None)


def dialect(name: str) -> Dialect:
    return shipped().at(name, NOW)


def spelling_of(name: str, interface: str = "") -> Spelling:
    return dialect(name).spelling_at(interface)


def read(cls: type[Any], document: Any, spelling: Spelling) -> Any:
    return cec102_json.decode(cls, as_bytes(document), NOW, "ab" * 32, spelling)


def spelled(obj: InformationObject, spelling: Spelling) -> Any:
    return msgspec.json.decode(cec102_json.encode(obj, spelling))


def own(cls: type[InformationObject], *, body: Body | None = None, **rules: Any) -> Spelling:
    return Spelling({cls.__name__: ObjectRules(**rules)}, body or Body())


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@quick
def test_what_a_dialect_does_not_concern_is_written_as_the_standard(
    name: str, data: st.DataObject
) -> None:
    spelling = spelling_of(name)
    plain = [cls for cls in OBJECTS if spelling.writes_as_is(cls)]
    obj = data.draw(st.sampled_from(plain).flatmap(objects_of))
    assert cec102_json.encode(obj, spelling) == cec102_json.encode(obj)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@quick
def test_what_is_written_is_read_again_but_for_what_the_dialect_leaves_out(
    name: str, data: st.DataObject
) -> None:
    spelling = spelling_of(name)
    whole: list[type[Any]] = [TelemetryBatch]
    whole += [cls for cls, rules in spelling.rules.items() if not (rules.values or rules.requires)]
    cls = data.draw(st.sampled_from(whole))
    obj = data.draw(objects_of(cls))
    rules = spelling.rules.get(type(obj), ObjectRules())
    document = spelled(obj, spelling)
    again = read(type(obj), document, spelling)
    assert set(again.assumed) <= {f"/{name}" for name in rules.stand_ins}
    kept = [m for m in type(obj).described.items() if m[1].wire not in rules.omitted]
    for attribute, _ in kept:
        assert getattr(again.obj, attribute) == getattr(obj, attribute)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@quick
def test_arbitrary_documents_raise_nothing_but_a_fault_of_the_peer(
    name: str, data: st.DataObject
) -> None:
    spelling = spelling_of(name)
    cls = data.draw(st.sampled_from(list(spelling.rules)))
    rules = spelling.rules[cls]
    names = [m.wire for m in cls.described.values()]
    names += [theirs for several in rules.spellings.values() for theirs in several]
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(), scalars)
    document = data.draw(st.dictionaries(st.sampled_from([*names, *rules.ignored]), values))
    with contextlib.suppress(PeerFault):
        read(cls, document, spelling)


def test_the_standard_takes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "parse", lambda _: pytest.fail("the slow way"))
    for name in ("tcec102-2016", "tcec102-tolerant", "xiaoju"):
        assert read(StationInfo, STATION, spelling_of(name)).assumed == ()
        assert all(spelling_of(name).reads_as_is(cls) for cls in OBJECTS)
    assert all(spelling_of("tcec102-2016").writes_as_is(cls) for cls in OBJECTS)
    assert not spelling_of("city-platform").reads_as_is(StationInfo)
    assert spelling_of("city-platform").reads_as_is(TelemetryBatch)


@pytest.mark.parametrize(
    ("equipment_type", "direction", "theirs"),
    [
        (EquipmentType.DC, DirectionCapability.BIDIRECTIONAL, 5),
        (EquipmentType.OTHER, DirectionCapability.BIDIRECTIONAL, 5),
        (EquipmentType.OTHER, DirectionCapability.CHARGE_ONLY, 255),
        (EquipmentType.AC, DirectionCapability.CHARGE_ONLY, 2),
    ],
)
def test_the_city_is_told_of_discharging_by_the_type_of_a_device(
    equipment_type: EquipmentType, direction: DirectionCapability, theirs: int
) -> None:
    document = EQUIPMENT | {
        "EquipmentType": equipment_type.value,
        "DirectionCapability": direction.value,
    }
    equipment = json.decode(EquipmentInfo, as_bytes(document))
    assert spelled(equipment, spelling_of("city-platform"))["EquipmentType"] == theirs
    assert spelled(equipment, spelling_of("tcec102-2016"))["EquipmentType"] == equipment_type


@pytest.mark.parametrize(
    ("ours", "theirs"), [(ConnectorType.OTHER, 255), (ConnectorType.WIRELESS, 255),
                         (ConnectorType.DC_PLUG, 4)],
)  # fmt: skip
def test_the_city_has_another_use_for_connector_type_5(ours: ConnectorType, theirs: int) -> None:
    document = CONNECTOR | {"ConnectorType": ours.value}
    connector = json.decode(ConnectorInfo, as_bytes(document))
    assert spelled(connector, spelling_of("city-platform"))["ConnectorType"] == theirs


def test_a_device_that_says_its_direction_itself_is_believed() -> None:
    sent = EQUIPMENT | {"EquipmentType": 5, "ManufacturerID": "1", "DirectionCapability": 1}
    equipment = read(EquipmentInfo, sent, spelling_of("city-platform")).obj
    assert equipment.direction_capability is DirectionCapability.CHARGE_ONLY


def test_true_is_not_the_value_1() -> None:
    rule = ValueRule(theirs={"SupportOrder": 1}, ours={"SupportOrder": 0})
    spelling = own(StationInfo, values=(rule,))
    assert read(StationInfo, STATION | {"SupportOrder": 1}, spelling).obj.support_order == 0
    with pytest.raises(InvalidObject):
        read(StationInfo, STATION | {"SupportOrder": True}, spelling)


def test_total_is_text_to_the_large_operator_and_may_be_either_from_it() -> None:
    spelling = spelling_of("xiaoju")
    assert spelled(StationStatusList(total=7), spelling) == {"Total": "7"}
    for total in ("7", 7):
        assert read(StationStatusList, {"Total": total}, spelling).obj.total == 7
    with pytest.raises(InvalidObject):
        read(StationStatusList, {"Total": "7"}, spelling_of("tcec102-2016"))


def test_a_list_of_numbers_is_text_item_by_item() -> None:
    spelling = own(ConnectorInfo, texts=("SupportedServices", "Power"))
    sent = CONNECTOR | {"SupportedServices": ["1", 3], "Power": "120.0"}
    connector = read(ConnectorInfo, sent, spelling).obj
    assert connector.supported_services == (1, 3)
    document = spelled(connector, spelling)
    assert (document["SupportedServices"], document["Power"]) == (["1", "3"], "120.0")


@given(status=objects_of(ChargeStatus))
@quick
def test_a_session_is_spelled_by_the_interface_it_is_told_on(status: ChargeStatus) -> None:
    status = msgspec.structs.replace(status, elec_money=None, sevice_money=None)
    full = read(ChargeStatus, spelled(status, spelling_of("tcec102-2016")) | {
        "ElecMoney": 1, "SeviceMoney": 2}, spelling_of("tcec102-2016")).obj  # fmt: skip
    asked = spelled(full, spelling_of("xiaoju", "query_equip_charge_status"))
    pushed = spelled(full, spelling_of("xiaoju", "/notification_equip_charge_status"))
    assert {"ElectMoney", "ServiceMoney"} <= asked.keys()
    assert {"ElecMoney", "ServiceMoney"} <= pushed.keys()
    assert not {"ElecMoney", "SeviceMoney"} & asked.keys()


def test_a_receipt_of_the_province_says_less_than_ours() -> None:
    receipt, assumed = read(
        ChargeOrderReceipt,
        {"OrderNo": "1", "ConfirmResult": 0},
        spelling_of("zhejiang-supervision"),
    )
    assert (receipt.start_charge_seq, assumed) == ("1", ("/ConnectorID",))


def test_a_spelling_that_is_not_listed_is_not_read_even_if_it_is_ours() -> None:
    spelling = spelling_of("zhejiang-supervision")
    with pytest.raises(InvalidObject) as refused:
        read(ChargeOrderReceipt, {"StartChargeSeq": "1", "ConfirmResult": 0}, spelling)
    faults = [(detail.path, detail.code) for detail in refused.value.details]
    assert faults == [("/StartChargeSeq", "unknown"), ("/OrderNo", "required")]


@pytest.mark.parametrize("first", ["SeviceMoney", "ServiceMoney"])
def test_attack_two_spellings_in_either_order_are_one_name_twice(first: str) -> None:
    other = {"SeviceMoney": "ServiceMoney", "ServiceMoney": "SeviceMoney"}[first]
    with pytest.raises(Malformed, match="named twice"):
        read(ChargeStatus, {first: 1, other: 2}, spelling_of("tcec102-2016"))


def test_names_may_be_swapped() -> None:
    swapped = {"CurrentA": ("CurrentB",), "CurrentB": ("CurrentA",)}
    spelling = own(ConnectorStatusInfo, spellings=swapped)
    sent = {"EventID": "E", "ConnectorID": "C", "Status": 1, "ChangeTime": "2026-11-21 16:00:00"}
    state = read(ConnectorStatusInfo, sent | {"CurrentA": 1, "CurrentB": 2}, spelling).obj
    assert (state.current_a, state.current_b) == (2, 1)
    assert spelled(state, spelling)["CurrentA"] == 1


def test_what_is_required_beyond_ours_may_not_be_null_or_empty() -> None:
    spelling = own(StationInfo, requires=("Remark", "Extra"), ignored=("Extra",))
    assert read(StationInfo, STATION | {"Remark": "x", "Extra": 0}, spelling).assumed == ()
    for remark in (None, ""):
        with pytest.raises(InvalidObject) as refused:
            read(StationInfo, STATION | {"Remark": remark}, spelling)
        faults = [(detail.path, detail.code) for detail in refused.value.details]
        assert faults == [("/Remark", "required"), ("/Extra", "required")]


@given(order=objects_of(ChargeOrder))
@quick
def test_an_order_keeps_every_place_of_its_amounts(order: ChargeOrder) -> None:
    document = cec102_json.encode(order, spelling_of("zhejiang-supervision"))
    assert f'"TotalServiceMoney":{order.total_sevice_money}'.encode() in document
