"""Operating records of a simulated fleet and their cutting into batches. PLT-7.4, PLT-8.4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from vgigw.objects.enumerations import ObjectKind, PolarityMode, UnitProfile
from vgigw.objects.operating_enumerations import (
    ConnectorStatus,
    ReportMode,
    ReportTrigger,
    RunState,
)
from vgigw.objects.telemetry import MAX_RECORDS, OperatingRecord, TelemetryBatch
from vgigw.testing.fleet.charging import Connector
from vgigw.testing.fleet.sites import Post, exact

GOOD, NOT_TOPICAL, MAINTENANCE = 0, 2, 512
"""Quality bits used here; the whole set stands in 2.0(11) of the object catalogue."""
PERIOD_S = 30
_RUN_STATE = {
    ConnectorStatus.FAULT: RunState.FAULT,
    ConnectorStatus.MAINTENANCE: RunState.MAINTENANCE,
}


def status_of(connector: Connector) -> ConnectorStatus:
    """State of a connector as T/CEC 102 tells it. ACC-7.3."""
    session = connector.plugged
    if session is None:
        return ConnectorStatus.IDLE
    if session.outage is not None:
        return session.outage
    power_kw = connector.net_kw
    if power_kw > 0:
        return ConnectorStatus.CHARGING
    return ConnectorStatus.DISCHARGING if power_kw < 0 else ConnectorStatus.OCCUPIED


def connector_record(
    connector_id: str, connector: Connector, post: Post, meters: tuple[float, float], at: datetime
) -> OperatingRecord:
    """Record of one connector; ``meters`` are the readings (kWh) that its meters started at.

    ActivePower: consumption positive on a charge-only connector, delivery positive on one that
    can discharge (PLT-7.4). Only the latter states DischargePower and DischargeEnergy. An
    offline connector has its last meter readings, NOT_TOPICAL, and no other value.
    """
    status = status_of(connector)
    dual = post.discharge_kw > 0
    charged = exact(meters[0] + connector.charged_kwh, 3)
    discharged = exact(meters[1] + connector.discharged_kwh, 3) if dual else None
    if status is ConnectorStatus.OFFLINE:
        return OperatingRecord(
            object_kind=ObjectKind.CONNECTOR,
            object_id=connector_id,
            data_time=at,
            quality=NOT_TOPICAL,
            charge_energy=charged,
            discharge_energy=discharged,
            online_count=0,
            charging_count=0,
        )
    net_kw = round(connector.net_kw, 3) + 0.0
    volts, amperes = _electric(post, net_kw, connector.soc, meters[0] + at.timestamp() / 600)
    session = connector.plugged
    return OperatingRecord(
        object_kind=ObjectKind.CONNECTOR,
        object_id=connector_id,
        data_time=at,
        quality=MAINTENANCE if status is ConnectorStatus.MAINTENANCE else GOOD,
        run_state=_RUN_STATE.get(status, RunState.RUNNING),
        active_power=0.0 - net_kw if dual else net_kw,
        charge_power=max(0.0, net_kw),
        discharge_power=max(0.0, -net_kw) if dual else None,
        voltage_a=volts[0],
        voltage_b=volts[1],
        voltage_c=volts[2],
        current_a=amperes,
        current_b=amperes if post.phases == 3 else None,
        current_c=amperes if post.phases == 3 else None,
        soc=None if session is None or session.outage else round(connector.soc, 1),
        charge_energy=charged,
        discharge_energy=discharged,
        online_count=1,
        charging_count=int(net_kw > 0),
    )


def _electric(
    post: Post, net_kw: float, soc: float, phase: float
) -> tuple[tuple[float, float | None, float | None], float]:
    """Voltages of the phases and current; a DC connector has phase A only, 0 V when idle."""
    if post.phases == 0:
        volts = round(340 + 0.8 * soc, 1) if net_kw else 0.0
        return (volts, None, None), round(net_kw * 1000 / volts, 1) if volts else 0.0
    sway = 2.5 * math.sin(phase)
    first = round(221 + sway, 1)
    amperes = round(net_kw * 1000 / (first * post.phases), 1)
    if post.phases == 1:
        return (first, None, None), amperes
    return (first, round(220 - sway, 1), round(221.5 + sway / 2, 1)), amperes


def total_record(
    kind: ObjectKind, object_id: str, members: Iterable[OperatingRecord], dual: bool, at: datetime
) -> OperatingRecord:
    """Sum over connector records; generation polarity where ``dual``. PLT-7.4, PLT-9.5."""
    parts = tuple(members)
    charge_kw = round(sum(part.charge_power or 0.0 for part in parts), 3)
    discharge_kw = round(sum(part.discharge_power or 0.0 for part in parts), 3)
    net_kw = round(charge_kw - discharge_kw, 3)
    return OperatingRecord(
        object_kind=kind,
        object_id=object_id,
        data_time=at,
        quality=max((part.quality for part in parts if part.quality == NOT_TOPICAL), default=GOOD),
        run_state=RunState.RUNNING,
        active_power=0.0 - net_kw if dual else net_kw,
        charge_power=charge_kw,
        discharge_power=discharge_kw if dual else None,
        charge_energy=sum((part.charge_energy or Decimal(0) for part in parts), Decimal("0.000")),
        discharge_energy=sum(
            (part.discharge_energy or Decimal(0) for part in parts), Decimal("0.000")
        )
        if dual
        else None,
        online_count=sum(part.online_count or 0 for part in parts),
        charging_count=sum(part.charging_count or 0 for part in parts),
    )


def batches(
    records: Sequence[OperatingRecord],
    stream_id: str,
    seq_from: int,
    source_id: str,
    send_time: datetime,
    size: int,
) -> list[TelemetryBatch]:
    """Cut records into FULL batches of at most ``size`` (1 to 5000), numbered without a gap.

    A batch has one polarity (PLT-7.4c), so charge-only objects come first and those that can
    discharge (they state DischargeEnergy) after them, in batches of their own. The next free
    number is ``seq_from + len(records)``. ValueError where ``size`` is out of range.
    """
    if not 1 <= size <= MAX_RECORDS:
        raise ValueError(f"size must be 1 to {MAX_RECORDS}")
    cut: list[TelemetryBatch] = []
    for polarity in PolarityMode:
        dual = polarity is PolarityMode.GENERATION
        same = [each for each in records if (each.discharge_energy is not None) == dual]
        for first in range(0, len(same), size):
            part = tuple(same[first : first + size])
            cut.append(
                TelemetryBatch(
                    batch_id=f"{stream_id[:20]}-{seq_from}",
                    source_id=source_id,
                    stream_id=stream_id,
                    seq_from=seq_from,
                    seq_to=seq_from + len(part) - 1,
                    report_mode=ReportMode.FULL,
                    trigger=ReportTrigger.PERIODIC,
                    period_sec=PERIOD_S,
                    expected_count=len(part),
                    actual_count=len(part),
                    polarity_mode=polarity,
                    unit_profile=UnitProfile.KW,
                    send_time=send_time,
                    records=part,
                )
            )
            seq_from += len(part)
    return cut
