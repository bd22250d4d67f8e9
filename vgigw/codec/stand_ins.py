"""What stands in for a member that ours require and T/CEC 102 does not: rules by name. 2.0(17)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple


class Arrival(NamedTuple):
    """What is known of a message besides its content: when, and a hex digest of its bytes."""

    now: datetime
    origin: str


class Missing(NamedTuple):
    """The place of a missing member: the object around it, its path, the arrival."""

    document: dict[str, Any]
    path: str
    arrival: Arrival


def _arrival_ms(missing: Missing) -> int:
    return int(missing.arrival.now.timestamp() * 1000)


def _arrival_time(missing: Missing) -> datetime:
    now = missing.arrival.now.astimezone(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _digest(missing: Missing) -> str:
    """The digest itself, or one of digest and place where a message holds many of the object."""
    origin = missing.arrival.origin
    if missing.path:
        origin = hashlib.sha256(f"{origin}{missing.path}".encode()).hexdigest()
    return origin[:40]


def _sum_of_power(missing: Missing) -> Decimal | None:
    equipments = missing.document.get("EquipmentInfos")
    if not isinstance(equipments, list) or not equipments:
        return None
    powers = [item.get("Power") if isinstance(item, dict) else None for item in equipments]
    if not all(isinstance(p, int | Decimal) and -(10**12) < p < 10**12 for p in powers):
        return None
    return sum((Decimal(power) for power in powers if power is not None), Decimal(0))


RULES: Final[Mapping[str, Callable[[Missing], Any]]] = {
    "arrival-milliseconds": _arrival_ms,
    "arrival-time": _arrival_time,
    "message-digest": _digest,
    "sum-of-power": _sum_of_power,
}
"""A rule gives None where nothing can stand in."""


def stand_in(told: Any, missing: Missing) -> Any:
    """The value for ``told``: itself, or what the rule of ``{"from": rule}`` gives."""
    return RULES[told["from"]](missing) if isinstance(told, dict) else told
