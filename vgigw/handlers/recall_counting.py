"""How many records a recall will bring, and from which number to which: told before any is sent.

PLT-7.6d, PLT-7.9d.
"""

from __future__ import annotations

from msgspec.structs import replace

from vgigw.handlers.damaged import DAMAGE
from vgigw.handlers.journal import Opening, picked
from vgigw.handlers.recall_plan import RecallPlan, fills_a_gap
from vgigw.objects import RecallRequest
from vgigw.ports import Row, View
from vgigw.rules.ranges import Range, Ranges, overlap, without


def counted(plan: RecallPlan, rows: list[Row], view: View) -> RecallPlan:
    """``plan`` with how many records there are, and the first and last number of one stream.

    Raises ``OverLimit`` where too many rows had to be opened for it.
    """
    opening = Opening()
    found = [_less(_wanted(plan.request, row, view, opening), plan.coming) for row in rows]
    one_stream = plan.request.stream_id is not None
    numbered = [part for _, part in found if part is not None] if one_stream else []
    return replace(
        plan,
        total=sum(count for count, _ in found),
        seq_first=min((part.first for part in numbered), default=None),
        seq_last=max((part.last for part in numbered), default=None),
    )


def _less(wanted: tuple[int, Range | None], coming: Ranges) -> tuple[int, Range | None]:
    """``wanted`` without what is on its way anyway; only whole ranges are asked for of those."""
    count, numbers = wanted
    if numbers is None or not overlap(coming, numbers):
        return wanted
    left: Ranges = (numbers,)
    for each in coming:
        left = without(left, each)
    count = sum(each.size for each in left)
    return count, Range(left[0].first, left[-1].last) if left else None


def _wanted(
    request: RecallRequest, row: Row, view: View, opening: Opening
) -> tuple[int, Range | None]:
    """How many records of a row are wanted, and from which number to which; only rows cut by the
    range are opened."""
    whole = (
        not row.sparse
        and not request.object_ids
        and (request.seq_from is None or request.seq_from <= row.seq_from)
        and (request.seq_to is None or row.seq_to <= request.seq_to)
        and (request.time_from is None or request.time_from <= row.time_from)
        and (request.time_to is None or row.time_to < request.time_to)
    )
    if whole:
        return row.seq_to - row.seq_from + 1, Range(row.seq_from, row.seq_to)
    if not row.payload:
        row = view.rows(after_id=row.id - 1, up_to_id=row.id)[0]
    try:
        batch = opening.of(row)
    except DAMAGE:
        if not fills_a_gap(request):
            raise
        return 0, None  # What feeds the job leaves it out, and tells.
    found = picked(request, row, batch)
    numbers = [seq for seq, _ in found if seq]
    return len(found), Range(numbers[0], numbers[-1]) if numbers else None
