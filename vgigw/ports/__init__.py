"""Everything that the gateway asks of its surroundings: clock, store, doors, couriers, handlers.

A port is a Protocol; its implementation is an object that is passed in. Each kind has a public
contract test in :mod:`vgigw.testing`.
"""

from __future__ import annotations

from vgigw.ports.duties import (
    Author,
    Bulk,
    Call,
    Chore,
    Duties,
    Follower,
    Gate,
    Handler,
    Hold,
    Refusal,
    Screen,
    StreamHeights,
    Tracer,
    Watch,
    Witness,
)
from vgigw.ports.functions import Functions, Part
from vgigw.ports.limits import Limits
from vgigw.ports.messages import Claim, Courier, Door, Opened, Sender
from vgigw.ports.parties import Identity, OnChange, OnPoison, Peer, Protection, SoapSignature
from vgigw.ports.records import (
    OWN_DOOR,
    Answered,
    Document,
    Letter,
    LetterState,
    Row,
    Seen,
    letter_for,
    message_id_of,
    own_row,
    row_for,
    token_digest,
)
from vgigw.ports.store import Store, Transaction, View
from vgigw.ports.surroundings import Clock, Fence, Gauge, Observer, Strain
from vgigw.ports.waited import waited_up_to

__all__ = [
    "OWN_DOOR",
    "Answered",
    "Author",
    "Bulk",
    "Call",
    "Chore",
    "Claim",
    "Clock",
    "Courier",
    "Document",
    "Door",
    "Duties",
    "Fence",
    "Follower",
    "Functions",
    "Gate",
    "Gauge",
    "Handler",
    "Hold",
    "Identity",
    "Letter",
    "LetterState",
    "Limits",
    "Observer",
    "OnChange",
    "OnPoison",
    "Opened",
    "Part",
    "Peer",
    "Protection",
    "Refusal",
    "Row",
    "Screen",
    "Seen",
    "Sender",
    "SoapSignature",
    "Store",
    "Strain",
    "StreamHeights",
    "Tracer",
    "Transaction",
    "View",
    "Watch",
    "Witness",
    "letter_for",
    "message_id_of",
    "own_row",
    "row_for",
    "token_digest",
    "waited_up_to",
]
