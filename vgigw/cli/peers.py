"""``vgigw peers``: where each party stands, holding one whose network changed, and ending a hold.

PLT-8.7b, PLT-8.11b.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from vgigw.cli.opened import gateway_of, looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.errors import Misconfigured
from vgigw.handlers.holding import hold_by_hand
from vgigw.handlers.links import link_of
from vgigw.handlers.release import release_access
from vgigw.handlers.standing import standing_of
from vgigw.operations import Role
from vgigw.ports import Identity, View
from vgigw.rules.access import SHUT, AccessStage
from vgigw.rules.distrust import Distrust
from vgigw.rules.link import LinkStage
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from

COLUMNS = ("peer", "role", "admitted", "access", "trust", "link", "since")


class PeerReport(msgspec.Struct, frozen=True):
    """One party: whether it may do business now, how far its access and our distrust have come, and
    its link by its beats, ``None`` where it never beat."""

    peer: str
    role: Role
    admitted: bool
    access: AccessStage
    distrust: Distrust
    link: LinkStage | None
    link_since: datetime | None


@click.command()
@config_option
@click.option(
    "--hold",
    metavar="PEER",
    help="Hold the access of this operator id, by a person, until a new application is approved.",
)
@click.option(
    "--release",
    metavar="PEER",
    help="End the hold of this operator id by two persons; correct its section before.",
)
@click.option(
    "--by", multiple=True, metavar="NAME", help="Who holds; or who releases: two persons."
)
@json_option
def peers(
    config: Path, hold: str | None, release: str | None, by: tuple[str, ...], as_json: bool
) -> None:
    """Show where each party stands; with --hold, hold one whose network changed, with --release,
    end its hold. Each person who does so is an entry of the audit."""
    acts = sum(each is not None for each in (hold, release))
    if acts > 1 or bool(by) is not bool(acts):
        raise click.UsageError("give --hold PEER --by NAME, or --release PEER --by NAME --by NAME")
    identity = identity_from(load(config))
    if hold is not None:
        _hold(config, hold, by)
    if release is not None:
        _release(config, release, by)
    found = looked_up(config, lambda view: reports_of(identity, view))
    if as_json:
        print_json(found)
        return
    print_table(f"{len(found)} peers", COLUMNS, [_row(each) for each in found])


def reports_of(identity: Identity, view: View) -> list[PeerReport]:
    """Every peer of ``identity``, in the order of the configuration."""
    return [_report(identity, party, view) for party in identity.peers]


def _hold(config: Path, party: str, names: tuple[str, ...]) -> None:
    now = datetime.now(UTC)
    with gateway_of(config) as gateway:
        identity = gateway.identity
        _check(config, identity, party)
        done = gateway.store.write(lambda tx: hold_by_hand(identity, party, names, tx, now))
    by = " and ".join(done.by)
    click.echo(f"{done.peer} is held, by {by}, as the audit says", err=True)


def _release(config: Path, party: str, names: tuple[str, ...]) -> None:
    now = datetime.now(UTC)
    with gateway_of(config) as gateway:
        identity = gateway.identity
        _check(config, identity, party)
        done = gateway.store.write(lambda tx: release_access(identity, party, names, tx, now))
    over = ", ".join(done.alarms) or "none was open"
    # Beside what is shown, so that --json stays one document.
    click.echo(
        f"{done.peer} is no longer held, by {' and '.join(done.by)}, as the audit says; "
        f"alarms that are over: {over}",
        err=True,
    )


def _check(config: Path, identity: Identity, party: str) -> None:
    if identity.role is not Role.PLATFORM:
        raise Misconfigured(f"{config} is of no platform: it gives nobody access")
    if party not in identity.peers:
        known = ", ".join(identity.peers) or "none"
        raise Misconfigured(f"{party} is not a peer in {config}; there are: {known}")


def _report(identity: Identity, party: str, view: View) -> PeerReport:
    standing = standing_of(view, identity, party)
    link = link_of(view, party)
    return PeerReport(
        peer=party,
        role=identity.peers[party].role,
        admitted=standing.stage not in SHUT and not standing.cut_off,
        access=standing.stage,
        distrust=standing.distrust,
        link=link.stage if link else None,
        link_since=link.since if link else None,
    )


def _row(each: PeerReport) -> tuple[str, ...]:
    return (
        each.peer,
        each.role.value,
        "yes" if each.admitted else "no",
        each.access.value,
        each.distrust.value,
        each.link.value if each.link else "never beat",
        each.link_since.isoformat(timespec="seconds") if each.link_since else "",
    )
