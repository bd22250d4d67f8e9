"""What a message without a signature says of itself: sender, time and number. ACC-5.3.

On SOAP they stand in MessageHeader, on REST in header fields of the same names. The three together
are the identifier of the message: it is good for one operation and one content. An answer without a
signature names its own sender, and the time and number of the request that it answers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from vgigw.errors import Malformed
from vgigw.objects.values import OPERATOR_CODE
from vgigw.rules.freshness import parse_time_stamp

_FRAMING = "vgigw-unsigned-1"
_SENDER = re.compile(OPERATOR_CODE)
_SEQ = re.compile(r"[0-9]{4}\Z")
FIELDS = ("operatorid", "timestamp", "seq")


class Unsigned(NamedTuple):
    """The identifier of a message that nobody signed; ``time_stamp`` and ``seq`` as written."""

    sender: str
    time_stamp: str
    seq: str

    @property
    def sent_at(self) -> datetime:
        """Raises ``Malformed``."""
        return parse_time_stamp(self.time_stamp)

    @property
    def nonce(self) -> str:
        return self.seq

    @property
    def guard(self) -> bytes:
        """Digest by which the identifier is known again, on whichever door."""
        return hashlib.sha256("\n".join((_FRAMING, *self)).encode()).digest()

    @property
    def fields(self) -> dict[str, str]:
        """As header fields of REST."""
        return dict(zip(FIELDS, self, strict=True))


def in_fields(headers: Mapping[str, str]) -> Unsigned | None:
    """What the header fields of a REST message say; None where the sender is not among them.

    Raises ``Malformed``.
    """
    if FIELDS[0] not in headers:
        return None
    found = Unsigned(*(headers.get(name, "").strip() for name in FIELDS))
    if not (_SENDER.match(found.sender) and _SEQ.match(found.seq)):
        raise Malformed("OperatorID, TimeStamp and Seq stand together")
    return found
