"""The stations of a simulated fleet: layout by seed, and their archives as objects. ACC-6.2."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from vgigw.objects.enumerations import (
    ChargeClass,
    ConnectorType,
    Construction,
    CoordinateSystem,
    DeviceProtocol,
    DirectionCapability,
    EquipmentType,
    NationalStandard,
    StationStatus,
    StationType,
    SupportedService,
)
from vgigw.objects.stations import ConnectorInfo, EquipmentInfo, StationInfo
from vgigw.testing.fleet.distributions import SiteKind

_DISTRICTS = (
    ("330102", "上城区", 120.1846, 30.2428, ("解放路", "望江东路", "钱江路")),
    ("330105", "拱墅区", 120.1503, 30.3187, ("莫干山路", "湖墅南路", "石祥路")),
    ("330106", "西湖区", 120.1302, 30.2595, ("文三路", "天目山路", "古墩路")),
    ("330108", "滨江区", 120.2119, 30.2081, ("江南大道", "滨盛路", "长河路")),
    ("330109", "萧山区", 120.2645, 30.1853, ("市心中路", "金城路", "建设三路")),
    ("330110", "余杭区", 119.9781, 30.2739, ("文一西路", "五常大道", "余杭塘路")),
)
_SITES = {
    SiteKind.PUBLIC: (
        StationType.PUBLIC,
        "公共充电站",
        (Construction.LARGE_BUILDING, Construction.ROADSIDE, Construction.TRANSPORT_HUB),
    ),
    SiteKind.WORKPLACE: (
        StationType.OTHER,
        "园区充电站",
        (Construction.INDUSTRIAL_PARK, Construction.OFFICE_BUILDING, Construction.ENTERPRISE),
    ),
    SiteKind.PRIVATE: (StationType.PRIVATE, "小区充电站", (Construction.RESIDENTIAL,)),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A kind of charger: rated kW per connector, phases (0 = DC), V, A, discharge kW."""

    kind: EquipmentType
    power_kw: float
    phases: int
    volts: tuple[int, int]
    amperes: int
    connectors: int
    discharge_kw: float = 0.0


AC_SINGLE = Post(EquipmentType.AC, 7.0, 1, (220, 220), 32, 1)
AC_THREE = Post(EquipmentType.AC, 21.0, 3, (380, 380), 32, 1)
DC_FAST = Post(EquipmentType.DC, 60.0, 0, (200, 750), 150, 2)
DC_STRONG = Post(EquipmentType.DC, 120.0, 0, (200, 1000), 250, 2)
DC_V2G = Post(EquipmentType.DC, 20.0, 0, (200, 750), 50, 1, discharge_kw=15.0)

_MIX = {
    SiteKind.PUBLIC: ((AC_SINGLE, 35), (AC_THREE, 10), (DC_FAST, 35), (DC_STRONG, 12), (DC_V2G, 8)),
    SiteKind.WORKPLACE: ((AC_SINGLE, 55), (AC_THREE, 15), (DC_FAST, 10), (DC_V2G, 20)),
    SiteKind.PRIVATE: ((AC_SINGLE, 80), (AC_THREE, 5), (DC_V2G, 15)),
}


