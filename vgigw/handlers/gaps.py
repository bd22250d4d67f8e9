"""The gap ledger at work: it asks by itself for what is missing, and keeps why some never comes.

PLT-7.6b, PLT-7.9d.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from msgspec.structs import replace

from vgigw.errors import InvalidObject
from vgigw.handlers.carried import carried_owners, owner_named
from vgigw.handlers.draining import IN, note_drained
from vgigw.handlers.keeping import object_of
from vgigw.handlers.marks import chore, follows
from vgigw.handlers.poison_numbers import UNREADABLE
from vgigw.handlers.recall_upstream import MOST_ASKED
from vgigw.handlers.unavailable import gone_of, note_gone
from vgigw.objects import InformationObject, RecallReceipt, RecallRequest
from vgigw.objects.operating_enumerations import RecallCause, UnavailableReason
from vgigw.operations import RECALL_DATA, Role
from vgigw.ports import Identity, Letter, LetterState, Transaction, View, letter_for
from vgigw.rules import gap as ledger
from vgigw.rules.gap import Gap
from vgigw.rules.ranges import Range, Ranges, overlap, without
from vgigw.rules.sequence import Receipt, declare

_MOST_AT_ONCE = 32
"""Recalls for gaps that one tick sends to one peer; the others have their turn with the next."""
_LOOKED_AT = 100
"""Gaps of one peer that are looked at, and recalled where due, at a time."""
_GAP = "gap:"
_NOT_RETAINED = "refused 4503"
_TOO_WIDE = "refused 4302"


class Gaps:
    """The chore that asks, and the follower of the answers."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._looked_at: dict[str, tuple[str, int]] = {}
        """Up to where the gaps of a party were looked at, while some of them lie behind."""

    @chore
    def ask_for_gaps(self, tx: Transaction, now: datetime) -> None:
        """Chore: recall what is missing from whoever sent the stream. PLT-7.9d."""
        for asked, peer in self._identity.peers.items():
            if not peer.paths:
                continue
            carried = carried_owners(tx, asked) if peer.role is Role.PLATFORM else ()
            owners = (asked, *(each for each in carried if each not in self._identity.peers))
            room = _MOST_AT_ONCE
            for owner, stream, gap in chain.from_iterable(
                self._next_gaps(each, tx) for each in owners
            ):
                if room == 0 or not ledger.due((gap,), now):
                    continue
                room -= 1
                self._ask(asked, owner, stream, gap, tx, now)
                tx.open_gap(owner, stream, ledger.asked(gap, now))

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
            # It may be that of a part alone: of a wide one nothing is said, a narrower one follows.
            gone = [(asked, UnavailableReason.EXPIRED)] if asked.size <= MOST_ASKED else []
        else:
            return
        owner = _owner_asked_for(letter, stream, tx)
        left: Ranges = (asked,)
        for numbers, reason in gone:
            # Of what was not asked for, nothing can be declared.
            for part in overlap((asked,), _checked(numbers)):
                _declare(owner, stream, part, reason, tx, now)
                left = without(left, part)
        if not left:
            _ask_behind(owner, stream, asked, tx)

    def _next_gaps(self, owner: str, view: View) -> Iterator[tuple[str, str, Gap]]:
        """A slice of the gaps of ``owner``, at its next turn the one behind it: a peer with many
        gaps costs a tick no more than one with few."""
        after = self._looked_at.pop(owner, None)
        found = view.gaps(owner, after=after, limit=_LOOKED_AT)
        if after is not None and len(found) < _LOOKED_AT:
            found += view.gaps(owner, limit=_LOOKED_AT - len(found))
        if len(found) == _LOOKED_AT:
            _, stream, last = found[-1]
            self._looked_at[owner] = (stream, last.first)
        return iter(dict.fromkeys(found))

    def _ask(
        self, destination: str, owner: str, stream: str, gap: Gap, tx: Transaction, now: datetime
    ) -> None:
        """A question that still waits for its peer is not asked again; one that was too wide is,
        for a quarter of its numbers."""
        group = _gap_group(owner, stream, gap)
        waiting = tx.letters(state=LetterState.WAITING, group=group, limit=1)
        if not waiting:
            most = _most_asked(owner, stream, gap, tx)
        elif waiting[0].last_error == _TOO_WIDE:
            refused = object_of(RecallRequest, waiting[0].payload)
            most = max((refused.seq_to or 0) - (refused.seq_from or 0) + 1, 4) // 4
            tx.save_letter(replace(waiting[0], state=LetterState.DEAD))
            tx.drop_letter(waiting[0].id)
        else:
            return
        numbers = Range(gap.first, min(gap.last, gap.first + most - 1))
        tx.enqueue(self._recall_letter(destination, owner, stream, gap, numbers, now))

    def _recall_letter(
        self, destination: str, owner: str, stream: str, gap: Gap, numbers: Range, now: datetime
    ) -> Letter:
        name = f"{stream}:{gap.first}-{gap.last}:{gap.attempts}:{now.isoformat()}"
        recall_id = f"G{hashlib.sha256(name.encode()).hexdigest()[:31]}"
        request = RecallRequest(
            recall_id=recall_id,
            requester_id=self._identity.operator_id,
            stream_id=stream,
            seq_from=numbers.first,
            seq_to=numbers.last,
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
    if receipt.closed:
        within = Range(receipt.closed[0].first, receipt.closed[-1].last)
        gaps = tuple(gap for _, _, gap in tx.gaps(owner, stream, within=within))
        tx.replace_gaps(owner, stream, ledger.closed(gaps, receipt.closed, how), within)
        if how is ledger.GapEvent.ALL_CAME:
            note_drained(tx, owner, IN, sum(each.size for each in receipt.closed), 0, now)
    for gap in ledger.opened((), receipt.opened, now):
        tx.open_gap(owner, stream, gap)


def _most_asked(owner: str, stream: str, gap: Gap, view: View) -> int:
    """How many numbers of a gap are asked for at a time: behind many that are not to be had as many
    again, so that a stream whose numbers begin high is reached in some steps. Each attempt in vain
    asks for fewer of those."""
    if gap.last - gap.first < MOST_ASKED:
        return MOST_ASKED
    try:
        gone = gone_of(view, owner, stream)
    except UNREADABLE:
        return MOST_ASKED  # A damaged reason holds up no question. F22
    place = bisect_left(gone, gap.first, key=lambda each: each.last) - 1
    before = gone[place] if place >= 0 else None
    touches = before is not None and before.last + 1 == gap.first
    return max(MOST_ASKED, before.numbers.size >> 2 * gap.attempts if before and touches else 0)


def _ask_behind(owner: str, stream: str, numbers: Range, tx: Transaction) -> None:
    """None of ``numbers`` is to be had: what is missing behind them is asked for at once."""
    behind = Range(numbers.last + 1, numbers.last + 1)
    for _, _, gap in tx.gaps(owner, stream, within=behind):
        tx.open_gap(owner, stream, ledger.anew(gap))


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
