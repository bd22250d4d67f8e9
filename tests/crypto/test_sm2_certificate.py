"""Certificates of SM2: whom they trust, what they refuse, and ``openssl`` as a second."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.sm2_authority import (
    ECDSA_WITH_SHA256,
    NOT_AFTER,
    NOT_BEFORE,
    Authority,
    Issue,
    key_usage,
    name_of,
)
from tests.crypto.sm2_providers import openssl, provider_named
from vgigw.crypto.certificate_path import LONGEST_CHAIN, require_issued_by
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.pem import CERTIFICATE, PRIVATE_KEY, der_of_pem, pem_of_der
from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_certificate import (
    Sm2Certificate,
    require_trusted,
    signed_by_sm2,
    sm2_certificate,
)
from vgigw.crypto.sm2_curve import PublicKey
from vgigw.crypto.sm2_keys import load_private_key
from vgigw.errors import KeyUnusable, Misconfigured, NotGenuine

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CERT_SIGN = (key_usage("key_cert_sign"), True)


@pytest.fixture(scope="module", params=["libcrypto", "gmssl"])
def provider(request: pytest.FixtureRequest) -> Sm2SoftwareProvider:
    return provider_named(request.param)


@pytest.fixture(scope="module")
def root(provider: Sm2SoftwareProvider) -> Authority:
    return Authority(provider, "root")


def authority(path_length: int | None = None) -> tuple[x509.BasicConstraints, bool]:
    return x509.BasicConstraints(ca=True, path_length=path_length), True


def trust(
    root: Authority,
    *chain: Sm2Certificate,
    purpose: Purpose = Purpose.SIGN,
    now: datetime = NOW,
    trusted: list[Sm2Certificate] | None = None,
) -> PublicKey:
    anchors = [root.certificate()] if trusted is None else trusted
    return require_trusted(root.provider, chain, anchors, purpose=purpose, now=now)


def issued(root: Authority, what: Issue, to: Authority | None = None) -> Sm2Certificate:
    return sm2_certificate(root.issue(what, None if to is None else to.key))


def test_certificate_of_the_trusted_one_is_trusted(root: Authority) -> None:
    peer = Authority(root.provider, "peer")
    certificate = issued(root, Issue("peer"), peer)
    assert trust(root, certificate) == peer.key.public_key == certificate.public_key
    assert trust(root, certificate, root.certificate()) == peer.key.public_key


def test_chain_by_an_authority_between_is_trusted(root: Authority) -> None:
    between, peer = Authority(root.provider, "between"), Authority(root.provider, "peer")
    middle = issued(root, Issue("between", [authority(0), CERT_SIGN]), between)
    leaf = issued(between, Issue("peer"), peer)
    assert trust(root, leaf, middle) == peer.key.public_key
    for broken in ((leaf,), (middle, leaf), (leaf, middle, middle), ()):
        with pytest.raises(NotGenuine):
            trust(root, *broken)


def test_authority_that_renewed_its_key_stands_there_twice(root: Authority) -> None:
    other = Authority(root.provider, "root")
    leaf = issued(root, Issue("peer"))
    both = [other.certificate(), root.certificate()]
    assert trust(root, leaf, trusted=both) == leaf.public_key
    with pytest.raises(NotGenuine):
        trust(root, leaf, trusted=both[:1])
    with pytest.raises(NotGenuine):
        trust(root, leaf, trusted=[])


def test_each_cause_of_refusal_reads_the_same(root: Authority) -> None:
    peer = Authority(root.provider, "peer")
    plain = Issue("peer")
    renamed = Authority(root.provider, "roof")
    renamed.key = root.key
    causes = {
        "signed with another key": issued(Authority(root.provider, "root"), plain, peer),
        "names another issuer": issued(renamed, plain, peer),
        "another user id": issued(root, Issue("peer", user_id=b"another"), peer),
        "for encryption alone": issued(
            root, Issue("peer", [(key_usage("key_encipherment"), True)]), peer
        ),
    }
    texts = set()
    for cause, certificate in causes.items():
        with pytest.raises(NotGenuine) as refusal:
            trust(root, certificate)
        texts.add((str(refusal.value), refusal.value.details))
        assert cause not in str(refusal.value)
    assert texts == {("signature is not valid", ())}


@pytest.mark.parametrize(
    "extensions",
    [
        [],
        [CERT_SIGN],
        [(x509.BasicConstraints(ca=False, path_length=None), True), CERT_SIGN],
        [authority(), (key_usage("digital_signature"), True)],
    ],
    ids=["no extension", "no basic constraints", "no authority", "may not sign certificates"],
)
def test_one_who_is_no_authority_issues_nothing(
    extensions: list[tuple[x509.ExtensionType, bool]], root: Authority
) -> None:
    between = Authority(root.provider, "between")
    middle = issued(root, Issue("between", extensions), between)
    leaf = issued(between, Issue("peer"))
    with pytest.raises(NotGenuine):
        require_issued_by(leaf, middle, signed_by_sm2(root.provider))
    with pytest.raises(NotGenuine):
        trust(root, leaf, middle)


def test_chain_longer_than_an_issuer_allows_is_refused(root: Authority) -> None:
    first, second = Authority(root.provider, "first"), Authority(root.provider, "second")
    upper = issued(root, Issue("first", [authority(0), CERT_SIGN]), first)
    lower = issued(first, Issue("second", [authority(), CERT_SIGN]), second)
    leaf = issued(second, Issue("peer"))
    with pytest.raises(NotGenuine):
        trust(root, leaf, lower, upper)
    wider = issued(root, Issue("first", [authority(1), CERT_SIGN]), first)
    assert trust(root, leaf, lower, wider) == leaf.public_key
    with pytest.raises(NotGenuine):
        trust(root, leaf, lower, wider, trusted=[root.certificate(path_length=1)])
    direct = issued(root, Issue("peer"))
    narrow = root.certificate(path_length=0)
    assert trust(root, direct, narrow, trusted=[narrow]) == direct.public_key


def test_trusted_one_amid_the_chain_speaks_for_nobody(root: Authority) -> None:
    anchor = root.certificate()
    again = issued(root, Issue("root", [authority(), CERT_SIGN]))
    stranger = Authority(root.provider, "root")
    forged = issued(stranger, Issue("peer"), stranger)
    with pytest.raises(NotGenuine):
        trust(root, forged, anchor, again, trusted=[anchor])
    leaf = issued(root, Issue("peer"))
    assert trust(root, leaf, anchor, again, trusted=[anchor]) == leaf.public_key


def test_chain_without_end_is_refused_before_it_is_verified(root: Authority) -> None:
    certificate = root.certificate()
    with pytest.raises(NotGenuine) as refusal:
        trust(root, *[certificate] * (LONGEST_CHAIN + 1))
    assert "1 to 5" in str(refusal.value.__cause__)


@pytest.mark.parametrize(
    ("now", "valid"),
    [
        (NOT_BEFORE - timedelta(seconds=1), False),
        (NOT_BEFORE, True),
        (NOT_AFTER, True),
        (NOT_AFTER + timedelta(seconds=1), False),
    ],
)
def test_dates_hold_to_the_second(now: datetime, valid: bool, root: Authority) -> None:
    leaf = issued(root, Issue("peer"))
    if valid:
        trust(root, leaf, now=now)
    else:
        with pytest.raises(KeyUnusable):
            trust(root, leaf, now=now)


def test_expired_authority_is_refused_and_a_forger_learns_no_date(root: Authority) -> None:
    between = Authority(root.provider, "between")
    old = Issue("between", [authority(), CERT_SIGN], not_after=NOW - timedelta(days=1))
    leaf = issued(between, Issue("peer"))
    with pytest.raises(KeyUnusable):
        trust(root, leaf, issued(root, old, between))
    forged = issued(Authority(root.provider, "root"), old, between)
    with pytest.raises(NotGenuine):
        trust(root, leaf, forged)


def test_trusted_one_that_expired_is_trusted_no_more(root: Authority) -> None:
    basic = [authority(), CERT_SIGN]
    old = issued(root, Issue("root", basic, not_after=NOW - timedelta(seconds=1)))
    leaf = issued(root, Issue("peer"))
    with pytest.raises(KeyUnusable):
        trust(root, leaf, trusted=[old])
    assert trust(root, leaf, trusted=[root.certificate()]) == leaf.public_key


def test_pair_of_certificates_is_one_to_sign_and_one_to_encrypt(root: Authority) -> None:
    sign = issued(root, Issue("peer"))
    encrypt = issued(root, Issue("peer", [(key_usage("key_encipherment"), True)]))
    assert sign.purposes == {Purpose.SIGN}
    assert encrypt.purposes == {Purpose.ENCRYPT}
    assert trust(root, encrypt, purpose=Purpose.ENCRYPT) == encrypt.public_key
    with pytest.raises(NotGenuine):
        trust(root, sign, purpose=Purpose.ENCRYPT)


def test_every_changed_byte_is_refused(root: Authority) -> None:
    anchor = root.certificate()
    der = root.issue(Issue("peer"))
    for place in range(0, len(der), 9):
        changed = bytearray(der)
        changed[place] ^= 1
        with pytest.raises((Misconfigured, NotGenuine, KeyUnusable)) as refusal:
            trust(root, sm2_certificate(bytes(changed)), trusted=[anchor])
        assert not isinstance(refusal.value, KeyUnusable)


def off_the_curve(root: Authority) -> bytes:
    der = bytearray(root.issue(Issue("peer")))
    at = bytes(der).index(root.key.public_key.y.to_bytes(32, "big"))
    der[at] ^= 1
    return bytes(der)


def of_p256() -> bytes:
    key = generate_private_key(SECP256R1())
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_what_is_no_certificate_of_sm2_is_refused(root: Authority) -> None:
    der = root.issue(Issue("peer"))
    unknown = x509.NameConstraints([x509.DirectoryName(name_of("peer"))], None)
    usage = (key_usage("digital_signature"), True)
    for cause in (
        b"",
        der[:-1],
        der + b"\0",
        off_the_curve(root),
        root.issue(Issue("peer", spki=of_p256())),
        root.issue(Issue("peer", [], version=None)),
        root.issue(Issue("peer", serial=0)),
        root.issue(Issue("peer", serial=-1)),
        root.issue(Issue("peer", algorithm=ECDSA_WITH_SHA256)),
        root.issue(Issue("peer", outer_algorithm=ECDSA_WITH_SHA256)),
        root.issue(Issue("peer", algorithm=ECDSA_WITH_SHA256, outer_algorithm=ECDSA_WITH_SHA256)),
        root.issue(Issue("peer", [(unknown, True), usage])),
        root.issue(Issue("peer", [usage, usage])),
    ):
        with pytest.raises(Misconfigured):
            sm2_certificate(cause)
    # The same extension is no reason to refuse where nothing hangs on it.
    issued(root, Issue("peer", [(unknown, False), usage]))


def test_certificate_of_another_algorithm_is_refused() -> None:
    key = generate_private_key(SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name_of("peer"))
        .issuer_name(name_of("root"))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .sign(key, SHA256())
    )
    with pytest.raises(Misconfigured):
        sm2_certificate(certificate.public_bytes(Encoding.DER))


@settings(max_examples=60)
@given(place=st.integers(0, 400), octet=st.integers(0, 255))
def test_no_change_brings_out_another_error(place: int, octet: int) -> None:
    changed = bytearray(SAMPLE)
    changed[place % len(changed)] = octet
    with suppress(Misconfigured):
        sm2_certificate(bytes(changed))


SAMPLE = Authority(provider_named("gmssl"), "root").issue(
    Issue("peer", [(key_usage("digital_signature"), True), authority()])
)


def test_openssl_verifies_what_we_issue(tmp_path: Path, root: Authority) -> None:
    anchor, peer = tmp_path / "root.pem", tmp_path / "peer.pem"
    anchor.write_text(pem_of_der(root.certificate().der, "CERTIFICATE"))
    peer.write_text(pem_of_der(root.issue(Issue("peer")), "CERTIFICATE"))
    ran = openssl(
        *("verify", "-attime", str(int(NOW.timestamp()))),
        *("-vfyopt", "distid:1234567812345678", "-CAfile", anchor, peer),
    )
    assert ran.returncode == 0, ran.stderr


def test_we_verify_what_openssl_issues(tmp_path: Path, provider: Sm2SoftwareProvider) -> None:
    user_id = ("-sigopt", "distid:1234567812345678")
    ca_key, ca = tmp_path / "ca.key", tmp_path / "ca.pem"
    peer_key, request, peer = (tmp_path / name for name in ("p.key", "p.csr", "p.pem"))
    extensions = tmp_path / "extensions"
    extensions.write_text("keyUsage = critical, digitalSignature\nbasicConstraints = CA:FALSE\n")
    for commands in (
        ("genpkey", "-algorithm", "SM2", "-out", ca_key),
        ("genpkey", "-algorithm", "SM2", "-out", peer_key),
        (
            *("req", "-x509", "-new", "-key", ca_key, "-sm3", *user_id, "-out", ca),
            *("-subj", "/C=CN/O=电网/CN=root", "-utf8", "-days", "30"),
        ),
        (
            *("req", "-new", "-key", peer_key, "-sm3", *user_id, "-out", request),
            *("-subj", "/CN=peer"),
        ),
        (
            *("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-sm3", *user_id),
            *("-vfyopt", "distid:1234567812345678", "-set_serial", "7", "-days", "3"),
            *("-out", peer, "-extfile", extensions),
        ),
    ):
        ran = openssl(*commands)
        assert ran.returncode == 0, ran.stderr
    anchor, leaf = (
        sm2_certificate(der_of_pem(path.read_text(), CERTIFICATE)) for path in (ca, peer)
    )
    assert anchor.may_issue
    key = require_trusted(provider, [leaf], [anchor], purpose=Purpose.SIGN, now=datetime.now(UTC))
    text = openssl("pkcs8", "-topk8", "-nocrypt", "-in", peer_key).stdout.decode()
    own = load_private_key(provider, der_of_pem(text, PRIVATE_KEY), passphrase=None)
    assert own.public_key == key
    with pytest.raises(NotGenuine):
        require_issued_by(leaf, leaf, signed_by_sm2(provider))
    with pytest.raises(NotGenuine):
        require_issued_by(leaf, anchor, signed_by_sm2(provider, b"another"))
