"""``vgigw peers`` and the acts of a gateway at the command line. PLT-8.7b, PLT-8.11b."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cases.applied import a_sanction
from tests.cli.processes import DISPATCH, OPERATOR, PLATFORM, operator_config, prepared
from tests.hostile.ear import Ear
from vgigw import Gateway
from vgigw.cli import main
from vgigw.codec import json as canonical
from vgigw.handlers.audit import AUDIT
from vgigw.objects import SanctionKind


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a platform that was started once."""
    path, _ = prepared(tmp_path / "gw")
    Gateway.from_config(path).close()
    return path


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def standing(config: Path, *more: str, party: str = OPERATOR) -> dict[str, Any]:
    """The row of ``party``."""
    ran = invoke("peers", "-c", config, "--json", *more)
    assert ran.exit_code == 0, ran.output
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return next(each for each in rows if each["peer"] == party)


def send(config: Path, folder: Path, kind: SanctionKind, *more: str) -> Result:
    file = folder / f"{kind.name}.json"
    file.write_bytes(canonical.encode(a_sanction(kind)))
    return invoke("send", OPERATOR, "NotifySanction", file, "-c", config, *more)


def test_plt_8_11_who_was_never_decided_on_is_admitted(config: Path) -> None:
    found = standing(config)
    assert (found["admitted"], found["access"], found["distrust"]) == (
        True,
        "configured",
        "trusted",
    )
    assert found["link"] is None


def test_plt_8_11b_a_party_whose_network_changed_is_held_by_hand(config: Path) -> None:
    ran = invoke("peers", "-c", config, "--hold", OPERATOR, "--by", " Li  Wei")
    assert ran.exit_code == 0, ran.output
    assert f"{OPERATOR} is held, by Li Wei, as the audit says" in ran.stderr
    assert standing(config)["access"] == "held"
    assert not standing(config)["admitted"]
    assert standing(config, party=DISPATCH)["admitted"]
    assert "never beat" in invoke("peers", "-c", config).stdout


def test_plt_7_10d_who_held_a_party_by_hand_stands_in_the_audit(config: Path) -> None:
    standing(config, "--hold", OPERATOR, "--by", "Li Wei", "--by", "LI WEI", "--by", "Wang Fang")
    gateway = Gateway.from_config(config)
    own = gateway.identity.operator_id
    acts = gateway.store.read(lambda view: AUDIT.all(view, owner=own))
    gateway.close()
    held = [(each.actor, each.action, each.object_ref, each.result) for each in acts]
    assert held == [
        ("LI WEI", "HoldAccess", OPERATOR, 0),
        ("Wang Fang", "HoldAccess", OPERATOR, 0),
    ]


@pytest.mark.parametrize("by", [(), ("--by", "  ")], ids=["left out", "blank"])
def test_plt_7_10d_nobody_holds_a_party_without_a_name(config: Path, by: tuple[str, ...]) -> None:
    refused = invoke("peers", "-c", config, "--hold", OPERATOR, *by)
    assert refused.exit_code != 0
    assert ("--by NAME" if not by else "needs the person who holds") in refused.output
    assert standing(config)["access"] == "configured"


def test_plt_8_11b_a_stranger_is_not_held_and_nobody_holds_but_a_platform(
    config: Path, tmp_path: Path
) -> None:
    stranger = invoke("peers", "-c", config, "--hold", "999999999", "--by", "Li Wei")
    assert (stranger.exit_code, "999999999 is not a peer" in stranger.output) == (2, True)
    own = operator_config(tmp_path / "op", config, 1)
    refused = invoke("peers", "-c", own, "--hold", PLATFORM, "--by", "Li Wei")
    assert (refused.exit_code, "no platform" in refused.output) == (2, True)


def test_plt_8_11b_the_doctor_asks_nothing_of_an_endpoint_that_is_not_approved(
    config: Path,
) -> None:
    def found() -> tuple[str, str]:
        checks = json.loads(invoke("doctor", "-c", config, "--json").stdout)["checks"]
        (finding,) = (each for each in checks if each["check"] == f"peer {OPERATOR}")
        return finding["state"], finding["found"]

    gateway, text = Gateway.from_config(config), config.read_text()
    gateway.tick(datetime.now(UTC))
    gateway.close()
    with Ear() as ear:
        moved = text.replace("http://127.0.0.1:9100", ear.base)
        config.write_text(moved.replace('# on_change = "refuse"', 'on_change = "hold"', 1))
        state, told = found()
        assert (state, "endpoint is not approved" in told, ear.calls) == ("warn", True, 0)
        config.write_text(moved)
        assert "not approved" not in found()[1]
        assert ear.calls > 0


def test_plt_8_7b_a_sanction_is_in_force_where_it_was_sent_from(
    config: Path, tmp_path: Path
) -> None:
    told_only = send(config, tmp_path, SanctionKind.NOTICE)
    assert (told_only.exit_code, "--queue" in told_only.output) == (2, True)
    assert standing(config)["distrust"] == "trusted"

    for kind in (SanctionKind.NOTICE, SanctionKind.DISCONNECT):
        assert send(config, tmp_path, kind, "--queue").exit_code == 0
    found = standing(config)
    assert (found["admitted"], found["distrust"]) == (False, "disconnected")
