"""The master key comes from environment, file or hook, and is told to nobody. ACC-5.8."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from vgigw.crypto.master_key import Cipher, Master, MasterKey, WrappedMaster
from vgigw.crypto.master_source import master_named
from vgigw.errors import Misconfigured

OCTETS = bytes(range(32))
MASTER = MasterKey(OCTETS)


def opens(master: Master) -> bool:
    return master.unseal(MASTER.seal(b"key", b"about"), b"about") == b"key"


def test_key_from_environment_file_and_hook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MINE", OCTETS.hex())
    (tmp_path / "master").write_text(OCTETS.hex().upper() + "\n")
    vault = ModuleType("vault_of_mine")
    vault.fetch = lambda: OCTETS  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vault_of_mine", vault)
    for where in ("env:MINE", "file:master", "vault_of_mine:fetch"):
        assert opens(master_named(where, tmp_path))


@pytest.mark.parametrize(
    "text", ["", "00" * 31, "00" * 33, "0x" + "00" * 31, "g" * 64, "00 " * 31 + "00"]
)
def test_text_that_is_no_master_key_is_refused_and_not_shown(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", text)
    with pytest.raises(Misconfigured, match="64 hex digits") as refusal:
        master_named("env:MINE")
    shown = "".join(traceback.format_exception(refusal.value))
    assert len(text) < 64 or text not in shown


def test_key_that_is_missing_is_told_by_its_place(tmp_path: Path) -> None:
    for where, told in (
        ("env:NOT_SET_AT_ALL", "NOT_SET_AT_ALL is not set"),
        ("file:none", "file none cannot be read"),
        ("no_such_module_here:hook", "ModuleNotFoundError"),
        ("", "name it by"),
        (OCTETS.hex(), "name it by"),
    ):
        with pytest.raises(Misconfigured, match=told) as refusal:
            master_named(where, tmp_path)
        assert OCTETS.hex() not in str(refusal.value)


def test_hook_that_fails_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = ModuleType("vault_of_mine")

    def fetch() -> bytes:
        raise ValueError(OCTETS.hex())

    vault.fetch = fetch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vault_of_mine", vault)
    with pytest.raises(Misconfigured, match="ValueError") as refusal:
        master_named("vault_of_mine:fetch")
    assert OCTETS.hex() not in "".join(traceback.format_exception(refusal.value))


class Vault:
    """Wraps with a key of its own, as a module of hardware does by AES key wrap."""

    def __init__(self) -> None:
        self.key, self.asked = bytes(range(32, 64)), 0

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self.key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        self.asked += 1
        return aes_key_unwrap(self.key, wrapped)


MASTERS = pytest.mark.parametrize(
    "master",
    [
        MasterKey(OCTETS),
        MasterKey(OCTETS, Cipher.SM4_GCM),
        WrappedMaster(Vault()),
        WrappedMaster(Vault(), Cipher.SM4_GCM),
    ],
    ids=["aes", "sm4", "vault-aes", "vault-sm4"],
)


@MASTERS
def test_sealed_key_is_bound_and_every_change_shows(master: Master) -> None:
    def unseal(sealed: bytes, about: bytes) -> bytes:
        return master.unseal(sealed, about, master.cipher)

    sealed = master.seal(b"key", b"about")
    assert b"key" not in sealed
    assert sealed != master.seal(b"key", b"about")
    assert unseal(sealed, b"about") == b"key"
    changed = [
        sealed[:at] + bytes([octet ^ 1]) + sealed[at + 1 :] for at, octet in enumerate(sealed)
    ]
    changed += [sealed[:length] for length in range(len(sealed))]
    for one in changed:
        with pytest.raises(Misconfigured, match=r"right master key|unwrap failed"):
            unseal(one, b"about")
    with pytest.raises(Misconfigured):
        unseal(sealed, b"About")
    with pytest.raises(Misconfigured):
        MasterKey(bytes(32)).unseal(sealed, b"about", master.cipher)
    other = Cipher.SM4_GCM if master.cipher is Cipher.AES_256_GCM else Cipher.AES_256_GCM
    with pytest.raises(Misconfigured):
        master.unseal(sealed, b"about", other)


@MASTERS
def test_mac_is_of_the_whole_and_of_the_key(master: Master) -> None:
    mac, cipher = master.mac(b"records"), master.cipher
    master.verify(b"records", mac, cipher)
    for octets, given in ((b"record", mac), (b"records", mac[:-1]), (b"records", b"")):
        with pytest.raises(Misconfigured, match=r"changed by somebody else|unwrap failed"):
            master.verify(octets, given, cipher)
    with pytest.raises(Misconfigured):
        MasterKey(bytes(32)).verify(b"records", mac, cipher)


def test_vault_is_asked_once_for_what_is_read_again_and_never_gives_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault = ModuleType("vault_of_mine")
    held = Vault()
    vault.module = held  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vault_of_mine", vault)
    master = master_named("vault_of_mine:module", cipher=Cipher.SM4_GCM)
    mac = master.mac(b"records")
    for _ in range(5):
        master.verify(b"records", mac, master.cipher)
    assert held.asked == 1
    assert (repr(master), master.cipher) == ("WrappedMaster(...)", Cipher.SM4_GCM)


def test_vault_that_fails_or_wraps_nothing_is_told_and_not_quoted() -> None:
    class Broken(Vault):
        def wrap(self, key: bytes) -> bytes:
            return key

        def unwrap(self, wrapped: bytes) -> bytes:
            raise ValueError(OCTETS.hex())

    broken = WrappedMaster(Broken())
    with pytest.raises(Misconfigured, match="no wrapped key"):
        broken.seal(b"key", b"about")
    sealed = WrappedMaster(Vault()).seal(b"key", b"about")
    with pytest.raises(Misconfigured, match=r"unwrap failed \(ValueError\)") as refusal:
        broken.unseal(sealed, b"about")
    assert OCTETS.hex() not in "".join(traceback.format_exception(refusal.value))


def test_master_key_shows_nothing() -> None:
    assert repr(MASTER) == str(MASTER) == "MasterKey(...)"
    for length in (0, 16, 31, 33):
        with pytest.raises(Misconfigured, match="exactly 32 bytes"):
            MasterKey(bytes(length))
