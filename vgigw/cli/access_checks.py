"""The checks of ``vgigw doctor`` on access: which parties a platform holds, and what leads back."""

from __future__ import annotations

from collections.abc import Iterator

from vgigw.cli.findings import Finding, State
from vgigw.errors import VgigwError
from vgigw.handlers.endpoints import is_unapproved
from vgigw.handlers.standing import Standing, standing_of
from vgigw.operations import Role
from vgigw.ports import Identity, OnChange, View
from vgigw.rules.access import SHUT, AccessStage
from vgigw.server.config import DATABASE, Config
from vgigw.server.identity_from import identity_from
from vgigw.server.stores import looked_up, url_of

RELEASE = (
    "it applies anew and two roles approve; or two persons end it by vgigw peers --release, once "
    "its networks and certificates in the configuration are right"
)
_APPLY = "it applies by SubmitAccess, and two roles approve"


def held_peers(config: Config) -> Iterator[Finding]:
    """Each party that is refused (4304) whatever it does, by what is kept of it. PLT-8.11b."""
    if config.gateway.role is not Role.PLATFORM:
        return
    try:
        if not _is_kept(config):
            return
        identity = identity_from(config)

        def standings(view: View) -> list[Standing]:
            return [standing_of(view, identity, party) for party in identity.peers]

        found = looked_up(config, standings)
    except VgigwError:
        # Whoever opens the store, and reads the secrets, tells of it.
        return
    for each in found:
        if each.stage in SHUT:
            is_held = each.stage is AccessStage.HELD and identity.peers[each.party_id].approved
            advice = RELEASE if is_held else _APPLY
            what = f"its access is {each.stage.value}: it is refused (4304)"
            yield Finding(State.WARN, f"access {each.party_id}", what, advice)


def unapproved_endpoints(config: Config, identity: Identity) -> frozenset[str]:
    """The peers to which nothing may be sent, by what is kept of them; each that may be held, where
    that cannot be read. PLT-8.11b."""

    def parties(view: View) -> list[str]:
        return [each for each in identity.peers if is_unapproved(identity, each, view)]

    try:
        return frozenset(looked_up(config, parties) if _is_kept(config) else ())
    except VgigwError:
        peers = identity.peers.items()
        return frozenset(each for each, peer in peers if peer.upon_change is OnChange.HOLD)


def _is_kept(config: Config) -> bool:
    """Whether there is a store; one that is missing is not made by a look."""
    return url_of(config) is not None or (config.state_dir / DATABASE).exists()
