"""The operations table against its second source, and each difference with its reason. ACC-7.6."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.operations.catalogue import LINES, TABLE
from vgigw.operations import OPERATIONS, Operation, Role

DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "decisions"
DECIDED = {
    "Heartbeat": ("0006", "its numbers begin again when a peer restarts: a repeat is told anew"),
    "UploadTelemetry": ("0005", "a recall brings the same records in another batch"),
    "BackfillData": ("0005", "a recall brings the same records in another batch"),
    "AckControl": ("0005", "the second version of a curve is acknowledged once more"),
}
"""Keys that differ from the specification, by decision."""

KEYS = {
    "NotifyKeyChange": "one key is told of as new, as retiring and as revoked",
    "PushResource": "an operator passes on what belongs to several aggregators",
    "PushDeviceState": "an operator passes on the changes of others",
    "NotifyStartChargeResult": "a later result of one start is another message (0012)",
    "NotifyStopChargeResult": "a later result of one stop is another message (0012)",
    "PushDREvent": "an event is told again in each of its states",
    "PublishEnergyStatement": "a corrected statement is a version of it: 4204 of its row",
    "PublishSettlement": "a corrected statement is a version of it: 4204 of its row",
    "ConfirmNotice": "each addressee confirms",
    "ClearAlarm": "an alarm that came back is cleared again",
    "ApproveMaintenance": "both sides decide, and may decide anew",
    "DecideAccess": "both sides decide, and may decide anew",
}
"""Keys that hold more than the specification names, or where it names none for the operation."""

SILENT_ON_DIRECTION = {
    "RespondDREvent": "the answer walks back the way of its event",
    "ConfirmNotice": "the receipt walks back the way of its notice",
    "ApproveMaintenance": "dispatch decides, and the applicant is told",
    "DecideAccess": "dispatch decides, and the applicant is told",
    "QueryBackfill": "the platform asks whoever fills its gap",
}
"""The row has an arrow for another of its operations only."""

ADDED = {
    "O": "an operator may take part without an aggregator, in every role of one",
    "A": "an aggregator may run stations of its own, in every role of an operator",
    "V": "makers of vehicles are told what aggregators are told, and apply like them",
    "X": "the exchange is a role of its own; the rows write dispatch, or D(exchange)",
    "D": "dispatch asks for what is pushed to it, and publishes clearings as well",
    "T": "supervision asks the platform where it may ask dispatch or operators",
}
"""Why a direction is added, by the role that it is added for."""

ADDED_FOR = {
    "QueryStationsInfo": "A",
    "PushArchive": "O",
    "PushOperator": "O",
    "QueryOperators": "OD",
    "PushResource": "O",
    "QueryResources": "OD",
    "QueryGridTrace": "O",
    "PushGridNode": "O",
    "PushGridParameter": "O",
    "GrantConsent": "A",
    "QueryConsent": "A",
    "WithdrawConsent": "A",
    "PushDeviceState": "AO",
    "QueryStationStatus": "AOT",
    "RecallData": "O",
    "BackfillData": "O",
    "PushChargeStatus": "AO",
    "QueryStationStats": "AOT",
    "ReportCapability": "O",
    "SubmitPlan": "O",
    "QueryPlan": "O",
    "IssueControl": "O",
    "AckControl": "O",
    "CancelControl": "O",
    "ReportExecution": "O",
    "QueryControl": "O",
    "PushDREvent": "O",
    "SubmitDeclaration": "O",
    "PublishClearing": "DO",
    "PublishAssessment": "O",
    "SubmitAppeal": "O",
    "PublishEnergyStatement": "XO",
    "PublishSettlement": "O",
    "Reconcile": "O",
    "PublishNotice": "XOV",
    "PublishPrice": "XOV",
    "NotifySanction": "OV",
    "SubmitMaintenance": "O",
    "QueryMaintenance": "OD",
    "SubmitAccess": "OV",
    "SubmitOutageExplanation": "O",
    "QueryEvaluation": "O",
    "SyncEdge": "O",
    "NotifyFile": "X",
    "AckFile": "X",
    "QueryTrace": "T",
}
"""Roles that an operation is open to beyond what the specification says."""

each_operation = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)


def wire_key(row: Operation) -> frozenset[str]:
    wire = {field.name: field.encode_name for field in msgspec.structs.fields(row.request)}
    return frozenset(wire[member] for member in row.key)


def test_each_operation_stands_in_the_catalogue_once() -> None:
    assert len(LINES) == len(TABLE) == len(OPERATIONS) == 83
    assert set(TABLE) == {row.name for row in OPERATIONS}
    assert {number for written in TABLE.values() for number in written.rows} == set(range(1, 57))


@each_operation
def test_a_row_says_what_the_catalogue_says(row: Operation) -> None:
    said = TABLE[row.name]
    assert said.rows == row.rows
    assert said.grade == row.grade.name
    assert said.rest == row.rest
    assert said.cec102 == row.cec102
    assert said.request == row.request.__name__
    assert said.response == row.response.__name__
    assert said.key == wire_key(row)
    assert said.errors == frozenset(row.errors)


@each_operation
def test_who_may_call_whom_is_what_the_catalogue_says_acc_5_2(row: Operation) -> None:
    cells = {
        (caller, callee)
        for direction in row.directions
        for caller in direction.callers
        for callee in direction.callees
    }
    assert cells == TABLE[row.name].cells
    assert {(a, b) for a in Role for b in Role if row.may_call(a, b)} == TABLE[row.name].cells


def test_each_difference_of_a_key_has_a_reason_and_no_reason_is_left_over() -> None:
    differing = {name for name, said in TABLE.items() if said.left_out or "key" in said.added}
    assert differing == {*DECIDED, *KEYS}
    for decision, _ in DECIDED.values():
        assert list(DECISIONS.glob(f"{decision}-*.md")), decision


def test_each_direction_that_is_added_is_for_a_role_with_a_reason() -> None:
    added = {name: said.added["cells"] for name, said in TABLE.items() if "cells" in said.added}
    assert set(added) == {*ADDED_FOR, *SILENT_ON_DIRECTION}
    assert set("".join(ADDED_FOR.values())) == set(ADDED)
    for name, roles in ADDED_FOR.items():
        for word in added[name]:
            assert set(word) & set(roles), (name, word)
        assert all(role in "".join(added[name]) for role in roles), name
