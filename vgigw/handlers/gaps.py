"""The gap ledger at work: it asks by itself for what is missing, and keeps why some never comes.

PLT-7.6b, PLT-7.9d.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from vgigw.errors import InvalidObject
from vgigw.handlers.carried import owner_named, upstream_of
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore, follows
from vgigw.handlers.recall_upstream import MOST_ASKED
from vgigw.handlers.unavailable import note_gone
from vgigw.objects import InformationObject, RecallReceipt, RecallRequest
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.operations import RECALL_DATA
from vgigw.ports import Identity, Letter, LetterState, Transaction, View, letter_for
from vgigw.rules import gap as ledger
from vgigw.rules.gap import Gap
from vgigw.rules.ranges import Range, overlap, without
from vgigw.rules.sequence import Receipt, declare

_MOST_AT_ONCE = 32
"""Recalls for gaps that one tick sends to one peer; the others have their turn with the next."""
_GAP = "gap:"
_NOT_RETAINED = "refused 4503"


class Gaps:
    """The chore that asks, and the follower of the answers."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @chore
    def ask_for_gaps(self, tx: Transaction, now: datetime) -> None:
        """Chore: recall what is missing from whoever sent the stream. PLT-7.9d."""
        by_stream: dict[tuple[str, str], list[Gap]] = {}
        for owner, stream, gap in tx.gaps():
            by_stream.setdefault((owner, stream), []).append(gap)
        room: dict[str, int] = {}
        for (owner, stream), gaps in by_stream.items():
            asked = upstream_of(tx, self._identity, owner, stream)
            due = ledger.due(gaps, now) if asked is not None else ()
            if not due or asked is None:
                continue
            left = room.setdefault(asked, _MOST_AT_ONCE)
            asked_now = frozenset(due[:left])
            room[asked] = left - len(asked_now)
            for gap in due[:left]:
                # A question that still waits for its peer is not asked again.
                group = _gap_group(owner, stream, gap)
                if not tx.count_letters(state=LetterState.WAITING, group=group):
                    tx.enqueue(self._recall_letter(asked, owner, stream, gap, now))
            if asked_now:
                after = (ledger.asked(gap, now) if gap in asked_now else gap for gap in gaps)
                tx.replace_gaps(owner, stream, tuple(after))

    @follows(RECALL_DATA)
    def follow_recall(
        self, letter: Letter, reply: InformationObject | None, tx: Transaction, now: datetime
    ) -> None:
        """What the peer declares unavailable is closed, and its reason is kept. PLT-7.9d."""
        request = object_of(RecallRequest, letter.payload)
        stream = request.stream_id
        if stream is None or request.seq_from is None or request.seq_to is None:
            return
        asked = Range(request.seq_from, request.seq_to)
        if isinstance(reply, RecallReceipt):
            gone = [(Range(g.seq_from, g.seq_to), g.reason) for g in reply.unavailable_ranges]
        elif letter.state is LetterState.DEAD and letter.last_error == _NOT_RETAINED:
            gone = [(asked, UnavailableReason.EXPIRED)]
        else:
            return
        owner = _owner_asked_for(letter, stream, tx)
        for numbers, reason in gone:
            # Of what was not asked for, nothing can be declared.
            for part in overlap((asked,), _checked(numbers)):
                _declare(owner, stream, part, reason, tx, now)

    def _recall_letter(
        self, destination: str, owner: str, stream: str, gap: Gap, now: datetime
    ) -> Letter:
        name = f"{stream}:{gap.first}-{gap.last}:{gap.attempts}:{now.isoformat()}"
        recall_id = f"G{hashlib.sha256(name.encode()).hexdigest()[:31]}"
        request = RecallRequest(
            recall_id=recall_id,
            requester_id=self._identity.operator_id,
            stream_id=stream,
            seq_from=gap.first,
            seq_to=min(gap.last, gap.first + MOST_ASKED - 1),
            cause=RecallCause.GAP,
        )
        return letter_for(
            destination,
            RECALL_DATA,
            request,
            now,
            message_id=recall_id,
            group=_gap_group(owner, stream, gap),
        )


def save_receipt(
    owner: str,
    stream: str,
    receipt: Receipt,
    tx: Transaction,
    now: datetime,
    how: ledger.GapEvent = ledger.GapEvent.ALL_CAME,
) -> None:
    """Keep what one event did to a stream, and what it opened and closed in the ledger."""
    tx.save_stream(owner, stream, receipt.state)
    if receipt.opened or receipt.closed:
        gaps = tuple(gap for _, _, gap in tx.gaps(owner, stream))
        gaps = ledger.opened(ledger.closed(gaps, receipt.closed, how), receipt.opened, now)
        tx.replace_gaps(owner, stream, gaps)


def _gap_group(owner: str, stream: str, gap: Gap) -> str:
    return f"{_GAP}{owner}:{stream}:{gap.first}"


def _owner_asked_for(letter: Letter, stream: str, view: View) -> str:
    """Whose stream a recall was about: the one of its gap, or what the peer means by the name."""
    if letter.group.startswith(_GAP):
        owner, _, named = letter.group.removeprefix(_GAP).partition(":")
        if named.rpartition(":")[0] == stream:
            return owner
    return owner_named(view, letter.destination, stream)


def _declare(
    owner: str,
    stream: str,
    numbers: Range,
    reason: UnavailableReason,
    tx: Transaction,
    now: datetime,
) -> None:
    """What of ``numbers`` is not stored is not to be had, and is missing no more."""
    state = tx.stream(owner, stream)
    if state is None:
        return
    receipt = declare(state, numbers)
    if receipt.closed:
        save_receipt(owner, stream, receipt, tx, now, ledger.GapEvent.DECLARED)
    before = overlap((numbers,), Range(1, state.begin - 1)) if state.begin > 1 else ()
    held = tx.rows(
        owner=owner, stream=stream, seq_from=numbers.first, seq_to=numbers.last, payloads=False
    )
    for row in held:
        before = without(before, Range(row.seq_from, row.seq_to)) if not row.sparse else before
    note_gone(tx, owner, stream, (*before, *receipt.closed), reason, now)


def _checked(numbers: Range) -> Range:
    """Raises ``InvalidObject`` for a range that is none."""
    if numbers.last < numbers.first:
        raise InvalidObject("sequence range is not valid")
    return numbers
