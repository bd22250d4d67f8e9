"""The curve of SM2 (GB/T 32918.5): its numbers, its points and the values that stand on it.

Only public values are reckoned with here; Python's integers tell by their timing what they hold.
Each value is checked when it is made, so that whoever holds one need not check again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vgigw.errors import Misconfigured, NotDecrypted, NotGenuine

P: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""Order of :data:`G`, a prime; the cofactor is 1, so that every point generates the curve."""

NUMBER_BYTES: Final = 32
"""A coordinate, a private key, half a signature and an SM3 digest alike."""

Point = tuple[int, int]
"""Affine coordinates; infinity has none, so it cannot be written down."""

G: Final[Point] = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)


def is_on_curve(x: int, y: int) -> bool:
    """Whether both are reduced and ``y**2 = x**3 + A*x + B`` holds."""
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x + A) * x - B) % P == 0


def add(left: Point, right: Point) -> Point | None:
    """Sum of two points of the curve; ``None`` is infinity."""
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def number(octets: bytes) -> int:
    """The number that ``octets``, most significant first, are."""
    return int.from_bytes(octets, "big")


def octets(value: int) -> bytes:
    """``value`` in 32 bytes, most significant first."""
    return value.to_bytes(NUMBER_BYTES, "big")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of the curve that is somebody's public key.

    Raises :class:`~vgigw.errors.Misconfigured` for numbers that are no point of the curve: an
    exchange with such a key would give away the private key of the other side.
    """

    x: int
    y: int

    def __post_init__(self) -> None:
        if not is_on_curve(self.x, self.y):
            raise Misconfigured("SM2 public key is not a point of the curve")


@dataclass(frozen=True, slots=True)
class Signature:
    """The two numbers of a signature, each from 1 to N - 1 and not N together.

    Raises :class:`~vgigw.errors.NotGenuine`. GB/T 32918.2 steps B1, B2 and B5. No second form of
    the same signature is left: N - s, other than with ECDSA, is not a signature.
    """

    r: int
    s: int

    def __post_init__(self) -> None:
        if not (0 < self.r < N and 0 < self.s < N) or (self.r + self.s) % N == 0:
            raise NotGenuine


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """C1 as ``x`` and ``y``, C3 as ``digest`` (32 bytes), C2 as ``masked`` (1 byte or more).

    Raises :class:`~vgigw.errors.NotDecrypted`. GB/T 32918.4 step B1: C1 must be a point of the
    curve before it meets a private key.
    """

    x: int
    y: int
    digest: bytes
    masked: bytes

    def __post_init__(self) -> None:
        whole = len(self.digest) == NUMBER_BYTES and bool(self.masked)
        if not whole or not is_on_curve(self.x, self.y):
            raise NotDecrypted
