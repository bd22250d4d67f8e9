"""Certificates of keys in the ring: whose they are, and how they rest. ACC-5.8."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509 import CertificateBuilder, random_serial_number

from tests.crypto.rings import DATES, NOW, THEM, US, YEAR, ring
from tests.crypto.sm2_authority import Authority, Issue, name_of
from vgigw.crypto.certificate_form import public_key_of_certificate
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.errors import Misconfigured

OLD_FILE = """{
 "format": "vgigw-key-ring-1",
 "records": [
  {
   "party": "100000001",
   "key_id": "s",
   "algorithm": "ed25519",
   "purpose": "sign",
   "not_before": "2026-07-01T12:00:00Z",
   "not_after": "2027-07-01T12:00:00Z",
   "public": "MCowBQYDK2VwAyEAEqboIsOZCsYBkCEC9cjdm0q+kiFpen0HCI+bGTEjQqw=",
   "sealed": "O6WXeV63dRGswmX8Kh1btrLHANuDVv87MTJp68bA1pZNB2DHQb373qRiGUEngJelZs60n1K2+a827uGnemRv\
TYIZinzIkQTTYu3YlxciybU=",
   "peer": null,
   "state": "active"
  }
 ],
 "mac": "vKuZfDVdb9WoCmNSZDWDfNWXmTMydfWZ9wLm8DNDEio="
}"""


def certificate_of(spki: bytes) -> bytes:
    """One of ``spki`` by an authority of no name."""
    builder = (
        CertificateBuilder(name_of("anybody"), name_of("anybody"))
        .public_key(load_der_public_key(spki))  # type: ignore[arg-type]
        .serial_number(random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=30))
    )
    return builder.sign(Ed25519PrivateKey.generate(), None).public_bytes(Encoding.DER)


def test_certificates_come_with_the_key_to_whoever_uses_it(tmp_path: Path) -> None:
    us = ring(tmp_path)
    made = us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    us.new("t", Algorithm.ED25519, Purpose.SIGN, **DATES)
    chain = (certificate_of(made.public), b"its issuer")
    assert us.certify(Place(US, "s"), chain, NOW + YEAR).certificates == chain
    keys = {key.key_id: key.certificates for key in ring(tmp_path).link(THEM, "intl").own}
    assert keys == {"s": chain, "t": ()}


def test_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    other = Ed25519PrivateKey.generate().public_key()
    spki = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    before = us.records()
    for certificates in ((), (b"",), (b"\x30\x00",), (certificate_of(spki),)):
        with pytest.raises(Misconfigured, match="certificate"):
            us.certify(Place(US, "s"), certificates, NOW + YEAR)
    assert us.records() == before


def test_key_of_an_sm2_certificate_is_read(tmp_path: Path) -> None:
    made = ring(tmp_path).new("s", Algorithm.SM2, Purpose.SIGN, **DATES)
    issued = Authority(sm2_provider(), "a").issue(Issue("b", spki=made.public))
    assert public_key_of_certificate(issued) == made.public


def test_file_from_before_certificates_is_read_and_its_mac_holds(tmp_path: Path) -> None:
    place = tmp_path / "keys.json"
    place.write_text(OLD_FILE)
    old = KeyRing(place, MasterKey(bytes(range(32))), US)
    assert [record.certificates for record in old.records()] == [()]
    assert len(old.link(THEM, "intl").own) == 1


def test_certificate_that_was_put_in_or_taken_out_is_seen(tmp_path: Path) -> None:
    us = ring(tmp_path)
    made = us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    file = tmp_path / US / "keys.json"
    plain = msgspec.json.decode(file.read_bytes())
    us.certify(Place(US, "s"), (certificate_of(made.public),), NOW + YEAR)
    certified = msgspec.json.decode(file.read_bytes())
    for whole, other in ((plain, certified), (certified, plain)):
        file.write_bytes(msgspec.json.encode({**whole, "records": other["records"]}))
        with pytest.raises(Misconfigured, match="changed by somebody else"):
            us.records()
