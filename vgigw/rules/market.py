"""What a declaration and its clearing must hold, alone and against each other. PLT-7.8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from vgigw.errors import Detail, InvalidObject, OutsideCapability, TooLate
from vgigw.objects import ClearedSegment, ClearingResult, Declaration
from vgigw.objects.market import ClearState, QuantityUnit, RegulationDirection
from vgigw.rules.day import dates_of
from vgigw.rules.plan import begin_of

_HOUR: Final = timedelta(hours=1)
_MICROSECOND: Final = timedelta(microseconds=1)


class Rating(NamedTuple):
    """What a resource can take and give at most, in kW, both >= 0."""

    charge_kw: Decimal
    discharge_kw: Decimal


def check_declaration(declaration: Declaration) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for segments out of order, prices that are not
    monotone, delivery that is not on the trade date, with every fault by its path, and
    :class:`~vgigw.errors.TooLate` for one that was submitted after its gate, and for a gate that
    is open when the trade date begins in Beijing: nobody declares what is traded already. PLT-7.8b.
    """
    details = tuple(_declaration_faults(declaration))
    if details:
        raise InvalidObject(details=details)
    late = []
    if declaration.gate_time > begin_of(declaration.trade_date):
        words = "must not be later than the beginning of TradeDate in Beijing; PLT-7.8b"
        late.append(Detail("/GateTime", "rule", words))
    if declaration.submit_time > declaration.gate_time:
        words = "must not be later than GateTime; PLT-7.8b"
        late.append(Detail("/SubmitTime", "rule", words))
    if late:
        raise TooLate(details=tuple(late))


