"""No object names a vehicle any more once it is anonymous, in whichever member. JES-6.4.1c."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from vgigw.codec import json
from vgigw.codec.example import example
from vgigw.codec.shape import reachable, shape_of
from vgigw.objects import AlarmObjectKind, DistributionShare, InformationObject
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.settlement_enumerations import ShareLevel
from vgigw.operations import OPERATIONS
from vgigw.rules.anonymity import anonymous

OWNER = "123456789"
VEHICLE, VIN, PLATE = "pseudonym-of-it", "LSVAA4182E2123456", "京A·12345"
ACCOUNT = "masked-account-9"
OF_IT: Final[dict[str, Any]] = {
    "vehicle_id": VEHICLE,
    "vin": VIN,
    "plate_no": PLATE,
    "resource_id": VEHICLE,
    "object_id": VEHICLE,
    "member_id": VEHICLE,
    "resource_ids": (VEHICLE,),
    "object_ids": (VEHICLE,),
}
"""Members that a vehicle or its user may be named in, and what makes them mean a vehicle."""
KINDS: Final[dict[type[Any], Any]] = {
    ObjectKind: ObjectKind.VEHICLE,
    AlarmObjectKind: AlarmObjectKind.VEHICLE,
}


def named(obj: Any) -> Any:
    """``obj`` with the vehicle in every member that can name one."""
    cls: type[InformationObject] = type(obj)
    changes: dict[str, Any] = {}
    for member in shape_of(cls).members:
        value = getattr(obj, member.attribute)
        if member.attribute in OF_IT:
            changes[member.attribute] = OF_IT[member.attribute]
        elif type(value) in KINDS:
            changes[member.attribute] = KINDS[type(value)]
        elif isinstance(value, tuple) and value and isinstance(value[0], InformationObject):
            changes[member.attribute] = tuple(named(each) for each in value)
        elif isinstance(value, InformationObject):
            changes[member.attribute] = named(value)
    if "aggregator_id" in cls.__struct_fields__:
        changes["aggregator_id"] = OWNER
    if isinstance(obj, DistributionShare):
        changes = {"level": ShareLevel.USER, "party_id": VEHICLE, "account_ref": ACCOUNT}
    return replace(obj, **changes)


def names_vehicles(cls: type[InformationObject]) -> bool:
    return any(
        inner is DistributionShare or member.attribute in OF_IT
        for inner in reachable(cls)
        for member in shape_of(inner).members
    )


STORED: Final = list(dict.fromkeys(row.request for row in OPERATIONS if row.writes))
"""What may be kept: the requests that change something, and what stands inside of them."""


def test_what_names_a_vehicle_is_looked_for_in_all_that_is_stored() -> None:
    """A member that is new and means a vehicle has one of the names above."""
    found = {cls.__name__ for cls in STORED if names_vehicles(cls)}
    assert found >= {"ChargeOrder", "SettlementStatement", "ReconcileRequest", "EdgeSync"}
    vehicles = {
        member.attribute
        for cls in STORED
        for inner in reachable(cls)
        for member in shape_of(inner).members
        if any(word in member.attribute.split("_") for word in ("vehicle", "vin", "plate"))
    }
    assert vehicles - {"vehicle_class"} <= set(OF_IT)


@pytest.mark.parametrize(
    "cls", [each for each in STORED if names_vehicles(each)], ids=lambda cls: cls.__name__
)
def test_no_text_of_a_vehicle_survives_in_any_object_jes_6_4_1c(cls: Any) -> None:
    told = named(filled(cls))
    said = anonymous(told, VEHICLE, OWNER)
    text = "" if said is None else json.encode(said).decode()
    assert [word for word in (VEHICLE, VIN, PLATE, ACCOUNT) if word in text] == []


def filled(cls: type[InformationObject]) -> Any:
    """An example of ``cls`` with one object in every list of them, deep down."""
    obj: Any = example(cls)
    changes: dict[str, Any] = {}
    for member in shape_of(cls).members:
        if member.of is not None and not getattr(obj, member.attribute):
            inner = filled(member.of)
            changes[member.attribute] = (inner,) if member.many else inner
    return replace(obj, **changes)
