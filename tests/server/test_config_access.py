"""``approved`` and ``on_change``: refused where what they ask for can never come. PLT-8.11."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.test_config import GATEWAY, PEER, loaded, refusal
from tests.server.test_config_unsigned import text
from vgigw.ports import OnChange
from vgigw.server.identity_from import identity_from

ROLES = ["operator", "aggregator", "dispatch"]


def of_role(role: str, key: str) -> str:
    peer = PEER.replace('role = "operator"', f'role = "platform"\n{key}')
    return GATEWAY.replace('"platform"', f'"{role}"') + peer


@pytest.mark.parametrize("role", ROLES)
def test_plt_8_11a_who_gives_no_access_cannot_have_it_applied_for(
    tmp_path: Path, role: str
) -> None:
    told = refusal(tmp_path, of_role(role, "approved = false"))
    assert "approved = false" in told
    assert "only a platform does; leave it out" in told


@pytest.mark.parametrize("role", ROLES)
def test_plt_8_11b_who_takes_no_application_cannot_hold(tmp_path: Path, role: str) -> None:
    told = refusal(tmp_path, of_role(role, 'on_change = "hold"'))
    assert 'set "refuse" or "alarm"' in told
    for word in ("refuse", "alarm"):
        peers = identity_from(loaded(tmp_path, of_role(role, f'on_change = "{word}"'))).peers
        assert peers["123456789"].upon_change is OnChange(word)


@pytest.mark.parametrize(
    ("keys", "advice"),
    [
        ({"on_change": '"hold"'}, 'or on_change = "refuse"'),
        ({"approved": "false"}, "or leave approved out"),
        ({"approved": "false", "on_change": '"refuse"'}, "or leave approved out"),
    ],
)
def test_attack_one_message_from_elsewhere_does_not_lock_an_unsigned_peer_out_for_good(
    tmp_path: Path, keys: dict[str, str], advice: str
) -> None:
    told = refusal(tmp_path, text(**keys))
    assert "123456789: unsigned: " in told
    assert "set unsigned_sensitive" in told
    assert advice in told
    loaded(tmp_path, text(unsigned_sensitive="true", **keys))
