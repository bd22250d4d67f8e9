"""``vgigw doctor`` tells how much of the disk is free, and when that is too little. F17."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.stores.small_disk import MIB, small_disk
from vgigw.cli.checks import state_folder
from vgigw.cli.findings import State
from vgigw.ports import Limits
from vgigw.server.config import Config, GatewaySection


@pytest.mark.parametrize(
    ("needed_mib", "state"), [(65, State.FAIL), (64, State.WARN), (17, State.WARN), (16, State.OK)]
)
def test_f17_free_space_is_ok_or_a_worry_or_too_little(needed_mib: int, state: State) -> None:
    with small_disk(64 * MIB) as disk:
        gateway = GatewaySection(operator_id="100000001", state_dir=str(disk.folder))
        config = replace(Config(gateway=gateway), limits=Limits(disk_free_bytes=needed_mib * MIB))
        (found,) = [each for each in state_folder(config) if each.check == "disk"]
    assert (found.state, found.found) == (state, f"64 MiB free, {needed_mib} needed")
    assert bool(found.advice) is (state is not State.OK)
