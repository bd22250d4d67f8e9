"""A plain evaluation: how complete the data came, what was accepted, how well it was followed.

PLT-6.5, PLT-6.8a. Computed from what is stored, each time it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from vgigw.codec import json
from vgigw.codec.packing import unpack
from vgigw.errors import OverLimit
from vgigw.objects import (
    CommandAck,
    ControlCurve,
    EvaluationIndex,
    EvaluationQuery,
    EvaluationReport,
    ExecutionReport,
    InformationObject,
)
from vgigw.objects.evaluation import MAX_INPUTS, SubjectKind
from vgigw.objects.operating_enumerations import AckResult
from vgigw.ports import View
from vgigw.rules.ranges import Range, Ranges, with_added

T = TypeVar("T", bound=InformationObject)

MOST_ROWS = 100_000
"""Batches that one evaluation looks at; a minute's batches of two months."""
MOST_DOCUMENTS = 20_000
_ACCEPTED = frozenset({AckResult.ACCEPTED, AckResult.PARTLY})
_HUNDREDTH = Decimal("0.01")


def evaluate(query: EvaluationQuery, owner: str, view: View, _: datetime) -> EvaluationReport:
    """Indices of a subject of ``owner`` over [PeriodStart, PeriodEnd).

    * ``DataCompleteness``, %: of all sequence numbers of a stream from the first to the last whose
      batch has a measurement of the period, those that arrived, all streams together. Streams hold
      many resources, so that a single resource has none.
    * ``AcceptedCommands``, ``RefusedCommands``: by their acknowledgements in the period; an opt-out
      and an answer that never came are refusals.
    * ``AcceptanceRate``, %: the accepted ones of both.
    * ``MeanResponseAccuracy``, %: mean of the execution reports that ended in the period.

    The score is the plain mean of the three percentages, of those that there are; 0 without any.
    Raises ``OverLimit`` where the period holds more than can be looked at.
    """
    acks = [ack for ack in _of(view, CommandAck, owner, query) if _in(query, ack.ack_time)]
    reports = [
        report
        for report in _of(view, ExecutionReport, owner, query)
        if _in(query, report.actual_end_time)
    ]
    if query.subject_kind is SubjectKind.RESOURCE:
        acks = [ack for ack in acks if _concerns(view, ack.command_id, query.subject_id)]
        reports = [each for each in reports if _concerns(view, each.command_id, query.subject_id)]
        completeness = None
    else:
        completeness = _completeness(view, owner, query)
    accepted = sum(ack.ack_result in _ACCEPTED for ack in acks)
    acceptance = _percent(accepted, len(acks))
    accuracy = _mean([report.response_accuracy for report in reports])
    rates = [rate for rate in (completeness, acceptance, accuracy) if rate is not None]
    return EvaluationReport(
        subject_kind=query.subject_kind,
        subject_id=query.subject_id,
        period_start=query.period_start,
        period_end=query.period_end,
        indices=(
            EvaluationIndex(name="DataCompleteness", value=completeness, unit="%"),
            EvaluationIndex(name="AcceptedCommands", value=Decimal(accepted)),
            EvaluationIndex(name="RefusedCommands", value=Decimal(len(acks) - accepted)),
            EvaluationIndex(name="AcceptanceRate", value=acceptance, unit="%"),
            EvaluationIndex(
                name="MeanResponseAccuracy", value=accuracy, unit="%", formula_ref="JES-A.6"
            ),
        ),
        score=_mean(rates) or Decimal(0),
        inputs=tuple(_references(acks, reports))[:MAX_INPUTS],
    )


def _of(view: View, cls: type[T], owner: str, query: EvaluationQuery) -> Iterator[T]:
    """What came from ``owner`` since the period began: nobody tells of a thing before it is."""
    found = view.documents(
        cls.__name__, owner=owner, since=query.period_start, limit=MOST_DOCUMENTS + 1
    )
    if len(found) > MOST_DOCUMENTS:
        raise OverLimit("too much to look through, ask for a shorter period")
    return (json.decode(cls, unpack(each.payload)) for each in found)


def _in(query: EvaluationQuery, instant: datetime) -> bool:
    return query.period_start <= instant < query.period_end


def _concerns(view: View, command_id: str, resource_id: str) -> bool:
    curves = view.documents(ControlCurve.__name__, key=command_id)
    return any(
        json.decode(ControlCurve, unpack(each.payload)).resource_id == resource_id
        for each in curves
    )


def _completeness(view: View, owner: str, query: EvaluationQuery) -> Decimal | None:
    rows = view.rows(
        owner=owner,
        time_from=query.period_start,
        time_to=query.period_end,
        limit=MOST_ROWS + 1,
        payloads=False,
    )
    if len(rows) > MOST_ROWS:
        raise OverLimit("too much to look through, ask for a shorter period")
    arrived: dict[str, Ranges] = defaultdict(tuple)
    for row in rows:
        if not row.sparse:
            arrived[row.stream] = with_added(arrived[row.stream], Range(row.seq_from, row.seq_to))
    have = sum(part.size for ranges in arrived.values() for part in ranges)
    expected = sum(ranges[-1].last - ranges[0].first + 1 for ranges in arrived.values())
    return _percent(have, expected)


def _percent(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(_HUNDREDTH, ROUND_HALF_UP)


def _mean(values: list[Decimal]) -> Decimal | None:
    if not values:
        return None
    return (sum(values, Decimal(0)) / len(values)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def _references(acks: Iterable[CommandAck], reports: Iterable[ExecutionReport]) -> Iterator[str]:
    """What a reader may look up to follow the figures. PLT-6.8a."""
    for ack in acks:
        yield f"CommandAck/{ack.command_id}"
    for report in reports:
        yield f"ExecutionReport/{report.report_id}"
