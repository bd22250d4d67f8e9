"""Every error that vgigw raises, with its return code.

::

    VgigwError
    ├── PeerFault              they broke the contract; told to them by its code
    │   ├── Malformed          4003  form of the message
    │   │   ├── TooLarge       4003  (HTTP 413)
    │   │   ├── WrongMedia     4003  (HTTP 415)
    │   │   ├── UnknownOperation 4003 (HTTP 404)
    │   │   ├── VersionMismatch 4003 (SOAP fault of that name)
    │   │   └── NotUnderstood  4003  (SOAP fault MustUnderstand)
    │   ├── InvalidObject      4004  members, with the list of them
    │   ├── NotGenuine         4001  signature, or nobody we know: one answer for every cause
    │   │   ├── KeyUnknown     4001
    │   │   └── KeyUnusable    4104
    │   ├── NoToken            4002
    │   ├── Replayed           4101
    │   ├── NotFresh           4102
    │   ├── NotDecrypted       4103
    │   ├── Unprotected        4105
    │   ├── UnknownObject      4201
    │   ├── Conflict           4202
    │   ├── IllegalState       4203
    │   ├── VersionConflict    4204
    │   ├── NotAllowed         4301
    │   ├── OverLimit          4302
    │   ├── Suspended          4303
    │   ├── NotApproved        4304
    │   ├── QualityRefused     4401
    │   ├── PolarityMismatch   4402
    │   ├── OutsideCapability  4403
    │   ├── SocFloor           4404
    │   ├── CurveRefused       4405
    │   ├── TooLate            4406
    │   ├── NoConsent          4407
    │   └── NotRetained        4503
    ├── OwnFault               we failed; nothing was acknowledged
    │   ├── Busy               -1
    │   │   └── StoreFull      -1
    │   ├── StoreFailed        500
    │   │   └── StoreDamaged   500
    │   ├── HandlerFailed      500
    │   ├── TurnLost           -1
    │   ├── PeerUnreachable    4501
    │   │   └── PeerNotTrusted 4501  by TLS
    │   ├── PeerAnswerInvalid  4501
    │   └── Misconfigured      500
    └── PeerRefused            a peer answered our message with a code other than 0

The codes are those of section 3.0 of the operation catalogue. A message of an error is written
here or by us, never by a library, because it goes to the peer.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Detail(NamedTuple):
    """One thing that is wrong: where (``/Records/3/SOC``), what kind, in words."""

    path: str
    code: str
    message: str


class VgigwError(Exception):
    """Root of the tree. ``message`` may be shown to a peer; ``__cause__`` never is.

    ``retry_after_s`` is how long who refuses asks to be left alone: we, or a peer that we called.
    An error that passes by itself has a ``usual_wait_s`` for where nobody knows better.
    """

    ret: ClassVar[int] = 500
    text: ClassVar[str] = "system error"
    usual_wait_s: ClassVar[int | None] = None

    def __init__(self, message: str = "", details: tuple[Detail, ...] = ()) -> None:
        self.message = message or self.text
        self.details = details
        self.retry_after_s: float | None = None
        super().__init__(self.message)


class PeerFault(VgigwError):
    """The peer broke the contract."""

    ret = 4003
    text = "message refused"


class Malformed(PeerFault):
    ret = 4003
    text = "message is not well formed"


class TooLarge(Malformed):
    text = "message is too large"


class WrongMedia(Malformed):
    text = "content type or encoding is not accepted"


class UnknownOperation(Malformed):
    text = "no such operation"


class VersionMismatch(Malformed):
    text = "neither a SOAP 1.1 nor a SOAP 1.2 envelope"


class NotUnderstood(Malformed):
    text = "a header block with mustUnderstand is not known here"


class InvalidObject(PeerFault):
    ret = 4004
    text = "business parameters are not valid"


class NotGenuine(PeerFault):
    ret = 4001
    text = "signature is not valid"


class NoToken(PeerFault):
    ret = 4002
    text = "token is missing, unknown or expired"


class Replayed(PeerFault):
    ret = 4101
    text = "message was seen before, on another operation or with another content"


class NotFresh(PeerFault):
    """``ahead_s`` is by how much the sender's clock is ahead of ours, where that was the cause."""

    ret = 4102
    text = "time stamp is outside the window"

    def __init__(self, message: str = "", ahead_s: float | None = None) -> None:
        super().__init__(message)
        self.ahead_s = ahead_s


