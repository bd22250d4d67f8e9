"""The messages of the load, endless for each lane: telemetry, states, archives, commands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from vgigw.objects import ConnectorStatusInfo, ControlCurve, ControlPoint
from vgigw.objects.enumerations import Scene
from vgigw.objects.operating_enumerations import (
    CommandKind,
    ConnectorStatus,
    ControlQuantity,
    Priority,
    TriggerType,
)
from vgigw.operations import (
    ISSUE_CONTROL,
    PUSH_ARCHIVE,
    PUSH_DEVICE_STATE,
    UPLOAD_TELEMETRY,
)
from vgigw.testing.crash.acts import Act, act
from vgigw.testing.fleet import Fleet, batches
from vgigw.testing.fleet.sites import milliseconds

_CONNECTORS = 8
_STEP = timedelta(seconds=1)
_LIFE = timedelta(hours=1)


def fleet_of(seed: int, operator_id: str) -> Fleet:
    """A small fleet of one station."""
    return Fleet(seed, operator_id, stations=1, connectors=_CONNECTORS)


def telemetry(seed: int, operator_id: str, stream_id: str, began: datetime) -> Iterator[Act]:
    """Batches of a stream whose sequence rises strictly from 1, measured the day before."""
    fleet, seq = fleet_of(seed, operator_id), 1
    for number in itertools.count():
        at = milliseconds(began) - timedelta(days=1) + number * _STEP
        for batch in batches(fleet.records(at), stream_id, seq, operator_id, at, _CONNECTORS):
            yield act(operator_id, UPLOAD_TELEMETRY, batch)
            seq = batch.seq_to + 1


def states(seed: int, operator_id: str, name: str) -> Iterator[Act]:
    """State changes of one connector of :func:`fleet_of`, each an event of its own."""
    pair = (ConnectorStatus.IDLE, ConnectorStatus.OCCUPIED)
    connector_id = next(iter(fleet_of(seed, operator_id).posts))
    for number in itertools.count(1):
        event = ConnectorStatusInfo(
            event_id=f"{name}-{number}",
            connector_id=connector_id,
            status=pair[number % 2],
            prev_status=pair[(number + 1) % 2],
            change_time=milliseconds(datetime.now(UTC)),
        )
        yield act(operator_id, PUSH_DEVICE_STATE, event)


def archives(seed: int, operator_id: str) -> Iterator[Act]:
    """The station of :func:`fleet_of`, again and again with a higher version."""
    began = datetime.now(UTC)
    station = fleet_of(seed, operator_id).archives(began)[0]
    for version in itertools.count(1):
        changed = msgspec.structs.replace(
            station,
            version=version,
            service_tel=f"400-{version:07d}",
            update_time=milliseconds(datetime.now(UTC)),
        )
        yield act(operator_id, PUSH_ARCHIVE, changed)


def commands(seed: int, dispatch_id: str, operator_id: str, name: str) -> Iterator[Act]:
    """Curves for the operator's station, each a command of its own; none expires in a run."""
    fleet = fleet_of(seed, operator_id)
    station_id = next(iter(fleet.sites))
    for number in itertools.count(1):
        now = milliseconds(datetime.now(UTC))
        start = now + timedelta(minutes=15)
        point = ControlPoint(
            start_time=start,
            end_time=start + timedelta(minutes=15),
            target_power=Decimal(number % 5),  # every station can that, one way or the other
        )
        curve = ControlCurve(
            command_id=f"{name}-{number}",
            resource_id=station_id,
            aggregator_id=operator_id,
            scene=Scene(1),
            service_item="PEAK",
            command_kind=CommandKind.CONTROL,
            trigger_type=TriggerType.DISPATCH,
            priority=Priority(0),
            control_quantity=ControlQuantity(1),
            polarity_mode=fleet.polarity(station_id),
            interval_min=15,
            points=(point,),
            ack_deadline=now + _LIFE,
            valid_until=now + _LIFE,
            version=1,
            issued_by=dispatch_id,
            issue_time=now,
            origin_signature="none",
        )
        yield act(dispatch_id, ISSUE_CONTROL, curve)
