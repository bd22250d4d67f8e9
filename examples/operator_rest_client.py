"""A charging operator's REST client of a vgigw platform, in plain Python: nothing of vgigw in it.

It shows what is on the wire: a bearer token, a digest of each body (RFC 9530), a signature of each
request (RFC 9421, hmac-sha256), and the platform's signature of each answer, which is checked.

    python operator_rest_client.py http://127.0.0.1:8080 123456789 secrets/

The folder holds ``ID-operator_secret.txt`` and ``ID-sig_secret.txt``, as by ``vgigw init``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3

ROOT = "/vgi/v1"


class Refused(Exception):
    """The platform refused; the text is its problem document."""


class Operator:
    """One operator towards one platform."""

    def __init__(self, url: str, operator_id: str, folder: Path) -> None:
        self.operator_id = operator_id
        self._url = url
        self._secret = (folder / f"{operator_id}-operator_secret.txt").read_text().strip()
        self._key = (folder / f"{operator_id}-sig_secret.txt").read_text().strip().encode()
        self._pool = urllib3.PoolManager(retries=False, timeout=10.0)
        self._token: str | None = None

    def log_in(self) -> None:
        """Fetch a token; it lives for the seconds that TokenAvailableTime says."""
        asked = {"OperatorID": self.operator_id, "OperatorSecret": self._secret}
        self._token = self.call("POST", "/tokens", asked)["AccessToken"]

    def call(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        """One signed exchange. Sending the same content again is safe: the answer is the same."""
        body = b"" if content is None else json.dumps(content).encode()
        path, _, query = (ROOT + path).partition("?")
        fields = {"@method": method, "@path": path}
        headers = {}
        if query:
            fields["@query"] = f"?{query}"
        if body:
            headers["content-type"] = "application/json"
            fields["content-digest"] = headers["content-digest"] = digest_of(body)
        if self._token is not None:
            fields["authorization"] = headers["authorization"] = f"Bearer {self._token}"
        names = " ".join(f'"{name}"' for name in fields)
        parameters = (
            f'({names});created={int(time.time())};keyid="{self.operator_id}"'
            f';alg="hmac-sha256";nonce="{secrets.token_hex(8)}"'
        )
        signature = f"s=:{self._mac(fields, parameters)}:"
        headers |= {"signature-input": f"s={parameters}", "signature": signature}
        url = self._url + path + (f"?{query}" if query else "")
        answer = self._pool.request(method, url, body=body or None, headers=headers)
        if "signature" not in answer.headers:
            raise Refused(answer.data.decode())
        self._check(answer, signature)
        if answer.status != 200:
            raise Refused(answer.data.decode())
        return json.loads(answer.data)

    def _check(self, answer: urllib3.BaseHTTPResponse, sent: str) -> None:
        """Believe only what the platform signed for this very request."""
        parameters = answer.headers["signature-input"].partition("=")[2]
        fields = {"@status": str(answer.status), "content-digest": digest_of(answer.data)}
        mac = self._mac(fields, parameters, '"signature";req: ' + sent)
        given = answer.headers["signature"].partition("=:")[2].removesuffix(":")
        if not hmac.compare_digest(mac, given):
            raise Refused("the answer is not the platform's")

    def _mac(self, fields: dict[str, str], parameters: str, *more: str) -> str:
        lines = [f'"{name}": {value}' for name, value in fields.items()]
        lines += [*more, f'"@signature-params": {parameters}']
        mac = hmac.digest(self._key, "\n".join(lines).encode(), hashlib.sha256)
        return base64.b64encode(mac).decode()


def digest_of(body: bytes) -> str:
    """The Content-Digest of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def now_text() -> str:
    """The present as the wire has it: UTC, at most milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def station(operator_id: str) -> dict[str, Any]:
    """An archive with one charger of one connector; ``Version`` rises with each change."""
    connector = {
        "ConnectorID": "S1-C1-1",
        "ConnectorType": 4,
        "VoltageUpperLimits": 750,
        "VoltageLowerLimits": 200,
        "Current": 250,
        "NationalStandard": 2,
    }
    charger = {
        "EquipmentID": "S1-C1",
        "EquipmentType": 1,
        "Power": 120,
        "DirectionCapability": 1,
        "ConnectorInfos": [connector],
    }
    return {
        "StationID": "S1",
        "OperatorID": operator_id,
        "EquipmentOwnerID": operator_id,
        "StationName": "河滨充电站",
        "CountryCode": "CN",
        "AreaCode": "320100",
        "Address": "河滨路 1 号",
        "ServiceTel": "4000000000",
        "StationType": 1,
        "StationStatus": 50,
        "StationLng": 118.78,
        "StationLat": 32.04,
        "Construction": 1,
        "RatedCapacity": 630,
        "MaxChargePower": 120,
        "EquipmentInfos": [charger],
        "Version": 1,
        "UpdateTime": "2026-01-01T00:00:00Z",
    }


def telemetry(operator_id: str, stream: str, seq: int, power_kw: float) -> dict[str, Any]:
    """A batch of one record; ``seq`` counts the records of the stream, without a hole."""
    now = now_text()
    record = {
        "ObjectKind": 4,
        "ObjectID": "S1-C1-1",
        "DataTime": now,
        "Quality": 0,
        "ActivePower": power_kw,
    }
    return {
        "BatchID": f"{stream}-{seq}",
        "SourceID": operator_id,
        "StreamID": stream,
        "SeqFrom": seq,
        "SeqTo": seq,
        "ReportMode": 2,
        "Trigger": 1,
        "ExpectedCount": 1,
        "ActualCount": 1,
        "PolarityMode": 1,
        "UnitProfile": 1,
        "SendTime": now,
        "Records": [record],
    }


def main(url: str, operator_id: str, folder: str) -> None:
    """Log in, push an archive, upload three records, one of them twice, and a change of state."""
    me = Operator(url, operator_id, Path(folder))
    me.log_in()
    archive = me.call("PUT", "/stations/S1", station(operator_id))
    print("archive kept, version", archive["Version"])
    stream = f"live-{secrets.token_hex(4)}"
    for seq in (1, 2, 3):
        batch = telemetry(operator_id, stream, seq, 42.0 + seq)
        first = me.call("POST", "/telemetry", batch)
        again = me.call("POST", "/telemetry", batch)
        print("durable up to", first["AckSeq"], "- a repeat is answered alike:", first == again)
    change = {
        "EventID": secrets.token_hex(8),
        "ConnectorID": "S1-C1-1",
        "Status": 3,
        "ChangeTime": now_text(),
    }
    print("state taken:", me.call("POST", "/state-changes", change)["Status"] == 0)
    print("stations known:", me.call("GET", "/stations?PageNo=1&PageSize=5")["ItemSize"])


if __name__ == "__main__":
    main(*sys.argv[1:4])
