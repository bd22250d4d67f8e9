"""What a platform decides, as functions that the embedding system fills. PLT-7.2, ACC-G.5.

A plain default of each stands in :mod:`vgigw.platform_functions` and says what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import msgspec

from vgigw.errors import UnknownObject
from vgigw.objects import (
    ControlCurve,
    Declaration,
    EnergyStatement,
    EvaluationQuery,
    EvaluationReport,
    PlanCurve,
    PlanQuery,
    PolarityMode,
    SettlementStatement,
    StationStatsInfo,
    StationStatsQuery,
)
from vgigw.ports.store import View


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a resource of the platform's own: who carries out what it is told, and between
    which net consumption it can be, its share counted in. PLT-6.4a."""

    resource_id: str
    owner: str
    polarity: PolarityMode
    rated_charge_kw: Decimal
    rated_discharge_kw: Decimal


Decompose = Callable[[ControlCurve, tuple[Part, ...], View], tuple[ControlCurve, ...]]
"""A command for a resource of the platform's own, as one for each of its parts. PLT-6.3a."""

Gate = Callable[[PlanCurve | Declaration], datetime | None]
"""When a plan or declaration comes too late; None = no gate but its own."""

Forecast = Callable[[PlanQuery, View, datetime], PlanCurve | None]
"""A forecast for a question that no stored curve answers; None = there is none."""

Evaluate = Callable[[EvaluationQuery, str, View, datetime], EvaluationReport]
"""The evaluation of a subject of an owner over a period. Raises ``UnknownObject``."""

StationStatistics = Callable[[StationStatsQuery, str, View, datetime], StationStatsInfo]
"""Energies of a station of an owner, by its days. Raises ``UnknownObject``, ``NotRetained``."""

Settle = Callable[[EnergyStatement, View, datetime], SettlementStatement | None]
"""The settlement of verified energy; None = the embedding system publishes it itself."""


def _no_decomposition(*_: object) -> tuple[ControlCurve, ...]:
    raise UnknownObject("nobody decomposes commands here")


def _no_evaluation(*_: object) -> EvaluationReport:
    raise UnknownObject("nobody evaluates here")


def _no_statistics(*_: object) -> StationStatsInfo:
    raise UnknownObject("nobody counts here")


class Functions(msgspec.Struct, frozen=True, kw_only=True):
    """The functions of one gateway. One that is not filled refuses, or leaves the matter alone."""

    decompose: Decompose = _no_decomposition
    gate: Gate = lambda *_: None
    forecast: Forecast = lambda *_: None
    evaluate: Evaluate = _no_evaluation
    station_statistics: StationStatistics = _no_statistics
    settle: Settle = lambda *_: None
