"""The plain settlement of verified energy: none. PLT-6.7."""

from __future__ import annotations

from datetime import datetime

from vgigw.objects import EnergyStatement, SettlementStatement
from vgigw.ports import View


def settle(_: EnergyStatement, __: View, ___: datetime) -> SettlementStatement | None:
    """Settles nothing: prices, fees and ratios are in contracts and regional rules that nobody here
    knows, and an amount is never made up (PLT-7.2). The embedding system publishes the settlement
    itself, or fills this function; the exact sums are in :mod:`vgigw.rules.settlement`."""
    return None
