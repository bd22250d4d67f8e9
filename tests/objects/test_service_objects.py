"""Schemes, evaluation, edge, files, security, traces against the catalogue. PLT-6.5, PLT-7.9a."""

from __future__ import annotations

from enum import Enum
from types import ModuleType

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.codec import json, xml, xsd
from vgigw.objects import edge, evaluation, files, schemes, security, tracing
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.link import ServiceEntry, ServiceList

MODULES: tuple[ModuleType, ...] = (schemes, evaluation, edge, files, security, tracing)

PAGED = """
PageNo I[1,1000000] O
PageSize I[1,1000] O
"""
PAGE = """
PageNo I[1,1000000] R
PageCount I[0,) R
ItemSize I[0,) R
"""
SUBJECT = """
SubjectKind E<SubjectKind> R
SubjectID S(32) R
PeriodStart T R
PeriodEnd T R
"""
PLACE = """
ID S(32) R
NodeID S(32) O
P D(3)[0,) kW R
Q D(3) kvar O
"""

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    schemes.SupplyScheme: (
        Grade.IMP,
        """
        SchemeID S(40) R
        Version I[0,) R
        StepTime T R
        StepMin I[1,60] min R
        Sources L<O<SchemeSource>>[1,10000] R
        Loads L<O<SchemeLoad>>[1,10000] R
        Losses D(3)[0,) kW R
        Violations L<O<SchemeViolation>>[0,10000] O
        Method E<SchemeMethod> R
        Objective E<SchemeObjective> O
        Weights L<O<ObjectiveWeight>>[0,10] O
        """,
    ),
    schemes.SchemeSource: (Grade.INT, "Kind E<SchemeSourceKind> R" + PLACE),
    schemes.SchemeLoad: (Grade.INT, "Kind E<SchemeLoadKind> R" + PLACE),
    schemes.SchemeViolation: (
        Grade.INT,
        """
        Kind E<ViolationKind> R
        ID S(32) R
        Value F R
        Limit F R
        """,
    ),
    schemes.ObjectiveWeight: (Grade.INT, "Objective E<SchemeObjective> R\nWeight D(6)[0,1] R"),
    schemes.SupplySchemeQuery: (Grade.INT, "SchemeID S(40) R"),
    evaluation.EvaluationQuery: (Grade.INT, SUBJECT),
    evaluation.EvaluationReport: (
        Grade.INT,
        """
        Indices L<O<EvaluationIndex>>[1,100] R
        Score D(2)[0,100] R
        Inputs L<S(128)>[0,1000] O
        """
        + SUBJECT,
    ),
    evaluation.EvaluationIndex: (
        Grade.INT,
        """
        Name S(64) R
        Value D(6) O
        Unit S(16) O
        FormulaRef S(32) O
        """,
    ),
    evaluation.BatteryScore: (
        Grade.SEN,
        """
        VehicleID S(64) R
        Time T R
        Score D(2)[0,100] R
        Factors L<O<ScoreFactor>>[1,100] R
        """,
    ),
    evaluation.ScoreFactor: (
        Grade.INT,
        """
        Name S(64) R
        Value F R
        Unit S(16) O
        Contribution D(2)[-100,100] R
        """,
    ),
    evaluation.ResponseHistory: (
        Grade.IMP,
        """
        ResourceID S(32) R
        CommandID S(40) R
        Result E<CommandState> R
        Compensation D(2) CNY O
        """,
    ),
    evaluation.FormulaDef: (
        Grade.INT,
        """
        FormulaID S(32) R
        Expression S(1024) R
        Inputs L<S(128)>[1,1000] R
        Output S(128) R
        Version I[0,) R
        """,
    ),
    evaluation.ServiceItem: (
        Grade.INT,
        """
        Code S(16) R
        Name S(64) R
        TimeScale E<TimeScale> R
        FormulaRefs L<S(32)>[1,100] R
        RuleVersion S(16) R
        """,
    ),
    edge.EdgeSync: (
        Grade.IMP,
        """
        EdgeID S(32) R
        Seq I[1,) R
        State E<EdgeState> R
        LogEntries L<O<EdgeLogEntry>>[0,5000] O
        """,
    ),
    edge.EdgeLogEntry: (
        Grade.INT,
        """
        Time T R
        Event E<EdgeEvent> R
        CommandID S(40) O
        ResourceID S(32) O
        PolarityMode E<PolarityMode> O
        Power D(3) kW O
        Detail S(200) O
        """,
    ),
    edge.EdgeSyncReply: (
        Grade.IMP,
        """
        EdgeID S(32) R
        Seq I[1,) R
        Commands L<O<ControlCurve>>[0,1000] O
        """,
    ),
    files.FileManifest: (
        Grade.INT,
        """
        FileName S(255) R
        ObjectKind S(64) R
        Count I[0,) R
        HashAlgorithm E<HashAlgorithm> R
        Hash S(128) R
        Signature S(1024) R
        KeyID S(32) O
        AckFile S(255) O
        """,
    ),
    files.FileAck: (
        Grade.INT,
        """
        FileName S(255) R
        Hash S(128) R
        Result E<Success> R
        AckTime T R
        Message S(200) O
        """,
    ),
    security.KeyRecord: (
        Grade.SEN,
        """
        KeyID S(32) R
        OwnerID S(9..18) R
        Purpose E<KeyPurpose> R
        Algorithm S(32) R
        NotBefore T R
        NotAfter T R
        State E<KeyState> R
        Fingerprint S(128) R
        WrappedKey S(4096) O SEN
        """,
    ),
    security.AuditRecord: (
        Grade.SEN,
        """
        AuditID S(40) R
        Actor S(64) R SEN
        ActorRole S(32) R
        Action S(64) R
        ObjectRef S(128) R
        Result I[-1,99999] R
        Time T R
        ClientAddr S(64) R SEN
        PrevHash S(128) R
        Hash S(128) R
        """,
    ),
    security.AuditQuery: (
        Grade.SEN,
        """
        Actor S(64) O SEN
        Action S(64) O
        ObjectRef S(128) O
        TimeFrom T O
        TimeTo T O
        """
        + PAGED,
    ),
    security.AuditPage: (Grade.SEN, "AuditRecords L<O<AuditRecord>> O\n" + PAGE),
    security.DataAsset: (
        Grade.SEN,
        """
        AssetName S(64) R
        Category E<DataCategory> R
        Grade E<Grade> R
        Owner S(64) R
        Retention I[0,36525] d R
        RiskScore I[0,100] R
        """,
    ),
    security.AssetQuery: (
        Grade.INT,
        """
        Category E<DataCategory> O
        Grade E<Grade> O
        Owner S(64) O
        """
        + PAGED,
    ),
    security.AssetPage: (Grade.SEN, "DataAssets L<O<DataAsset>> O\n" + PAGE),
    security.WatermarkRecord: (
        Grade.IMP,
        """
        MarkID S(40) R
        Recipient S(64) R SEN
        ObjectRef S(128) R
        Time T R
        """,
    ),
    tracing.TraceHop: (
        Grade.IMP,
        """
        TraceID S(32) R
        HopNo I[0,) R
        Node S(64) R
        Event E<HopEvent> R
        Time T R
        PeerID S(9..18) R
        Interface S(64) R
        Bytes I[0,) R
        Ret I[-1,99999] R
        """,
    ),
    tracing.TraceQuery: (Grade.INT, "TraceID S(32) R"),
    tracing.Trace: (Grade.IMP, "TraceID S(32) R\nHops L<O<TraceHop>>[0,1000] O"),
}

