"""``vgigw peers --release``: a hold is ended by two persons, and told. PLT-8.7b, PLT-8.11b."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from msgspec.structs import replace

from tests.cases.applied import a_sanction
from tests.cli.processes import OPERATOR
from tests.cli.test_peers import config, invoke, standing
from vgigw import Gateway
from vgigw import operations as ops
from vgigw.errors import IllegalState
from vgigw.handlers.alarm_raising import ALARMS
from vgigw.handlers.audit import AUDIT
from vgigw.handlers.network_changes import NetworkChanges, Noted
from vgigw.handlers.release import release_access
from vgigw.objects import AlarmState, SanctionKind
from vgigw.ports import OnChange
from vgigw.rules.network_change import Change

__all__ = ["config"]
TWO = ("--by", "Li Wei", "--by", "Wang Fang")


def release(config: Path, *by: str, party: str = OPERATOR) -> Result:
    return invoke("peers", "-c", config, "--release", party, *by)


def hold_by_a_change(config: Path) -> None:
    """The network of the operator changed, and its profile holds it."""
    gateway, now = Gateway.from_config(config), datetime.now(UTC)
    peers = dict(gateway.identity.peers)
    peers[OPERATOR] = replace(peers[OPERATOR], on_change=OnChange.HOLD)
    changes = NetworkChanges(replace(gateway.identity, peers=peers))
    gateway.store.write(lambda tx: changes.changed(OPERATOR, Change.SOURCE, Noted(), tx, now))
    gateway.close()


def test_plt_8_7b_a_hold_is_ended_by_two_persons_and_told(config: Path) -> None:
    hold_by_a_change(config)
    assert standing(config)["access"] == "held"
    ran = release(config, *TWO)
    assert ran.exit_code == 0, ran.output
    assert f"{OPERATOR} is no longer held, by Li Wei and Wang Fang" in ran.stderr
    assert "SOURCE_NEW" in ran.stderr
    assert (standing(config)["admitted"], standing(config)["access"]) == (True, "configured")
    gateway = Gateway.from_config(config)
    own = gateway.identity.operator_id
    acts, alarms = gateway.store.read(
        lambda view: (AUDIT.all(view, owner=own), ALARMS.all(view, owner=own))
    )
    gateway.close()
    released = [(each.actor, each.object_ref) for each in acts if each.action == "ReleaseAccess"]
    assert released == [("Li Wei", OPERATOR), ("Wang Fang", OPERATOR)]
    assert [each.alarm_state for each in alarms] == [AlarmState.CLEARED]


@pytest.mark.parametrize("by", [("--by", "Li Wei"), ("--by", "Li Wei", "--by", " LI  wei")])
def test_plt_8_7b_one_person_releases_nobody(config: Path, by: tuple[str, ...]) -> None:
    standing(config, "--hold", OPERATOR, "--by", "Li Wei")
    refused = release(config, *by)
    assert refused.exit_code != 0
    assert "2 different persons" in refused.output
    assert standing(config)["access"] == "held"


def test_plt_8_11a_a_release_takes_the_place_of_no_approval(config: Path) -> None:
    not_held = release(config, *TWO)
    assert (not_held.exit_code, "cannot be released" in not_held.output) == (1, True)
    assert release(config, *TWO, party="999999999").exit_code == 2
    assert invoke("peers", "-c", config, "--by", "Li Wei").exit_code == 2
    gateway, now = Gateway.from_config(config), datetime.now(UTC)
    peers = dict(gateway.identity.peers)
    peers[OPERATOR] = replace(peers[OPERATOR], approved=False)
    identity = replace(gateway.identity, peers=peers)
    with pytest.raises(IllegalState, match="never approved"):
        gateway.store.write(lambda tx: release_access(identity, OPERATOR, ("a", "b"), tx, now))
    gateway.close()


def test_plt_8_7b_who_was_removed_is_not_released(config: Path, tmp_path: Path) -> None:
    gateway, now = Gateway.from_config(config), datetime.now(UTC)
    for kind in (SanctionKind.NOTICE, SanctionKind.DISCONNECT, SanctionKind.REMOVE):
        gateway.send(OPERATOR, ops.NOTIFY_SANCTION, a_sanction(kind), now)
    gateway.close()
    refused = release(config, *TWO)
    assert (refused.exit_code, "was removed" in refused.output) == (1, True)


def test_plt_8_11b_the_doctor_tells_who_is_held_and_what_leads_back(config: Path) -> None:
    def told() -> list[dict[str, str]]:
        found = json.loads(invoke("doctor", "-c", config, "--json").stdout)["checks"]
        return [each for each in found if each["check"] == f"access {OPERATOR}"]

    assert told() == []
    standing(config, "--hold", OPERATOR, "--by", "Li Wei")
    (finding,) = told()
    assert finding["state"] == "warn"
    assert "--release" in finding["advice"]
