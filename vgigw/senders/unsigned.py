"""Which unsigned answer is believed: of whom, over what, to which request. PLT-10.3a, ACC-5.5."""

from __future__ import annotations

from urllib.parse import urlsplit

from vgigw.envelope.unsigned import Unsigned
from vgigw.errors import PeerAnswerInvalid
from vgigw.operations import Operation
from vgigw.ports import Peer


def awaited(peer: Peer, base: str, operation: Operation, asked: Unsigned) -> Unsigned | None:
    """What an unsigned answer to ``asked`` has to say of itself; None where none is believed.

    The peer's profile has to allow it, and the peer to be known by TLS: by authorities that are
    named for it. Those of the system vouch for anybody.
    """
    by_tls = urlsplit(base).scheme == "https" and peer.tls.authorities is not None
    if not by_tls or not peer.may_leave_unsigned(operation):
        return None
    return asked._replace(sender=peer.operator_id)


def check_answer(awaited_one: Unsigned | None, told: Unsigned | None) -> None:
    """Raise ``PeerAnswerInvalid`` unless an unsigned answer is believed, and is to our request."""
    if awaited_one is None:
        raise PeerAnswerInvalid("the answer is not signed by the peer")
    if told != awaited_one:
        raise PeerAnswerInvalid("the answer is to another request")
