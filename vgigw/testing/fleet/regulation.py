"""A group of connectors that follows a target together, and what came of it. PLT-8.5, JES-6.5.3."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vgigw.objects.control import ActualPoint, ControlCurve, ControlPoint, ExecutionReport
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.operating_enumerations import ControlQuantity, ExecState
from vgigw.testing.fleet.charging import FREE, Connector
from vgigw.testing.fleet.sites import exact

STEP_S = 60.0
_LEAST_TOLERANCE_KW = 1.0
_TOLERANCE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Stretch:
    """Net consumption of the group over one stretch of time."""

    start_s: float
    end_s: float
    net_kwh: float

    def seconds_within(self, start_s: float, end_s: float) -> float:
        """How long of it falls into [start, end)."""
        return max(0.0, min(self.end_s, end_s) - max(self.start_s, start_s))

    def kwh_within(self, start_s: float, end_s: float) -> float:
        """How much of it falls into [start, end)."""
        return self.net_kwh * self.seconds_within(start_s, end_s) / (self.end_s - self.start_s)


class Regulation:
    """One target for one group over [start, end).

    ``target_kw`` is net consumption (negative = deliver). The group reacts ``reaction_s`` after
    the start; until then it does what ``before_kw`` says (None = as it likes). The power is
    shared in proportion to what each vehicle would draw, or can deliver, once a minute and
    whenever a vehicle comes or goes.
    """

    def __init__(
        self,
        resource_id: str,
        connectors: Sequence[Connector],
        target_kw: float,
        window_s: tuple[float, float],
        reaction_s: float,
        before_kw: float | None = None,
    ) -> None:
        self.resource_id = resource_id
        self.connectors = connectors
        self.target_kw = target_kw
        self.start_s, self.end_s = window_s
        self.reacts_s = min(self.start_s + reaction_s, self.end_s)
        self.before_kw = before_kw
        self.trace: list[Stretch] = []
        self.untouched: list[Connector] = []
        self._due_s = self.start_s

    def run(self, from_s: float, to_s: float) -> None:
        """Live on; the caller keeps within [start, end)."""
        while from_s < to_s:
            self.settle(from_s)
            next_s = min(to_s, self._due_s)
            before_kwh = sum(each.net_kwh for each in self.connectors)
            for each in self.connectors:
                each.run(next_s)
            net_kwh = sum(each.net_kwh for each in self.connectors) - before_kwh
            self.trace.append(Stretch(from_s, next_s, net_kwh))
            from_s = next_s
        if to_s >= self.end_s:
            self.release()
        else:
            self.settle(to_s)

    def settle(self, at_s: float) -> None:
        """Share anew if it is time to; the first time, remember the group as it was."""
        if not self.untouched:
            self.untouched = [copy.copy(each) for each in self.connectors]
            for each in self.untouched:
                each.allowed_kw = FREE
        if at_s >= self._due_s:
            self._share(at_s)

    def cut(self, end_s: float) -> None:
        """End at ``end_s`` where it would last longer; the trace stays."""
        if end_s < self.end_s:
            self.end_s = max(self.start_s, end_s)
            self.reacts_s = min(self.reacts_s, self.end_s)
            self._due_s = min(self._due_s, self.end_s)
            if self.trace and self.trace[-1].end_s >= self.end_s:
                self.release()

    def release(self) -> None:
        for each in self.connectors:
            each.allowed_kw = FREE

    def _share(self, at_s: float) -> None:
        reacted = at_s >= self.reacts_s
        _allow(self.connectors, self.target_kw if reacted else self.before_kw)
        due_s = min(self.end_s, (at_s // STEP_S + 1) * STEP_S)
        if not reacted:
            due_s = min(due_s, self.reacts_s)
        for each in self.connectors:
            edge_s = each.next_edge(due_s)
            if edge_s > at_s:
                due_s = min(due_s, edge_s)
        self._due_s = due_s


def _allow(connectors: Sequence[Connector], target_kw: float | None) -> None:
    if target_kw is None:
        for each in connectors:
            each.allowed_kw = FREE
    elif target_kw >= 0:
        wanted_kw = sum(each.natural_kw for each in connectors)
        share = min(1.0, target_kw / wanted_kw) if wanted_kw else 0.0
        for each in connectors:
            each.allowed_kw = each.natural_kw * share
    else:
        able_kw = sum(each.reserve_kw for each in connectors)
        share = min(1.0, -target_kw / able_kw) if able_kw else 0.0
        for each in connectors:
            each.allowed_kw = -each.reserve_kw * share


def report(
    command: ControlCurve, regulations: Sequence[Regulation], until_s: float
) -> ExecutionReport:
    """Execution report of what was carried out of ``command`` by ``until_s``. JES-6.5.3.

    ResponseQuantity (kWh) is what the same vehicles would have consumed without the command,
    less what they consumed. ResponseAccuracy (%) is the share of points within the tolerance
    (the command's, else 5 % of the target and at least 1 kW; JES-A.6); under a POWER_LIMIT only
    an excess counts. DelaySec runs from the start to the first stretch within the tolerance.
    ValueError where nothing has been carried out yet.
    """
    started = sorted((one for one in regulations if one.trace), key=lambda one: one.start_s)
    trace = [each for one in started for each in one.trace if each.start_s < until_s]
    points = [point for point in command.points if _covered_s(trace, point, until_s) > 0]
    if not points:
        raise ValueError("nothing of this command has been carried out yet")
    sign = 1 if command.polarity_mode == PolarityMode.LOAD else -1
    actual = [_mean(trace, point, until_s) for point in points]
    errors = [
        _error(command, kw, sign * float(point.target_power))
        for kw, point in zip(actual, points, strict=True)
    ]
    met = sum(e <= _tolerance(command, p) for e, p in zip(errors, points, strict=True))
    end_s = min(until_s, command.points[-1].end_time.timestamp())
    delay_s = _delay(command, trace, end_s)
    digest = hashlib.sha256(f"{command.command_id}/{until_s:.3f}".encode()).hexdigest()
    began_s = min(end_s, points[0].start_time.timestamp() + delay_s)
    finished = until_s >= command.points[-1].end_time.timestamp()
    return ExecutionReport(
        command_id=command.command_id,
        report_id=digest[:32],
        exec_state=ExecState.DONE if finished else ExecState.EXECUTING,
        actual_start_time=_moment(began_s),
        actual_end_time=_moment(end_s),
        response_quantity=exact(_spared_kwh(started[0], trace, min(end_s, trace[-1].end_s)), 3),
        response_accuracy=exact(100 * met / len(points), 2),
        mean_abs_error=exact(sum(errors) / len(errors), 3),
        delay_sec=exact(delay_s, 1),
        actual_points=tuple(
            ActualPoint(
                start_time=point.start_time,
                end_time=_moment(min(until_s, point.end_time.timestamp())),
                power=exact(sign * kw, 3),
            )
            for kw, point in zip(actual, points, strict=True)
        ),
    )


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(round(at_s * 1000) // 1000, UTC).replace(
        microsecond=round(at_s * 1000) % 1000 * 1000
    )


def _covered_s(trace: Sequence[Stretch], point: ControlPoint, until_s: float) -> float:
    start_s, end_s = point.start_time.timestamp(), min(until_s, point.end_time.timestamp())
    return sum(each.seconds_within(start_s, end_s) for each in trace)


def _mean(trace: Sequence[Stretch], point: ControlPoint, until_s: float) -> float:
    start_s, end_s = point.start_time.timestamp(), min(until_s, point.end_time.timestamp())
    kwh = sum(each.kwh_within(start_s, end_s) for each in trace)
    return kwh / _covered_s(trace, point, until_s) * 3600


def _error(command: ControlCurve, actual_kw: float, target_kw: float) -> float:
    gap_kw = actual_kw - target_kw
    limit = command.control_quantity == ControlQuantity.POWER_LIMIT
    return max(0.0, gap_kw) if limit else abs(gap_kw)


def _tolerance(command: ControlCurve, point: ControlPoint) -> float:
    if command.tolerance is not None:
        return float(command.tolerance)
    return max(_LEAST_TOLERANCE_KW, _TOLERANCE_SHARE * abs(float(point.target_power)))


def _delay(command: ControlCurve, trace: Sequence[Stretch], end_s: float) -> float:
    point = command.points[0]
    start_s = point.start_time.timestamp()
    sign = 1 if command.polarity_mode == PolarityMode.LOAD else -1
    target_kw = sign * float(point.target_power)
    for each in trace:
        kw = each.net_kwh / (each.end_s - each.start_s) * 3600
        if _error(command, kw, target_kw) <= _tolerance(command, point):
            return max(0.0, each.start_s - start_s)
    return end_s - start_s


def _spared_kwh(first: Regulation, trace: Sequence[Stretch], end_s: float) -> float:
    shadow = [copy.copy(each) for each in first.untouched]
    before_kwh = sum(each.net_kwh for each in shadow)
    for each in shadow:
        each.run(end_s)
    usual_kwh = sum(each.net_kwh for each in shadow) - before_kwh
    return usual_kwh - sum(each.kwh_within(first.start_s, end_s) for each in trace)
