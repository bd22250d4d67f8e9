"""A changed source address or certificate holds the link, is refused, or is told. PLT-8.11b."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.applied import a_decision, an_access
from tests.handlers.test_access import stage
from tests.handlers.test_watch import alarms, look
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, kept, ret_of
from vgigw import operations as ops
from vgigw.envelope.wire import Transport
from vgigw.errors import StoreFailed
from vgigw.handlers.audit import AUDIT
from vgigw.objects import AccessKind, ApprovalRole, AuditRecord, Heartbeat, InformationObject
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import Operation
from vgigw.ports import OnChange, Protection
from vgigw.rules.access import AccessStage

DOORS = ["rest", "soap", "cec102"]
OWN, FOREIGN, NEW, NEXT = (f"sha256:{digit * 64}" for digit in "abcd")
HERE, ELSEWHERE = "127.0.0.1", "203.0.113.7"
HOLD, REFUSE, ALARM = OnChange.HOLD, OnChange.REFUSE, OnChange.ALARM
NETWORKS: dict[str, Any] = {"networks": ("127.0.0.0/8",)}
CERTIFICATES: dict[str, Any] = {"certificates": (OWN,), "protection": Protection.TRANSPORT}
TAKEN, FORGED, NOT_APPROVED = 0, 4001, 4304
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "SOURCE_NEW": (NETWORKS, {"source": HERE}, {"source": ELSEWHERE}),
    "CERTIFICATE_NEW": (CERTIFICATES, {"certificate": OWN}, {"certificate": NEW}),
}
each_change = pytest.mark.parametrize("change", CHANGES)


class World(Trio):
    """The platform watches one kind of change of the operator."""

    def __init__(self, change: str, on_change: OnChange | None, door: str = "rest") -> None:
        profile, self.same, self.changed = CHANGES[change]
        sees = {OPERATOR: {**profile, "on_change": on_change}, OTHER: {"certificates": (FOREIGN,)}}
        super().__init__(door, platform_sees=sees)
        self.number = 0

    def code(
        self,
        how: dict[str, Any],
        operation: Operation = ops.UPLOAD_TELEMETRY,
        request: InformationObject | None = None,
    ) -> int:
        """The code of a message that comes ``how``."""
        self.number += 1
        asked = request or batch(self.number, self.number, send_time=self.now)
        wire = self.sealed(operation, asked, self.token())
        if "certificate" in how:
            wire = replace(wire, transport=Transport.MUTUAL_TLS)
        return ret_of(self.give(replace(wire, **how)))

    def codes(self) -> tuple[int, int]:
        """The codes of a message that comes as approved, and of one that shows the change."""
        return self.code(self.same), self.code(self.changed)

    def apply(self, name: str = "X1", **changes: Any) -> int:
        """The operator applies, from its new network."""
        asked = an_access(name, access_kind=AccessKind.NETWORK_CHANGE, **changes)
        found = self.code(self.changed, ops.SUBMIT_ACCESS, asked)
        self.tick(3, step_s=1)
        return found

    def approve(self, name: str = "X1") -> None:
        """Two roles approve."""
        for role, by in ((ApprovalRole.DISPATCH, "Li"), (ApprovalRole.NETWORK_SECURITY, "Wang")):
            decision = a_decision(name, role, by)
            self.dispatch.send(PLATFORM, ops.DECIDE_ACCESS, decision, self.now)
            self.tick(3, step_s=1)


def naming(changed: dict[str, Any]) -> dict[str, Any]:
    """An application that names the new network and the new certificate."""
    rule = an_access().network_policy[0]
    network = f"{changed.get('source', '10.9.9.9')}/32"
    return {
        "network_policy": (replace(rule, src_ip=network),),
        "certificates": ("certificate.pem", changed.get("certificate", "x.pem").upper()),
    }


def audited(trio: Trio, change: str) -> list[AuditRecord]:
    held = trio.platform.store.read(lambda view: view.documents(AUDIT.kind, owner=PLATFORM))
    found = [kept(AuditRecord, each.payload) for each in held]
    return [each for each in found if each.action == change]


@each_change
@pytest.mark.parametrize("door", DOORS)
def test_plt_8_11b_a_change_holds_the_link_until_it_is_approved_by_two(
    change: str, door: str
) -> None:
    world = World(change, HOLD, door)
    assert world.codes() == (TAKEN, NOT_APPROVED)
    look(world)
    assert stage(world) is AccessStage.HELD
    assert world.codes() == (NOT_APPROVED, NOT_APPROVED)
    assert {each.alarm_code for each in alarms(world)} == {change}

    world.door = "rest"  # An application has no name on T/CEC 102 of the operator.
    assert world.apply(**naming(world.changed)) == TAKEN
    look(world)
    assert stage(world) is AccessStage.HELD_APPLIED
    assert world.codes() == (NOT_APPROVED, NOT_APPROVED)
    world.approve()
    assert world.codes() == (TAKEN, TAKEN)
    look(world)
    assert world.codes() == (TAKEN, TAKEN)


@each_change
def test_plt_8_11b_it_is_held_after_a_restart_and_what_was_approved_stays(change: str) -> None:
    world = World(change, HOLD)
    world.code(world.changed)
    look(world)
    world.restart(PLATFORM)
    assert world.codes() == (NOT_APPROVED, NOT_APPROVED)
    world.apply(**naming(world.changed))
    world.restart(PLATFORM)
    world.approve()
    world.restart(PLATFORM)
    assert world.codes() == (TAKEN, TAKEN)


@each_change
def test_plt_8_11b_an_approval_of_something_else_opens_nothing(change: str) -> None:
    world = World(change, HOLD)
    world.code(world.changed)
    look(world)
    world.apply()
    world.approve()
    assert world.codes() == (TAKEN, NOT_APPROVED)
    look(world)
    assert stage(world) is AccessStage.HELD


@each_change
def test_plt_8_11b_what_the_configuration_approves_is_refused_from_elsewhere(change: str) -> None:
    world = World(change, None)
    assert world.codes() == (TAKEN, NOT_APPROVED)
    look(world)
    assert world.codes() == (TAKEN, NOT_APPROVED)
    assert stage(world) is AccessStage.CONFIGURED
    (alarm,) = alarms(world)
    assert (alarm.alarm_code, alarm.object_id) == (change, OPERATOR)
    # Nobody shows the change any more: it is over by itself.
    look(world)
    world.tick(2, step_s=400)
    assert alarms(world) == []


@each_change
def test_plt_8_11b_an_alarm_alone_lets_it_go_on(change: str) -> None:
    world = World(change, ALARM)
    assert world.codes() == (TAKEN, TAKEN)
    look(world)
    assert world.codes() == (TAKEN, TAKEN)
    assert {each.alarm_code for each in alarms(world)} == {change}
    assert stage(world) is AccessStage.CONFIGURED


@each_change
@pytest.mark.parametrize("on_change", [HOLD, REFUSE, ALARM])
def test_plt_8_11b_a_change_is_in_the_audit_once_with_where_it_came_from(
    change: str, on_change: OnChange
) -> None:
    world = World(change, on_change)
    for _ in range(3):
        world.code(world.changed)
    look(world)
    world.code(world.changed)
    look(world)
    (entry,) = audited(world, change)
    source = world.changed.get("source", HERE)
    code = TAKEN if on_change is ALARM else NOT_APPROVED
    assert (entry.actor, entry.client_addr, entry.result) == (OPERATOR, source, code)


def test_plt_8_11b_who_has_to_apply_is_held_and_whom_the_configuration_names_is_refused() -> None:
    trio = Trio(platform_sees={OPERATOR: {"approved": False}})
    peers = trio.platform.identity.peers
    assert peers[OPERATOR].upon_change is HOLD
    assert peers[DISPATCH].upon_change is REFUSE
    assert replace(peers[OPERATOR], on_change=ALARM).upon_change is ALARM


@each_change
def test_plt_8_11b_asking_for_a_token_from_elsewhere_shows_it_too(change: str) -> None:
    world = World(change, HOLD)
    beat = Heartbeat(link_id=OPERATOR, seq=1, time=NOW, channel_role=ChannelRole.MAIN)
    assert world.code(world.changed, ops.HEARTBEAT, beat) == TAKEN
    look(world)
    assert stage(world) is AccessStage.HELD
    later = replace(beat, seq=2)
    wire = replace(world.sealed(ops.HEARTBEAT, later, world.token()), source=HERE)
    assert b'"State":4' in world.give(wire).body.replace(b" ", b"")


@each_change
@pytest.mark.parametrize("door", DOORS)
def test_attack_what_is_not_genuine_holds_nobody(change: str, door: str) -> None:
    world = World(change, HOLD, door)
    sealed = world.sealed(ops.UPLOAD_TELEMETRY, batch(1, 1), world.token())
    spoilt = replace(sealed, body=sealed.body.replace(b"1", b"2"), **world.changed)
    assert ret_of(world.give(replace(spoilt, transport=Transport.MUTUAL_TLS))) != TAKEN
    look(world)
    assert stage(world) is AccessStage.CONFIGURED
    assert {each.alarm_code for each in alarms(world)} <= {"FORGED"}


def test_attack_the_certificate_of_another_peer_is_a_forgery_and_no_change() -> None:
    world = World("CERTIFICATE_NEW", HOLD)
    assert world.code({"certificate": FOREIGN}) == FORGED
    look(world)
    assert stage(world) is AccessStage.CONFIGURED


def test_plt_10_3a_where_nobody_looks_at_a_new_certificate_it_is_as_good_as_none() -> None:
    world = World("CERTIFICATE_NEW", ALARM)
    duties = world.platform._duties
    blind = Trio(
        "rest",
        platform_sees={OPERATOR: {**CERTIFICATES, "on_change": ALARM}},
        wrap={PLATFORM: lambda own: replace(own, admit=None, sees_changes=False)},
    )
    assert duties.sees_changes
    wire = blind.sealed(ops.UPLOAD_TELEMETRY, batch(1, 1), blind.token())
    came = replace(wire, transport=Transport.MUTUAL_TLS, certificate=NEW)
    assert ret_of(blind.give(came)) == 4105


@each_change
def test_plt_8_11b_a_store_that_fails_loses_no_change(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(change, HOLD)
    world.code(world.changed)

    def failing(*_: Any) -> None:
        raise StoreFailed()

    with monkeypatch.context() as broken:
        broken.setattr(world.platform.store, "write", failing)
        with pytest.raises(StoreFailed):
            look(world)
    look(world)
    assert stage(world) is AccessStage.HELD


@each_change
def test_plt_8_11b_an_alarm_of_who_is_held_stays_until_it_is_approved(change: str) -> None:
    world = World(change, HOLD)
    world.code(world.changed)
    look(world)
    world.tick(3, step_s=400)
    assert [each.alarm_code for each in alarms(world)] == [change]
    world.apply(**naming(world.changed))
    world.approve()
    world.tick(3, step_s=timedelta(minutes=6).total_seconds())
    assert change not in {each.alarm_code for each in alarms(world)}


@each_change
def test_plt_8_11_an_application_is_no_change_wherever_it_comes_from(change: str) -> None:
    world = World(change, HOLD)
    token = world.token()
    wire = world.sealed(ops.SUBMIT_ACCESS, an_access(), token)
    came = replace(wire, **world.changed)
    if "certificate" in world.changed:
        came = replace(came, transport=Transport.MUTUAL_TLS)
    assert ret_of(world.give(came)) == TAKEN
    look(world)
    assert stage(world) is AccessStage.APPLIED
    assert alarms(world) == []
