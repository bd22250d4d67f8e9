"""Money of a settlement, exact to the cent: compensation, net amount, graded shares.

PLT-6.7, JES-6.5.4a, JES-A.10. Nothing here is ever a float. A compensation is rounded once, half
up; shares are never rounded but given out cent by cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from msgspec.structs import replace

from vgigw.errors import Detail, InvalidObject
from vgigw.objects import DistributionShare, EnergyStatement, SettlementStatement
from vgigw.objects.settlement_enumerations import ShareLevel

CENT: Final = Decimal("0.01")
LONGEST_PERIOD: Final = timedelta(days=366)
"""No cycle is longer than a month; a year leaves room for a true-up (own design number)."""
_EXACT: Final = Context(prec=80)
"""More digits than a product of two members can have."""


def compensation_of(unit_price: Decimal, energy: Decimal) -> Decimal:
    """Pay in CNY of ``energy`` in kWh at ``unit_price`` in CNY/kWh, half up to the cent. JES-A.10.

    A negative price gives what a positive one gives, with the other sign.
    """
    return _EXACT.multiply(unit_price, energy).quantize(CENT, ROUND_HALF_UP, _EXACT)


def distribute(net_amount: Decimal, ratios: Sequence[Decimal], rest_to: int = 0) -> list[Decimal]:
    """``net_amount`` in CNY, given out by ``ratios`` so that the sum is exact to the cent. Q33.

    Each gets the whole cents of its part, and the cents that are left go one by one to the largest
    remainders; of equal ones to the place ``rest_to``, the aggregator's, then to the first. What
    the ratios leave undistributed belongs to ``rest_to``, too. Raises ``ValueError`` for ratios
    below 0 or over 1 in all, and for an amount with a part of a cent.
    """
    total = sum(ratios, Decimal(0))
    cents = _EXACT.multiply(abs(net_amount), Decimal(100))
    if total > 1 or any(ratio < 0 for ratio in ratios) or cents != cents.to_integral_value():
        raise ValueError("ratios or amount cannot be distributed")
    parts = [_EXACT.multiply(cents, ratio) for ratio in ratios]
    parts[rest_to] = _EXACT.add(parts[rest_to], _EXACT.multiply(cents, 1 - total))
    whole = [int(part) for part in parts]
    by_remainder = sorted(
        range(len(parts)), key=lambda place: (whole[place] - parts[place], place != rest_to, place)
    )
    for place in by_remainder[: int(cents) - sum(whole)]:
        whole[place] += 1
    sign = -1 if net_amount < 0 else 1
    return [sign * each * CENT for each in whole]


def check_settlement(statement: SettlementStatement) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject`, with every figure that is wrong by its path.

    Compensation is price times energy, the net amount what the fee leaves of it; of a statement
    with the aggregator's share the shares sum to the net amount. PLT-6.7, JES-6.5.4a.
    """
    details = (*_period_faults(statement), *_amount_faults(statement), *_share_faults(statement))
    if details:
        raise InvalidObject(details=details)


def check_whole(statement: SettlementStatement) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where the shares are not all of the net amount."""
    if sum((share.amount for share in statement.shares), Decimal(0)) != statement.net_amount:
        words = "shares must sum to NetAmount, to the cent; JES-6.5.4a"
        raise InvalidObject(details=(Detail("/Shares", "rule", words),))


def check_part(statement: SettlementStatement) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for the share of the aggregator in what it passes
    on. JES-6.5.4a, PLT-8.12."""
    if not is_part(statement):
        words = "the aggregator's own share is not passed on; JES-6.5.4a"
        raise InvalidObject(details=(Detail("/Shares", "rule", words),))


def check_energy(statement: EnergyStatement) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a period that is none. PLT-6.6."""
    details = tuple(_period_faults(statement))
    if details:
        raise InvalidObject(details=details)


def is_part(statement: SettlementStatement) -> bool:
    """Whether it holds the shares of a lower level only: what an aggregator passes on."""
    return all(share.level is not ShareLevel.AGGREGATOR for share in statement.shares)


def part_for(statement: SettlementStatement, party_id: str) -> SettlementStatement:
    """``statement`` as ``party_id`` may see it: the figures that its share rests on, that share,
    and nothing of invoice and reconciliation. JES-6.5.4a, PLT-8.12.

    The party must have a share.
    """
    own = tuple(share for share in statement.shares if share.party_id == party_id)
    return replace(
        statement,
        shares=own,
        invoice_no=None,
        invoice_url=None,
        invoice_state=None,
        differences=(),
    )


def _period_faults(statement: SettlementStatement | EnergyStatement) -> Iterator[Detail]:
    start: datetime = statement.period_start
    if statement.period_end <= start:
        yield Detail("/PeriodEnd", "rule", "must be later than PeriodStart; PLT-6.6")
    elif statement.period_end - start > LONGEST_PERIOD:
        yield Detail("/PeriodEnd", "rule", "period is longer than a year; JES-6.5.4b")


def _amount_faults(statement: SettlementStatement) -> Iterator[Detail]:
    owed = compensation_of(statement.unit_price, statement.adjust_energy)
    if statement.compensation_amount != owed:
        words = "must be UnitPrice times AdjustEnergy, half up to the cent; JES-A.10"
        yield Detail("/CompensationAmount", "rule", words)
    if statement.net_amount != statement.compensation_amount - statement.penalty_amount:
        words = "must be CompensationAmount less PenaltyAmount; PLT-6.7"
        yield Detail("/NetAmount", "rule", words)


def _share_faults(statement: SettlementStatement) -> Iterator[Detail]:
    seen: set[tuple[ShareLevel, str]] = set()
    for place, share in enumerate(statement.shares):
        if (share.level, share.party_id) in seen:
            yield Detail(f"/Shares/{place}/PartyID", "rule", "has a share already; JES-6.5.4a")
        seen.add((share.level, share.party_id))
        if not _at_its_level(share, statement):
            words = "the share of level 1 is the aggregator's; JES-6.5.4a"
            yield Detail(f"/Shares/{place}/PartyID", "rule", words)
    amounts = sum((share.amount for share in statement.shares), Decimal(0))
    if not is_part(statement) and amounts != statement.net_amount:
        yield Detail("/Shares", "rule", "must sum to NetAmount, to the cent; JES-6.5.4a")


def _at_its_level(share: DistributionShare, statement: SettlementStatement) -> bool:
    aggregator = share.level is ShareLevel.AGGREGATOR
    return not aggregator or share.party_id == statement.aggregator_id
