"""Authorities in the ring: what they issue and refuse, and ``openssl`` as a second. ACC-5.8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.crypto.openssl_authority import OpensslParty, done, of_signer, verified
from tests.crypto.rings import THEM, US, YEAR, ring
from vgigw.crypto import key_algorithms
from vgigw.crypto.certificate_check import CertificateCheck
from vgigw.crypto.certificate_request import read_request
from vgigw.crypto.certificate_writer import write_request
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_authority import (
    issue,
    new_authority,
    request_for,
    trust,
    trusted_for,
)
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.pem import CERTIFICATE, CERTIFICATE_REQUEST, pem_of_der
from vgigw.crypto.sm2_choice import sm2_provider
from vgigw.errors import Misconfigured

SM2, RSA, ED25519 = Algorithm.SM2, Algorithm.RSA, Algorithm.ED25519
SIGN, ENCRYPT = Purpose.SIGN, Purpose.ENCRYPT
NOW = datetime.now(UTC).replace(microsecond=0)
"""The program knows no other time."""
DATES: dict[str, Any] = {"not_before": NOW, "not_after": NOW + YEAR}
CASES = [
    (SM2, SM2, SIGN),
    (SM2, SM2, ENCRYPT),
    (RSA, RSA, ENCRYPT),
    (ED25519, ED25519, SIGN),
    (ED25519, RSA, ENCRYPT),
]
"""Kind of the authority, kind of the key, what the key is for."""
ALGORITHMS = pytest.mark.parametrize("algorithm", [SM2, RSA, ED25519])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_algorithms, "RSA_BITS", 2048)


def authority(us: KeyRing, algorithm: Algorithm, name: str = "ca") -> bytes:
    made = new_authority(us, name, algorithm, words="Our authority", now=NOW, life=10 * YEAR)
    return made.certificates[0]


def asked(folder: Path, algorithm: Algorithm, purpose: Purpose, key_id: str = "k") -> bytes:
    them = ring(folder, THEM)
    them.new(key_id, algorithm, purpose, **DATES)
    return request_for(them, key_id)


@pytest.mark.parametrize(("by", "algorithm", "purpose"), CASES)
def test_openssl_takes_what_we_issue(
    by: Algorithm, algorithm: Algorithm, purpose: Purpose, tmp_path: Path
) -> None:
    us = ring(tmp_path)
    root = authority(us, by)
    request = asked(tmp_path, algorithm, purpose)
    (tmp_path / "asked.csr").write_text(pem_of_der(request, CERTIFICATE_REQUEST))
    said = done("req", "-verify", "-noout", "-in", tmp_path / "asked.csr", *of_signer(algorithm))
    assert "verify OK" in said
    leaf = issue(us, "ca", request, now=NOW, life=YEAR)
    assert verified(tmp_path, by, root, leaf).endswith("OK\n")
    assert verified(tmp_path, by, root, root).endswith("OK\n")


@pytest.mark.parametrize(("by", "algorithm", "purpose"), CASES)
def test_what_we_issue_is_taken_by_whoever_trusts_us(
    by: Algorithm, algorithm: Algorithm, purpose: Purpose, tmp_path: Path
) -> None:
    us, third = ring(tmp_path), ring(tmp_path, "300000003")
    root = authority(us, by)
    leaf = issue(us, "ca", asked(tmp_path, algorithm, purpose), now=NOW, life=YEAR)
    trust(third, "theirs", root, NOW)
    check = CertificateCheck(sm2_provider, NOW)
    for chain in ((leaf,), (leaf, root)):
        taken = check.trusted(chain, trusted_for(third, THEM, NOW), purpose, THEM)
        assert taken.public == ring(tmp_path, THEM).record(Place(THEM, "k")).public
        assert (taken.algorithm, taken.certificates) == (algorithm, (leaf,))
        assert taken.not_after == NOW + YEAR
    other = ENCRYPT if purpose is SIGN else SIGN
    with pytest.raises(Misconfigured, match="another purpose"):
        check.trusted((leaf,), (root,), other, THEM)


@ALGORITHMS
def test_we_take_what_openssl_issues(algorithm: Algorithm, tmp_path: Path) -> None:
    root, peer = (OpensslParty(tmp_path, name, algorithm) for name in ("root", THEM))
    root.become_authority()
    leaf = root.certify(peer.request(), "keyUsage=critical,digitalSignature")
    us = ring(tmp_path)
    trust(us, "root", root.certificate, datetime.now(UTC))
    check = CertificateCheck(sm2_provider, datetime.now(UTC))
    taken = check.trusted((leaf,), trusted_for(us, THEM, datetime.now(UTC)), SIGN, THEM)
    assert taken.algorithm is algorithm
    stranger = OpensslParty(tmp_path, "stranger", algorithm)
    stranger.become_authority()
    with pytest.raises(Misconfigured, match="nobody who is trusted"):
        check.trusted((leaf,), (stranger.certificate,), SIGN, THEM)


@ALGORITHMS
def test_we_certify_what_openssl_asks_for(algorithm: Algorithm, tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = authority(us, algorithm)
    peer = OpensslParty(tmp_path, THEM, algorithm)
    # What it would like to be is not asked.
    asking = peer.request("-addext", "basicConstraints=critical,CA:TRUE")
    leaf = issue(us, "ca", asking, now=NOW, life=YEAR, purpose=SIGN)
    assert verified(tmp_path, algorithm, root, leaf).endswith("OK\n")
    parsed = x509.load_der_x509_certificate(leaf)
    assert not parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    with pytest.raises(Misconfigured, match="does not say what the key is for"):
        issue(us, "ca", asking, now=NOW, life=YEAR)
    told = peer.request("-addext", "keyUsage=critical,digitalSignature")
    with pytest.raises(Misconfigured, match="not for a key to encrypt"):
        issue(us, "ca", told, now=NOW, life=YEAR, purpose=ENCRYPT)


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "sm4-cbc"])
@ALGORITHMS
def test_private_key_of_openssl_is_taken(algorithm: Algorithm, cipher: str, tmp_path: Path) -> None:
    peer = OpensslParty(tmp_path, "peer", algorithm)
    us = ring(tmp_path)
    der = peer.encrypted(cipher, "a passphrase")
    taken = us.import_private("k", algorithm, SIGN, der, b"a passphrase", **DATES)
    assert taken.public == read_request(peer.request(), sm2_provider).public
    with pytest.raises(Misconfigured):
        us.import_private("l", algorithm, SIGN, der, b"another", **DATES)


def test_certificate_says_what_rfc_5280_wants(tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = x509.load_der_x509_certificate(authority(us, SM2))
    request = asked(tmp_path, SM2, ENCRYPT)
    pair = [
        x509.load_der_x509_certificate(issue(us, "ca", request, now=NOW, life=20 * YEAR))
        for _ in range(2)
    ]
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign) == (True, True)
    assert not usage.value.digital_signature
    own_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    leaf = pair[0].extensions
    by = leaf.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert by == own_id != leaf.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    usage = leaf.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.key_encipherment) == (True, True)
    assert not usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert len({root.serial_number, *(one.serial_number for one in pair)}) == 3
    assert min(one.serial_number for one in pair).bit_length() >= 64
    assert pair[0].not_valid_after_utc == root.not_valid_after_utc
    assert THEM in pair[0].subject.rfc4514_string()


def test_dates_beyond_2049_are_written_as_they_must_be(tmp_path: Path) -> None:
    us = ring(tmp_path)
    made = new_authority(us, "ca", SM2, words="long", now=NOW, life=40 * YEAR)
    parsed = x509.load_der_x509_certificate(made.certificates[0])
    assert parsed.not_valid_after_utc == NOW + 40 * YEAR
    assert verified(tmp_path, SM2, *2 * made.certificates).endswith("OK\n")


@ALGORITHMS
def test_request_without_the_private_key_is_refused(algorithm: Algorithm, tmp_path: Path) -> None:
    us = ring(tmp_path)
    authority(us, algorithm)
    request = asked(tmp_path, algorithm, SIGN)
    other = ring(tmp_path, THEM).new("other", algorithm, SIGN, **DATES)
    mine = ring(tmp_path, THEM).record(Place(THEM, "k")).public
    assert mine in request
    swapped = request.replace(mine, other.public)
    words = request.replace(THEM.encode(), b"300000003")
    for changed in (swapped, words, request[:-1] + bytes([request[-1] ^ 1])):
        with pytest.raises(Misconfigured, match=r"not signed with the key|cannot be read"):
            issue(us, "ca", changed, now=NOW, life=YEAR)
    for spoilt in (b"", request[:-1], request + b"\0", b"\x30\x00"):
        with pytest.raises(Misconfigured):
            issue(us, "ca", spoilt, now=NOW, life=YEAR)


def test_key_of_an_authority_is_no_suite_s(tmp_path: Path) -> None:
    us = ring(tmp_path)
    for algorithm, suite in ((SM2, "gm"), (ED25519, "intl"), (RSA, "intl")):
        authority(us, algorithm, f"ca-{algorithm}")
        trust(
            us,
            f"theirs-{algorithm}",
            authority(ring(tmp_path, THEM), algorithm, "a" + algorithm),
            NOW,
            THEM,
        )
        assert not list(us.link(THEM, suite).own)
        assert not list(us.link(THEM, suite).peer)
    with pytest.raises(Misconfigured, match="is an authority"):
        us.rotate("ca-sm2", "ca-2", now=NOW, life=YEAR)
    with pytest.raises(Misconfigured, match="is an authority"):
        request_for(us, "ca-sm2")
    us.new("s", SM2, SIGN, **DATES)
    with pytest.raises(Misconfigured, match="is no authority"):
        issue(us, "s", asked(tmp_path, SM2, SIGN), now=NOW, life=YEAR)


def test_authority_that_ended_neither_issues_nor_vouches(tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = authority(us, SM2)
    request = asked(tmp_path, SM2, SIGN)
    late = NOW + 11 * YEAR
    with pytest.raises(Misconfigured, match="out of its dates"):
        issue(us, "ca", request, now=late, life=YEAR)
    assert trusted_for(us, THEM, NOW) == (root,)
    assert trusted_for(us, THEM, late) == ()
    us.revoke(Place(US, "ca"))
    assert trusted_for(us, THEM, NOW) == ()
    with pytest.raises(Misconfigured, match="revoked"):
        issue(us, "ca", request, now=NOW, life=YEAR)


def test_authority_of_one_party_vouches_for_no_other(tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = authority(ring(tmp_path, THEM), SM2, "theirs")
    trust(us, "theirs", root, NOW, THEM)
    assert trusted_for(us, THEM, NOW) == (root,)
    assert trusted_for(us, "300000003", NOW) == ()


def test_certificate_is_taken_for_its_own_party_in_its_own_dates_only(tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = authority(us, SM2)
    leaf = issue(us, "ca", asked(tmp_path, SM2, SIGN), now=NOW, life=YEAR)
    check = CertificateCheck(sm2_provider, NOW)
    with pytest.raises(Misconfigured, match="does not name 300000003"):
        check.trusted((leaf,), (root,), SIGN, "300000003")
    for when in (NOW - timedelta(days=1), NOW + YEAR + timedelta(days=1)):
        late = CertificateCheck(sm2_provider, when)
        with pytest.raises(Misconfigured, match="not valid now"):
            late.trusted((leaf,), (root,), SIGN, THEM)
        with pytest.raises(Misconfigured, match="not valid now"):
            late.pinned((leaf,), SIGN)
    assert check.pinned((leaf,), SIGN).certificates == (leaf,)
    with pytest.raises(Misconfigured, match="another purpose"):
        check.pinned((leaf,), ENCRYPT)
    with pytest.raises(Misconfigured):
        check.pinned((root,), SIGN)
    for chain in ((), (root, leaf), (leaf, leaf)):
        with pytest.raises(Misconfigured):
            check.pinned(chain, SIGN)


NAMED = {
    "CN": [(NameOID.COMMON_NAME, THEM)],
    "organization identifier": [(NameOID.ORGANIZATION_IDENTIFIER, THEM)],
    "both": [(NameOID.COMMON_NAME, THEM), (NameOID.ORGANIZATION_IDENTIFIER, THEM)],
}
NOT_NAMED = {
    "another beside": [(NameOID.COMMON_NAME, "300000003"), (NameOID.ORGANIZATION_IDENTIFIER, THEM)],
    "beside another": [(NameOID.COMMON_NAME, THEM), (NameOID.ORGANIZATION_IDENTIFIER, "300000003")],
    "words beside": [(NameOID.COMMON_NAME, "a gateway"), (NameOID.ORGANIZATION_IDENTIFIER, THEM)],
    "longer": [(NameOID.COMMON_NAME, f"{THEM}9")],
    "within": [(NameOID.COMMON_NAME, f"not {THEM}")],
    "key id": [(NameOID.COMMON_NAME, "300000003"), (NameOID.ORGANIZATIONAL_UNIT_NAME, THEM)],
    "company": [(NameOID.COMMON_NAME, "300000003"), (NameOID.ORGANIZATION_NAME, THEM)],
    "two": [(NameOID.COMMON_NAME, "300000003"), (NameOID.COMMON_NAME, THEM)],
    "case": [(NameOID.COMMON_NAME, THEM.replace("2", "\uff12"))],
    "none": [],
}


@pytest.mark.parametrize("name", [*NAMED, *NOT_NAMED])
def test_attack_a_subject_names_its_party_whole_and_nobody_else(name: str, tmp_path: Path) -> None:
    """What else stands in a subject whoever asked for the certificate has chosen, a key id too."""
    us, them = ring(tmp_path), ring(tmp_path, THEM)
    root = authority(us, ED25519)
    them.new("k", ED25519, SIGN, **DATES)
    parts = (NAMED | NOT_NAMED)[name]
    subject = x509.Name([x509.NameAttribute(oid, words) for oid, words in parts])
    leaf = issue(us, "ca", write_request(them.signer("k"), subject, []), now=NOW, life=YEAR,
                 purpose=SIGN)  # fmt: skip
    check = CertificateCheck(sm2_provider, NOW)
    if name in NAMED:
        assert check.trusted((leaf,), (root,), SIGN, THEM).certificates == (leaf,)
        return
    with pytest.raises(Misconfigured, match=f"does not name {THEM}"):
        check.trusted((leaf,), (root,), SIGN, THEM)


@ALGORITHMS
def test_who_is_certified_cannot_certify(algorithm: Algorithm, tmp_path: Path) -> None:
    us = ring(tmp_path)
    root = authority(us, algorithm)
    peer, other = (OpensslParty(tmp_path, name, algorithm) for name in ("peer", THEM))
    leaf = issue(us, "ca", peer.request(), now=NOW, life=YEAR, purpose=SIGN)
    peer.pem.write_text(pem_of_der(leaf, CERTIFICATE))
    forged = peer.certify(other.request(), "keyUsage=critical,digitalSignature")
    check = CertificateCheck(sm2_provider, NOW + timedelta(minutes=1))
    with pytest.raises(Misconfigured, match="of no authority"):
        check.authority(leaf)
    for chain, trusted in (((forged, leaf), root), ((forged,), leaf)):
        with pytest.raises(Misconfigured, match=r"issuer is no authority|nobody who is trusted"):
            check.trusted(chain, (trusted,), SIGN, THEM)
    with pytest.raises(Misconfigured, match="issuer is no authority"):
        check.pinned((forged, leaf), SIGN)


def test_authority_is_trusted_and_never_pinned(tmp_path: Path) -> None:
    both = OpensslParty(tmp_path, THEM, SM2)
    both.become_authority("digitalSignature")
    check = CertificateCheck(sm2_provider, datetime.now(UTC))
    with pytest.raises(Misconfigured, match="not pinned, but trusted"):
        check.pinned((both.certificate,), SIGN)
    assert check.authority(both.certificate).certificates == (both.certificate,)


def test_authority_s_signature_on_itself_is_verified(tmp_path: Path) -> None:
    for algorithm in (SM2, RSA, ED25519):
        root = authority(ring(tmp_path), algorithm, f"ca-{algorithm}")
        changed = root.replace(b"Our authority", b"Her authority")
        with pytest.raises(Misconfigured, match="not taken"):
            CertificateCheck(sm2_provider, NOW).authority(changed)
