"""SM2 by each provider against ``openssl speed`` on this machine, by turns. PLT-10.3b."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Final

import msgspec

from vgigw.crypto.sm2 import Sm2SoftwareProvider
from vgigw.crypto.sm2_choice import PROVIDERS
from vgigw.errors import Misconfigured

_MESSAGE: Final = bytes(36)
"""As long as what ``openssl speed`` signs."""
_SPEED = re.compile(r"^\+F7:\d+:256:CurveSM2:([0-9.]+):([0-9.]+)$", re.MULTILINE)


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """CPU microseconds an operation, medians; a ratio is to ``openssl speed`` in the same run."""

    provider: str
    sign_us: float
    verify_us: float
    sign_ratio: float
    verify_ratio: float


def measure(seconds: int, rounds: int, tell: Callable[[str], object]) -> list[Speed]:
    """``openssl`` first, then each provider that is here. Raises ``Misconfigured`` where the
    program is missing or has no SM2."""
    providers = _providers()
    names = ["openssl speed", *providers]
    signed: dict[str, list[float]] = {name: [] for name in names}
    verified: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        tell(f"round {number + 1}: openssl speed")
        for kept, rate in zip((signed, verified), _openssl(seconds), strict=True):
            kept["openssl speed"].append(1e6 / rate)
        for name, provider in providers.items():
            tell(f"round {number + 1}: {name}")
            for kept, taken_us in zip((signed, verified), _ours(provider, seconds), strict=True):
                kept[name].append(taken_us)
    return [_speed(name, signed, verified) for name in names]


def _speed(name: str, signed: dict[str, list[float]], verified: dict[str, list[float]]) -> Speed:
    sign_us, verify_us = statistics.median(signed[name]), statistics.median(verified[name])
    return Speed(
        provider=name,
        sign_us=sign_us,
        verify_us=verify_us,
        sign_ratio=sign_us / statistics.median(signed["openssl speed"]),
        verify_ratio=verify_us / statistics.median(verified["openssl speed"]),
    )


def _providers() -> dict[str, Sm2SoftwareProvider]:
    found = {}
    for make in PROVIDERS:
        try:
            provider = make()
        except Misconfigured:
            continue
        found[provider.name] = provider
    return found


def _openssl(seconds: int) -> tuple[float, float]:
    """Signatures made and checked in a second of CPU."""
    program = shutil.which("openssl")
    if program is None:
        raise Misconfigured("there is no openssl program to compare with")
    command = [program, "speed", "-seconds", str(seconds), "-mr", "sm2"]
    ran = subprocess.run(  # noqa: S603 - our own words, and the program that PATH names
        command, check=False, capture_output=True, text=True, timeout=60 + 10 * seconds
    )
    found = _SPEED.search(ran.stdout)
    if found is None:
        raise Misconfigured("this openssl program has no SM2")
    return float(found[1]), float(found[2])


def _ours(provider: Sm2SoftwareProvider, seconds: int) -> tuple[float, float]:
    """CPU microseconds of a signature made, and of one checked."""
    key = provider.generate()
    signature = provider.sign(key, _MESSAGE)
    return (
        _taken_us(lambda: provider.sign(key, _MESSAGE), seconds),
        _taken_us(lambda: provider.verify(key.public_key, _MESSAGE, signature), seconds),
    )


def _taken_us(work: Callable[[], object], seconds: int) -> float:
    begun_s, done = time.process_time(), 0
    while (used_s := time.process_time() - begun_s) < seconds:
        work()
        done += 1
    return used_s / done * 1e6
