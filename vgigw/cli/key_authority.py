"""``vgigw keys authority``, ``trust``, ``request`` and ``certify``: who vouches for whose key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from vgigw.cli.key_options import (
    Opened,
    days_option,
    file_argument,
    now_s,
    show_keys,
    text_of,
)
from vgigw.cli.options import json_option
from vgigw.crypto.key_algorithms import KEY_PAIRS, Algorithm
from vgigw.crypto.key_authority import EVERYBODY, issue, new_authority, request_for
from vgigw.crypto.key_authority import trust as trust_authority
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.pem import CERTIFICATE, CERTIFICATE_REQUEST, der_of_pem, pem_of_der

_TEN_YEARS_DAYS = 3650


@click.command()
@click.argument("name")
@click.option("--algorithm", type=click.Choice([one.value for one in KEY_PAIRS]), required=True)
@click.option("--common-name", help="In its certificate; NAME where it is left out.")
@click.option(
    "--days",
    type=click.IntRange(1, 2 * _TEN_YEARS_DAYS),
    default=_TEN_YEARS_DAYS,
    show_default=True,
)
@json_option
@click.pass_obj
def authority(
    opened: Opened, name: str, algorithm: str, common_name: str | None, days: int, as_json: bool
) -> None:
    """Make an authority of ours, which certifies keys; `export NAME --certificate` shows it."""
    record = new_authority(
        opened.ring,
        name,
        Algorithm(algorithm),
        words=common_name or name,
        now=now_s(),
        life=timedelta(days=days),
    )
    show_keys(opened, [record], as_json=as_json)


@click.command()
@file_argument
@click.argument("name")
@click.option("--party", default=EVERYBODY, help="Operator id that it may vouch for; else all.")
@json_option
@click.pass_obj
def trust(opened: Opened, file: Path, name: str, party: str, as_json: bool) -> None:
    """Trust somebody's authority, whose certificate is in FILE (PEM).

    Compare the fingerprint that is shown, by another way than the file came.
    """
    der = der_of_pem(text_of(file), CERTIFICATE)
    record = trust_authority(opened.ring, name, der, now_s(), party)
    show_keys(opened, [record], as_json=as_json)


@click.command()
@click.argument("key_id")
@click.pass_obj
def request(opened: Opened, key_id: str) -> None:
    """Write a request for a certificate (PKCS#10) of a key of ours to stdout, in PEM."""
    click.echo(pem_of_der(request_for(opened.ring, key_id), CERTIFICATE_REQUEST), nl=False)


@click.command()
@file_argument
@click.option("--authority", "name", required=True, help="Which authority of ours certifies.")
@click.option(
    "--purpose",
    type=click.Choice([Purpose.SIGN.value, Purpose.ENCRYPT.value]),
    help="What the key is for, where the request does not say.",
)
@days_option
@click.pass_obj
def certify(opened: Opened, file: Path, name: str, purpose: str | None, days: int) -> None:
    """Certify the key of a request (PKCS#10, PEM); write the certificate to stdout.

    Whose key it is, no request proves: compare its subject and fingerprint first.
    """
    der = issue(
        opened.ring,
        name,
        der_of_pem(text_of(file), CERTIFICATE_REQUEST),
        now=now_s(),
        life=timedelta(days=days),
        purpose=None if purpose is None else Purpose(purpose),
    )
    click.echo(pem_of_der(der, CERTIFICATE), nl=False)
