"""The suites whose keys lie in the key ring, opened where a peer has one. ACC-5.8, PLT-10.3b."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vgigw.crypto.gm import Gm
from vgigw.crypto.intl import INTL
from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.signing import SigningSuite


def ring_suites(names: Iterable[str]) -> dict[str, SigningSuite[Any, Any]]:
    """Those of ``names`` that take keys of the ring.

    Raises :class:`~vgigw.errors.Misconfigured` where this machine has no SM2 for ``gm``.
    """
    wanted = sorted(set(names) & set(OF_SUITE))
    return {name: Gm() if name == Gm.name else INTL for name in wanted}
