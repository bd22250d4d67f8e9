"""What a sender of telemetry sent, and what of it was acknowledged; compared with a store."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from vgigw.handlers.keeping import object_of
from vgigw.objects import InformationObject, OperatingRecord, TelemetryBatch
from vgigw.ports import View

Number = tuple[str, int]
"""Stream and sequence number: the name of one record for ever."""


class Account:
    """One sender's books. Any thread may write into them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.records: dict[Number, OperatingRecord] = {}
        self.acknowledged: set[Number] = set()
        self.latencies_ms: list[float] = []
        self.receipts: dict[str, InformationObject] = {}
        """The first answer to each batch that was sent live."""
        self._batches: list[TelemetryBatch] = []
        self.unanswered = 0
        self.refused: list[str] = []

    def journalled(self, batch: TelemetryBatch) -> None:
        """The records of ``batch`` exist from now on."""
        with self._lock:
            self.records.update(zip(numbers(batch), batch.records, strict=True))
            self._batches.append(batch)

    def answered(
        self,
        batch: TelemetryBatch,
        reply: InformationObject | None = None,
        latency_ms: float | None = None,
    ) -> None:
        """``batch`` was acknowledged, by ``reply`` where it was sent live."""
        with self._lock:
            self.acknowledged.update(numbers(batch))
            if reply is not None:
                self.receipts.setdefault(batch.batch_id, reply)
            if latency_ms is not None:
                self.latencies_ms.append(latency_ms)

    def not_answered(self) -> None:
        """Nobody knows whether a batch was stored."""
        with self._lock:
            self.unanswered += 1

    def was_refused(self, why: str) -> None:
        """A batch was refused, which no part of the demo expects."""
        with self._lock:
            self.refused.append(why)

    def not_acknowledged(self) -> list[TelemetryBatch]:
        """Journalled batches of which no record is acknowledged."""
        with self._lock:
            return [
                batch for batch in self._batches if self.acknowledged.isdisjoint(numbers(batch))
            ]

    def acknowledged_live(self, last: int) -> list[TelemetryBatch]:
        """The ``last`` batches that were acknowledged when they were sent live."""
        with self._lock:
            return [batch for batch in self._batches if batch.batch_id in self.receipts][-last:]

    @property
    def complete(self) -> bool:
        """Whether every journalled record is acknowledged."""
        with self._lock:
            return len(self.acknowledged) == len(self.records)

    def acknowledged_between(self, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
        """(object, time) of each acknowledged record in [start, end), sorted."""
        with self._lock:
            found = (self.records[number] for number in self.acknowledged)
            return sorted(
                (record.object_id, record.data_time)
                for record in found
                if start <= record.data_time < end
            )


class Comparison(NamedTuple):
    """Acknowledged against stored, in records."""

    acknowledged: int
    stored: int
    lost: int
    different: int
    twice: int

    @property
    def holds(self) -> bool:
        """Whatever was acknowledged is stored, once, as it was sent."""
        return self.acknowledged > 0 and not (self.lost or self.different or self.twice)

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} records acknowledged, {self.stored} stored: {self.lost} lost, "
            f"{self.different} different, {self.twice} applied twice"
        )


def compare(account: Account, view: View, owner: str) -> Comparison:
    """What ``account`` knows as acknowledged against the journal of the store behind ``view``."""
    stored: dict[Number, list[OperatingRecord]] = {}
    for row in view.rows(owner=owner):
        batch = object_of(TelemetryBatch, row.payload)
        for number, record in zip(numbers(batch), batch.records, strict=True):
            stored.setdefault(number, []).append(record)
    sent, acknowledged = account.records, account.acknowledged
    return Comparison(
        acknowledged=len(acknowledged),
        stored=len(stored),
        lost=sum(number not in stored for number in acknowledged),
        different=sum(sent.get(number) not in found for number, found in stored.items()),
        twice=sum(len(found) > 1 for found in stored.values()),
    )


def numbers(batch: TelemetryBatch) -> Iterable[Number]:
    """The names of the records of a batch."""
    return ((batch.stream_id, seq) for seq in range(batch.seq_from, batch.seq_to + 1))
