"""Applications, outages and sanctions against the catalogue. PLT-8.7b, PLT-8.9a to PLT-8.11."""

from __future__ import annotations

from enum import Enum

import pytest

from tests.objects.catalogue import declared, objects_in, survives_json_and_xml, written
from vgigw.objects import application_enumerations as enumerations
from vgigw.objects import applications, outages
from vgigw.objects.applications import (
    AccessApplication,
    ApplicationDecision,
    ApplicationStatus,
    Approval,
    MaintenanceApplication,
    MaintenancePage,
    MaintenanceQuery,
    NetworkRule,
)
from vgigw.objects.declaration import Grade, InformationObject
from vgigw.objects.outages import Confirmation, OutageRecord, Sanction

APPLICATION = """
ApplicationID S(40) R
ApplicantID S(9..18) R
ApplyTime T R
State E<ApplicationState> R
Approvals L<O<Approval>>[0,50] O
"""

CATALOGUE: dict[type[InformationObject], tuple[Grade, str]] = {
    Approval: (
        Grade.INT,
        """
        Role E<ApprovalRole> R
        By S(64) R SEN
        Time T R
        Opinion S(1024) O
        Decision E<Decision> R
        """,
    ),
    MaintenanceApplication: (
        Grade.INT,
        """
        WorkKind E<WorkKind> R
        WorkContent S(1024) R
        AffectedObjects L<S(32)>[1,10000] R
        WorkStart T R
        WorkEnd T R
        """
        + APPLICATION,
    ),
    NetworkRule: (
        Grade.SEN,
        """
        SrcIP S(64) R SEN
        DstIP S(64) R SEN
        Port I[1,65535] R
        Protocol S(16) R
        Purpose S(200) R
        """,
    ),
    AccessApplication: (
        Grade.SEN,
        """
        AccessKind E<AccessKind> R
        NetworkPolicy L<O<NetworkRule>>[1,1000] R SEN
        NetworkTopologyRef S(256) R SEN
        SecurityPlanRef S(256) R SEN
        Certificates L<S(256)>[1,50] R SEN
        StandardsDeclared L<S(64)>[1,50] R
        """
        + APPLICATION,
    ),
    ApplicationDecision: (
        Grade.INT,
        """
        ApplicationID S(40) R
        Decision E<Decision> R
        Role E<ApprovalRole> R
        By S(64) R SEN
        Time T R
        Opinion S(1024) O
        """,
    ),
    ApplicationStatus: (
        Grade.INT,
        """
        ApplicationID S(40) R
        State E<ApplicationState> R
        Approvals L<O<Approval>>[0,50] O
        """,
    ),
    MaintenanceQuery: (
        Grade.INT,
        """
        ApplicationID S(40) O
        PageNo I[1,1000000] O
        PageSize I[1,1000] O
        """,
    ),
    MaintenancePage: (
        Grade.INT,
        """
        PageNo I[1,1000000] R
        PageCount I[0,) R
        ItemSize I[0,) R
        MaintenanceApplications L<O<MaintenanceApplication>> O
        """,
    ),
    OutageRecord: (
        Grade.INT,
        """
        OutageID S(40) R
        AggregatorID S(9..18) O
        ResourceIDs L<S(32)>[0,10000] O
        OutageStart T R
        OutageEnd T R
        Cause E<OutageCause> R
        ExplanationRef S(256) R
        Explanation S(1024) O
        """,
    ),
    Sanction: (
        Grade.INT,
        """
        SanctionID S(40) R
        PartyID S(9..18) R
        SanctionKind E<SanctionKind> R
        AccessState E<AccessState> R
        Reason S(200) R
        IssueTime T R
        CommandID S(40) O
        AssessmentID S(40) O
        Confirmations L<O<Confirmation>>[0,10] O
        """,
    ),
    Confirmation: (
        Grade.INT,
        """
        By S(64) R SEN
        Time T R
        """,
    ),
}

ENUMERATIONS: dict[type[Enum], str] = {
    enumerations.ApplicationState: (
        "1 SUBMITTED, 2 APPROVED, 3 REFUSED, 4 WITHDRAWN, 5 RUNNING, 6 FINISHED"
    ),
    enumerations.WorkKind: "1 MAINTENANCE, 2 UPGRADE, 3 OTHER",
    enumerations.AccessKind: "1 FIRST_ACCESS, 2 NETWORK_CHANGE",
    enumerations.ApprovalRole: "1 PLATFORM, 2 DISPATCH, 3 INFORMATION, 4 NETWORK_SECURITY",
    enumerations.Decision: "1 APPROVED, 2 REFUSED",
    enumerations.OutageCause: "1 PLATFORM, 2 NETWORK, 3 DATA",
}


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_has_the_members_limits_and_class_of_the_catalogue(
    cls: type[InformationObject],
) -> None:
    grade, table = CATALOGUE[cls]
    assert declared(cls) == written(table)
    assert cls.grade is grade


def test_no_object_stands_outside_the_catalogue() -> None:
    assert objects_in(applications, outages) == {cls.__name__ for cls in CATALOGUE}


def test_no_enumeration_stands_outside_the_catalogue() -> None:
    found = {
        value
        for value in vars(enumerations).values()
        if isinstance(value, type) and value.__module__ == enumerations.__name__
    }
    assert found == set(ENUMERATIONS)


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda cls: cls.__name__)
def test_an_enumeration_has_the_numbers_of_the_catalogue(enumeration: type[Enum]) -> None:
    choices = ", ".join(f"{choice.value} {choice.name}" for choice in enumeration)
    assert choices == ENUMERATIONS[enumeration]


@pytest.mark.parametrize("cls", CATALOGUE, ids=lambda cls: cls.__name__)
def test_an_object_survives_json_and_xml(cls: type[InformationObject]) -> None:
    survives_json_and_xml(cls)
