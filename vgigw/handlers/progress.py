"""Reports while a command is carried out: each is kept, the last one is shown. JES-6.5.3."""

from __future__ import annotations

from msgspec.structs import replace

from vgigw.errors import IllegalState
from vgigw.handlers.commands import REPORT, CommandRecord
from vgigw.handlers.keeping import object_of
from vgigw.objects import ExecutionReport
from vgigw.ports import Transaction, View
from vgigw.rules.command import ENDS

MOST_KEPT = 1500
"""Own design number: reports of one command before its end, a minute apart for a day."""


def is_kept(view: View, report: ExecutionReport, party: str, digest: str) -> bool:
    """Whether this very report of ``party`` is kept."""
    held = view.document(REPORT, party, report.report_id)
    return held is not None and held.digest == digest


def one_more(record: CommandRecord) -> int:
    """How many reports there are with the next one. Raises ``IllegalState`` where these are too
    many: after ``OverLimit`` its sender would try again, and hold up the report of the end."""
    if record.progress >= MOST_KEPT:
        raise IllegalState("too many reports before the end of the command")
    return record.progress + 1


def put_aside(tx: Transaction, record: CommandRecord) -> None:
    """What was the last report before the end is found by its own name only: whoever looks at a
    command reads no history."""
    for each in tx.documents(REPORT, owner=record.carrier, group=record.command_id):
        if object_of(ExecutionReport, each.payload).exec_state not in ENDS:
            tx.put(replace(each, group=""))


def check_room(view: View, report: ExecutionReport, party: str) -> None:
    """As :func:`one_more`, for a command that was issued past this gateway."""
    if view.document(REPORT, party, report.report_id) is None:
        kept = view.count_documents(REPORT, owner=party, group=report.command_id)
        if kept >= MOST_KEPT:
            raise IllegalState("too many reports of the command")
