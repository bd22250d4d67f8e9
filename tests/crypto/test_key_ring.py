"""The key ring: two gateways that exchange keys, rotate and revoke them. ACC-5.8."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import lcm
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.crypto.rings import (
    DATES,
    NOW,
    SUITES,
    THEM,
    US,
    YEAR,
    hand_over,
    pair,
    ring,
    suite_of,
    told,
)
from tests.crypto.signing_links import MESSAGE
from vgigw.crypto import key_algorithms, sm2_pbes2
from vgigw.crypto.intl import INTL
from vgigw.crypto.key_algorithms import KEY_PAIRS, Algorithm
from vgigw.crypto.key_ring import OVERLAP, KeyRing, Place
from vgigw.crypto.link_keys import KeyState, Purpose
from vgigw.crypto.master_key import MasterKey
from vgigw.errors import KeyUnusable, Misconfigured, NotDecrypted, NotGenuine


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})
    monkeypatch.setattr(key_algorithms, "RSA_BITS", 2048)


@SUITES
def test_two_gateways_exchange_public_keys_and_talk(suite: str, tmp_path: Path) -> None:
    us, them = pair(tmp_path, suite)
    used = suite_of(suite)
    ours, theirs = told(us.link(THEM, suite)), told(them.link(US, suite))
    ciphertext = used.encrypt(ours, MESSAGE)
    used.verify(theirs, ciphertext, used.sign(ours, ciphertext))
    assert used.decrypt(theirs, ciphertext) == MESSAGE


@SUITES
def test_revocation_acts_with_the_next_message(suite: str, tmp_path: Path) -> None:
    us, them = pair(tmp_path, suite)
    used = suite_of(suite)
    ours, theirs = told(us.link(THEM, suite)), told(them.link(US, suite))
    signature, ciphertext = used.sign(ours, MESSAGE), used.encrypt(ours, MESSAGE)
    used.verify(theirs, MESSAGE, signature)
    # Another process revokes: the same file, another object.
    for place in (Place(US, "s"), Place(THEM, "e")):
        ring(tmp_path, THEM).revoke(place)
    with pytest.raises(NotGenuine):
        used.verify(theirs, MESSAGE, signature)
    with pytest.raises(NotDecrypted):
        used.decrypt(theirs, ciphertext)
    us.revoke(Place(US, "s"))
    with pytest.raises(Misconfigured, match="no active key"):
        used.sign(ours, MESSAGE)
    assert us.record(Place(US, "s")).sealed is None
    with pytest.raises(Misconfigured, match="no private part"):
        us.export_private("s", b"passphrase")


@SUITES
def test_rotation_during_traffic_loses_no_message(suite: str, tmp_path: Path) -> None:
    us, them = pair(tmp_path, suite)
    used = suite_of(suite)
    start = NOW + timedelta(days=30)
    us.rotate("s", "s2", now=start, life=YEAR)
    them.rotate("e", "e2", now=start, life=YEAR)
    ours, theirs = us.link(THEM, suite), them.link(US, suite)
    seen = set()
    for hour in range(-2, 49, 2):
        instant = start + timedelta(hours=hour)
        if hour == 20:
            # At some time before the overlap is over.
            hand_over(us, them, "s2")
            hand_over(them, us, "e2")
        mine, other = told(ours, instant), told(theirs, instant)
        signature, ciphertext = used.sign(mine, MESSAGE), used.encrypt(mine, MESSAGE)
        used.verify(other, MESSAGE, signature)
        assert used.decrypt(other, ciphertext) == MESSAGE
        seen.add(signature.partition(".")[0])
    assert seen == {"s", "s2"}
    late = start + 2 * OVERLAP + timedelta(seconds=1)
    assert us.record(Place(US, "s")).not_after == start + 2 * OVERLAP
    assert not us.record(Place(US, "s")).not_after >= late


def test_rotation_at_once_ends_the_old_key_for_what_is_new(tmp_path: Path) -> None:
    us, them = pair(tmp_path, "intl")
    ours, theirs = us.link(THEM, "intl"), them.link(US, "intl")
    before = INTL.sign(told(ours), MESSAGE)
    instant = NOW + timedelta(hours=1)
    us.rotate("s", "s2", now=instant, life=YEAR, at_once=True)
    assert us.record(Place(US, "s")).state is KeyState.RETIRING
    assert INTL.sign(told(ours, instant), MESSAGE).startswith("s2.")
    with pytest.raises(Misconfigured, match="no active key"):
        INTL.sign(told(ours), MESSAGE)
    INTL.verify(told(theirs), MESSAGE, before)
    with pytest.raises(Misconfigured, match="only an active key"):
        us.rotate("s", "s3", now=instant, life=YEAR)
    assert [record.key_id for record in us.records() if record.party == US] == ["s", "e", "s2"]


def test_a_key_that_may_be_lost_stays_away_when_its_successor_is_revoked(tmp_path: Path) -> None:
    us, _ = pair(tmp_path, "intl")
    ours = us.link(THEM, "intl")
    us.rotate("s", "s2", now=NOW + timedelta(minutes=1), life=YEAR, at_once=True)
    third = NOW + timedelta(minutes=30)
    us.rotate("s2", "s3", now=third, life=YEAR, overlap=timedelta())
    us.revoke(Place(US, "s2"))
    at = third - timedelta(seconds=5)
    for exchange in (told(ours, at), ours.about(told(ours, at).told().answered("of it"))):
        with pytest.raises(Misconfigured, match="no active key"):
            INTL.sign(exchange, MESSAGE)
    assert INTL.sign(told(ours, third), MESSAGE).startswith("s3.")


def test_key_of_a_peer_out_of_its_dates_is_told_to_the_peer_alone(tmp_path: Path) -> None:
    us, them = pair(tmp_path, "intl")
    us.new("s9", Algorithm.ED25519, Purpose.SIGN, not_before=NOW, not_after=NOW + 3 * YEAR)
    later = NOW + 2 * YEAR
    with pytest.raises(NotGenuine):
        INTL.verify(
            told(them.link(US, "intl"), later),
            MESSAGE,
            INTL.sign(told(us.link(THEM, "intl"), later), MESSAGE),
        )
    made = us.record(Place(US, "s9"))
    them.import_public(Place(US, "s9"), made.algorithm, made.purpose, made.public, **DATES)
    with pytest.raises(KeyUnusable):
        INTL.verify(
            told(them.link(US, "intl"), later),
            MESSAGE,
            INTL.sign(told(us.link(THEM, "intl"), later), MESSAGE),
        )


def test_key_for_one_peer_signs_for_nobody_else(tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.new("s-them", Algorithm.ED25519, Purpose.SIGN, peer=THEM, **DATES)
    assert INTL.sign(told(us.link(THEM, "intl")), MESSAGE).startswith("s-them.")
    with pytest.raises(Misconfigured, match="no active key"):
        INTL.sign(told(us.link("300000003", "intl")), MESSAGE)
    assert len(us.link(THEM, "intl").own) == 1
    assert len(us.link(THEM, "gm").own) == 0
    with pytest.raises(Misconfigured, match="takes no keys"):
        us.link(THEM, "tcec102")


@pytest.mark.parametrize("algorithm", KEY_PAIRS)
def test_private_key_leaves_encrypted_and_comes_back(algorithm: Algorithm, tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.new("s", algorithm, Purpose.SIGN, **DATES)
    der = us.export_private("s", b"a passphrase")
    elsewhere = ring(tmp_path / "elsewhere")
    elsewhere.import_private("s", algorithm, Purpose.SIGN, der, b"a passphrase", **DATES)
    assert elsewhere.record(Place(US, "s")).public == us.record(Place(US, "s")).public
    suite = "gm" if algorithm is Algorithm.SM2 else "intl"
    signature = suite_of(suite).sign(told(elsewhere.link(THEM, suite)), MESSAGE)
    assert signature.startswith("s.")
    with pytest.raises(Misconfigured, match=r"right passphrase|not a private key|cannot be read"):
        elsewhere.import_private("t", algorithm, Purpose.SIGN, der, b"another", **DATES)
    other = Algorithm.RSA if algorithm is not Algorithm.RSA else Algorithm.SM2
    with pytest.raises(Misconfigured):
        elsewhere.import_private("t", other, Purpose.SIGN, der, b"a passphrase", **DATES)


def test_what_does_not_fit_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    before = us.records()
    public = before[0].public
    short = generate_private_key(65537, 1024)
    encoded = short.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = sm2_pbes2.encrypt_pbes2(encoded, b"p")
    ed, sign, encrypt = Algorithm.ED25519, Purpose.SIGN, Purpose.ENCRYPT
    backwards: dict[str, Any] = {"not_before": NOW, "not_after": NOW}
    calls: tuple[Callable[[], object], ...] = (
        lambda: us.new("s", ed, sign, **DATES),
        lambda: us.new("t", ed, encrypt, **DATES),
        lambda: us.new("a.b", ed, sign, **DATES),
        lambda: us.new("t", ed, sign, **backwards),
        lambda: us.import_public(Place(US, "t"), ed, sign, public, **DATES),
        lambda: us.import_public(Place(THEM, "t"), Algorithm.RSA, sign, public, **DATES),
        lambda: us.import_public(Place(THEM, "t"), Algorithm.SM2, sign, public, **DATES),
        lambda: us.import_public(Place(THEM, "t"), ed, sign, b"", **DATES),
        lambda: us.import_private("t", Algorithm.RSA, sign, sealed, b"p", **DATES),
        lambda: us.rotate("none", "t", now=NOW, life=YEAR),
        lambda: us.rotate("s", "s", now=NOW, life=YEAR),
        lambda: us.revoke(Place(THEM, "s")),
    )
    for refused in calls:
        with pytest.raises(Misconfigured):
            refused()
    assert us.records() == ring(tmp_path).records() == before


def test_private_key_of_another_gateway_is_not_ours(tmp_path: Path) -> None:
    # Two gateways of one host may be given one file and one master key.
    us = ring(tmp_path)
    us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    master = MasterKey(US.encode() * 3 + b"-----")
    other = KeyRing(tmp_path / US / "keys.json", master, THEM)
    assert len(other.records()) == len(us.link(THEM, "intl").own) == 1
    assert len(other.link(US, "intl").own) == 0


def composite_rsa() -> bytes:
    """PKCS#8 of an RSA key that fits together, and one of whose two primes is none."""
    one, two, other = (
        generate_private_key(65537, bits).private_numbers() for bits in (1024, 1024, 2048)
    )
    p, q = one.p * two.p, other.p
    d = pow(65537, -1, lcm(one.p - 1, two.p - 1, q - 1))
    numbers = RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa_crt_iqmp(p, q), RSAPublicNumbers(65537, p * q)
    )
    made = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    return made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_attack_an_rsa_key_without_two_primes_never_comes_into_the_ring(tmp_path: Path) -> None:
    """What is in it is not tested again with each change of the ring."""
    us = ring(tmp_path)
    der = sm2_pbes2.encrypt_pbes2(composite_rsa(), b"a passphrase")
    with pytest.raises(Misconfigured, match="not a private key"):
        us.import_private("k", Algorithm.RSA, Purpose.SIGN, der, b"a passphrase", **DATES)
    with pytest.raises(Misconfigured):
        us.record(Place(US, "k"))
