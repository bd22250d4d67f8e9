"""To whom a notice or price speaks, and by when a notice must have been read. PLT-8.6."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import PolicyNotice, PriceSignal
from vgigw.objects.notices import EVERYBODY

READ_WITHIN: Final = timedelta(hours=24)
"""Own design number: where nothing is said and the notice is in force already."""

Published = PolicyNotice | PriceSignal


def check_period(published: Published) -> None:
    """Raise ``InvalidObject`` where it ends before it begins. PLT-8.6."""
    if published.effective_to is not None and published.effective_to <= published.effective_from:
        words = "must be later than EffectiveFrom; PLT-8.6"
        raise InvalidObject(details=(Detail("/EffectiveTo", "rule", words),))


def addresses(published: Published, party: str) -> bool:
    """Whether ``party`` is among those addressed."""
    return EVERYBODY in published.audience or party in published.audience


def audience(published: Published) -> tuple[str, ...] | None:
    """The parties addressed, each once; None = everybody."""
    if EVERYBODY in published.audience:
        return None
    return tuple(dict.fromkeys(published.audience))


def read_by(notice: PolicyNotice, published_at: datetime) -> datetime | None:
    """When an alarm is due if somebody has not read it; None where no receipt is asked for."""
    if not notice.receipt_required:
        return None
    if notice.receipt_deadline is not None:
        return notice.receipt_deadline
    if notice.effective_from > published_at:
        return notice.effective_from
    return published_at + READ_WITHIN
