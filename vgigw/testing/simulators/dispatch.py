"""A legacy dispatch system: a zeep client made from the served WSDL, and a SOAP callback."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import zeep
from zeep.transports import Transport

from vgigw.crypto.suite import SUITES
from vgigw.handlers import handles
from vgigw.handlers.answers import Answers
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    CommandAck,
    CommandQuery,
    CommandReceipt,
    CommandStatus,
    ControlCurve,
    ControlPoint,
    ExecutionReport,
    RecallReceipt,
    RecallRequest,
    StationInfo,
    StationPage,
    StationQuery,
    TelemetryBatch,
    Token,
    TokenRequest,
)
from vgigw.objects.enumerations import PolarityMode, Scene
from vgigw.objects.operating_enumerations import (
    CommandKind,
    CommandState,
    ControlQuantity,
    Priority,
    RecallCause,
    TriggerType,
)
from vgigw.operations import ACK_CONTROL, REPORT_EXECUTION, Role
from vgigw.ports import Call, Identity, Peer, Transaction
from vgigw.senders.zeep_header import MessageHeaderPlugin
from vgigw.server.assembly import Gateway
from vgigw.stores.sqlite import SqliteStore
from vgigw.testing.simulators.listener import Listener
from vgigw.testing.simulators.tally import Tally, code_of
from vgigw.testing.simulators.zeep_values import from_zeep, to_zeep

_TIME_OUT_S = 10


class DispatchSimulator:
    """One dispatch system. ``platform`` holds the secrets of both directions."""

    def __init__(self, operator_id: str, platform: Peer, state_dir: Path, tally: Tally) -> None:
        self.operator_id = operator_id
        self.platform = platform
        self.received = Tally()
        self.acks: dict[str, float] = {}
        """When each acknowledgement arrived, by ``time.perf_counter``."""
        self.reports: dict[str, ExecutionReport] = {}
        """The report of each command that arrived."""
        self._tally = tally
        self._token: str | None = None
        self._faces: dict[str, Any] = {}
        identity = Identity(
            operator_id=operator_id,
            role=Role.DISPATCH,
            peers={platform.operator_id: platform},
        )
        self._answers = Answers(identity)
        self.gateway = Gateway(
            identity,
            SqliteStore(state_dir / "dispatch.sqlite3"),
            handlers=self._noting(),
            observer=self.received.observe,
        )
        self._listener = Listener(self.gateway.wsgi())

    @property
    def port(self) -> int:
        """Where the platform's calls arrive, under ``/soap``."""
        return self._listener.port

    def connect(self, url: str) -> None:
        """Make clients from the WSDL that the gateway at ``url`` serves, and get a token."""
        for face in ("common", "dispatch"):
            self._faces[face] = self._client(f"{url}/soap/{face}?wsdl")
        given = self._call("common", Token, "QueryToken", self._token_request())
        self._token = given.access_token

    def close(self) -> None:
        """Stop everything that was started."""
        self._listener.close()
        self.gateway.close()
        for client in self._faces.values():
            client.transport.session.close()

    def stations(self) -> list[StationInfo]:
        """The archives of all stations, asked for page by page over SOAP. ACC-7.7."""
        found: list[StationInfo] = []
        number, pages = 1, 1
        while number <= pages:
            query = StationQuery(page_no=number)
            page: StationPage = self._call("common", StationPage, "QueryStationsInfo", query)
            found += page.station_infos
            number, pages = number + 1, page.page_count
        return found

    def curve_for(
        self, station: StationInfo, polarity: PolarityMode, limit_kw: float
    ) -> ControlCurve:
        """A curve that keeps a station's consumption at ``limit_kw`` or less, and within what it
        can, for a quarter of an hour. PLT-7.4, PLT-8.5a."""
        limit_kw = min(limit_kw, float(station.max_charge_power))
        target_kw = limit_kw if polarity is PolarityMode.LOAD else -limit_kw
        now = datetime.now(UTC).replace(microsecond=0)
        point = ControlPoint(
            start_time=now,
            end_time=now + timedelta(minutes=15),
            target_power=Decimal(str(round(target_kw, 3))),
        )
        return ControlCurve(
            command_id=f"C{secrets.token_hex(10)}",
            resource_id=station.station_id,
            aggregator_id=station.operator_id,
            scene=Scene.PEAK,
            service_item="PEAK",
            command_kind=CommandKind.CONTROL,
            trigger_type=TriggerType.DISPATCH,
            priority=Priority.HIGH,
            control_quantity=ControlQuantity.POWER_LIMIT,
            polarity_mode=polarity,
            interval_min=15,
            points=(point,),
            ack_deadline=now + timedelta(seconds=60),
            valid_until=now + timedelta(minutes=15),
            version=1,
            issued_by=self.operator_id,
            issue_time=now,
            origin_signature="demonstration",
        )

    def issue(self, curve: ControlCurve) -> CommandReceipt:
        """Send a curve over SOAP. ACC-7.4."""
        receipt: CommandReceipt = self._call("dispatch", CommandReceipt, "IssueControl", curve)
        return receipt

    def recall(self, start: datetime, end: datetime) -> RecallReceipt:
        """Ask for everything measured in [start, end) over SOAP. PLT-7.6d."""
        request = RecallRequest(
            recall_id=f"R{secrets.token_hex(10)}",
            requester_id=self.operator_id,
            time_from=start,
            time_to=end,
            cause=RecallCause.MANUAL,
        )
        receipt: RecallReceipt = self._call("dispatch", RecallReceipt, "RecallData", request)
        return receipt

    def status_of(self, command_id: str) -> CommandState:
        """Where a command stands, asked over SOAP. PLT-8.8a."""
        query = CommandQuery(command_id=command_id)
        status: CommandStatus = self._call("dispatch", CommandStatus, "QueryControl", query)
        return status.state

    def records_received(self) -> int:
        """How many records the callback has stored so far."""
        rows = self.gateway.store.read(lambda view: view.rows())
        return sum(row.seq_to - row.seq_from + 1 for row in rows)

    def recalled(self) -> list[tuple[str, datetime]]:
        """(object, time) of each record that the callback has stored so far, sorted."""
        rows = self.gateway.store.read(lambda view: view.rows())
        batches = (object_of(TelemetryBatch, row.payload) for row in rows)
        return sorted((r.object_id, r.data_time) for batch in batches for r in batch.records)

    def _client(self, wsdl: str) -> Any:
        plugin = MessageHeaderPlugin(
            self.operator_id,
            self._outbound,
            SUITES[self.platform.suite],
            lambda: self._token,
            peer_id=self.platform.operator_id,
        )
        make: Any = zeep.Client  # ships no types
        return make(wsdl, plugins=[plugin], transport=_CountingTransport(self._tally))

    def _call(self, face: str, answer: type[Any], name: str, request: Any) -> Any:
        service = self._faces[face].service
        reply = getattr(service, name)(**{type(request).__name__: to_zeep(request)})
        return from_zeep(answer, reply)

    def _token_request(self) -> TokenRequest:
        return TokenRequest(
            operator_id=self.operator_id, operator_secret=self._outbound.operator_secret.decode()
        )

    @property
    def _outbound(self) -> Any:
        assert self.platform.outbound is not None
        return self.platform.outbound

    def _noting(self) -> tuple[Any, ...]:
        """Handlers that keep what comes back, and note when it came."""

        @handles(ACK_CONTROL)
        def acknowledged(call: Call, tx: Transaction) -> CommandReceipt:
            ack: CommandAck = call.request
            receipt = self._answers.acknowledge(call, tx)
            self.acks.setdefault(ack.command_id, time.perf_counter())
            return receipt

        @handles(REPORT_EXECUTION)
        def reported(call: Call, tx: Transaction) -> CommandReceipt:
            report: ExecutionReport = call.request
            receipt = self._answers.report(call, tx)
            self.reports[report.command_id] = report
            return receipt

        return acknowledged, reported


_Untyped: Any = Transport


class _CountingTransport(_Untyped):  # type: ignore[misc]
    """Counts what zeep sends."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(timeout=_TIME_OUT_S, operation_timeout=_TIME_OUT_S)
        self._counts = tally

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        try:
            answer = super().post(address, message, headers)
        except Exception:
            self._counts.note("soap", None)
            raise
        self._counts.note("soap", code_of("soap", answer.status_code, answer.content))
        return answer
