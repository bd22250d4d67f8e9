"""What a message is about, in one byte form: who says what to whom, when, and in answer to what.

No part of it travels twice. Both sides know it from the message and from where it came in, and
hold what they know under the signature; where they differ, the signature is not valid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from vgigw.errors import Misconfigured

SIGNED: Final = "vgigw-signed-1"
SEALED: Final = "vgigw-sealed-1"
"""What the bytes are for, so that one is never taken for the other."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message between two parties. ACC-5.5, ACC-5.6.

    ``operation`` is its name in the table of operations, ``sender`` and ``receiver`` are operator
    identifiers, ``sent_at`` (aware) and ``nonce`` together stand once only. ``answers`` is the
    signature of the request that an answer is to, and empty in a request.

    Raises :class:`~vgigw.errors.Misconfigured` where a member is missing.
    """

    operation: str
    sender: str
    receiver: str
    sent_at: datetime
    nonce: str
    answers: str = ""

    def __post_init__(self) -> None:
        if not all((self.operation, self.sender, self.receiver, self.nonce)):
            raise Misconfigured("an exchange names operation, sender, receiver and nonce")
        if self.sent_at.tzinfo is None:
            raise Misconfigured("the time of an exchange has a zone")

    def octets(self, purpose: str, suite: str, key_id: str) -> bytes:
        """The exchange, the suite and the key: nine parts, each after its length in 4 bytes.

        Text is UTF-8, the time is in UTC as ``2026-01-02T03:04:05.000006+00:00``. No two exchanges
        have the same bytes, and none begins with those of another.
        """
        sent_at = self.sent_at.astimezone(UTC).isoformat(timespec="microseconds")
        told = (self.operation, self.sender, self.receiver, sent_at, self.nonce, self.answers)
        return b"".join(map(_measured, (purpose, suite, key_id, *told)))

    def answered(self, signature: str) -> Exchange:
        """The answer to this request, which was signed so.

        It has the time and the nonce of its request: whoever asked knows both, and a key that has
        expired is not made usable again by an answer that says when it was written.
        """
        return replace(self, sender=self.receiver, receiver=self.sender, answers=signature)

    def tag(self, suite: str) -> str:
        """The ``tag`` of an HTTP signature: what of the exchange no other part of one says."""
        return f"{SIGNED} {suite} {self.operation} {self.sender} {self.receiver}"


def _measured(text: str) -> bytes:
    # A lone surrogate has bytes of its own: what a peer sent must not break what refuses it.
    octets = text.encode("utf-8", "surrogatepass")
    return len(octets).to_bytes(4, "big") + octets
