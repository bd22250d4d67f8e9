"""What a connector charged and discharged day by day: sums that sessions go into and out of.

A session counts as a whole on the day, in Beijing time, that it ended on, or that its newest sample
is of: by its order where there is one, else by its newest status. 102, VGI-T6.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from vgigw.objects import ChargeOrder, ChargeStatus, SessionState
from vgigw.rules.day import trade_date

TALLY: Final = "ConnectorMonth"
"""Document kind of a :class:`ConnectorMonth`: owner as the session's, group = connector."""

_NOTHING: Final = Decimal("0.00")


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one session counts for. Energies in kWh; ``discharged`` is None where nobody said."""

    connector_id: str
    day: date
    charged: Decimal
    discharged: Decimal | None
    ended: bool


class DayTally(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of one day: energies in kWh, sessions counted, those that said what they discharged, and
    those that have ended."""

    charged: Decimal = _NOTHING
    discharged: Decimal = _NOTHING
    counted: int = 0
    telling: int = 0
    ended: int = 0


class ConnectorMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The days of one month of one connector on which there was a session, in their order."""

    days: dict[date, DayTally] = {}


def tally_key(connector_id: str, day: date) -> str:
    """The key of the month that ``day`` is of."""
    return f"{day:%Y-%m}/{connector_id}"


def share_of(order: ChargeOrder | None, status: ChargeStatus | None) -> Share | None:
    """What a session counts for, of which ``order`` and ``status`` are known."""
    found = order or status
    if found is None:
        return None
    ended = order is not None or (
        status is not None and status.start_charge_seq_stat is SessionState.ENDED
    )
    return Share(
        connector_id=found.connector_id,
        day=trade_date(found.end_time),
        charged=found.total_power,
        discharged=found.total_discharge_power,
        ended=ended,
    )


def counted(month: ConnectorMonth, share: Share, sign: int) -> ConnectorMonth:
    """``month`` with ``share`` put in (1) or taken out (-1)."""
    told = share.discharged
    before = month.days.get(share.day, DayTally())
    after = DayTally(
        charged=before.charged + sign * share.charged,
        discharged=before.discharged + sign * (told or _NOTHING),
        counted=before.counted + sign,
        telling=before.telling + sign * (told is not None),
        ended=before.ended + sign * share.ended,
    )
    days = {day: tally for day, tally in month.days.items() if day != share.day}
    if after.counted:
        days[share.day] = after
    return ConnectorMonth(days=dict(sorted(days.items())))


def total(tallies: list[DayTally]) -> DayTally:
    """The sum of ``tallies``."""
    return DayTally(
        charged=sum((each.charged for each in tallies), _NOTHING),
        discharged=sum((each.discharged for each in tallies), _NOTHING),
        counted=sum(each.counted for each in tallies),
        telling=sum(each.telling for each in tallies),
        ended=sum(each.ended for each in tallies),
    )
