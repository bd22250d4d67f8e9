"""Each wrong variant of real gateways is found by the machine, and the right one goes its way.

On stores in memory; in the long form, ``VGIGW_MODEL_EXAMPLES``, on every kind of store.
"""

from __future__ import annotations

import os

import pytest

from tests.model.broken import VARIANTS, lacking
from tests.model.disks import KINDS
from tests.model.invariants import Violated
from tests.model.ways import WAYS, go
from tests.model.world_stores import StoreWorld
from tests.stores.shared_pool import shared_pool

IN_LONG = os.environ.get("VGIGW_MODEL_EXAMPLES", "0") != "0"

pytestmark = [
    pytest.mark.own_store("each kind of store in turn"),
    pytest.mark.parametrize("kind", KINDS if IN_LONG else ("memory",)),
]


@pytest.fixture(autouse=True)
def server(kind: str) -> None:
    """Skips where there is none."""
    if kind == "postgres":
        shared_pool()


@pytest.mark.parametrize("lacks", VARIANTS)
def test_each_wrong_gateway_is_found_on_its_way(lacks: str, kind: str) -> None:
    with lacking(lacks) as lacking_it, pytest.raises(Violated) as found:
        go(WAYS[lacks], lambda: StoreWorld(kind, lacking_it))
    assert found.value.number == VARIANTS[lacks].number


@pytest.mark.parametrize("lacks", VARIANTS)
def test_the_right_gateway_goes_each_way_with_nothing_broken(lacks: str, kind: str) -> None:
    go(WAYS[lacks], lambda: StoreWorld(kind))
