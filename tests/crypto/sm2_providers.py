"""The two providers of SM2 by name, the example of the standard, and the ``openssl`` program."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_curve import Ciphertext, PublicKey, Signature
from vgigw.crypto.sm2_gmssl import GmsslProvider
from vgigw.crypto.sm2_libcrypto import LibcryptoProvider
from vgigw.errors import Misconfigured

VECTORS = Path(__file__).parents[1] / "vectors"
ANNEX: dict[str, Any] = json.loads((VECTORS / "gm_kat.json").read_text())["sm2_annex"]
SCALAR = bytes.fromhex(ANNEX["d"])
PUBLIC_KEY = PublicKey(int(ANNEX["x"], 16), int(ANNEX["y"], 16))
SIGNATURE = Signature(int(ANNEX["r"], 16), int(ANNEX["s"], 16))
CIPHERTEXT = Ciphertext(
    int(ANNEX["c1x"], 16),
    int(ANNEX["c1y"], 16),
    bytes.fromhex(ANNEX["c3"]),
    bytes.fromhex(ANNEX["c2"]),
)

PROVIDERS = pytest.mark.parametrize("name", ["libcrypto", "gmssl"])


def provider_named(name: str) -> Sm2SoftwareProvider:
    """The provider; where libcrypto has no SM2 the test is skipped."""
    if name == "gmssl":
        return GmsslProvider()
    provider = _libcrypto()
    if provider is None:
        pytest.skip("libcrypto of this system has no SM2")
    return provider


@cache
def _libcrypto() -> LibcryptoProvider | None:
    try:
        provider = LibcryptoProvider()
        provider.import_key(SCALAR, PUBLIC_KEY)
    except Misconfigured:
        return None
    return provider


def openssl(*arguments: str | Path, taken: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the program; the test is skipped where it is missing or has no SM2."""
    if not _openssl_has_sm2():
        pytest.skip("no openssl program with SM2 on this system")
    return subprocess.run(["openssl", *arguments], input=taken, capture_output=True, timeout=30)


@cache
def _openssl_has_sm2() -> bool:
    if shutil.which("openssl") is None:
        return False
    command = ["openssl", "genpkey", "-algorithm", "SM2"]
    made = subprocess.run(command, capture_output=True, timeout=30)
    return made.returncode == 0
