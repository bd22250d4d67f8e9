"""``vgigw keys``: the key ring of a gateway: keys, certificates, sets of secrets. ACC-5.8."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from vgigw.cli.key_authority import authority, certify, request, trust
from vgigw.cli.key_changes import new, reseal, revoke, rotate
from vgigw.cli.key_exchange import export, import_key
from vgigw.cli.key_options import Opened, party_option, place_of, show_keys
from vgigw.cli.options import config_option, json_option
from vgigw.server.config import load
from vgigw.server.link_keys import ring_of


@click.group()
@config_option
@click.option(
    "--master-key",
    help="Another place than gateway.master_key: env:NAME, file:PATH or package.module:HOOK.",
)
@click.pass_context
def keys(context: click.Context, config: Path, master_key: str | None) -> None:
    """Make, show, exchange, certify, rotate and revoke keys of the suites gm and intl, and sets of
    secrets for tcec102 and gm-mac."""
    loaded = load(config)
    if master_key is not None:
        own = msgspec.structs.replace(loaded.gateway, master_key=master_key)
        loaded = msgspec.structs.replace(loaded, gateway=own)
    context.obj = Opened(ring_of(loaded), loaded)


@keys.command("list")
@party_option
@json_option
@click.pass_obj
def list_keys(opened: Opened, party: str | None, as_json: bool) -> None:
    """Show the keys of the ring, or of one party."""
    found = [one for one in opened.ring.records() if party in (None, one.party)]
    show_keys(opened, found, as_json=as_json)


@keys.command()
@click.argument("key_id")
@party_option
@json_option
@click.pass_obj
def show(opened: Opened, key_id: str, party: str | None, as_json: bool) -> None:
    """Show one key, its fingerprint and its certificate."""
    record = opened.ring.record(place_of(opened, key_id, party))
    show_keys(opened, [record], as_json=as_json)


for command in (
    new,
    rotate,
    revoke,
    reseal,
    export,
    import_key,
    authority,
    trust,
    request,
    certify,
):
    keys.add_command(command)
