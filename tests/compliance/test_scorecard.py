"""The scorecard of the protocol analysis, as far as it can be counted: links and items. VGI-S."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.cases import BUILDERS
from tests.cases.first import a_station
from tests.cases.worlds import DOORS, NOW, OEM, OPERATOR, World
from tests.handlers.test_vehicles import a_consent, a_vehicle
from vgigw.handlers.keeping import object_of
from vgigw.objects import InformationObject, StationInfo, VehicleInfo
from vgigw.objects.enumerations import SupportedService
from vgigw.objects.vehicles import GridConnectState
from vgigw.operations import GRANT_CONSENT, OPERATIONS, PUSH_ARCHIVE, PUSH_VEHICLE, Role

LINKS: dict[str, tuple[str, str]] = {
    "D-P": ("dispatch", "platform"),
    "P-T": ("platform", "supervisor"),
    "P-A": ("platform", "aggregator"),
    "P-O": ("platform", "operator"),
    "O-O": ("operator", "operator"),
    "O-C": ("operator", "charger"),
    "P-V": ("platform", "oem"),
}
"""Links that count, by the roles at their ends; the plug between charger and vehicle does not."""

ITEMS: dict[str, dict[str, Any]] = {
    "VGI-D.1": {"selected_service": SupportedService.V2G},
    "VGI-D.2": {"vin": "LSVAA4182E2123456"},
    "VGI-D.3": {"initial_soc": Decimal("31.5"), "target_soc": Decimal("90.0")},
    "VGI-D.4": {
        "max_charge_current": Decimal("32.0"),
        "max_discharge_current": Decimal("16.0"),
        "rated_discharge_power": Decimal("7.0"),
    },
    "VGI-D.5": {"departure_time": NOW + timedelta(hours=9)},
    "VGI-D.6": {"min_energy": Decimal("20.0"), "max_energy": Decimal("50.0")},
    "VGI-D.7": {"min_charge_power": Decimal("1.3"), "min_discharge_power": Decimal("1.3")},
    "VGI-D.8": {"grid_connect_state": next(iter(GridConnectState))},
}
"""Four items that are necessary, then four that are optional."""


def names_on(link: str) -> set[str]:
    """Operations that either end of a link may call at the other."""
    ends = LINKS[link]
    if not set(ends) <= {role.value for role in Role}:
        return set()
    one, other = map(Role, ends)
    return {row.name for row in OPERATIONS if row.may_call(one, other) or row.may_call(other, one)}


def test_vgi_s_1_six_of_the_seven_links_are_served_and_walked_over_every_door() -> None:
    served = [link for link in LINKS if names_on(link)]
    assert served == [link for link in LINKS if link != "O-C"]
    assert all(names_on(link) <= set(BUILDERS) for link in served)


@pytest.mark.parametrize("party", [OPERATOR, OEM])
@pytest.mark.parametrize("door", DOORS)
def test_vgi_s_5_all_eight_items_of_a_vehicle_reach_the_platform(door: str, party: str) -> None:
    world = World()
    world.call(door, party, GRANT_CONSENT, a_consent())
    told = a_vehicle(**{name: value for item in ITEMS.values() for name, value in item.items()})
    world.call(door, party, PUSH_VEHICLE, told)
    kept = held(world, VehicleInfo, party)
    for item, members in ITEMS.items():
        assert {name: getattr(kept, name) for name in members} == members, item
    assert kept == told


@pytest.mark.parametrize("door", DOORS)
def test_vgi_d_1_what_a_connector_offers_reaches_the_platform(door: str) -> None:
    world = World()
    told = a_station()
    offered = {
        service
        for charger in told.equipment_infos
        for connector in charger.connector_infos
        for service in connector.supported_services
    }
    assert offered
    world.call(door, OPERATOR, PUSH_ARCHIVE, told)
    assert held(world, StationInfo, OPERATOR).equipment_infos == told.equipment_infos


def held(world: World, cls: type[InformationObject], owner: str) -> Any:
    (document,) = world.served.store.read(lambda view: view.documents(cls.__name__, owner=owner))
    return object_of(cls, document.payload)
