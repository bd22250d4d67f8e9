"""Settlement and reconciliation against the catalogue. PLT-6.6, PLT-6.7, JES-6.5.4."""

from __future__ import annotations

import json as plain
from enum import Enum
from typing import Any

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec import json
from vgigw.errors import InvalidObject
from vgigw.objects import reconciliation, settlement
from vgigw.objects import settlement_enumerations as cycles
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.reconciliation import (
    IncomePage,
    IncomeQuery,
    IncomeShare,
    Invoice,
    InvoiceQuery,
    ReconcileItem,
    ReconcileRequest,
    ReconcileResult,
    ReconcileTotals,
)
from vgigw.objects.settlement import (
    Difference,
    DistributionShare,
    EnergyStatement,
    SettlementStatement,
    StatementReceipt,
)

PERIOD = """
SettlementCycle E<SettlementCycle> R
PeriodStart T R
PeriodEnd T R
"""
FEES = """
AdjustEnergy D(3)[0,) kWh R
CompensationAmount D(2) CNY R
PenaltyAmount D(2)[0,) CNY R
"""

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    DistributionShare: (
        Grade.SEN,
        """
        Level E<ShareLevel> R
        PartyID S(64) R
        Ratio D(6)[0,1] R
        Amount D(2) CNY R
        AccountRef S(64) O SEN
        """,
    ),
    Difference: (
        Grade.INT,
        """
        ItemID S(40) O
        Figure S(32) R
        StatementValue D(6) O
        ClaimedValue D(6) O
        Reason S(200) O
        """,
    ),
    EnergyStatement: (
        Grade.IMP,
        """
        StatementID S(40) R
        AggregatorID S(9..18) R
        ChargeEnergy D(3)[0,) kWh R
        DischargeEnergy D(3)[0,) kWh R
        AdjustEnergy D(3)[0,) kWh R
        VerifyRuleID S(32) R
        VerifyRuleVersion S(16) O
        VerifySource E<VerifySource> R
        InputRefs L<S(256)>[0,1000] O
        State E<StatementState> R
        Version I[0,) R
        """
        + PERIOD,
    ),
    SettlementStatement: (
        Grade.IMP,
        """
        StatementID S(40) R
        EnergyStatementID S(40) O
        AggregatorID S(9..18) R
        UnitPrice D(4) CNY/kWh R
        NetAmount D(2) CNY R
        Shares L<O<DistributionShare>>[1,10000] R
        InvoiceNo S(32) O
        InvoiceURL S(256) O SEN
        InvoiceState E<InvoiceState> O
        ReconcileState E<ReconcileState> R
        Differences L<O<Difference>>[0,5000] O
        State E<StatementState> R
        Version I[0,) R
        """
        + PERIOD
        + FEES,
    ),
    StatementReceipt: (
        Grade.IMP,
        """
        StatementID S(40) R
        State E<StatementState> R
        ReceiveTime T R
        Differences L<O<Difference>>[0,5000] O
        """,
    ),
    ReconcileTotals: (
        Grade.INT,
        """
        ChargeEnergy D(3)[0,) kWh O
        DischargeEnergy D(3)[0,) kWh O
        NetAmount D(2) CNY R
        """
        + FEES,
    ),
    ReconcileItem: (Grade.INT, "ItemID S(40) R\nResourceID S(32) O\n" + FEES),
    ReconcileRequest: (
        Grade.IMP,
        """
        StatementID S(40) R
        RoundNo I[1,1000] R
        Totals O<ReconcileTotals> R
        Items L<O<ReconcileItem>>[0,5000] O
        """,
    ),
    ReconcileResult: (
        Grade.IMP,
        """
        StatementID S(40) R
        RoundNo I[1,1000] R
        ReconcileState E<ReconcileState> R
        Differences L<O<Difference>>[0,5000] O
        """,
    ),
    IncomeQuery: (
        Grade.SEN,
        """
        PartyID S(64) O
        PeriodStart T O
        PeriodEnd T O
        PageNo I[1,1000000] O
        PageSize I[1,1000] O
        """,
    ),
    IncomeShare: (
        Grade.SEN,
        """
        StatementID S(40) R
        PartyID S(64) R
        Level E<ShareLevel> R
        Ratio D(6)[0,1] R
        Amount D(2) CNY R
        State E<StatementState> R
        InvoiceNo S(32) O
        """
        + PERIOD,
    ),
    IncomePage: (
        Grade.SEN,
        """
        PageNo I[1,1000000] R
        PageCount I[0,) R
        ItemSize I[0,) R
        Incomes L<O<IncomeShare>> O
        """,
    ),
    InvoiceQuery: (Grade.SEN, "InvoiceNo S(32) R"),
    Invoice: (
        Grade.SEN,
        """
        InvoiceNo S(32) R
        StatementID S(40) R
        AggregatorID S(9..18) R
        Amount D(2) CNY R
        InvoiceState E<InvoiceState> R
        InvoiceURL S(256) O SEN
        IssueTime T O
        """,
    ),
}

ENUMERATIONS: dict[type[Enum], str] = {
    cycles.SettlementCycle: "1 MONTHLY, 2 REAL_TIME, 3 PER_EVENT, 4 DAILY",
    cycles.VerifySource: "1 EXCHANGE, 2 SUPERVISION_PLATFORM, 3 METER",
    cycles.ShareLevel: "1 AGGREGATOR, 2 OPERATOR, 3 USER",
    cycles.StatementState: "1 DRAFT, 2 ISSUED, 3 CONFIRMED, 4 DISPUTED, 5 FINAL",
    cycles.ReconcileState: "0 OPEN, 1 EQUAL, 2 DIFFERS, 3 DISPUTED",
    cycles.InvoiceState: "0 NOT_ISSUED, 1 ISSUED, 2 VOIDED, 3 REVERSED",
}

TOTALS: dict[str, Any] = {
    "AdjustEnergy": 2.0,
    "CompensationAmount": 7.00,
    "PenaltyAmount": 9.00,
    "NetAmount": -2.00,
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(settlement, reconciliation) == {cls.__name__ for cls in CATALOGUE}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_a_net_amount_may_be_negative_and_keeps_its_cents_plt_6_7() -> None:
    totals = json.decode(ReconcileTotals, plain.dumps(TOTALS).encode())
    assert b'"NetAmount":-2.00' in json.encode(totals)


@pytest.mark.parametrize(
    ("wire", "value", "code"),
    [
        ("PenaltyAmount", -0.01, "out_of_range"),
        ("AdjustEnergy", -0.001, "out_of_range"),
        ("CompensationAmount", 7.005, "resolution"),
        ("NetAmount", None, "null"),
    ],
)
def test_a_fee_that_is_signed_wrong_or_finer_than_a_cent_is_refused_2_0_14(
    wire: str, value: float | None, code: str
) -> None:
    with pytest.raises(InvalidObject) as refusal:
        json.decode(ReconcileTotals, plain.dumps(TOTALS | {wire: value}).encode())
    assert [(d.path, d.code) for d in refusal.value.details] == [(f"/{wire}", code)]
