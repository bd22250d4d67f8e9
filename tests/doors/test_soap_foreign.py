"""zeep, made from the WSDL that a real server serves, calls it in SOAP 1.1 and 1.2. ACC-7.6."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree

from tests.cases.worlds import DISPATCH, OPERATOR, PLATFORM, SECRET, SECRETS
from vgigw.crypto.suite import SUITES
from vgigw.senders.zeep_header import MessageHeaderPlugin, refusal_of

pytest.importorskip("granian")

VERSIONS = ("11", "12")
START_S = 20.0
_PEER = """
[[peers]]
operator_id = "{party}"
role = "{role}"
doors = ["soap"]
[peers.inbound]
operator_secret = "{secret}"
data_secret = "{secret}"
data_secret_iv = "{secret}"
sig_secret = "{secret}"
"""


def configuration(port: int) -> str:
    parties = ((OPERATOR, "operator"), (DISPATCH, "dispatch"))
    own = (
        f'[gateway]\noperator_id = "{PLATFORM}"\npublic_url = "http://127.0.0.1:{port}"\n'
        f'[listen]\nport = {port}\nthreads = 4\n[log]\nlevel = "warning"\n'
    )
    return own + "".join(_PEER.format(party=p, role=r, secret=SECRET) for p, r in parties)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server process of its own."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "vgigw.toml").write_text(configuration(port), "utf-8")
    program = (
        "import sys; from pathlib import Path; from vgigw.server.serve import serve; "
        "serve(Path(sys.argv[1]))"
    )
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-c", program, str(folder / "vgigw.toml")]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parents[2])
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no server after {START_S} s: {log.read_text('utf-8')}")


class Party:
    """Clients of the faces that a party needs, made from the served WSDL."""

    def __init__(self, server: str, party: str, version: str) -> None:
        self._server, self._party, self._version = server, party, version
        self._token: str | None = None
        self._plugin = MessageHeaderPlugin(
            party, SECRETS, SUITES["tcec102"], self._present, peer_id=PLATFORM
        )
        self.common = self._service("common")
        self.business = self._service("aggregator" if party == OPERATOR else "dispatch")

    def _present(self) -> str | None:
        if self._token is None:
            asked = {"OperatorID": self._party, "OperatorSecret": SECRET}
            self._token = self.common.QueryToken(TokenRequest=asked).body.Token.AccessToken
        return self._token

    def _service(self, face: str) -> Any:
        client: Any = zeep.Client(  # type: ignore[no-untyped-call]
            f"{self._server}/soap/{face}?wsdl", plugins=[self._plugin]
        )
        return client.bind(f"Vgi{face.title()}Service", f"Vgi{face.title()}Soap{self._version}")


@pytest.fixture(params=VERSIONS, ids=["SOAP 1.1", "SOAP 1.2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def station(name: str, when: datetime) -> dict[str, Any]:
    connector = {
        "ConnectorID": f"{name}C", "ConnectorType": 4, "VoltageUpperLimits": 750,
        "VoltageLowerLimits": 200, "Current": 250, "NationalStandard": 2,
    }  # fmt: skip
    equipment = {
        "EquipmentID": f"{name}E", "EquipmentType": 1, "Power": "120.0",
        "DirectionCapability": 1, "ConnectorInfos": {"ConnectorInfo": [connector]},
    }  # fmt: skip
    return {
        "StationID": name, "OperatorID": OPERATOR, "EquipmentOwnerID": OPERATOR,
        "StationName": "充电站 & <一>", "CountryCode": "CN", "AreaCode": "440300",
        "Address": "路", "ServiceTel": "1", "StationType": 1, "StationStatus": 50,
        "StationLng": "114.0", "StationLat": "22.5", "Construction": 1, "RatedCapacity": "120",
        "MaxChargePower": "120", "EquipmentInfos": {"EquipmentInfo": [equipment]},
        "Version": 1, "UpdateTime": when,
    }  # fmt: skip


def batch(stream: str, when: datetime, records: int) -> dict[str, Any]:
    record = {
        "ObjectKind": 4, "ObjectID": "O1", "DataTime": when, "Quality": 0, "ActivePower": 7.25,
    }  # fmt: skip
    return {
        "BatchID": f"{stream}-1", "SourceID": OPERATOR, "StreamID": stream, "SeqFrom": 1,
        "SeqTo": records, "ReportMode": 1, "Trigger": 1, "ExpectedCount": records,
        "ActualCount": records, "PolarityMode": 1, "UnitProfile": 1, "SendTime": when,
        "Records": {"OperatingRecord": [record] * records},
    }  # fmt: skip


def test_a_foreign_stack_pushes_and_queries_from_the_wsdl_alone(server: str, version: str) -> None:
    operator, dispatch = Party(server, OPERATOR, version), Party(server, DISPATCH, version)
    now = datetime.now(UTC).replace(microsecond=0)
    name = f"S{version}"

    pushed = operator.business.PushArchive(StationInfo=station(name, now))
    receipt = operator.business.UploadTelemetry(TelemetryBatch=batch(name, now, 3))
    found = dispatch.common.QueryStationsInfo(StationQuery={}).body.StationPage
    page = dispatch.business.QueryTelemetry(TelemetryQuery={"StreamID": name}).body.TelemetryPage

    assert pushed.body.ArchiveReceipt.Version == 1
    assert receipt.body.TelemetryReceipt.AckSeq == 3
    stations = {each.StationID: each for each in found.StationInfos.StationInfo}
    assert stations[name].StationName == "充电站 & <一>"
    assert page.ItemSize == 3
    assert page.Records.OperatingRecord[0].ActivePower == 7.25
    assert page.Records.OperatingRecord[0].DataTime == now


def test_a_fault_maps_to_the_stacks_own_with_the_typed_detail(server: str, version: str) -> None:
    dispatch = Party(server, DISPATCH, version)
    bad = {"PageSize": 1001, "TimeFrom": datetime.now(UTC) + timedelta(days=99_999)}

    with pytest.raises(zeep.exceptions.Fault) as unknown:
        dispatch.business.QueryControl(CommandQuery={"CommandID": "nobody's"})
    with pytest.raises(zeep.exceptions.Fault) as invalid:
        dispatch.business.QueryTelemetry(TelemetryQuery=bad)

    assert unknown.value.message == "no such object"
    assert unknown.value.code == ("soap:Client" if version == "11" else "soap:Sender")
    typed = refusal_of(unknown.value.detail)
    assert typed is not None
    assert typed.ret == 4201
    refusal = refusal_of(invalid.value.detail)
    assert refusal is not None
    assert (refusal.ret, [d.path for d in refusal.details]) == (4004, ["/PageSize", "/TimeFrom"])


def test_a_party_may_not_call_what_is_not_its_own(server: str, version: str) -> None:
    dispatch = Party(server, DISPATCH, version)
    now = datetime.now(UTC).replace(microsecond=0)

    with pytest.raises(zeep.exceptions.Fault) as refused:
        dispatch.business.UploadTelemetry(TelemetryBatch=batch("foreign", now, 1))

    detail = refused.value.detail
    assert isinstance(detail, etree._Element)
    typed = refusal_of(detail)
    assert typed is not None
    assert typed.ret == 4301
