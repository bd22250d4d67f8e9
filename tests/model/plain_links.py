"""Links between parties of plain values: what is carried, held back, repeated, lost."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import Any

from tests.model.broken import Lacks
from tests.model.faults import Killed, OnLink, Process
from tests.model.plain_processes import PlainProcesses
from tests.model.plain_receiving import Refused, Wire, receive
from vgigw.errors import PeerUnreachable, VgigwError


class PlainLinks(PlainProcesses):
    """Exchanges, and what comes of them."""

    def __init__(self, lacks: Lacks) -> None:
        super().__init__(lacks)
        self.wires: list[Wire] = []
        self.kept_back: list[Wire] = []
        self._nonce = count(1)

    def _told(self, sender: str, to: str, kind: str, body: Any, *, refusals: bool = False) -> Any:
        worker = next((n for n, w in enumerate(self.parties[sender].workers) if not w.paused), None)
        if worker is None:
            return None
        try:
            return self._exchange((sender, worker), to, kind, body)
        except Killed as killed:
            self.crashed(killed.process)
        except Refused as refused:
            return f"refused {refused}" if refusals and refused.final else None
        except VgigwError:
            return None
        return None

    def _exchange(self, process: Process, to: str, kind: str, body: Any) -> Any:
        party = process[0]
        signed = self.keys[party][0]
        wire = Wire(party, to, kind, body, next(self._nonce), self.now, signed)
        if {party, to} & self.faults.down:
            raise PeerUnreachable
        fault = self.faults.on_link(party)
        if fault is OnLink.HOLD:
            self.kept_back.append(wire)
        if fault in (OnLink.HOLD, OnLink.DROP):
            raise PeerUnreachable
        if fault is OnLink.TWICE:
            self._delivered(wire)
            wire = wire._replace(nonce=next(self._nonce))
        told = self._delivered(wire)
        if fault is OnLink.LOSE_ANSWER:
            raise PeerUnreachable
        if fault is OnLink.DIE_AFTER_SEND:
            raise Killed(process)
        if fault is OnLink.TAKEN_OVER:
            self._taken_over(process)
        return told

    def _delivered(self, wire: Wire) -> Any:
        self.wires.append(wire)
        receiver = self.parties[wire.to]
        worker = next((n for n, w in enumerate(receiver.workers) if not w.paused), None)
        if worker is None:
            raise PeerUnreachable
        known = self.keys[wire.sender][1]
        try:
            return self._commit(
                wire.to, worker, lambda held: receive(held, wire, self.now, known, self.lacks)
            )
        except Killed as killed:
            self.crashed(killed.process)
            raise PeerUnreachable from None

    def release(self, place: int) -> None:
        found = self.kept_back or self.wires[-30:]
        if found:
            wire = found[place % len(found)]
            self.kept_back = [each for each in self.kept_back if each is not wire]
            with suppress(VgigwError, Refused):
                self._delivered(wire)
