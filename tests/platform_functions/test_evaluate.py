"""The plain evaluation: figures that follow from what is stored, and whose they are. PLT-6.5."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.handlers.test_relay import ack, refused_code, report
from tests.trio import DISPATCH, MEASURED, NOW, OPERATOR, OTHER, Trio, batch, curve, record, station
from vgigw.objects import EvaluationQuery, EvaluationReport
from vgigw.objects.evaluation import SubjectKind
from vgigw.objects.operating_enumerations import AckResult, ExecState
from vgigw.operations import (
    ACK_CONTROL,
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    QUERY_EVALUATION,
    REPORT_EXECUTION,
    UPLOAD_TELEMETRY,
)
from vgigw.platform_functions import plain

DAY = timedelta(days=1)


@pytest.fixture
def trio() -> Trio:
    """Two commands of the operator's, one taken and one refused; 8 of 10 records came."""
    made = Trio("rest", functions=plain())
    made.call(OPERATOR, PUSH_ARCHIVE, station())
    made.call(OPERATOR, PUSH_ARCHIVE, station("ST2"))
    made.call(DISPATCH, ISSUE_CONTROL, curve())
    made.call(DISPATCH, ISSUE_CONTROL, curve("CMD2", resource_id="ST2"))
    made.tick()
    made.call(OPERATOR, ACK_CONTROL, ack())
    made.call(OPERATOR, ACK_CONTROL, ack(AckResult.REFUSED, "CMD2"))
    made.call(OPERATOR, REPORT_EXECUTION, report(ExecState.DONE))
    made.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 4))
    made.call(OPERATOR, UPLOAD_TELEMETRY, batch(7, 10))
    return made


def asked(trio: Trio, party: str = OPERATOR, **changes: Any) -> EvaluationReport:
    query = EvaluationQuery(
        subject_kind=SubjectKind.CHARGER_COMPANY,
        subject_id=OPERATOR,
        period_start=NOW - DAY,
        period_end=NOW + DAY,
    )
    found: EvaluationReport = trio.call(party, QUERY_EVALUATION, replace(query, **changes))
    return found


def figures(found: EvaluationReport) -> dict[str, Decimal | None]:
    return {index.name: index.value for index in found.indices}


@pytest.mark.parametrize("kind", [SubjectKind.CHARGER_COMPANY, SubjectKind.AGGREGATOR])
def test_plt_6_5_the_figures_of_a_party_follow_from_what_it_sent(
    trio: Trio, kind: SubjectKind
) -> None:
    found = asked(trio, subject_kind=kind)

    assert (found.subject_kind, found.subject_id) == (kind, OPERATOR)
    assert figures(found) == {
        "DataCompleteness": Decimal("80.00"),
        "AcceptedCommands": 1,
        "RefusedCommands": 1,
        "AcceptanceRate": Decimal("50.00"),
        "MeanResponseAccuracy": Decimal("99.00"),
    }
    assert found.score == Decimal("76.33")


def test_plt_6_8a_a_reader_finds_what_the_figures_rest_on(trio: Trio) -> None:
    found = asked(trio)
    assert found.inputs == ("CommandAck/CMD1", "CommandAck/CMD2", "ExecutionReport/REP1")


def test_plt_6_5_what_is_backfilled_makes_the_figures_better(trio: Trio) -> None:
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(5, 6))
    assert figures(asked(trio))["DataCompleteness"] == Decimal("100.00")


def test_plt_6_5_a_resource_has_the_figures_of_its_own_commands(trio: Trio) -> None:
    second = asked(trio, subject_kind=SubjectKind.RESOURCE, subject_id="ST2")
    assert figures(second) == {
        "DataCompleteness": None,
        "AcceptedCommands": 0,
        "RefusedCommands": 1,
        "AcceptanceRate": Decimal("0.00"),
        "MeanResponseAccuracy": None,
    }
    assert second.score == 0
    assert second.inputs == ("CommandAck/CMD2",)


@pytest.mark.parametrize(
    ("period", "count"),
    [
        ((NOW, NOW + timedelta(milliseconds=1)), 2),
        ((NOW - DAY, NOW), 0),
        ((NOW + timedelta(milliseconds=1), NOW + DAY), 0),
    ],
)
def test_plt_6_5_a_period_has_its_start_and_not_its_end(
    trio: Trio, period: tuple[Any, Any], count: int
) -> None:
    found = figures(asked(trio, period_start=period[0], period_end=period[1]))
    assert (found["AcceptedCommands"] or 0) + (found["RefusedCommands"] or 0) == count


def test_plt_6_5_records_of_another_day_do_not_count(trio: Trio) -> None:
    later = tuple(record(seq, data_time=MEASURED + DAY) for seq in (11, 13))
    for each, seq in zip(later, (11, 13), strict=True):
        made = batch(seq, seq, records=(each,), send_time=NOW + DAY)
        trio.call(OPERATOR, UPLOAD_TELEMETRY, made)
    assert figures(asked(trio, period_end=NOW))["DataCompleteness"] == Decimal("80.00")


def test_plt_6_5_of_whom_nothing_is_kept_there_are_no_figures(trio: Trio) -> None:
    found = asked(trio, OTHER, subject_id=OTHER)
    assert [index.value for index in found.indices] == [None, 0, 0, None, None]
    assert found.score == 0
    assert found.inputs == ()


def test_plt_6_8a_a_party_is_shown_its_own_figures_only(trio: Trio) -> None:
    query = EvaluationQuery(
        subject_kind=SubjectKind.CHARGER_COMPANY,
        subject_id=OTHER,
        period_start=NOW - DAY,
        period_end=NOW + DAY,
    )
    known = refused_code(trio, OPERATOR, QUERY_EVALUATION, query)
    unknown = refused_code(trio, OPERATOR, QUERY_EVALUATION, replace(query, subject_id="X"))
    assert known == unknown
    assert known[0] == 4301
    nobodys = replace(query, subject_kind=SubjectKind.RESOURCE, subject_id="ST1")
    assert refused_code(trio, OTHER, QUERY_EVALUATION, nobodys)[0] == 4201


def test_plt_6_5_a_period_that_is_none_is_4004(trio: Trio) -> None:
    query = EvaluationQuery(
        subject_kind=SubjectKind.CHARGER_COMPANY,
        subject_id=OPERATOR,
        period_start=NOW,
        period_end=NOW,
    )
    assert refused_code(trio, OPERATOR, QUERY_EVALUATION, query)[0] == 4004
