"""``vgigw receipts``: who received and read which notice, result or statement, and who never."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from vgigw.cli.opened import looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.ports import LetterState
from vgigw.ports.deliveries import Delivery, deliveries

COLUMNS = (
    "operation",
    "object",
    "party",
    "state",
    "sent",
    "received",
    "read",
    "attempts",
    "last error",
)


@click.command()
@config_option
@click.option("--operation", help="Only of this operation, as PublishNotice.")
@click.option("--object", "object_id", help="Only this object, by its key.")
@click.option("--peer", help="Only to this operator id.")
@click.option("--missing", is_flag=True, help="Only what was not received.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True)
@json_option
def receipts(
    config: Path,
    operation: str | None,
    object_id: str | None,
    peer: str | None,
    missing: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show who received and read what and when, and who never did."""
    found = looked_up(
        config,
        lambda view: deliveries(
            view, operation=operation, object_id=object_id, party=peer, limit=limit
        ),
    )
    if missing:
        found = [each for each in found if each.state is not LetterState.DELIVERED]
    if as_json:
        print_json(found)
        return
    print_table(f"{len(found)} deliveries", COLUMNS, [_row(each) for each in found])


def _row(each: Delivery) -> tuple[str, ...]:
    return (
        each.operation,
        each.object_id,
        each.party,
        each.state.value,
        _time(each.sent_at),
        _time(each.received_at) if each.received_at else "never",
        _time(each.read_at) if each.read_at else "",
        str(each.attempts),
        each.last_error,
    )


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
