"""What is our own goes into the outbox and is kept, in one commit. PLT-7.6b, CARD-7."""

from __future__ import annotations

from datetime import datetime

from vgigw.codec import json
from vgigw.errors import NotAllowed
from vgigw.objects import ControlCurve, InformationObject, TelemetryBatch
from vgigw.operations import Operation
from vgigw.ports import (
    Duties,
    Identity,
    Store,
    Transaction,
    letter_for,
    letter_groups,
    message_id_of,
    own_row,
)
from vgigw.rules.command import deliver_until


class OwnMessages:
    """Of one gateway; any thread may write some."""

    def __init__(self, identity: Identity, store: Store, duties: Duties) -> None:
        self._identity = identity
        self._store = store
        self._authors = duties.authors

    def send(
        self,
        destination: str,
        operation: Operation,
        request: InformationObject,
        now: datetime,
        valid_until: datetime | None,
    ) -> int:
        """See :meth:`vgigw.gateway.Gateway.send`."""
        if destination not in self._identity.peers:
            raise NotAllowed(f"{destination} is not a peer of this gateway")
        request = json.validated(request)
        if isinstance(request, ControlCurve):
            # It is never replayed after its end, whatever the caller says.
            until = deliver_until(request)
            valid_until = until if valid_until is None else min(valid_until, until)
        letter = letter_for(
            destination,
            operation,
            request,
            now,
            message_id=message_id_of(operation, request),
            valid_until=valid_until,
            group="" if operation.receipted else self._concerned(request),
        )
        author = self._authors.get(operation.name)

        def work(tx: Transaction) -> int:
            if isinstance(request, TelemetryBatch):
                self._keep(request, now, tx)
            if author is not None:
                author(request, destination, tx, now)
            return tx.enqueue(letter)

        return self._store.write(work)

    def keep(self, batch: TelemetryBatch, now: datetime) -> None:
        """See :meth:`vgigw.gateway.Gateway.keep`."""
        batch = json.validated(batch)
        self._store.write(lambda tx: self._keep(batch, now, tx))

    def _keep(self, batch: TelemetryBatch, now: datetime, tx: Transaction) -> None:
        """Once, however often the batch is kept or sent. Raises ``Conflict`` for other content."""
        row = own_row(batch, self._identity.operator_id, now)
        held = tx.rows(
            owner=row.owner, stream=row.stream, seq_from=row.seq_from, seq_to=row.seq_to, limit=1
        )
        if not (held and held[0].digest == row.digest):
            tx.append(row)

    def _concerned(self, request: InformationObject) -> str:
        """The command or consent of ours that a message concerns: by it a withdrawal finds what to
        stop. What asks for a receipt is found by that instead."""
        command_id: str | None = getattr(request, "command_id", None)
        if command_id:
            return letter_groups.of_command(command_id)
        consent_id: str | None = getattr(request, "consent_id", None)
        own_id = self._identity.operator_id
        return letter_groups.of_consent(own_id, consent_id) if consent_id else ""
