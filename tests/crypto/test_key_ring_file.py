"""The file of a key ring: encrypted, vouched for as a whole, changed by one at a time. ACC-5.8."""

from __future__ import annotations

import stat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.crypto.rings import (
    DATES,
    THEM,
    US,
    pair,
    ring,
)
from tests.crypto.signing_links import rsa
from vgigw.crypto import key_algorithms, sm2_pbes2
from vgigw.crypto.key_algorithms import Algorithm
from vgigw.crypto.key_ring import KeyRing, Place
from vgigw.crypto.link_keys import Purpose
from vgigw.crypto.master_key import Cipher, MasterKey
from vgigw.errors import Misconfigured


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2_pbes2.encrypt_pbes2, "__kwdefaults__", {"rounds": 1000})
    monkeypatch.setattr(key_algorithms, "RSA_BITS", 2048)


def test_file_is_private_and_holds_no_private_key_as_it_is(tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.import_private(
        *("s", Algorithm.RSA, Purpose.SIGN),
        *(sm2_pbes2.encrypt_pbes2(plain_rsa(), b"p"), b"p"),
        **DATES,
    )
    file = tmp_path / US / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = msgspec.json.decode(file.read_bytes())
    octets = b"".join(
        msgspec.convert(record[name], bytes)
        for record in held["records"]
        for name in ("sealed", "public")
    )
    number = rsa(2048, 0).private_numbers().p
    assert number.to_bytes(128, "big") not in octets
    assert sorted(path.name for path in file.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def plain_rsa() -> bytes:
    return rsa(2048, 0).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_every_changed_member_of_the_file_is_refused(tmp_path: Path) -> None:
    us, _ = pair(tmp_path, "intl")
    us.revoke(Place(THEM, "s"))
    file = tmp_path / US / "keys.json"
    whole = msgspec.json.decode(file.read_bytes())
    other = ring(tmp_path / "other")
    other.new("x", Algorithm.ED25519, Purpose.SIGN, **DATES)
    changes: list[tuple[str, Any]] = [
        ("state", "active"),
        ("not_after", "2099-01-01T00:00:00Z"),
        ("party", "300000003"),
        ("key_id", "t"),
        ("purpose", "encrypt"),
        ("algorithm", "sm2"),
        ("peer", "300000003"),
        ("public", msgspec.to_builtins(other.records()[0].public)),
    ]
    at = next(n for n, one in enumerate(whole["records"]) if one["state"] == "revoked")
    for name, value in changes:
        changed = msgspec.json.decode(file.read_bytes())
        changed["records"][at][name] = value
        place = tmp_path / "changed.json"
        place.write_bytes(msgspec.json.encode(changed))
        with pytest.raises(Misconfigured, match="changed by somebody else"):
            KeyRing(place, MasterKey(US.encode() * 3 + b"-----"), US).records()
    for spoilt in (b"", b"{}", b"[", file.read_bytes()[:-9], b'{"records": [], "mac": ""}'):
        file.write_bytes(spoilt)
        with pytest.raises(Misconfigured):
            us.records()


def test_other_master_key_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    us = ring(tmp_path)
    us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    file = tmp_path / US / "keys.json"
    before = file.read_bytes()
    stranger = KeyRing(file, MasterKey(bytes(32)), US)
    for attempt in (
        stranger.records,
        lambda: stranger.new("t", Algorithm.ED25519, Purpose.SIGN, **DATES),
        lambda: stranger.revoke(Place(US, "s")),
    ):
        with pytest.raises(Misconfigured, match="another master key"):
            attempt()
    assert file.read_bytes() == before


def make_some(folder: str, name: str) -> None:
    own = ring(Path(folder))
    for number in range(5):
        own.new(f"{name}-{number}", Algorithm.ED25519, Purpose.SIGN, **DATES)


def test_processes_that_change_it_at_once_lose_no_key(tmp_path: Path) -> None:
    start = get_context("spawn").Process
    workers = [start(target=make_some, args=(str(tmp_path), name)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert len(ring(tmp_path).records()) == 15


@pytest.mark.parametrize("before", list(Cipher))
@pytest.mark.parametrize("after", list(Cipher))
def test_ring_goes_over_to_another_cipher_key_by_key(
    before: Cipher, after: Cipher, tmp_path: Path
) -> None:
    place = tmp_path / "keys.json"
    old = KeyRing(place, MasterKey(bytes(32), before), US)
    old.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    new = KeyRing(place, MasterKey(bytes(32), after), US)
    new.new("t", Algorithm.ED25519, Purpose.SIGN, **DATES)
    assert [one.cipher for one in old.records()] == [before, after]
    assert len(new.link(THEM, "intl").own) == len(old.link(THEM, "intl").own) == 2
    new.reseal()
    assert [one.cipher for one in old.records()] == [after, after]
    assert len(ring_of(place, bytes(32)).link(THEM, "intl").own) == 2
    assert ("sm4-gcm" in place.read_text()) is (after is Cipher.SM4_GCM)


def ring_of(place: Path, octets: bytes) -> KeyRing:
    return KeyRing(place, MasterKey(octets), US)


def test_ring_goes_over_to_another_master_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "keys.json"
    old = ring_of(place, bytes(32))
    made = [old.new(name, Algorithm.ED25519, Purpose.SIGN, **DATES).public for name in "st"]
    old.reseal(MasterKey(bytes(31) + b"1"))
    with pytest.raises(Misconfigured, match="another master key"):
        old.records()
    new = ring_of(place, bytes(31) + b"1")
    assert [one.public for one in new.records()] == made
    assert len(new.link(THEM, "intl").own) == 2


def test_mark_of_the_cipher_is_under_the_mac(tmp_path: Path) -> None:
    place = tmp_path / "keys.json"
    KeyRing(place, MasterKey(bytes(32), Cipher.SM4_GCM), US).new(
        "s", Algorithm.ED25519, Purpose.SIGN, **DATES
    )
    whole = msgspec.json.decode(place.read_bytes())
    for part in (whole, whole["records"][0]):
        mark = part.pop("sealed_with")
        place.write_bytes(msgspec.json.encode(whole))
        with pytest.raises(Misconfigured, match="changed by somebody else"):
            ring_of(place, bytes(32)).records()
        part["sealed_with"] = mark


def test_ring_that_is_not_there_is_empty_and_stays_so(tmp_path: Path) -> None:
    assert ring(tmp_path).records() == ()
    assert list(tmp_path.iterdir()) == []


def test_record_shows_no_key(tmp_path: Path) -> None:
    us = ring(tmp_path)
    made = us.new("s", Algorithm.ED25519, Purpose.SIGN, **DATES)
    assert repr(made) == f"KeyRecord('{US}', 's', active)"
