"""``vgigw keys``: the key ring of a gateway, for the suites with private keys. ACC-5.8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from vgigw.cli.key_report import COLUMNS, report_of, row_of
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.sm2_keys import ENCRYPTED_PRIVATE_KEY, PUBLIC_KEY, der_of_pem, pem_of_der
from vgigw.errors import Misconfigured
from vgigw.server.config import Config, load
from vgigw.server.link_keys import ring_of

_REFERENCES = ("env:", "file:")


class Opened(NamedTuple):
    """A ring, and the configuration that it belongs to."""

    ring: KeyRing
    config: Config


@click.group()
@config_option
@click.option(
    "--master-key",
    help="Another place than gateway.master_key: env:NAME, file:PATH or package.module:HOOK.",
)
@click.pass_context
def keys(context: click.Context, config: Path, master_key: str | None) -> None:
    """Make, show, exchange, rotate and revoke keys of the suites gm and intl."""
    loaded = load(config)
    if master_key is not None:
        own = msgspec.structs.replace(loaded.gateway, master_key=master_key)
        loaded = msgspec.structs.replace(loaded, gateway=own)
    context.obj = Opened(ring_of(loaded), loaded)


_ALGORITHM = click.option(
    "--algorithm", type=click.Choice([one.value for one in Algorithm]), required=True
)
_PURPOSE = click.option(
    "--purpose", type=click.Choice([one.value for one in Purpose]), required=True
)
_PARTY = click.option("--party", help="Operator id of whose key it is; ours where it is left out.")
_PEER = click.option("--peer", help="Only for the link with this operator id.")
_DAYS = click.option("--days", type=click.IntRange(1, 3650), default=730, show_default=True)
_PASSPHRASE = click.option("--passphrase", help="Where it is: env:NAME or file:PATH.")


@keys.command()
@click.argument("key_id")
@_ALGORITHM
@_PURPOSE
@_PEER
@_DAYS
@json_option
@click.pass_obj
def new(
    opened: Opened,
    key_id: str,
    algorithm: str,
    purpose: str,
    peer: str | None,
    days: int,
    as_json: bool,
) -> None:
    """Make a private key of ours, active from now."""
    now = _now()
    record = opened.ring.new(
        key_id,
        Algorithm(algorithm),
        Purpose(purpose),
        not_before=now,
        not_after=now + timedelta(days=days),
        peer=peer,
    )
    _show(opened, [record], as_json=as_json)


@keys.command("list")
@_PARTY
@json_option
@click.pass_obj
def list_keys(opened: Opened, party: str | None, as_json: bool) -> None:
    """Show the keys of the ring, or of one party."""
    found = [one for one in opened.ring.records() if party in (None, one.party)]
    _show(opened, found, as_json=as_json)


@keys.command()
@click.argument("key_id")
@_PARTY
@json_option
@click.pass_obj
def show(opened: Opened, key_id: str, party: str | None, as_json: bool) -> None:
    """Show one key and its fingerprint."""
    _show(opened, [opened.ring.record(_place(opened, key_id, party))], as_json=as_json)


@keys.command()
@click.argument("key_id")
@_PARTY
@click.option("--private", is_flag=True, help="The private key, encrypted with --passphrase.")
@_PASSPHRASE
@click.pass_obj
def export(
    opened: Opened, key_id: str, party: str | None, private: bool, passphrase: str | None
) -> None:
    """Write a key to stdout in PEM: the public one, or the private one encrypted."""
    record = opened.ring.record(_place(opened, key_id, party))
    if not private:
        click.echo(pem_of_der(record.public, PUBLIC_KEY), nl=False)
        return
    if record.party != opened.ring.own:
        raise Misconfigured("of a peer only public keys are held")
    der = opened.ring.export_private(key_id, _passphrase(opened, passphrase))
    click.echo(pem_of_der(der, ENCRYPTED_PRIVATE_KEY), nl=False)


@keys.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.argument("key_id")
@_PARTY
@_ALGORITHM
@_PURPOSE
@_PEER
@_DAYS
@_PASSPHRASE
@json_option
@click.pass_obj
def import_key(
    opened: Opened,
    file: Path,
    key_id: str,
    party: str | None,
    algorithm: str,
    purpose: str,
    peer: str | None,
    days: int,
    passphrase: str | None,
    as_json: bool,
) -> None:
    """Take a peer's public key (--party), or an encrypted private key of ours (PKCS#8), in PEM.

    Compare the fingerprint that is shown with that of the peer, by another way than the file came.
    """
    now, ring = _now(), opened.ring
    kind, use = Algorithm(algorithm), Purpose(purpose)
    until, text = now + timedelta(days=days), _text_of(file)
    place = _place(opened, key_id, party)
    if place.party != ring.own:
        if peer is not None or passphrase is not None:
            raise Misconfigured("--peer and --passphrase are for keys of ours")
        der = der_of_pem(text, PUBLIC_KEY)
        record = ring.import_public(place, kind, use, der, not_before=now, not_after=until)
    else:
        der, secret = der_of_pem(text, ENCRYPTED_PRIVATE_KEY), _passphrase(opened, passphrase)
        record = ring.import_private(
            key_id, kind, use, der, secret, not_before=now, not_after=until, peer=peer
        )
    _show(opened, [record], as_json=as_json)


@keys.command()
@click.argument("key_id")
@click.argument("new_id")
@_DAYS
@click.option("--at-once", is_flag=True, help="The old key makes nothing from now on.")
@json_option
@click.pass_obj
def rotate(
    opened: Opened, key_id: str, new_id: str, days: int, at_once: bool, as_json: bool
) -> None:
    """Make the successor of a key of ours; it begins in 24 hours, so that peers get it in time."""
    record = opened.ring.rotate(
        key_id, new_id, now=_now(), life=timedelta(days=days), at_once=at_once
    )
    old = opened.ring.record(_place(opened, key_id, None))
    _show(opened, [old, record], as_json=as_json)


@keys.command()
@click.argument("key_id")
@_PARTY
@click.confirmation_option("--yes", prompt="This cannot be undone. Revoke the key?")
@json_option
@click.pass_obj
def revoke(opened: Opened, key_id: str, party: str | None, as_json: bool) -> None:
    """Never use a key again; a private one is erased."""
    _show(opened, [opened.ring.revoke(_place(opened, key_id, party))], as_json=as_json)


def _show(opened: Opened, found: list[KeyRecord], *, as_json: bool) -> None:
    records, now = opened.ring.records(), _now()
    reports = [report_of(record, records, now) for record in found]
    if as_json:
        print_json(reports)
        return
    print_table(f"{len(reports)} keys", COLUMNS, [row_of(each) for each in reports])


def _place(opened: Opened, key_id: str, party: str | None) -> Place:
    return Place(party or opened.ring.own, key_id)


def _passphrase(opened: Opened, reference: str | None) -> bytes:
    if reference is None or not reference.startswith(_REFERENCES):
        raise Misconfigured("--passphrase must be env:NAME or file:PATH, so that nobody sees it")
    secret = opened.config.secret(reference, "--passphrase").encode()
    if not secret:
        raise Misconfigured("the passphrase is empty")
    return secret


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{file} is not PEM") from cause


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
