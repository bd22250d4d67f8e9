"""Market and assessment against the catalogue. PLT-7.8, PLT-8.8."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec import json
from vgigw.objects import assessment, market
from vgigw.objects.assessment import Appeal, AssessmentIndex, AssessmentResult, OutageShare
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.market import ClearedSegment, ClearingResult, Declaration, DeclarationSegment

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    DeclarationSegment: (
        Grade.INT,
        """
        SegNo I[1,10] R
        Quantity D(3) kW or kWh R
        Price D(4) CNY/kWh R
        """,
    ),
    Declaration: (
        Grade.IMP,
        """
        DeclarationID S(40) R
        AggregatorID S(9..18) R
        ResourceID S(32) R
        MarketID S(32) R
        ServiceItem S(16) R
        TradeDate DAY R
        TradeStart T R
        TradeEnd T R
        Direction E<RegulationDirection> R
        QuantityUnit E<QuantityUnit> O
        Segments L<O<DeclarationSegment>>[1,10] R
        MinClearQuantity D(3)[0,) kW O
        PlanID S(40) O
        GateTime T R
        SubmitTime T R
        Version I[0,) R
        """,
    ),
    ClearedSegment: (
        Grade.INT,
        """
        StartTime T R
        EndTime T R
        Quantity D(3) kW or kWh R
        Price D(4) CNY/kWh R
        """,
    ),
    ClearingResult: (
        Grade.IMP,
        """
        ClearingID S(40) R
        DeclarationID S(40) R
        AggregatorID S(9..18) R
        ResourceID S(32) R
        MarketID S(32) O
        TradeDate DAY O
        Direction E<RegulationDirection> O
        QuantityUnit E<QuantityUnit> O
        ClearState E<ClearState> R
        ClearedSegments L<O<ClearedSegment>>[0,1440] C
        PublishTime T R
        """,
    ),
    AssessmentIndex: (
        Grade.INT,
        """
        Name S(64) R
        Value D(6) O
        Unit S(16) O
        FormulaRef S(32) R
        """,
    ),
    OutageShare: (
        Grade.INT,
        """
        OutageID S(40) R
        Start T R
        End T R
        Party S(9..18) R
        """,
    ),
    AssessmentResult: (
        Grade.IMP,
        """
        AssessmentID S(40) R
        CommandID S(40) R
        AggregatorID S(9..18) R
        ResourceID S(32) R
        RuleID S(32) R
        RuleVersion S(16) R
        Indices L<O<AssessmentIndex>>[1,100] R
        Qualified B R
        OutageAttribution L<O<OutageShare>>[0,1000] O
        PenaltyAmount D(2)[0,) CNY R
        Sanction E<SanctionKind> R
        AppealDeadline T O
        """,
    ),
    Appeal: (
        Grade.IMP,
        """
        AssessmentID S(40) R
        AppealParty S(9..18) R
        Text S(1024) R
        EvidenceRefs L<S(256)>[0,50] O
        AppealTime T R
        """,
    ),
}

ENUMERATIONS: dict[type[Enum], str] = {
    assessment.SanctionKind: "0 NONE, 1 NOTICE, 2 PENALTY, 3 DISCONNECT, 4 REMOVE",
    market.RegulationDirection: "1 UP, 2 DOWN, 3 BOTH",
    market.QuantityUnit: "1 KW, 2 KWH",
    market.ClearState: "1 FULL, 2 PARTIAL, 3 NONE",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(assessment, market) == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_an_index_that_its_formula_does_not_define_is_absent_not_zero_jes_a_4() -> None:
    index = AssessmentIndex(name="VoltageImprovement", formula_ref="A.4")
    assert json.encode(index) == b'{"Name":"VoltageImprovement","FormulaRef":"A.4"}'
    assert json.decode(AssessmentIndex, json.encode(index)).value is None
