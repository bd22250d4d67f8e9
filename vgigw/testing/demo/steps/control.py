"""Step: curves down by SOAP and T/CEC 102, acknowledgements and reports back. PLT-8.8a."""

from __future__ import annotations

import time

from vgigw.objects import StationInfo
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import QUERY_TOKEN
from vgigw.testing.awaiting import await_until
from vgigw.testing.demo.findings import Outcome, percentile
from vgigw.testing.demo.parties import OPERATOR
from vgigw.testing.demo.stage import Stage

_BACK_S = 10.0
_TARGET_KW = 20.0


def control(stage: Stage) -> Outcome:
    """Each curve reaches the operator, and its acknowledgement and report reach dispatch."""
    stations = stage.operator.archives[: stage.load.curves]
    states = [_one_curve(stage, station) for station in stations]
    done = sum(state is CommandState.DONE for state in states)
    tokens = (stage.operator.received, stage.dispatch.received)
    asked = all(party.operations[QUERY_TOKEN.name] > 0 for party in tokens)
    down, back = stage.figures.down_ms, stage.figures.round_trip_ms
    return Outcome(
        passed=done == len(states) == stage.load.curves and asked,
        found=f"{len(states)} curves: {done} carried out and reported; down p50 "
        f"{percentile(down, 50)} ms, acknowledged at dispatch p50 {percentile(back, 50)} ms; "
        f"gateway {'has' if asked else 'has not'} asked tokens of both callbacks",
        expected=f"{stage.load.curves} curves carried out and reported, a token of each callback",
    )


def _one_curve(stage: Stage, station: StationInfo) -> CommandState:
    operator, dispatch = stage.operator, stage.dispatch
    curve = dispatch.curve_for(station, OPERATOR, _TARGET_KW)
    name = curve.command_id
    began = time.perf_counter()
    dispatch.issue(curve)
    await_until(lambda: name in operator.control.arrivals, _BACK_S, f"curve {name} at the operator")
    await_until(lambda: name in dispatch.acks, _BACK_S, f"acknowledgement of {name}")
    await_until(lambda: name in dispatch.reports, _BACK_S, f"execution report of {name}")
    stage.figures.down_ms.append((operator.control.arrivals[name] - began) * 1000)
    stage.figures.round_trip_ms.append((dispatch.acks[name] - began) * 1000)
    return dispatch.status_of(name)
