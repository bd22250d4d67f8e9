"""What the explanation of an outage must hold. PLT-8.9a."""

from __future__ import annotations

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import OutageRecord


def check_outage(outage: OutageRecord) -> None:
    """Raise ``InvalidObject`` where it ends before it begins. PLT-8.9a."""
    if outage.outage_end <= outage.outage_start:
        words = "must be later than OutageStart; PLT-8.9a"
        raise InvalidObject(details=(Detail("/OutageEnd", "rule", words),))
