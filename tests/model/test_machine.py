"""Every invariant after every step, over the pure rules and over each store; and who breaks one.

``VGIGW_MODEL_EXAMPLES`` is how many runs there are of each world (the long form: 1000; of those
on PostgreSQL, which take seven times as long, a fifth), ``VGIGW_MODEL_SEED`` another seed than that
of the short form.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.broken import IN_PLAIN, VARIANTS, lacking
from tests.model.disks import KINDS
from tests.model.invariants import Violated
from tests.model.machine import Machine
from tests.model.world_rules import RulesWorld
from tests.model.world_stores import StoreWorld
from tests.stores.shared_pool import shared_pool

pytestmark = pytest.mark.own_store("each kind of store in turn")

EXAMPLES = int(os.environ.get("VGIGW_MODEL_EXAMPLES", "0"))
SEED = int(os.environ.get("VGIGW_MODEL_SEED", "18"))
STEPS = 40
SHORT = {"rules": 25, "memory": 5, "sqlite": 5, "postgres": 1}
A_FIFTH = {"postgres"}
"""Of the long form's runs."""


def run(make_world: Callable[[], Any], examples: int, steps: int = STEPS) -> int:
    """How many steps there were. Raises ``Violated``."""
    Machine.steps = 0

    class Run(Machine):
        pass

    Run.make_world = staticmethod(make_world)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        report_multiple_bugs=False,
        # What was found is told as it was found: making it short takes longer than finding it.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(Run), settings=chosen)
    return Machine.steps


@pytest.mark.parametrize("world", ["rules", *KINDS])
def test_every_invariant_holds_whatever_happens(
    world: str, record_property: Callable[[str, object], None]
) -> None:
    if world == "postgres":
        shared_pool()  # Skips where there is no server.
    make = RulesWorld if world == "rules" else lambda: StoreWorld(world)
    examples = EXAMPLES // (5 if world in A_FIFTH else 1) or SHORT[world]
    steps = run(make, examples)
    record_property("steps", steps)
    print(f"{world}: seed {SEED}, {examples} runs, {steps} steps, 0 violations")  # noqa: T201


@pytest.mark.parametrize("lacks", sorted(IN_PLAIN))
def test_rules_that_lack_one_thing_are_found_out(lacks: str) -> None:
    with lacking(lacks) as lacking_it, pytest.raises(Violated) as found:
        run(lambda: RulesWorld(lacking_it), 400)
    assert found.value.number == IN_PLAIN[lacks]


IN_SHORT = {"every hop"}
IN_LONG = IN_SHORT | {"mark of what was asked for", "fence", "first answers"}
"""Found by luck within the runs; ``test_ways.py`` leads the machine to each of the variants."""


@pytest.mark.parametrize("lacks", sorted(IN_LONG if EXAMPLES else IN_SHORT))
def test_gateways_that_lack_one_thing_are_found_out(lacks: str) -> None:
    with lacking(lacks) as lacking_it, pytest.raises(Violated) as found:
        run(lambda: StoreWorld("memory", lacking_it), 400)
    assert found.value.number == VARIANTS[lacks].number
