"""Small valid documents that the tests of this folder start from."""

from __future__ import annotations

import json
from typing import Any

RECORD: dict[str, Any] = {
    "ObjectKind": 3,
    "ObjectID": "E1",
    "DataTime": "2026-11-20T16:00:00.123Z",
    "Quality": 0,
    "SOC": 50.5,
    "ChargeEnergy": 7.3,
}

OPERATOR: dict[str, Any] = {
    "OperatorID": "123456789",
    "OperatorName": "示例运营商",
    "RegAddress": "南京",
    "ContactName": "张三",
    "ContactPhone": "025-1",
    "OperatorRole": 1,
    "AccessState": 2,
    "Version": 1,
    "UpdateTime": "2026-11-20T16:00:00Z",
}

CONNECTOR: dict[str, Any] = {
    "ConnectorID": "C1",
    "ConnectorType": 4,
    "VoltageUpperLimits": 750,
    "VoltageLowerLimits": 200,
    "Current": 250,
    "NationalStandard": 2,
}

EQUIPMENT: dict[str, Any] = {
    "EquipmentID": "E1",
    "EquipmentType": 1,
    "Power": 120.0,
    "DirectionCapability": 2,
    "ConnectorInfos": [CONNECTOR],
}

STATION: dict[str, Any] = {
    "StationID": "S1",
    "OperatorID": "123456789",
    "EquipmentOwnerID": "123456789",
    "StationName": "中电联示例站",
    "CountryCode": "CN",
    "AreaCode": "320100",
    "Address": "南京",
    "ServiceTel": "025-1",
    "StationType": 1,
    "StationStatus": 50,
    "StationLng": 121.47,
    "StationLat": 31.23,
    "Construction": 1,
    "RatedCapacity": 630,
    "MaxChargePower": 240,
    "EquipmentInfos": [EQUIPMENT],
    "Version": 1,
    "UpdateTime": "2026-11-20T16:00:00Z",
}


def batch(records: list[dict[str, Any]]) -> dict[str, Any]:
    """A telemetry batch around ``records``."""
    return {
        "BatchID": "b1",
        "SourceID": "s1",
        "StreamID": "x1",
        "SeqFrom": 1,
        "SeqTo": len(records),
        "ReportMode": 2,
        "Trigger": 1,
        "ExpectedCount": len(records),
        "ActualCount": len(records),
        "PolarityMode": 1,
        "UnitProfile": 1,
        "SendTime": "2026-11-20T16:00:00Z",
        "Records": records,
    }


def as_bytes(document: dict[str, Any]) -> bytes:
    """``document`` as a peer would send it."""
    return json.dumps(document, ensure_ascii=False).encode()
