"""A charging operator: a simulated fleet behind a gateway of role operator, T/CEC 102 both ways.

It journals each batch before it sends it. A live batch that finds no answer is not sent again by
itself: the platform has to notice the hole and recall it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from vgigw.errors import OwnFault, PeerRefused
from vgigw.handlers.keeping import object_of
from vgigw.objects import (
    Heartbeat,
    InformationObject,
    StationInfo,
    StreamHeight,
    TelemetryBatch,
    Token,
    TokenRequest,
)
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import (
    BACKFILL_DATA,
    HEARTBEAT,
    PUSH_ARCHIVE,
    QUERY_TOKEN,
    REPORT_EXECUTION,
    UPLOAD_TELEMETRY,
    Role,
)
from vgigw.ports import Identity, LetterState, Peer, own_row
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import Gateway, SystemClock
from vgigw.server.ticker import Ticker
from vgigw.stores.sqlite import SqliteStore
from vgigw.testing.fleet import Fleet, batches
from vgigw.testing.simulators.account import Account
from vgigw.testing.simulators.control_system import ControlSystem
from vgigw.testing.simulators.listener import Listener
from vgigw.testing.simulators.tally import Tally, TallySender

__all__ = ["OperatorSimulator", "now_ms"]

_BATCH_RECORDS = 20
_READ_S = 10.0


def now_ms() -> datetime:
    """The present, as a message can tell it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class OperatorSimulator:
    """One operator. ``platform`` is how it reaches its platform; stations share ``streams``."""

    def __init__(
        self, fleet: Fleet, platform: Peer, state_dir: Path, tally: Tally, streams: int = 4
    ) -> None:
        self.operator_id = fleet.operator_id
        self.platform = platform
        self.account = Account()
        self.received = Tally()
        self.archives: tuple[StationInfo, ...] = ()
        self._fleet, self._fleet_lock = fleet, threading.Lock()
        self._next_seq = dict.fromkeys((f"S{n}" for n in range(1, streams + 1)), 1)
        self._beats = 0
        identity = Identity(
            operator_id=self.operator_id,
            role=Role.OPERATOR,
            peers={platform.operator_id: platform},
        )
        self.control = ControlSystem(identity, platform.operator_id, self._fleet, self._fleet_lock)
        self._http = HttpSender(read_s=_READ_S)
        self.gateway = Gateway(
            identity,
            SqliteStore(state_dir / "operator.sqlite3"),
            handlers=(self.control.handler(),),
            sender=TallySender(self._http, tally),
            observer=self.received.observe,
        )
        self._ticker = Ticker(self.gateway, SystemClock())
        self._listener = Listener(self.gateway.wsgi())

    @property
    def port(self) -> int:
        """Where the platform's calls arrive, under ``/evcs/v1``."""
        return self._listener.port

    def start(self) -> None:
        """Start the clockwork and the control system."""
        self._ticker.start()
        self.control.start(
            lambda report: self.gateway.send(
                self.platform.operator_id, REPORT_EXECUTION, report, now_ms()
            )
        )

    def close(self) -> None:
        """Stop everything that was started."""
        self.control.stop()
        self._ticker.stop()
        self._listener.close()
        self.gateway.close()
        self._http.close()

    def ask_token(self) -> Token:
        """A token of the platform. ACC-5.7."""
        secret = self.platform.issued.operator_secret.decode()
        asked = TokenRequest(operator_id=self.operator_id, operator_secret=secret)
        given = self.gateway.call(self.platform.operator_id, QUERY_TOKEN, asked, now_ms())
        assert isinstance(given, Token)
        return given

    def push_archives(self) -> tuple[StationInfo, ...]:
        """Push the archive of each station; what was pushed. ACC-7.1."""
        self.archives = self._fleet.archives(now_ms())
        for station in self.archives:
            self.gateway.call(self.platform.operator_id, PUSH_ARCHIVE, station, now_ms())
        return self.archives

    def polarity(self, station_id: str) -> PolarityMode:
        """Which sign the power of a station has. PLT-7.4."""
        return self._fleet.polarity(station_id)

    def measure(self) -> dict[str, list[TelemetryBatch]]:
        """Measure each connector now and journal it: new batches by stream. PLT-7.6b."""
        at = now_ms()
        with self._fleet_lock:
            records = self._fleet.records(at)
        shares = list(self._next_seq)
        by_stream: dict[str, list[TelemetryBatch]] = {}
        for number, stream in enumerate(shares):
            mine = records[number :: len(shares)]
            by_stream[stream] = batches(
                mine, stream, self._next_seq[stream], self.operator_id, at, _BATCH_RECORDS
            )
            self._next_seq[stream] += len(mine)
        self._journal([batch for several in by_stream.values() for batch in several])
        return by_stream

    def measure_some(self, stream: str, count: int) -> list[TelemetryBatch]:
        """``count`` small journalled batches of a stream of their own, not sent yet."""
        at = now_ms()
        with self._fleet_lock:
            records = self._fleet.records(at)[: 6 * count]
        made = batches(records, stream, 1, self.operator_id, at, 3)[:count]
        self._journal(made)
        return made

    def upload(self, by_stream: dict[str, list[TelemetryBatch]]) -> None:
        """Send live, each stream in order, streams side by side. Never sends anything twice."""
        with ThreadPoolExecutor(max(len(by_stream), 1)) as pool:
            list(pool.map(self._send_in_order, by_stream.values()))

    def send_again(self, batch: TelemetryBatch) -> InformationObject:
        """The platform's answer to a batch that it has already, or may have."""
        reply = self.gateway.call(self.platform.operator_id, UPLOAD_TELEMETRY, batch, now_ms())
        self.account.answered(batch, reply)
        return reply

    def settle_doubts(self) -> int:
        """Send again what found no answer and was stored all the same; how many batches."""
        doubtful = self.account.not_acknowledged()
        for batch in doubtful:
            self.send_again(batch)
        return len(doubtful)

    def beat(self) -> None:
        """Tell how high each stream is, so that a lost tail is noticed. PLT-7.6b."""
        self._beats += 1
        heights = tuple(
            StreamHeight(stream_id=stream, seq_highest=following - 1)
            for stream, following in self._next_seq.items()
            if following > 1
        )
        beat = Heartbeat(
            link_id=self.operator_id,
            seq=self._beats,
            time=now_ms(),
            channel_role=ChannelRole.MAIN,
            streams=heights,
        )
        self.gateway.call(self.platform.operator_id, HEARTBEAT, beat, now_ms())

    def waiting(self) -> int:
        """Letters that wait in the outbox: answers to recalls, reports."""
        return self.gateway.store.read(lambda view: view.count_letters(state=LetterState.WAITING))

    def book_backfills(self) -> int:
        """Take acknowledged answers to recalls into the account; how many batches there are."""
        letters = self.gateway.store.read(
            lambda view: view.letters(
                destination=self.platform.operator_id, state=LetterState.DELIVERED
            )
        )
        filled = [each for each in letters if each.operation == BACKFILL_DATA.name]
        for letter in filled:
            self.account.answered(object_of(TelemetryBatch, letter.payload))
        return len(filled)

    def _journal(self, made: Sequence[TelemetryBatch]) -> None:
        rows = [own_row(batch, self.operator_id, batch.send_time) for batch in made]
        self.gateway.store.write(lambda tx: [tx.append(row) for row in rows])
        for batch in made:
            self.account.journalled(batch)

    def _send_in_order(self, several: Sequence[TelemetryBatch]) -> None:
        for batch in several:
            began = time.perf_counter()
            try:
                reply = self.gateway.call(
                    self.platform.operator_id, UPLOAD_TELEMETRY, batch, now_ms()
                )
            except OwnFault:
                self.account.not_answered()
            except PeerRefused as refused:
                self.account.was_refused(refused.message)
            else:
                self.account.answered(batch, reply, (time.perf_counter() - began) * 1000)
