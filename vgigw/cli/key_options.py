"""What the commands of ``vgigw keys`` share: the ring that is open, options, what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from vgigw.cli.key_report import COLUMNS, report_of, row_of
from vgigw.cli.options import print_json, print_table
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import Purpose
from vgigw.errors import Misconfigured
from vgigw.server.config import Config

_REFERENCES = ("env:", "file:")
_ON_A_LINK = [Purpose.SIGN.value, Purpose.ENCRYPT.value, Purpose.EXCHANGE.value]
LIFE_DAYS = 730


class Opened(NamedTuple):
    """A ring, and the configuration that it belongs to."""

    ring: KeyRing
    config: Config


algorithm_option = click.option(
    "--algorithm", type=click.Choice([one.value for one in Algorithm]), required=True
)
purpose_option = click.option(
    "--purpose",
    type=click.Choice(_ON_A_LINK),
    help="Needed but for a set of secrets, which is for an exchange.",
)
party_option = click.option(
    "--party", help="Operator id of whose key it is; ours where it is left out."
)
peer_option = click.option("--peer", help="Only for the link with this operator id.")
days_option = click.option(
    "--days", type=click.IntRange(1, 3650), default=LIFE_DAYS, show_default=True
)
passphrase_option = click.option("--passphrase", help="Where it is: env:NAME or file:PATH.")
file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))


def show_keys(opened: Opened, found: list[KeyRecord], *, as_json: bool) -> None:
    """The keys as a table, or as JSON with all that is known of them."""
    records, now = opened.ring.records(), now_s()
    reports = [report_of(record, records, now) for record in found]
    if as_json:
        print_json(reports)
        return
    print_table(f"{len(reports)} keys", COLUMNS, [row_of(each) for each in reports])
    for each in reports:
        if each.certificate is not None and len(reports) == 1:
            told = each.certificate
            click.echo(f"certificate {told.fingerprint}")
            click.echo(f"  of {told.subject}, by {told.issuer}, until {told.not_after:%Y-%m-%d}")


def place_of(opened: Opened, key_id: str, party: str | None) -> Place:
    """Where the key is that was asked for."""
    return Place(party or opened.ring.own, key_id)


def purpose_of(purpose: str | None, algorithm: Algorithm | None) -> Purpose:
    """What a key is for; raises :class:`~vgigw.errors.Misconfigured` where nobody said it."""
    if purpose is not None:
        return Purpose(purpose)
    if algorithm is not Algorithm.SECRETS:
        raise Misconfigured("say what the key is for by --purpose")
    return Purpose.EXCHANGE


def passphrase_at(opened: Opened, reference: str | None) -> bytes:
    """The passphrase; raises :class:`~vgigw.errors.Misconfigured`."""
    if reference is None or not reference.startswith(_REFERENCES):
        raise Misconfigured("--passphrase must be env:NAME or file:PATH, so that nobody sees it")
    secret = opened.config.secret(reference, "--passphrase").encode()
    if not secret:
        raise Misconfigured("the passphrase is empty")
    return secret


def text_of(file: Path) -> str:
    """What stands in a PEM file; raises :class:`~vgigw.errors.Misconfigured`."""
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{file} is not PEM") from cause


def now_s() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
