"""Load devices: polarity by range and archives, their place, each party its own. ACC-6.3."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.registers import BOTH_WAYS, CHARGERS, STATION, a_device
from tests.cases.trading import call, faults, refusal
from tests.cases.worlds import OPERATOR, OTHER, PLATFORM, World, identity_of
from vgigw import operations as ops
from vgigw.codec.convention import Convention
from vgigw.handlers.attachments import LOAD_DEVICE, attached
from vgigw.handlers.keeping import object_of
from vgigw.objects import LoadDevice, LoadDeviceQuery, PolarityMode
from vgigw.objects.devices import DeviceKind

PUSH, QUERY = ops.PUSH_LOAD_DEVICE, ops.QUERY_LOAD_DEVICES
LOAD, GENERATION = PolarityMode.LOAD, PolarityMode.GENERATION


@pytest.fixture
def world() -> World:
    return World()


def device(polarity: PolarityMode, low: int, high: int, **changes: Any) -> LoadDevice:
    return a_device(
        polarity_mode=polarity, min_power=Decimal(low), max_power=Decimal(high), **changes
    )


def held(world: World, owner: str = OPERATOR) -> list[LoadDevice]:
    found = world.served.store.read(lambda view: view.documents("LoadDevice", owner=owner))
    return [object_of(LoadDevice, each.payload) for each in found]


@pytest.mark.parametrize(
    "wrong",
    [device(LOAD, -1, 30), device(GENERATION, -30, 0)],
    ids=["it delivers", "it only takes"],
)
def test_plt_7_4b_polarity_follows_from_the_range(world: World, wrong: LoadDevice) -> None:
    assert refusal(world, OPERATOR, PUSH, wrong) == 4402
    other = GENERATION if wrong.polarity_mode is LOAD else LOAD
    right = replace(
        wrong, polarity_mode=other, min_power=-wrong.max_power, max_power=-wrong.min_power
    )
    call(world, OPERATOR, PUSH, right)
    assert held(world) == [right]


def test_plt_7_4b_a_device_at_a_charger_that_can_deliver_has_generation_polarity(
    world: World,
) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, BOTH_WAYS)
    at_it = {"equipment_id": CHARGERS[0], "device_kind": DeviceKind.CHARGER}
    assert refusal(world, OPERATOR, PUSH, device(LOAD, 0, 30, **at_it)) == 4402
    call(world, OPERATOR, PUSH, device(GENERATION, -30, 0, **at_it))


def test_plt_7_4b_a_device_at_a_charger_that_only_charges_does_not_deliver(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    assert refusal(world, OPERATOR, PUSH, device(GENERATION, -30, 1, equipment_id=CHARGERS[0])) == (
        4402
    )
    call(world, OPERATOR, PUSH, device(LOAD, 0, 30, equipment_id=CHARGERS[0]))


def test_plt_7_4b_a_battery_beside_chargers_that_only_charge_may_deliver(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    at_it = {"station_id": STATION.station_id}
    battery = device(GENERATION, -30, 30, device_kind=DeviceKind.STORAGE, **at_it)
    charger = replace(battery, device_kind=DeviceKind.CHARGER)
    assert refusal(world, OPERATOR, PUSH, charger) == 4402
    call(world, OPERATOR, PUSH, battery)


def test_plt_7_4b_the_archives_of_others_say_nothing_of_ours(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, BOTH_WAYS)
    call(world, OTHER, PUSH, device(LOAD, 0, 30, equipment_id=CHARGERS[0]))


def test_acc_6_3_a_charger_stands_where_the_archive_has_it(world: World) -> None:
    call(world, OPERATOR, ops.PUSH_ARCHIVE, STATION)
    elsewhere = a_device(equipment_id=CHARGERS[0], station_id="ELSEWHERE")
    assert faults(world, OPERATOR, PUSH, elsewhere) == ["/StationID"]
    call(world, OPERATOR, PUSH, replace(elsewhere, station_id=STATION.station_id))


def test_plt_8_4_a_range_does_not_end_before_it_begins(world: World) -> None:
    assert faults(world, OPERATOR, PUSH, device(LOAD, 2, 1)) == ["/MaxPower"]


def test_plt_7_4b_a_peer_of_one_polarity_is_kept_in_that_of_the_device_and_told_its_own() -> None:
    world = World()
    identity = identity_of(PLATFORM)
    one = replace(identity.peers[OPERATOR], convention=Convention(polarity=LOAD))
    changed = replace(identity, peers={**identity.peers, OPERATOR: one})
    world.served = world._gateway(changed, {})
    world.net.join("served", world.served)
    pushed = device(LOAD, -10, 30, ramp_up=Decimal(1), ramp_down=Decimal(2))

    call(world, OPERATOR, PUSH, pushed)

    kept = replace(device(GENERATION, -30, 10), ramp_up=Decimal(2), ramp_down=Decimal(1))
    assert held(world) == [kept]
    assert call(world, OPERATOR, QUERY, LoadDeviceQuery()).load_devices == (pushed,)


def test_acc_g_4_a_foreign_device_is_none(world: World) -> None:
    call(world, OPERATOR, PUSH, a_device())
    for name in ("L1", "nobody's", None):
        page = call(world, OTHER, QUERY, LoadDeviceQuery(load_device_id=name))
        assert (page.load_devices, page.item_size) == ((), 0)


def test_plt_6_10_a_device_hangs_on_its_node_until_it_leaves(world: World) -> None:
    def at(node_id: str) -> list[tuple[str, str]]:
        hung = world.served.store.read(lambda view: attached(view, node_id))
        return [(each.what, each.object_id) for each in hung]

    call(world, OPERATOR, PUSH, a_device(grid_node_id="G1"))
    assert at("G1") == [(LOAD_DEVICE, "L1")]
    call(world, OPERATOR, PUSH, a_device(2, grid_node_id="G2"))
    assert (at("G1"), at("G2")) == ([], [(LOAD_DEVICE, "L1")])