ENUMERATIONS: dict[type[Enum], str] = {
    schemes.SchemeSourceKind: "1 GENERATOR, 2 STORAGE, 3 V2G, 4 GRID",
    schemes.SchemeLoadKind: "1 GRID_EXPORT, 2 CONVENTIONAL, 3 STORAGE_CHARGING, 4 STATION_CHARGING",
    schemes.ViolationKind: "1 BALANCE, 2 VOLTAGE, 3 CURRENT, 4 RAMP, 5 STATION_LOAD",
    schemes.SchemeObjective: "1 GENERATION_COST, 2 LOSSES, 3 VOLTAGE_DEVIATION, 4 WEIGHTED",
    schemes.SchemeMethod: "1 POWER_FLOW, 2 OPTIMAL_POWER_FLOW",
    evaluation.SubjectKind: "1 AGGREGATOR, 2 CHARGER_COMPANY, 3 RESOURCE",
    evaluation.TimeScale: "1 SECOND, 2 MINUTE, 3 HOUR, 4 DAY",
    edge.EdgeState: "1 COORDINATED, 2 AUTONOMOUS, 3 FALLBACK",
    edge.EdgeEvent: (
        "1 LINK_LOST, 2 LINK_RESTORED, 3 FALLBACK_BEGUN, 4 COMMAND_BEGUN, 5 COMMAND_ENDED,"
        " 6 LOCAL_CHANGE"
    ),
    files.HashAlgorithm: "1 SHA_256, 2 SM3",
    security.KeyPurpose: "1 IDENTITY, 2 DATA, 3 SIGNING, 4 STORAGE, 5 WATERMARK",
    security.KeyState: "1 PENDING, 2 ACTIVE, 3 RETIRING, 4 REVOKED",
    security.DataCategory: (
        "1 LEDGER, 2 OPERATING, 3 PLAN, 4 CONTROL, 5 SETTLEMENT, 6 IDENTITY, 7 PERSONAL, 8 LOG,"
        " 255 OTHER"
    ),
    tracing.HopEvent: "1 RECEIVED, 2 STORED, 3 QUEUED, 4 SENT, 5 ANSWERED, 6 GIVEN_UP",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(*MODULES) == {cls.__name__ for cls in CATALOGUE}


def test_no_enumeration_stands_outside_the_catalogue() -> None:
    found = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Enum)
        and value.__module__ == module.__name__
    }
    assert found == set(ENUMERATIONS)


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)


def test_the_grade_of_an_asset_is_not_the_class_of_the_object_that_tells_it() -> None:
    text = b'{"AssetName":"tariffs","Category":1,"Grade":"PUB","Owner":"o","Retention":1095,'
    asset = json.decode(security.DataAsset, text + b'"RiskScore":0}')
    assert (asset.asset_grade, asset.grade) == (Grade.PUB, Grade.SEN)


def test_an_entry_of_the_service_list_keeps_its_element_name_in_xml() -> None:
    entry = ServiceEntry(name="QueryTime", rest="GET /time", security_class="INT")
    listing = ServiceList(versions=("1",), suites=(), operations=(entry,))
    text = xml.write(listing)
    assert b"<Operations><ServiceItem><Name>QueryTime</Name>" in text
    assert xsd.accept(ServiceList, xml.parse(text)) == listing
