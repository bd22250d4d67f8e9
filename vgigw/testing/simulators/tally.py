"""Counting messages by door and answer, at the wire of whoever sends or receives them."""

from __future__ import annotations

import re
import threading
from collections import Counter

import msgspec

from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import PeerUnreachable
from vgigw.ports import Sender

_PREFIXES = (("/evcs/", "cec102"), ("/soap", "soap"), ("/vgi/", "rest"))
_SOAP_RET = re.compile(rb"<(?:\w+:)?Ret>(-?\d+)<")


class _Answer(msgspec.Struct):
    ret: int = msgspec.field(name="Ret")


_ANSWER = msgspec.json.Decoder(_Answer)


class Count(msgspec.Struct):
    """Messages of one door: ``refused`` by return code; ``unanswered`` found no complete answer."""

    accepted: int = 0
    unanswered: int = 0
    refused: Counter[int] = msgspec.field(default_factory=Counter)

    @property
    def sent(self) -> int:
        return self.accepted + self.unanswered + self.refused.total()


class Tally:
    """Counts by door; any thread may note."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.by_door: dict[str, Count] = {}
        self.operations: Counter[str] = Counter()

    def note(self, door: str, code: int | None, operation: str = "") -> None:
        """One message that was answered with ``code`` (0 = accepted), or not at all (None)."""
        with self._lock:
            count = self.by_door.setdefault(door, Count())
            if code is None:
                count.unanswered += 1
            elif code == 0:
                count.accepted += 1
                self.operations[operation] += 1
            else:
                count.refused[code] += 1

    def observe(self, event: str, /, **facts: object) -> None:
        """An ``Observer``: counts what a gateway received."""
        ret = facts.get("ret")
        if event.startswith("message.") and isinstance(ret, int):
            self.note(str(facts.get("door")), ret, str(facts.get("operation")))


class TallySender:
    """A ``Sender`` that counts what another one carries."""

    def __init__(self, sender: Sender, tally: Tally) -> None:
        self._sender = sender
        self._tally = tally

    def exchange(self, base: str, request: WireRequest) -> WireAnswer:
        """Raises ``PeerUnreachable``, counted as unanswered."""
        door = next(name for prefix, name in _PREFIXES if prefix in base + "/")
        try:
            answer = self._sender.exchange(base, request)
        except PeerUnreachable:
            self._tally.note(door, None)
            raise
        self._tally.note(door, code_of(door, answer.status, answer.body))
        return answer


def code_of(door: str, status: int, body: bytes) -> int:
    """The return code of an answer, 0 where it is a success; the HTTP status where it has none."""
    if door == "soap":
        found = _SOAP_RET.search(body)
        return 0 if status == 200 else int(found[1]) if found else status
    if door == "rest" and status == 200:
        return 0
    try:
        return _ANSWER.decode(body).ret
    except msgspec.MsgspecError:
        return status
