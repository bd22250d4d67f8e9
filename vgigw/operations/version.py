"""The version of the published contract: its names on the wire, and since when it counts."""

from __future__ import annotations

from datetime import date

import msgspec


class ContractVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of objects and operations. ACC-A.2.

    ``published`` is when its files were given out, ``effective`` since when messages may be of it.
    A minor version only adds what may be absent. A major one has a ``namespace`` and a ``path`` of
    its own, so that two of them stand side by side and none is taken for the other.
    """

    version: str
    namespace: str
    path: str
    published: date
    effective: date


CONTRACT = ContractVersion(
    version="1.0",
    namespace="urn:vgigw:v1",
    path="/vgi/v1",
    published=date(2026, 11, 21),
    effective=date(2026, 11, 28),
)
