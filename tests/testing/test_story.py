"""The story of the examples, played by real gateways of all parties: it happens as it is told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from vgigw.codec.example import moment
from vgigw.codec.example_exchange import party_of, request_of, response_of, roles_of
from vgigw.errors import UnknownObject, VgigwError
from vgigw.gateway import Gateway
from vgigw.handlers import builtin
from vgigw.objects import InformationObject
from vgigw.operations import BY_NAME, Role
from vgigw.platform_functions import plain
from vgigw.ports import Identity
from vgigw.senders.rest import RestCourier
from vgigw.testing.example_messages import known
from vgigw.testing.loopback import FakeClock, LoopbackSender

ORDER = """
QueryToken QueryServices QueryTime Heartbeat SubmitAccess DecideAccess NotifyKeyChange
PushOperator PushArchive PushCustomer PushLoadDevice PushGridNode PushGridParameter PushResource
GrantConsent PushVehicle PushTrip QueryStationsInfo QueryCustomers QueryLoadDevices QueryOperators
QueryResources QueryLedger QueryGridTrace QueryConsent
PushDeviceState QueryStationStatus UploadTelemetry BackfillData QueryTelemetry RecallData
QueryBackfill QueryEquipAuth QueryEquipBusinessPolicy QueryStartCharge NotifyStartChargeResult
PushChargeStatus QueryEquipChargeStatus QueryStopCharge NotifyStopChargeResult PushChargeOrder
CheckChargeOrders QueryStationStats ReportCapability SubmitPlan QueryPlan IssueControl AckControl
ReportExecution QueryControl SyncEdge CancelControl PushDREvent RespondDREvent SubmitDeclaration
PublishClearing PublishAssessment SubmitAppeal PublishEnergyStatement PublishSettlement Reconcile
QueryIncome QueryInvoice PublishNotice ConfirmNotice PublishPrice PushAlarm QueryAlarms ClearAlarm
NotifySanction SubmitMaintenance ApproveMaintenance QueryMaintenance SubmitOutageExplanation
QueryEvaluation SubmitSupplyScheme QuerySupplyScheme NotifyFile AckFile QueryAssets QueryAudit
QueryTrace WithdrawConsent
"""
TOLD_OTHERWISE = {
    "QueryToken": "a token is drawn",
    "QueryServices": "the list is as long as the table",
    "RecallData": "the platform names its job",
    "QueryBackfill": "the platform named its job",
    "QueryEquipAuth": "what an operator's own charging system decides",
    "QueryEquipBusinessPolicy": "what an operator's own charging system decides",
    "QueryStartCharge": "what an operator's own charging system decides",
    "QueryStopCharge": "what an operator's own charging system decides",
    "QueryEvaluation": "figures of a whole day",
    "QueryAudit": "hashes of a chain",
    "QueryTrace": "hops of all that happened before",
}
"""Answers that no example can foresee, and why."""


class Country:
    """A gateway for each party, face to face."""

    def __init__(self) -> None:
        net = LoopbackSender(FakeClock(moment()))
        self._gateways: dict[Role, Gateway] = {}
        self._authors: dict[Role, set[str]] = {}
        for role in Role:
            identity = _identity(role)
            duties = builtin(identity, functions=plain())
            self._authors[role] = set(duties.authors)
            self._gateways[role] = Gateway(
                identity=identity,
                store=fresh_store(),
                duties=duties,
                couriers={"rest": RestCourier(party_of(role))},
                sender=net,
            )
            net.join(role.value, self._gateways[role])

    def play(self, name: str, **members: Any) -> InformationObject:
        """The answer to one operation. What a gateway keeps of its own acts it sends by its outbox;
        asking again then gives the answer to that."""
        row = BY_NAME[name]
        caller, callee = roles_of(row)
        gateway, request = self._gateways[caller], replace(request_of(row), **members)
        if name in self._authors[caller]:
            try:
                gateway.send(party_of(callee), row, request, moment())
            except UnknownObject:
                pass  # an act on what it was not told of: it cannot be its author
            else:
                gateway.deliver(party_of(callee), moment())
        return gateway.call(party_of(callee), row, request, moment(), "T-20261201-0001")


def _identity(role: Role) -> Identity:
    peers = {
        party_of(other): replace(known(other, "rest"), paths=(f"loop://{other.value}/vgi/v1",))
        for other in Role
        if other is not role
    }
    return Identity(operator_id=party_of(role), role=role, peers=peers)


@pytest.fixture(scope="module")
def answers() -> dict[str, InformationObject | VgigwError]:
    """What came of each operation, in the order of the story."""
    country = Country()
    found: dict[str, InformationObject | VgigwError] = {}
    for name in ORDER.split():
        members: dict[str, Any] = {}
        if name == "QueryBackfill":
            members["job_id"] = getattr(found["RecallData"], "job_id", "J")
        try:
            found[name] = country.play(name, **members)
        except VgigwError as refused:
            found[name] = refused
    return found


def test_the_story_has_every_operation() -> None:
    assert sorted(ORDER.split()) == sorted(BY_NAME)
    assert set(TOLD_OTHERWISE) <= set(BY_NAME)


@pytest.mark.parametrize("name", ORDER.split())
def test_every_example_is_accepted_and_answered_as_told(
    name: str, answers: dict[str, InformationObject | VgigwError]
) -> None:
    answer = answers[name]
    assert isinstance(answer, BY_NAME[name].response), answer
    if name not in TOLD_OTHERWISE:
        assert answer == response_of(BY_NAME[name])


@pytest.mark.parametrize("name", TOLD_OTHERWISE)
def test_what_is_told_otherwise_is_so(
    name: str, answers: dict[str, InformationObject | VgigwError]
) -> None:
    assert answers[name] != response_of(BY_NAME[name])
