"""``import vgigw`` is cheap and pulls in no optional part."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import NamedTuple

MOST_CPU_S = 0.3
OPTIONAL_OR_OF_A_HIGHER_FLOOR = frozenset({"spyne", "zeep", "falcon", "granian"})
PROGRAM = """
import json, sys, time
start_s = time.process_time()
import vgigw
cpu_s = time.process_time() - start_s
print(json.dumps([cpu_s, sorted(name.partition(".")[0] for name in sys.modules)]))
"""


class Cost(NamedTuple):
    """CPU time of one import in a fresh interpreter, and what it left behind."""

    cpu_s: float
    modules: frozenset[str]


def cost_of_import() -> Cost:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    cpu_s, modules = json.loads(ran.stdout)
    return Cost(cpu_s, frozenset(modules))


def test_import_needs_no_optional_part() -> None:
    modules = cost_of_import().modules

    assert "vgigw" in modules
    assert modules & OPTIONAL_OR_OF_A_HIGHER_FLOOR == frozenset()


def test_import_costs_less_than_a_third_of_a_second() -> None:
    assert min(cost_of_import().cpu_s for _ in range(3)) < MOST_CPU_S