@dataclass(frozen=True, slots=True)
class Charger:
    """One charger of a station with the identifiers of its connectors."""

    equipment_id: str
    post: Post
    connector_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One station as laid out; position in degrees."""

    station_id: str
    kind: SiteKind
    name: str
    area_code: str
    address: str
    construction: Construction
    lng: float
    lat: float
    chargers: tuple[Charger, ...]

    @property
    def charge_kw(self) -> float:
        return sum(each.post.power_kw * len(each.connector_ids) for each in self.chargers)

    @property
    def discharge_kw(self) -> float:
        return sum(each.post.discharge_kw * len(each.connector_ids) for each in self.chargers)


def lay_out(
    rng: random.Random, operator_id: str, stations: int, connectors: int
) -> tuple[Site, ...]:
    """Exactly so many stations and connectors; ValueError where a station would stay empty."""
    if not 1 <= stations <= connectors or connectors > 99 * stations:
        raise ValueError("each station needs 1 to 99 connectors")
    counts = [1] * stations
    open_to_more = list(range(stations))
    for _ in range(connectors - stations):
        place = rng.choice(open_to_more)
        counts[place] += 1
        if counts[place] == 99:
            open_to_more.remove(place)
    code = operator_id[8:17] if len(operator_id) == 18 else operator_id[:9]
    return tuple(
        _site(rng, f"{code}{number:05d}", number, count) for number, count in enumerate(counts, 1)
    )


def _site(rng: random.Random, station_id: str, number: int, connectors: int) -> Site:
    kind = (SiteKind.PUBLIC, SiteKind.WORKPLACE, SiteKind.PUBLIC, SiteKind.PRIVATE)[number % 4]
    area_code, district, lng, lat, roads = rng.choice(_DISTRICTS)
    road = rng.choice(roads)
    _, label, places = _SITES[kind]
    return Site(
        station_id=station_id,
        kind=kind,
        name=f"{district}{road}{number}号{label}",
        area_code=area_code,
        address=f"杭州市{district}{road}{rng.randrange(1, 800)}号",
        construction=rng.choice(places),
        lng=lng + rng.uniform(-0.03, 0.03),
        lat=lat + rng.uniform(-0.02, 0.02),
        chargers=_chargers(rng, station_id, kind, connectors),
    )


def _chargers(
    rng: random.Random, station_id: str, kind: SiteKind, connectors: int
) -> tuple[Charger, ...]:
    posts, weights = zip(*_MIX[kind], strict=True)
    chargers: list[Charger] = []
    while connectors:
        post: Post = rng.choices(posts, weights)[0]
        count = min(post.connectors, connectors)
        connectors -= count
        equipment_id = f"{station_id}{len(chargers) + 1:03d}"
        ids = tuple(f"{equipment_id}{gun:02d}" for gun in range(1, count + 1))
        chargers.append(Charger(equipment_id, post, ids))
    return tuple(chargers)


def exact(value: float, places: int) -> Decimal:
    """``value`` as an exact quantity with so many places, rounded half to even."""
    return Decimal(round(value * 10**places)).scaleb(-places)


def archive(site: Site, operator_id: str, now: datetime) -> StationInfo:
    """The station's archive, changed ``now`` (aware; cut to a millisecond)."""
    fast = {charger.post.power_kw >= 30 for charger in site.chargers}
    grade = ChargeClass.MIXED if len(fast) == 2 else ChargeClass.FAST
    return StationInfo(
        station_id=site.station_id,
        operator_id=operator_id,
        equipment_owner_id=operator_id,
        station_name=site.name,
        country_code="CN",
        area_code=site.area_code,
        address=site.address,
        service_tel="400-000-0000",
        station_type=_SITES[site.kind][0],
        station_status=StationStatus.NORMAL,
        park_nums=sum(len(charger.connector_ids) for charger in site.chargers),
        station_lng=exact(site.lng, 6),
        station_lat=exact(site.lat, 6),
        coord_sys=CoordinateSystem.GCJ_02,
        construction=site.construction,
        charge_class=grade if True in fast else ChargeClass.SLOW,
        rated_capacity=exact(site.charge_kw / 0.9, 3),
        max_charge_power=exact(site.charge_kw, 3),
        max_discharge_power=exact(site.discharge_kw, 3),
        equipment_infos=tuple(_equipment(charger) for charger in site.chargers),
        version=1,
        update_time=milliseconds(now),
    )


def milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, cut to a millisecond."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _equipment(charger: Charger) -> EquipmentInfo:
    post = charger.post
    both_ways = post.discharge_kw > 0
    return EquipmentInfo(
        equipment_id=charger.equipment_id,
        equipment_name=f"{'直流' if post.phases == 0 else '交流'}{charger.equipment_id[-3:]}号桩",
        equipment_type=post.kind,
        power=exact(post.power_kw * len(charger.connector_ids), 1),
        direction_capability=DirectionCapability.BIDIRECTIONAL
        if both_ways
        else DirectionCapability.CHARGE_ONLY,
        max_discharge_power=exact(post.discharge_kw, 1) if both_ways else None,
        protocol_support=(
            DeviceProtocol.GBT_18487 if post.phases else DeviceProtocol.GBT_27930_2023,
        ),
        metering_class="1",
        connector_infos=tuple(_connector(each, post) for each in charger.connector_ids),
    )


def _connector(connector_id: str, post: Post) -> ConnectorInfo:
    services = (SupportedService.CHARGE, SupportedService.ORDERED_CHARGE)
    return ConnectorInfo(
        connector_id=connector_id,
        connector_type=ConnectorType.AC_PLUG if post.phases else ConnectorType.DC_PLUG,
        voltage_lower_limits=post.volts[0],
        voltage_upper_limits=post.volts[1],
        current=post.amperes,
        power=exact(post.power_kw, 1),
        national_standard=NationalStandard.GB_2023
        if post.discharge_kw
        else NationalStandard.GB_2015,
        supported_services=(*services, SupportedService.V2G) if post.discharge_kw else services,
    )
