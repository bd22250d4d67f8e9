"""The checks of ``vgigw doctor`` on sets of secrets in the key ring: in use, ending, unused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from vgigw.cli.findings import Finding, State
from vgigw.cli.key_advice import make_set, rotate, take_set
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import IN_USE, KeyState
from vgigw.errors import Misconfigured
from vgigw.server.config import Config
from vgigw.server.config_peers import PeerSection
from vgigw.server.link_keys import RING_FILE, ring_of

SOON: Final = timedelta(days=30)
"""A set that ends sooner, and has no successor, is worth a word."""

_Direction = tuple[str, str]
"""Who issued a set, and who uses it."""


def sets_of_peers(config: Config) -> Iterator[Finding]:
    """Whether the ring has a set in use for each direction that looks there, and looks for each
    that it has."""
    named = {
        direction: section
        for section in config.peers
        for direction in _looked_up(config.gateway.operator_id, section)
    }
    if not named and not (config.state_dir / RING_FILE).exists():
        return
    try:
        records = ring_of(config).records()
    except Misconfigured as fault:
        if named:
            advice = "set gateway.master_key to where the master key is"
            yield Finding(State.FAIL, "key ring", fault.message, advice)
        return
    sets = [one for one in records if one.algorithm is Algorithm.SECRETS]
    now = datetime.now(UTC)
    for direction in named:
        held = [one for one in sets if (one.party, one.peer) == direction]
        yield _found(config.gateway.operator_id, direction, held, now)
    for one in sets:
        if (one.party, one.peer or "") not in named and one.state in IN_USE:
            what = f"set {one.key_id} of {one.party} for {one.peer} is not used"
            advice = "write ring = true in its section, or revoke the set"
            yield Finding(State.WARN, "secrets", what, advice)


def _looked_up(own: str, section: PeerSection) -> Iterator[_Direction]:
    if section.inbound.ring:
        yield own, section.operator_id
    if section.outbound is not None and section.outbound.ring:
        yield section.operator_id, own


def _found(own: str, direction: _Direction, held: list[KeyRecord], now: datetime) -> Finding:
    issuer, user = direction
    ours = issuer == own
    check = f"secrets {user if ours else issuer}"
    what = "issued by us" if ours else "issued by the peer"
    in_use = [one for one in held if one.state in IN_USE and one.not_before <= now <= one.not_after]
    if not in_use:
        advice = f"make one: {make_set(user)}, and export it to the peer"
        if not ours:
            advice = f"get a set of the peer's: {take_set(issuer)}"
        return Finding(State.FAIL, check, f"no set of secrets in use, {what}", advice)
    last = max(in_use, key=lambda one: one.not_after)
    until = f"{what}: {last.key_id} until {last.not_after:%Y-%m-%d}"
    followed = any(one.state is KeyState.ACTIVE and one.not_before > now for one in held)
    active = [one for one in in_use if one.state is KeyState.ACTIVE]
    if not followed and (last.not_after - now < SOON or not active):
        advice = "ask the peer for its next set, and import it"
        if ours:
            # Only what is active is rotated.
            command = rotate(active[-1].key_id) if active else make_set(user)
            advice = f"{command}, and export that to the peer"
        return Finding(State.WARN, check, until, advice)
    return Finding(State.OK, check, until)