def check_quantity(declaration: Declaration, rating: Rating) -> None:
    """Raise :class:`~vgigw.errors.OutsideCapability` where the segments together are more than the
    resource can move. PLT-7.8b.

    A declared quantity is a change of the reported value, signed by polarity; at most it leads
    from the one rating to the other. In kWh it lasts for the time of delivery.
    """
    limit = rating.charge_kw + rating.discharge_kw
    declared = declared_quantity(declaration)
    if declaration.quantity_unit is QuantityUnit.KWH:
        duration = declaration.trade_end - declaration.trade_start
        beyond = declared * (_HOUR // _MICROSECOND) > limit * (duration // _MICROSECOND)
    else:
        beyond = declared > limit
    if beyond:
        words = "the segments together are beyond the rating of the resource; PLT-7.8b"
        raise OutsideCapability(details=(Detail("/Segments", "rule", words),))


def declared_quantity(declaration: Declaration) -> Decimal:
    """All segments together, without sign, in QuantityUnit: one segment is had on top of those
    before it."""
    return sum((abs(each.quantity) for each in declaration.segments), Decimal(0))


def check_clearing(clearing: ClearingResult) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where ClearState and segments contradict each
    other, or segments overlap. PLT-7.8c, PLT-8.1."""
    details = tuple(_clearing_faults(clearing))
    if details:
        raise InvalidObject(details=details)


def check_cleared(clearing: ClearingResult, declaration: Declaration) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where ``clearing`` is not one of ``declaration``:
    of another resource, market or day, outside its time or beyond its quantity. PLT-7.8c."""
    details = (*_differing(clearing, declaration), *_beyond(clearing, declaration))
    if details:
        raise InvalidObject(details=details)


def check_cleared_before(
    clearing: ClearingResult, others: Iterable[ClearingResult], declaration: Declaration
) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where ``clearing`` and ``others`` of the same
    ``declaration`` are together more than it declared: of power at any one time, of energy in
    all. PLT-7.8c."""
    before = [
        segment
        for each in others
        if each.clearing_id != clearing.clearing_id
        for segment in each.cleared_segments
    ]
    if before:
        details = tuple(_beyond_with(clearing, before, declaration))
        if details:
            raise InvalidObject(details=details)


def _declaration_faults(declaration: Declaration) -> Iterator[Detail]:
    if declaration.trade_end <= declaration.trade_start:
        yield Detail("/TradeEnd", "rule", "must be later than TradeStart; PLT-7.8b")
    elif tuple(dates_of(declaration.trade_start, declaration.trade_end)) != (
        declaration.trade_date,
    ):
        yield Detail("/TradeStart", "rule", "delivery must lie on TradeDate; PLT-7.8b")
    for place, (before, segment) in enumerate(pairwise(declaration.segments), start=1):
        if segment.seg_no <= before.seg_no:
            yield Detail(f"/Segments/{place}/SegNo", "rule", "must rise; PLT-7.8b")
    prices = [segment.price for segment in declaration.segments]
    if prices not in (sorted(prices), sorted(prices, reverse=True)):
        yield Detail("/Segments", "rule", "prices must be monotone over the segments; PLT-7.8b")


def _clearing_faults(clearing: ClearingResult) -> Iterator[Detail]:
    nothing = clearing.clear_state is ClearState.NONE
    if nothing and clearing.cleared_segments:
        yield Detail("/ClearedSegments", "rule", "nothing was cleared; PLT-7.8c")
    if not nothing and not clearing.cleared_segments:
        yield Detail("/ClearedSegments", "rule", "must say what was cleared; PLT-7.8c")
    for place, segment in enumerate(clearing.cleared_segments):
        if segment.end_time <= segment.start_time:
            path = f"/ClearedSegments/{place}/EndTime"
            yield Detail(path, "rule", "must be later than StartTime; PLT-8.1")
    for place, (before, segment) in enumerate(pairwise(clearing.cleared_segments), start=1):
        if segment.start_time < before.end_time:
            path = f"/ClearedSegments/{place}/StartTime"
            yield Detail(path, "rule", "overlaps the segment before it; PLT-8.1")


def _differing(clearing: ClearingResult, declaration: Declaration) -> Iterator[Detail]:
    """What says something else than the declaration; what is absent says the same."""
    both = RegulationDirection.BOTH
    unit = clearing.quantity_unit or QuantityUnit.KW
    direction = clearing.direction or declaration.direction
    for path, same in (
        ("/ResourceID", clearing.resource_id == declaration.resource_id),
        ("/MarketID", clearing.market_id in (None, declaration.market_id)),
        ("/TradeDate", clearing.trade_date in (None, declaration.trade_date)),
        ("/Direction", declaration.direction in (direction, both)),
        ("/QuantityUnit", unit is (declaration.quantity_unit or QuantityUnit.KW)),
    ):
        if not same:
            yield Detail(path, "rule", "differs from the declaration; PLT-7.8c")


def _beyond(clearing: ClearingResult, declaration: Declaration) -> Iterator[Detail]:
    declared = declared_quantity(declaration)
    signs = {each.quantity > 0 for each in declaration.segments if each.quantity}
    for place, segment in enumerate(clearing.cleared_segments):
        path = f"/ClearedSegments/{place}"
        if segment.start_time < declaration.trade_start or segment.end_time > declaration.trade_end:
            yield Detail(path, "rule", "lies outside the time of delivery; PLT-7.8b")
        if abs(segment.quantity) > declared or not _of_sign(segment, signs):
            yield Detail(f"{path}/Quantity", "rule", "is more than was declared; PLT-7.8c")
    energies = (abs(each.quantity) for each in clearing.cleared_segments)
    if declaration.quantity_unit is QuantityUnit.KWH and sum(energies, Decimal(0)) > declared:
        yield Detail("/ClearedSegments", "rule", "are more than was declared; PLT-7.8c")


def _beyond_with(
    clearing: ClearingResult, before: Sequence[ClearedSegment], declaration: Declaration
) -> Iterator[Detail]:
    declared = declared_quantity(declaration)
    words = "together with what was cleared before is more than was declared; PLT-7.8c"
    if declaration.quantity_unit is QuantityUnit.KWH:
        every = (abs(each.quantity) for each in (*before, *clearing.cleared_segments))
        if clearing.cleared_segments and sum(every, Decimal(0)) > declared:
            yield Detail("/ClearedSegments", "rule", words)
        return
    for place, segment in enumerate(clearing.cleared_segments):
        if abs(segment.quantity) + _most_within(segment, before) > declared:
            yield Detail(f"/ClearedSegments/{place}/Quantity", "rule", words)


def _most_within(span: ClearedSegment, segments: Sequence[ClearedSegment]) -> Decimal:
    """The most that ``segments`` are together at any time of ``span``, in kW without sign."""
    at_once = [
        each
        for each in segments
        if each.start_time < span.end_time and each.end_time > span.start_time
    ]
    return max(
        (
            sum(
                (
                    abs(each.quantity)
                    for each in at_once
                    if each.start_time <= start.start_time < each.end_time
                ),
                Decimal(0),
            )
            for start in (span, *at_once)
            if start.start_time >= span.start_time
        ),
        default=Decimal(0),
    )


def _of_sign(segment: ClearedSegment, signs: set[bool]) -> bool:
    return not segment.quantity or (segment.quantity > 0) in signs
