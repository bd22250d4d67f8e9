"""``vgigw keys export`` and ``import``: keys and certificates leave and come, in PEM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from vgigw.cli.key_options import (
    LIFE_DAYS,
    Opened,
    file_argument,
    now_s,
    party_option,
    passphrase_at,
    passphrase_option,
    peer_option,
    place_of,
    purpose_of,
    purpose_option,
    show_keys,
    text_of,
)
from vgigw.cli.options import json_option
from vgigw.cli.secret_sets import exported_set, imported_set, is_exported_set, set_of_table
from vgigw.crypto.certificate_check import CertificateCheck, Checked
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_authority import trusted_for
from vgigw.crypto.key_ring import Place
from vgigw.crypto.key_ring_file import KeyRecord
from vgigw.crypto.link_keys import LONGEST_WINDOW, Purpose
from vgigw.crypto.pem import (
    CERTIFICATE,
    ENCRYPTED_PRIVATE_KEY,
    PUBLIC_KEY,
    der_of_pem,
    ders_of_pem,
    pem_of_der,
    pem_of_ders,
)
from vgigw.errors import Misconfigured


@click.command()
@click.argument("key_id")
@party_option
@click.option("--private", is_flag=True, help="The private key, encrypted with --passphrase.")
@click.option("--certificate", is_flag=True, help="Its certificate, and those of its issuers.")
@passphrase_option
@click.pass_obj
def export(
    opened: Opened,
    key_id: str,
    party: str | None,
    private: bool,
    certificate: bool,
    passphrase: str | None,
) -> None:
    """Write a key to stdout in PEM: the public one, its certificate, or the private one; or a set
    of secrets with its dates."""
    place = place_of(opened, key_id, party)
    record = opened.ring.record(place)
    if private and certificate:
        raise Misconfigured("either --private or --certificate")
    if record.algorithm is Algorithm.SECRETS:
        if not private:
            raise Misconfigured("a set of secrets leaves encrypted: --private --passphrase PLACE")
        secret = passphrase_at(opened, passphrase)
        click.echo(exported_set(opened, place, secret), nl=False)
        return
    if certificate:
        if not record.certificates:
            raise Misconfigured(f"key {key_id} has no certificate")
        click.echo(pem_of_ders(record.certificates, CERTIFICATE), nl=False)
        return
    if not private:
        click.echo(pem_of_der(record.public, PUBLIC_KEY), nl=False)
        return
    if record.party != opened.ring.own:
        raise Misconfigured("of a peer only public keys are held")
    der = opened.ring.export_private(key_id, passphrase_at(opened, passphrase))
    click.echo(pem_of_der(der, ENCRYPTED_PRIVATE_KEY), nl=False)


@click.command("import")
@file_argument
@click.argument("key_id")
@party_option
@click.option(
    "--algorithm",
    type=click.Choice([one.value for one in Algorithm]),
    help="Kind of the key; a certificate says it itself.",
)
@purpose_option
@peer_option
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help=f"{LIFE_DAYS} where it is left out; of a certificate its own dates.",
)
@passphrase_option
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Certificates in PEM of those who may have issued it, besides those of the ring.",
)
@click.option("--pin", is_flag=True, help="Take this very certificate, whoever issued it.")
@json_option
@click.pass_obj
def import_key(opened: Opened, /, file: Path, key_id: str, as_json: bool, **given: Any) -> None:
    """Take a public key or a certificate of a peer (--party), an encrypted private key of ours
    (PKCS#8), or a certificate of a key of ours, in PEM; or a set of secrets of its issuer.

    Compare the fingerprint that is shown with that of the peer, by another way than the file came.
    """
    place = place_of(opened, key_id, given.pop("party"))
    given["said_purpose"] = given.pop("purpose")
    taking = _Import(opened, place, text_of(file), **given)
    show_keys(opened, [taking.taken()], as_json=as_json)


@dataclass(frozen=True)
class _Import:
    """What is to be taken in, and what was said of it."""

    opened: Opened
    place: Place
    text: str
    algorithm: str | None
    said_purpose: str | None
    peer: str | None
    days: int | None
    passphrase: str | None
    authorities: tuple[Path, ...]
    pin: bool

    def taken(self) -> KeyRecord:
        """The key as it stands in the ring now. Raises :class:`~vgigw.errors.Misconfigured`."""
        is_ours = self.place.party == self.opened.ring.own
        if is_exported_set(self.text) or self.algorithm == Algorithm.SECRETS:
            return self._set(is_ours=is_ours)
        is_certificate = f"-----BEGIN {CERTIFICATE}-----" in self.text
        if not is_certificate and (self.authorities or self.pin):
            raise Misconfigured("--authority and --pin are for certificates")
        if is_certificate and (self.algorithm or self.days or self.passphrase):
            raise Misconfigured("a certificate says kind and dates of its key itself")
        if not is_ours and (self.peer or self.passphrase):
            raise Misconfigured("--peer and --passphrase are for keys of ours")
        if is_certificate:
            return self._of_certificate(is_ours=is_ours)
        return self._private() if is_ours else self._public()

    @property
    def purpose(self) -> Purpose:
        """What the key is for; raises ``Misconfigured`` where it was not said."""
        return purpose_of(self.said_purpose, None)

    def _set(self, *, is_ours: bool) -> KeyRecord:
        if self.authorities or self.pin:
            raise Misconfigured("--authority and --pin are for certificates")
        if is_exported_set(self.text):
            if self.peer or self.days:
                raise Misconfigured("the set says for whom it is and how long")
            secret = passphrase_at(self.opened, self.passphrase)
            return imported_set(self.opened, self.place, self.text, secret)
        if (self.peer is not None) != is_ours:
            raise Misconfigured("of a set that we issued say --peer, who uses it, and of no other")
        user = self.peer or self.opened.ring.own
        begin, end = self._dates()
        # What is under way with these secrets was sealed before they came into the ring.
        dates = (begin - LONGEST_WINDOW, end)
        return set_of_table(self.opened, self.place, user, self.text, dates)

    def _public(self) -> KeyRecord:
        der = der_of_pem(self.text, PUBLIC_KEY)
        ring = self.opened.ring
        begin, end = self._dates()
        return ring.import_public(
            self.place, self._kind(), self.purpose, der, not_before=begin, not_after=end
        )

    def _private(self) -> KeyRecord:
        der = der_of_pem(self.text, ENCRYPTED_PRIVATE_KEY)
        kind, secret = self._kind(), passphrase_at(self.opened, self.passphrase)
        ring, key_id = self.opened.ring, self.place.key_id
        begin, end = self._dates()
        return ring.import_private(
            *(key_id, kind, self.purpose, der, secret),
            not_before=begin,
            not_after=end,
            peer=self.peer,
        )

    def _of_certificate(self, *, is_ours: bool) -> KeyRecord:
        ring, chain = self.opened.ring, ders_of_pem(self.text, CERTIFICATE)
        checked = self._checked(chain)
        if is_ours:
            if ring.record(self.place).purpose is not self.purpose:
                raise Misconfigured(f"key {self.place.key_id} is not to {self.purpose.value}")
            return ring.certify(self.place, checked.certificates, checked.not_after)
        return ring.import_public(
            self.place,
            checked.algorithm,
            self.purpose,
            checked.public,
            not_before=checked.not_before,
            not_after=checked.not_after,
            certificates=checked.certificates,
        )

    def _checked(self, chain: tuple[bytes, ...]) -> Checked:
        ring, now, party = self.opened.ring, now_s(), self.place.party
        check = CertificateCheck(ring.provider, now)
        if self.pin:
            return check.pinned(chain, self.purpose)
        named = (ders_of_pem(text_of(file), CERTIFICATE) for file in self.authorities)
        trusted = (*trusted_for(ring, party, now), *(der for each in named for der in each))
        if not trusted:
            raise Misconfigured(
                "no authority is trusted for it: keep one by `vgigw keys trust`, name one by "
                "--authority, or compare the fingerprint of this very certificate and --pin it"
            )
        return check.trusted(chain, trusted, self.purpose, party)

    def _kind(self) -> Algorithm:
        if self.algorithm is None:
            raise Misconfigured("say the kind of the key by --algorithm")
        return Algorithm(self.algorithm)

    def _dates(self) -> tuple[datetime, datetime]:
        now = now_s()
        return now, now + timedelta(days=self.days or LIFE_DAYS)
