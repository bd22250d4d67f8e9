"""The master key comes from environment, file or hook, and is told to nobody. ACC-5.8."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest

from vgigw.crypto.master_key import MasterKey
from vgigw.errors import Misconfigured

OCTETS = bytes(range(32))
MASTER = MasterKey(OCTETS)


def opens(master: MasterKey) -> bool:
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
        assert opens(MasterKey.named(where, tmp_path))


@pytest.mark.parametrize(
    "text", ["", "00" * 31, "00" * 33, "0x" + "00" * 31, "g" * 64, "00 " * 31 + "00"]
)
def test_text_that_is_no_master_key_is_refused_and_not_shown(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", text)
    with pytest.raises(Misconfigured, match="64 hex digits") as refusal:
        MasterKey.named("env:MINE")
    shown = "".join(traceback.format_exception(refusal.value))
    assert len(text) < 64 or text not in shown


def test_key_that_is_missing_is_told_by_its_place(tmp_path: Path) -> None:
    for where, told in (
        ("env:NOT_SET_AT_ALL", "NOT_SET_AT_ALL is not set"),
        ("file:none", "file none cannot be read"),
        ("no_such_module_here:hook", "ModuleNotFoundError"),
        ("", "failed"),
        (OCTETS.hex(), "failed"),
    ):
        with pytest.raises(Misconfigured, match=told):
            MasterKey.named(where, tmp_path)


def test_hook_that_fails_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = ModuleType("vault_of_mine")

    def fetch() -> bytes:
        raise ValueError(OCTETS.hex())

    vault.fetch = fetch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vault_of_mine", vault)
    with pytest.raises(Misconfigured, match="ValueError") as refusal:
        MasterKey.named("vault_of_mine:fetch")
    assert OCTETS.hex() not in "".join(traceback.format_exception(refusal.value))


def test_sealed_key_is_bound_and_every_change_shows() -> None:
    sealed = MASTER.seal(b"key", b"about")
    assert b"key" not in sealed
    assert sealed != MASTER.seal(b"key", b"about")
    changed = [
        sealed[:at] + bytes([octet ^ 1]) + sealed[at + 1 :] for at, octet in enumerate(sealed)
    ]
    changed += [sealed[:length] for length in range(len(sealed))]
    for one in changed:
        with pytest.raises(Misconfigured, match="right master key"):
            MASTER.unseal(one, b"about")
    with pytest.raises(Misconfigured):
        MASTER.unseal(sealed, b"About")
    with pytest.raises(Misconfigured):
        MasterKey(bytes(32)).unseal(sealed, b"about")


def test_mac_is_of_the_whole_and_of_the_key() -> None:
    mac = MASTER.mac(b"records")
    MASTER.verify(b"records", mac)
    for octets, given in ((b"record", mac), (b"records", mac[:-1]), (b"records", b"")):
        with pytest.raises(Misconfigured, match="changed by somebody else"):
            MASTER.verify(octets, given)
    with pytest.raises(Misconfigured):
        MasterKey(bytes(32)).verify(b"records", mac)


def test_master_key_shows_nothing() -> None:
    assert repr(MASTER) == str(MASTER) == "MasterKey(...)"
    for length in (0, 16, 31, 33):
        with pytest.raises(Misconfigured, match="exactly 32 bytes"):
            MasterKey(bytes(length))
