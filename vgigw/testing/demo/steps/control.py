"""Step: curves down by SOAP and T/CEC 102, acknowledgements and reports back. PLT-8.8a."""

from __future__ import annotations

import time

from vgigw.objects import StationInfo
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import QUERY_TOKEN
from vgigw.testing.awaiting import await_until
from vgigw.testing.demo.findings import Outcome, percentile
from vgigw.testing.demo.stage import Stage

_BACK_S = 10.0
_LIMIT_KW = 20.0


def control(stage: Stage) -> Outcome:
    """Each curve reaches the operator, and its acknowledgement and report reach dispatch."""
    stations = stage.operator.archives[: stage.load.curves]
    whole = [_one_curve(stage, station) for station in stations]
    done = sum(whole)
    tokens = (stage.operator.received, stage.dispatch.received)
    asked = all(party.operations[QUERY_TOKEN.name] > 0 for party in tokens)
    down, back = stage.figures.down_ms, stage.figures.round_trip_ms
    return Outcome(
        passed=done == len(whole) == stage.load.curves and asked,
        found=f"{len(whole)} curves: {done} arrived as issued and came back as reported; down p50 "
        f"{percentile(down, 50)} ms, acknowledged at dispatch p50 {percentile(back, 50)} ms; "
        f"gateway {'has' if asked else 'has not'} asked tokens of both callbacks",
        expected=f"{stage.load.curves} curves unchanged on the way, DONE, and their reports "
        "unchanged on the way back; a token of each callback",
    )


def _one_curve(stage: Stage, station: StationInfo) -> bool:
    """Whether the curve, its state and its report are what they should be in the end."""
    operator, dispatch = stage.operator, stage.dispatch
    curve = dispatch.curve_for(station, operator.polarity(station.station_id), _LIMIT_KW)
    name = curve.command_id
    began = time.perf_counter()
    dispatch.issue(curve)
    await_until(lambda: name in operator.control.arrivals, _BACK_S, f"curve {name} at the operator")
    await_until(lambda: name in dispatch.acks, _BACK_S, f"acknowledgement of {name}")
    await_until(lambda: name in dispatch.reports, _BACK_S, f"execution report of {name}")
    stage.figures.down_ms.append((operator.control.arrivals[name] - began) * 1000)
    stage.figures.round_trip_ms.append((dispatch.acks[name] - began) * 1000)
    return (
        operator.control.accepted[name] == curve
        and dispatch.reports[name] == operator.control.reported[name]
        and dispatch.status_of(name) is CommandState.DONE
    )