class NotDecrypted(PeerFault):
    ret = 4103
    text = "payload cannot be decrypted"


class KeyUnknown(NotGenuine):
    """Told as any other forgery, so that nobody learns by it who is known; our own log tells."""


class KeyUnusable(NotGenuine):
    """Told to whoever holds the key alone: the signature was right, and is of no use."""

    ret = 4104
    text = "key is expired, revoked or not in use yet"


class Unprotected(PeerFault):
    ret = 4105
    text = "this operation needs a protected transport or another suite"


class UnknownObject(PeerFault):
    ret = 4201
    text = "no such object"


class Conflict(PeerFault):
    ret = 4202
    text = "same key, different content"


class IllegalState(PeerFault):
    ret = 4203
    text = "not possible in the present state"


class VersionConflict(PeerFault):
    ret = 4204
    text = "a newer version is held"


class NotAllowed(PeerFault):
    ret = 4301
    text = "not permitted"


class OverLimit(PeerFault):
    ret = 4302
    text = "too many requests"
    usual_wait_s = 1


class Suspended(PeerFault):
    ret = 4303
    text = "link is suspended"


class NotApproved(PeerFault):
    ret = 4304
    text = "access is not approved"


class QualityRefused(PeerFault):
    ret = 4401
    text = "quality refused"


class PolarityMismatch(PeerFault):
    ret = 4402
    text = "polarity differs from the archive"


class OutsideCapability(PeerFault):
    ret = 4403
    text = "outside what the resource can do"


class SocFloor(PeerFault):
    ret = 4404
    text = "state of charge would fall below its floor"


class CurveRefused(PeerFault):
    ret = 4405
    text = "curve interval or coverage is not valid"


class TooLate(PeerFault):
    ret = 4406
    text = "too late"


class NoConsent(PeerFault):
    ret = 4407
    text = "no active consent of a fitting scope"


class NotRetained(PeerFault):
    ret = 4503
    text = "range is not retained"


class OwnFault(VgigwError):
    """We failed; the peer may try again with the same message."""


class Busy(OwnFault):
    ret = -1
    text = "busy, try again"
    usual_wait_s = 1


class StoreFull(Busy):
    """Nothing is broken; it passes when somebody makes space."""

    text = "the store has no space left, try again later"
    usual_wait_s = 10


class StoreFailed(OwnFault):
    ret = 500
    text = "could not be stored, try again"
    usual_wait_s = 1


class StoreDamaged(StoreFailed):
    """A record is not what was stored: its checksum says so. ``table`` is where it stands and
    ``row_id`` which one it is, where rows have numbers. F21, F22."""

    text = "a record of the store is damaged"

    def __init__(self, table: str = "", row_id: int | None = None) -> None:
        super().__init__(self.text)
        self.table = table
        self.row_id = row_id


class TurnLost(OwnFault):
    """Another process has taken over the clockwork; what was begun here changes nothing."""

    ret = -1
    text = "another process has this work now"


class HandlerFailed(OwnFault):
    ret = 500
    text = "system error"


class PeerUnreachable(OwnFault):
    ret = 4501
    text = "upstream cannot be reached"
    usual_wait_s = 1


class PeerNotTrusted(PeerUnreachable):
    """TLS with the peer did not come about, so that nothing was sent; ``why`` is in our words."""

    text = "no trusted connection with upstream"

    def __init__(self, why: str = "") -> None:
        super().__init__()
        self.why = why


class PeerAnswerInvalid(OwnFault):
    """The peer's answer is not its own for this message: unknown, so it is sent again."""

    ret = 4501
    text = "upstream's answer is not valid"
    usual_wait_s = 1


class Misconfigured(OwnFault):
    ret = 500
    text = "configuration is not valid"


class PeerRefused(VgigwError):
    """A peer answered with a code other than 0; ``code`` is its code."""

    text = "peer refused the message"

    def __init__(self, code: int, message: str = "", details: tuple[Detail, ...] = ()) -> None:
        super().__init__(f"peer answered {code}: {message}"[:200], details)
        self.code = code
