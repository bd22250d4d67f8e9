"""Numbers that our own books say were taken in, and that no row of the journal is found for. F22.

Where an index of the store is damaged, or a row in what the index was made of, a question finds
nothing and nobody is told. The state of a stream stands apart from its rows: what it says has come
can never be said not to have existed. PLT-7.6b.
"""

from __future__ import annotations

from collections.abc import Iterable

from vgigw.handlers.unavailable import less_gone
from vgigw.objects.telemetry import DataRange
from vgigw.objects.values import SEQUENCE_LIMIT
from vgigw.ports import Identity, Row, View
from vgigw.rules.ranges import Range, Ranges, overlap, together, without


def hidden_of(
    wanted: DataRange, owner: str | None, rows: Iterable[Row], view: View, identity: Identity
) -> Ranges:
    """Of the numbers of a stream that are wanted, those that were taken in of ``owner``, or of any
    party (None), and that are in none of ``rows``. Of a question by time nothing is said."""
    stream, timed = wanted.stream_id, (wanted.time_from, wanted.time_to) != (None, None)
    first, last = wanted.seq_from or 1, wanted.seq_to or SEQUENCE_LIMIT
    if stream is None or timed or last < first:
        return ()
    hidden: Ranges = ()
    for party in identity.peers if owner is None else (owner,):
        left = _taken(party, stream, Range(first, last), view)
        for row in rows:
            if row.owner == party and not row.sparse:
                left = without(left, Range(row.seq_from, row.seq_to))
        hidden = together(hidden, less_gone(view, party, stream, left) if left else ())
    return hidden


def _taken(owner: str, stream: str, asked: Range, view: View) -> Ranges:
    """Of the numbers asked for, those that came or were declared not to be had."""
    state = view.stream(owner, stream)
    if state is None or state.highest < state.begin:
        return ()
    taken = overlap((Range(state.begin, state.highest),), asked)
    for missing in state.missing:
        taken = without(taken, missing)
    return taken
