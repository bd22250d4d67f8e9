"""``vgigw outbox``: outbound messages, where they stand and why. ACC-5.7, PLT-7.6b."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec

from vgigw.cli.opened import looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.ports import Letter, LetterState


class LetterReport(msgspec.Struct, frozen=True):
    """One letter without what it carries, which may be personal."""

    id: int
    peer: str
    operation: str
    message_id: str
    lane: str
    state: LetterState
    attempts: int
    created: datetime
    next_attempt: datetime | None
    last_error: str


@click.command()
@config_option
@click.option("--peer", help="Only letters to this operator id.")
@click.option("--state", type=click.Choice([s.value for s in LetterState]), help="Only this state.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True)
@json_option
def outbox(config: Path, peer: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Show the letters of the outbox: waiting, delivered (kept for a while) and dead."""
    wanted = None if state is None else LetterState(state)
    letters = looked_up(
        config, lambda view: view.letters(destination=peer, state=wanted, limit=limit)
    )
    found = [report_of(letter) for letter in letters]
    if as_json:
        print_json(found)
        return
    columns = ("id", "peer", "operation", "message id", "state", "attempts", "next", "last error")
    print_table(f"{len(found)} letters", columns, [_row(each) for each in found])


def report_of(letter: Letter) -> LetterReport:
    """What may be shown of a letter."""
    return LetterReport(
        id=letter.id,
        peer=letter.destination,
        operation=letter.operation,
        message_id=letter.message_id,
        lane=letter.lane.name.lower(),
        state=letter.state,
        attempts=letter.attempts,
        created=letter.created_at,
        next_attempt=letter.next_at if letter.state is LetterState.WAITING else None,
        last_error=letter.last_error,
    )


def _row(each: LetterReport) -> tuple[str, ...]:
    following = each.next_attempt.isoformat(timespec="seconds") if each.next_attempt else ""
    return (
        str(each.id),
        each.peer,
        each.operation,
        each.message_id,
        each.state.value,
        str(each.attempts),
        following,
        each.last_error,
    )
