"""The order of the steps, and what happens when one of them fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from vgigw.errors import VgigwError
from vgigw.testing.awaiting import DidNotCome
from vgigw.testing.demo.findings import Check, Load, Outcome, Report
from vgigw.testing.demo.stage import Stage
from vgigw.testing.demo.steps.archives import push_archives
from vgigw.testing.demo.steps.attacks import attack
from vgigw.testing.demo.steps.control import control
from vgigw.testing.demo.steps.crash import kill
from vgigw.testing.demo.steps.doors import three_doors
from vgigw.testing.demo.steps.outage import cut_link
from vgigw.testing.demo.steps.recall import recall
from vgigw.testing.demo.steps.streaming import stream_telemetry
from vgigw.testing.gateway_process import GatewayDied

Step = Callable[[Stage], Outcome]
Told = Callable[[int, int, str], None]
"""(steps done, steps in all, what is done now)"""

STEPS: tuple[tuple[str, Step], ...] = (
    ("Archives go up over T/CEC 102", push_archives),
    ("Sealed telemetry goes up at a steady rate", stream_telemetry),
    ("Control goes down, results come back", control),
    ("Three doors store the same bytes", three_doors),
    ("What must not pass is refused by its code", attack),
    ("A cut link leaves no gap", cut_link),
    ("Killed under load, nothing acknowledged is lost", kill),
    ("Recall delivers what was acknowledged", recall),
)


def run(load: Load, tell: Told) -> Report:
    """Run every step on a fresh stage; what each found. A stage that cannot be set up is a check
    that failed, and the only one.
    """
    began = time.monotonic()
    report = Report()
    tell(0, len(STEPS), "starting the gateway")
    try:
        with Stage(load) as stage:
            for number, (name, step) in enumerate(STEPS):
                tell(number, len(STEPS), name)
                report.checks.append(_checked(name, step, stage))
            tell(len(STEPS), len(STEPS), "stopping")
            _gather(report, stage)
    except (GatewayDied, DidNotCome, OSError, VgigwError) as trouble:
        outcome = Outcome(False, f"{type(trouble).__name__}: {trouble}", "a gateway that is ready")
        report.checks.append(_check("The gateway starts", outcome, began))
    report.seconds = time.monotonic() - began
    return report


def _checked(name: str, step: Step, stage: Stage) -> Check:
    began = time.monotonic()
    try:
        outcome = step(stage)
    except Exception as trouble:  # noqa: BLE001 - a step that breaks is a check that failed
        outcome = Outcome(False, f"{type(trouble).__name__}: {trouble}", "the step runs to its end")
    return _check(name, outcome, began)


def _check(name: str, outcome: Outcome, began: float) -> Check:
    return Check(
        name=name,
        passed=outcome.passed,
        found=outcome.found,
        expected=outcome.expected,
        seconds=round(time.monotonic() - began, 2),
    )


def _gather(report: Report, stage: Stage) -> None:
    report.figures = stage.figures
    report.figures.comparison = stage.compare()
    parties = (("", stage.to_gateway), ("operator ", stage.operator.received))
    report.messages = {
        f"{'to gateway' if not who else 'to operator'}, {door}": count
        for who, tally in parties
        for door, count in tally.by_door.items()
    }
    for door, count in stage.dispatch.received.by_door.items():
        report.messages[f"to dispatch, {door}"] = count
