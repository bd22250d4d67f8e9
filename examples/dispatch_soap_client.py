"""A dispatch system's SOAP client of a vgigw platform, made by zeep from the served WSDL.

The one thing that a SOAP stack does not do by itself is the MessageHeader with its signature; here
a zeep plugin adds it, and checks that of each answer.

    python dispatch_soap_client.py http://127.0.0.1:8080 200000002 secrets/ S1 123456789

The folder holds the four secrets ``ID-*.txt``, as ``vgigw init`` writes them; then come the station
to control and its operator.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import zeep

from vgigw import SUITES, Secrets
from vgigw.senders.zeep_header import MessageHeaderPlugin, refusal_of


class Dispatch:
    """Clients of two WSDL faces: ``common`` for the token, ``dispatch`` for the work."""

    def __init__(self, url: str, operator_id: str, folder: Path) -> None:
        names = ("operator_secret", "data_secret", "data_secret_iv", "sig_secret")
        texts = {n: (folder / f"{operator_id}-{n}.txt").read_text().strip() for n in names}
        self.operator_id = operator_id
        self._operator_secret = texts["operator_secret"]
        self._token: str | None = None
        plugin = MessageHeaderPlugin(
            operator_id, Secrets.of(**texts), SUITES["tcec102"], self._present_token
        )
        make: Any = zeep.Client  # ships no types
        self.common = make(f"{url}/soap/common?wsdl", plugins=[plugin]).service
        self.dispatch = make(f"{url}/soap/dispatch?wsdl", plugins=[plugin]).service

    def _present_token(self) -> Any:
        if self._token is None:
            asked = {"OperatorID": self.operator_id, "OperatorSecret": self._operator_secret}
            self._token = self.common.QueryToken(TokenRequest=asked).body.Token.AccessToken
        return self._token


def curve(issuer: str, station_id: str, operator_id: str) -> dict[str, Any]:
    """One quarter of an hour at 60 kW, from the next minute on."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = now.replace(second=0) + timedelta(minutes=1)
    end = start + timedelta(minutes=15)
    point = {"StartTime": start, "EndTime": end, "TargetPower": 60}
    return {
        "CommandID": uuid4().hex,
        "ResourceID": station_id,
        "AggregatorID": operator_id,
        "Scene": 1,
        "ServiceItem": "PEAK",
        "CommandKind": 1,
        "TriggerType": 1,
        "Priority": 0,
        "ControlQuantity": 1,
        "PolarityMode": 1,
        "IntervalMin": 15,
        "Points": {"ControlPoint": [point]},
        "AckDeadline": now + timedelta(seconds=30),
        "ValidUntil": end,
        "Version": 1,
        "IssuedBy": issuer,
        "IssueTime": now,
        "OriginSignature": "-",
    }


def main(url: str, operator_id: str, folder: str, station_id: str, owner: str) -> None:
    """Issue a curve, repeat it, ask where it stands, and be refused once."""
    me = Dispatch(url, operator_id, Path(folder))
    command = curve(operator_id, station_id, owner)
    receipt = me.dispatch.IssueControl(ControlCurve=command).body.CommandReceipt
    print("issued, state", receipt.State)
    again = me.dispatch.IssueControl(ControlCurve=command).body.CommandReceipt
    print("a repeat is answered alike:", again.CommandID == receipt.CommandID)
    asked = {"CommandID": command["CommandID"]}
    status = me.dispatch.QueryControl(CommandQuery=asked).body.CommandStatus
    print("held:", status.Command.Points.ControlPoint[0].TargetPower, "kW")
    found = me.dispatch.QueryTelemetry(TelemetryQuery={"PageSize": 5}).body.TelemetryPage
    print("records:", found.ItemSize)
    try:
        me.dispatch.QueryControl(CommandQuery={"CommandID": "nobody's"})
    except zeep.exceptions.Fault as fault:
        refusal = refusal_of(fault.detail)
        print("refused with code", refusal.ret if refusal else fault.code)


if __name__ == "__main__":
    main(*sys.argv[1:6])
