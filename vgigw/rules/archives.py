"""What archives must hold across their members. 2.0(12), PLT-6.4a, PLT-7.4, PLT-8.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from vgigw.errors import Detail, InvalidObject, PolarityMismatch
from vgigw.objects import (
    AggregateResource,
    LedgerQuery,
    LoadDevice,
    OperatorInfo,
    PolarityMode,
    StationInfo,
)
from vgigw.objects.enumerations import DirectionCapability, ObjectKind, OperatorRole

_CODE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ONCE: Final = "stands there before; 2.0(12)"


class PolarityPeriod(NamedTuple):
    """A polarity, and since when it holds."""

    polarity: PolarityMode
    since: datetime


def check_station(station: StationInfo) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where a charger or a connector stands twice in a
    station. 2.0(12)."""
    devices = [
        (f"/EquipmentInfos/{place}/EquipmentID", equipment.equipment_id)
        for place, equipment in enumerate(station.equipment_infos)
    ]
    connectors = [
        (f"/EquipmentInfos/{place}/ConnectorInfos/{at}/ConnectorID", connector.connector_id)
        for place, equipment in enumerate(station.equipment_infos)
        for at, connector in enumerate(equipment.connector_infos)
    ]
    _refuse((*_repeated(devices, _ONCE), *_repeated(connectors, _ONCE)))


def check_operator(info: OperatorInfo) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a credit code whose check character is wrong,
    for agented operators of a party that is no aggregator, for one named twice, and for an agency
    that ends before it begins. PLT-8.2."""
    _refuse(tuple(_operator_faults(info)))


def acts_for(info: OperatorInfo, now: datetime) -> frozenset[str]:
    """The operators that an aggregator acts for ``now``; an agency begins inclusive and ends
    exclusive. PLT-8.2."""
    return frozenset(
        each.operator_id
        for each in info.agent_operators
        if (each.agent_from is None or each.agent_from <= now)
        and (each.agent_to is None or now < each.agent_to)
    )


def check_load_device(device: LoadDevice) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a range that ends before it begins."""
    if device.min_power > device.max_power:
        _refuse((Detail("/MaxPower", "rule", "must not be less than MinPower; PLT-8.4"),))


def check_resource(resource: AggregateResource) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` for a member that stands twice or is the resource
    itself, :class:`~vgigw.errors.PolarityMismatch` for load polarity of one that can discharge.
    PLT-6.4a, PLT-7.4b."""
    named = [
        (f"/Members/{place}/MemberID", f"{each.member_kind}/{each.member_id}")
        for place, each in enumerate(resource.members)
    ]
    itself = f"{ObjectKind.RESOURCE}/{resource.resource_id}"
    _refuse(
        (
            *_repeated(named, "stands there before; PLT-6.4a"),
            *(
                Detail(path, "rule", "is the resource itself; PLT-6.4a")
                for path, name in named
                if name == itself
            ),
        )
    )
    if resource.rated_discharge_power > 0 and resource.polarity_mode is PolarityMode.LOAD:
        raise polarity_mismatch("a resource that can discharge has generation polarity; PLT-7.4b")


def check_ledger_query(query: LedgerQuery) -> None:
    """Raise :class:`~vgigw.errors.InvalidObject` where kind or owner of a root is told and no root.
    PLT-6.9."""
    if query.root is None and (query.root_kind, query.root_owner_id) != (None, None):
        _refuse((Detail("/Root", "required", "is needed for its kind and owner; PLT-6.9"),))


def station_discharges(station: StationInfo) -> bool:
    """Whether any charger of a station can discharge. PLT-7.4b."""
    both = DirectionCapability.BIDIRECTIONAL
    return any(each.direction_capability is both for each in station.equipment_infos)


def range_discharges(device: LoadDevice) -> bool:
    """Whether the range of a load device reaches into delivery to the grid. PLT-7.4."""
    if device.polarity_mode is PolarityMode.LOAD:
        return device.min_power < 0
    return device.max_power > 0


def polarity_for(discharges: bool) -> PolarityMode:
    """What can also discharge has generation polarity, what only charges that of load. PLT-7.4b."""
    return PolarityMode.GENERATION if discharges else PolarityMode.LOAD


def check_flip(held: PolarityPeriod, told: PolarityPeriod, now: datetime) -> None:
    """Raise :class:`~vgigw.errors.PolarityMismatch` unless a polarity flips at an instant that is
    still to come, and its instant changes with it only: what was measured stays in the polarity in
    which it came. PLT-7.4c."""
    if told.polarity is held.polarity:
        if told.since != held.since:
            raise polarity_mismatch("changes with the polarity only; PLT-7.4c", "/PolarityFrom")
    elif told.since <= max(held.since, now):
        words = "a polarity flips at an instant that is still to come; PLT-7.4c"
        raise polarity_mismatch(words, "/PolarityFrom")


def polarity_at(periods: Sequence[PolarityPeriod], at: datetime) -> PolarityMode | None:
    """The polarity in force ``at`` an instant; ``periods`` in the order in which they were told,
    None where there is none. Before the first instant the first one holds. PLT-7.4c."""
    in_force = [each.polarity for each in periods if each.since <= at]
    return in_force[-1] if in_force else periods[0].polarity if periods else None


def polarity_mismatch(words: str, path: str = "/PolarityMode") -> PolarityMismatch:
    """The refusal of a polarity that the archives contradict."""
    return PolarityMismatch(details=(Detail(path, "rule", words),))


def masked(text: str) -> str:
    """A reference that its owner still knows by its end; nobody else learns it. JES-6.4.1b."""
    shown = text[-4:] if len(text) > 8 else ""
    return "*" * (len(text) - len(shown)) + shown


def is_credit_code(code: str) -> bool:
    """Whether the check character of a unified social credit code is right (GB 32100)."""
    if len(code) != 18 or any(each not in _CODE_CHARACTERS for each in code):
        return False
    values = [_CODE_CHARACTERS.index(each) for each in code]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return (31 - total % 31) % 31 == values[17]


def _operator_faults(info: OperatorInfo) -> Iterator[Detail]:
    if info.operator_uscid is not None and not is_credit_code(info.operator_uscid):
        yield Detail("/OperatorUSCID", "rule", "its check character is wrong; PLT-8.2")
    if info.agent_operators and info.operator_role is not OperatorRole.AGGREGATOR:
        yield Detail("/AgentOperators", "rule", "an aggregator only acts for others; PLT-8.2")
    named = [
        (f"/AgentOperators/{place}/OperatorID", agent.operator_id)
        for place, agent in enumerate(info.agent_operators)
    ]
    yield from _repeated(named, "stands there before; PLT-8.2")
    for place, agent in enumerate(info.agent_operators):
        begins, ends = agent.agent_from, agent.agent_to
        if begins is not None and ends is not None and ends <= begins:
            path = f"/AgentOperators/{place}/AgentTo"
            yield Detail(path, "rule", "must be later than AgentFrom; PLT-8.2")


def _repeated(named: Iterable[tuple[str, str]], words: str) -> Iterator[Detail]:
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield Detail(path, "rule", words)
        seen.add(name)


def _refuse(details: tuple[Detail, ...]) -> None:
    if details:
        raise InvalidObject(details=details)
