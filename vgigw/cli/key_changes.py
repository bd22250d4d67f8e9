"""``vgigw keys new``, ``rotate``, ``revoke`` and ``reseal``: keys begin, follow each other and end,
and all of them rest under another master."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from vgigw.cli.key_options import (
    Opened,
    algorithm_option,
    days_option,
    now_s,
    party_option,
    peer_option,
    place_of,
    purpose_of,
    purpose_option,
    show_keys,
)
from vgigw.cli.options import json_option, print_json
from vgigw.crypto.key_algorithms import OF_SUITE, Algorithm
from vgigw.crypto.key_ring import OVERLAP
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.server.link_keys import master_of

_MOST_OVERLAP_S = 30 * 86_400


@click.command()
@click.argument("key_id")
@algorithm_option
@purpose_option
@peer_option
@days_option
@click.option(
    "--begin-in-s",
    type=click.IntRange(0, _MOST_OVERLAP_S),
    help="Seconds until it begins: 0, or 86400 to sign where peers know another key already.",
)
@json_option
@click.pass_obj
def new(
    opened: Opened,
    key_id: str,
    algorithm: str,
    purpose: str | None,
    peer: str | None,
    days: int,
    begin_in_s: int | None,
    as_json: bool,
) -> None:
    """Make a private key of ours, or a set of secrets for --peer. It begins now, or later where
    another signs until then."""
    kind, now = Algorithm(algorithm), now_s()
    use = purpose_of(purpose, kind)
    if begin_in_s is not None:
        begin = now + timedelta(seconds=begin_in_s)
    else:
        # What it signs is refused until the peers know it.
        begin = now + OVERLAP if _another_signs(opened, kind, use, peer, now) else now
    record = opened.ring.new(
        key_id, kind, use, not_before=begin, not_after=begin + timedelta(days=days), peer=peer
    )
    show_keys(opened, [record], as_json=as_json)


def _another_signs(
    opened: Opened, kind: Algorithm, use: Purpose, peer: str | None, now: datetime
) -> bool:
    """Whether a key of ours signs on a link that the new one would sign on, too."""
    return use is Purpose.SIGN and any(
        one.party == opened.ring.own
        and one.purpose is use
        and any({kind, one.algorithm} <= kinds for kinds in OF_SUITE.values())
        and (None in (peer, one.peer) or peer == one.peer)
        and one.state is KeyState.ACTIVE
        and one.not_before <= now <= one.not_after
        for one in opened.ring.records()
    )


@click.command()
@click.argument("key_id")
@click.argument("new_id")
@days_option
@click.option("--at-once", is_flag=True, help="The old key makes nothing new from now on.")
@click.option(
    "--overlap-s",
    type=click.IntRange(1, _MOST_OVERLAP_S),
    default=int(OVERLAP.total_seconds()),
    show_default=True,
    help="Seconds until the new key begins, and then again until the old one ends.",
)
@json_option
@click.pass_obj
def rotate(
    opened: Opened,
    key_id: str,
    new_id: str,
    days: int,
    at_once: bool,
    overlap_s: int,
    as_json: bool,
) -> None:
    """Make the successor of a key of ours; it begins later, so that peers get it in time."""
    record = opened.ring.rotate(
        key_id,
        new_id,
        now=now_s(),
        life=timedelta(days=days),
        at_once=at_once,
        overlap=timedelta(seconds=overlap_s),
    )
    old = opened.ring.record(place_of(opened, key_id, None))
    show_keys(opened, [old, record], as_json=as_json)


@click.command()
@click.option("--new-master-key", help="Another one: env:NAME, file:PATH or package.module:HOOK.")
@json_option
@click.pass_obj
def reseal(opened: Opened, new_master_key: str | None, as_json: bool) -> None:
    """Encrypt the ring anew, with gateway.master_cipher and, if you like, another master key.

    With another master key stop the gateway first, and write its place into the configuration.
    """
    new = None if new_master_key is None else master_of(opened.config, new_master_key)
    opened.ring.reseal(new)
    told = {"resealed": True, "cipher": opened.config.gateway.master_cipher.value}
    if as_json:
        print_json(told)
    else:
        click.echo(f"the ring is encrypted with {told['cipher']}")


@click.command()
@click.argument("key_id")
@party_option
@click.confirmation_option("--yes", prompt="This cannot be undone. Revoke the key?")
@json_option
@click.pass_obj
def revoke(opened: Opened, key_id: str, party: str | None, as_json: bool) -> None:
    """Never use a key again; a private one is erased."""
    record = opened.ring.revoke(place_of(opened, key_id, party))
    show_keys(opened, [record], as_json=as_json)
