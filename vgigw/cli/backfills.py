"""``vgigw backfills``: what is on its way of what waited, and when it will be over. PLT-7.9d."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from vgigw.cli.backfill_progress import follow as follow_until_done
from vgigw.cli.opened import looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.errors import Misconfigured
from vgigw.handlers.backfills import Backfill
from vgigw.handlers.backfills import backfills as backfills_in
from vgigw.server.config import load
from vgigw.server.identity_from import identity_from

F = TypeVar("F", bound=Callable[..., Any])
COLUMNS = ("way", "peer", "stream or job", "state", "left", "sent", "acked", "a second", "over")
Look = Callable[[], list[Backfill]]


def follow_options(function: F) -> F:
    """``--follow`` and ``--every``."""
    every = click.option(
        "--every",
        "every_s",
        type=click.FloatRange(min=0.2),
        default=2.0,
        show_default=True,
        help="Seconds between two looks of --follow.",
    )
    flag = click.option("--follow", is_flag=True, help="Show it until all is over, or Ctrl-C.")
    return every(flag(json_option(function)))


@click.group(invoke_without_command=True)
@config_option
@follow_options
@click.pass_context
def backfills(
    context: click.Context, config: Path, follow: bool, every_s: float, as_json: bool
) -> None:
    """Show what is on its way of what waited: backlogs and jobs to peers, gaps that peers fill.

    Each with its rate, as measured in the last minute, and when it will be over by that. It runs
    beside a server.
    """
    context.obj = config
    if context.invoked_subcommand is None:
        _show(_look_at(config), follow=follow, every_s=every_s, as_json=as_json)


@backfills.command("list")
@follow_options
@click.pass_obj
def list_(config: Path, follow: bool, every_s: float, as_json: bool) -> None:
    """The same as no command."""
    _show(_look_at(config), follow=follow, every_s=every_s, as_json=as_json)


@backfills.command()
@click.argument("name")
@follow_options
@click.pass_obj
def show(config: Path, name: str, follow: bool, every_s: float, as_json: bool) -> None:
    """Those whose peer, stream or job is NAME, with every member."""
    look = _look_at(config, name)
    found = look()
    if not found:
        raise Misconfigured(f"nothing of {name} is on its way: see vgigw backfills")
    if follow or as_json:
        _show(look, follow=follow, every_s=every_s, as_json=as_json)
        return
    for each in found:
        rows = [(name, _text(getattr(each, name))) for name in Backfill.__struct_fields__]
        print_table(title_of(each), ("member", "value"), [row for row in rows if row[1]])


def title_of(each: Backfill) -> str:
    """One backfill in a few words."""
    arrow = "to" if each.direction == "out" else "from"
    return f"{each.job_id or each.stream} {arrow} {each.peer}"


def over(each: Backfill) -> str:
    """When it is over, or why nobody can say."""
    if each.ends_at is None or each.ends_in_s is None:
        return f"unknown: {each.unknown}"
    return f"{each.ends_at.isoformat(timespec='seconds')} (in {each.ends_in_s:.0f} s)"


def _look_at(config: Path, name: str | None = None) -> Look:
    identity = identity_from(load(config))

    def look() -> list[Backfill]:
        now = datetime.now(UTC)
        found = looked_up(config, lambda view: backfills_in(identity, view, now))
        return [e for e in found if name is None or name in (e.peer, e.stream, e.job_id)]

    return look


def _show(look: Look, *, follow: bool, every_s: float, as_json: bool) -> None:
    if follow:
        follow_until_done(look, every_s, title_of, over, as_json=as_json)
        return
    found = look()
    if as_json:
        print_json(found)
    else:
        print_table(f"{len(found)} on their way", COLUMNS, [_row(each) for each in found])


def _row(each: Backfill) -> tuple[str, ...]:
    return (
        each.direction,
        each.peer,
        each.job_id or each.stream,
        each.state,
        str(each.left),
        _text(each.sent),
        _text(each.acknowledged),
        _text(each.records_per_s),
        over(each),
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return f"{value:.2f}" if isinstance(value, float) else str(value)
