"""``vgigw keys authority``, ``trust``, ``request``, ``certify``, and certificates by ``import``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_keys import MASTER, THEM, US, homes, make, ring, run, shown
from vgigw.crypto.key_ring import Place

__all__ = ["homes"]
THIRD = "300000003"


def file_of(homes: Path, name: str, own: str, *arguments: str | Path) -> Path:
    """What a command wrote to stdout, in a file."""
    ran = run(homes, own, *arguments)
    assert ran.exit_code == 0, ran.output
    file = homes / name
    file.write_text(ran.stdout)
    return file


def certified(homes: Path, purpose: str = "sign") -> tuple[Path, Path]:
    """A certificate of a key of THEM by an authority of US, and that of the authority."""
    shown(homes, US, "authority", "ca", "--algorithm", "sm2", "--common-name", "Test authority")
    make(homes, THEM, "s", purpose)
    request = file_of(homes, "s.csr", THEM, "request", "s")
    leaf = file_of(homes, "s.pem", US, "certify", request, "--authority", "ca", "--days", "100")
    return leaf, file_of(homes, "ca.pem", US, "export", "ca", "--certificate")


def refused(homes: Path, own: str, *arguments: str | Path) -> str:
    before = ring(homes, own).records()
    ran = run(homes, own, *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ring(homes, own).records() == before
    return ran.stderr


def taking(leaf: Path, *more: str | Path) -> tuple[Any, ...]:
    return ("import", leaf, "s", "--party", THEM, "--purpose", "sign", *more)


def test_authority_certifies_a_key_and_its_certificate_is_taken(homes: Path) -> None:
    leaf, _ = certified(homes)
    ours = shown(homes, THEM, "show", "s")[0]
    taken = shown(homes, US, *taking(leaf))[0]
    assert taken["fingerprint"] == ours["fingerprint"]
    assert (taken["algorithm"], taken["private"]) == ("sm2", False)
    told = taken["certificate"]
    assert THEM in told["subject"]
    assert "Test authority" in told["issuer"]
    assert taken["not_after"] == told["not_after"]
    listed = run(homes, US, "show", "s", "--party", THEM).stdout
    assert told["fingerprint"] in listed
    assert "Test authority" in listed


def test_certificate_of_ours_is_kept_with_its_key(homes: Path) -> None:
    leaf, ca = certified(homes)
    own = ("import", leaf, "s", "--purpose", "sign")
    assert "no authority is trusted" in refused(homes, THEM, *own)
    shown(homes, THEM, "trust", ca, "utility")
    before = shown(homes, THEM, "show", "s")[0]
    held = shown(homes, THEM, *own)[0]
    assert held["private"] is True
    assert held["not_after"] < before["not_after"]
    assert file_of(homes, "again.pem", THEM, "export", "s", "--certificate").read_text() == (
        leaf.read_text()
    )
    make(homes, THEM, "t")
    other = ("import", leaf, "t", "--purpose", "sign")
    assert "not of key t" in refused(homes, THEM, *other)


def test_without_an_authority_a_certificate_is_pinned_or_refused(
    homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf, ca = certified(homes)
    monkeypatch.setitem(MASTER, THIRD, "33" * 32)
    third = homes / THIRD
    third.mkdir()
    (third / "vgigw.toml").write_text(f'[gateway]\noperator_id = "{THIRD}"\n')
    assert "--pin it" in refused(homes, THIRD, *taking(leaf))
    shown(homes, THIRD, "trust", ca, "other", "--party", US)
    assert "--pin it" in refused(homes, THIRD, *taking(leaf))
    by_file = shown(homes, THIRD, *taking(leaf, "--authority", ca))[0]
    assert by_file["state"] == "active"
    run(homes, THIRD, "revoke", "s", "--party", THEM, "--yes")
    pinned = ("import", leaf, "s2", "--party", THEM, "--purpose", "sign", "--pin")
    assert shown(homes, THIRD, *pinned)[0]["fingerprint"] == by_file["fingerprint"]
    ours = ("import", ca, "ca", "--party", US, "--purpose", "sign", "--pin")
    assert "another purpose" in refused(homes, THIRD, *ours)


def test_certificate_for_somebody_or_something_else_is_refused(homes: Path) -> None:
    leaf, _ = certified(homes)
    wrong = ("import", leaf, "s", "--party", THIRD, "--purpose", "sign")
    assert f"does not name {THIRD}" in refused(homes, US, *wrong)
    encrypt = ("import", leaf, "s", "--party", THEM, "--purpose", "encrypt")
    assert "another purpose" in refused(homes, US, *encrypt)
    for more in (("--days", "9"), ("--algorithm", "sm2"), ("--peer", THEM)):
        refused(homes, US, *taking(leaf, *more))
    cut = homes / "cut.pem"
    cut.write_text(leaf.read_text()[:-40])
    refused(homes, US, *taking(cut))
    cut.write_text(leaf.read_text() + "and more")
    refused(homes, US, *taking(cut))


def test_bare_key_needs_its_kind_and_no_authority(homes: Path) -> None:
    make(homes, THEM, "s")
    public = file_of(homes, "public.pem", THEM, "export", "s")
    assert "--algorithm" in refused(homes, US, *taking(public))
    assert "are for certificates" in refused(homes, US, *taking(public, "--pin"))
    assert "no certificate" in run(homes, THEM, "export", "s", "--certificate").stderr
    assert run(homes, THEM, "export", "s", "--certificate", "--private").exit_code == 2


def test_who_may_certify_is_asked(homes: Path) -> None:
    certified(homes)
    request = homes / "s.csr"
    for name in ("none", "s"):
        assert run(homes, US, "certify", request, "--authority", name).exit_code == 2
    run(homes, US, "revoke", "ca", "--yes")
    assert "revoked" in run(homes, US, "certify", request, "--authority", "ca").stderr
    assert ring(homes, US).record(Place(US, "ca")).sealed is None


@pytest.mark.parametrize("what", ["request", "certify", "authority", "trust"])
def test_nothing_of_a_private_key_is_shown(what: str, homes: Path) -> None:
    leaf, ca = certified(homes)
    commands: dict[str, tuple[Any, ...]] = {
        "request": ("request", "s"),
        "certify": ("certify", leaf, "--authority", "ca"),
        "authority": ("authority", "other", "--algorithm", "ed25519"),
        "trust": ("trust", ca, "again"),
    }
    ran = run(homes, THEM, *commands[what])
    assert "PRIVATE" not in ran.output
    assert "Traceback" not in ran.output
