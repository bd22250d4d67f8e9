"""``vgigw gaps``: what each stream has, and what it lacks. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec

from vgigw.cli.opened import looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.handlers.unavailable import all_gone
from vgigw.ports import View
from vgigw.rules.gap import Gap


class OpenGap(msgspec.Struct, frozen=True):
    """One range that is missing, ``first`` to ``last`` inclusive."""

    first: int
    last: int
    since: datetime
    asked: datetime | None
    attempts: int


class GoneRange(msgspec.Struct, frozen=True):
    """One range that was missing and will not come, ``first`` to ``last`` inclusive, and why:
    never existed, expired, or declared not to be had."""

    first: int
    last: int
    since: datetime
    reason: str


class StreamReport(msgspec.Struct, frozen=True):
    """One stream; all numbers up to ``contiguous`` came, ``highest`` is the highest that came."""

    owner: str
    stream: str
    begin: int
    contiguous: int
    highest: int
    gaps: tuple[OpenGap, ...]
    unavailable: tuple[GoneRange, ...] = ()


@click.command()
@config_option
@json_option
def gaps(config: Path, as_json: bool) -> None:
    """Show each stream: how far it is complete, its open gaps, and what will not come, and why."""
    found = looked_up(config, streams_of)
    if as_json:
        print_json(found)
        return
    columns = (
        "owner",
        "stream",
        "begin",
        "contiguous",
        "highest",
        "missing",
        "since",
        "asked, or why it will not come",
        "n",
    )
    print_table(f"{len(found)} streams", columns, [row for each in found for row in _rows(each)])


def streams_of(view: View) -> list[StreamReport]:
    """Every stream of a store, with its open gaps by rising number."""
    open_gaps: dict[tuple[str, str], list[Gap]] = {}
    for owner, stream, gap in view.gaps():
        open_gaps.setdefault((owner, stream), []).append(gap)
    gone: dict[tuple[str, str], list[GoneRange]] = {}
    for owner, stream, each in all_gone(view):
        reason = each.reason.name.lower().replace("_", " ")
        gone.setdefault((owner, stream), []).append(
            GoneRange(each.first, each.last, each.since, reason)
        )
    return [
        StreamReport(
            owner,
            stream,
            state.begin,
            state.contiguous,
            state.highest,
            tuple(
                OpenGap(gap.first, gap.last, gap.opened_at, gap.asked_at, gap.attempts)
                for gap in sorted(open_gaps.get((owner, stream), []), key=lambda gap: gap.first)
            ),
            tuple(gone.get((owner, stream), ())),
        )
        for owner, stream, state in view.streams()
    ]


def _rows(each: StreamReport) -> list[tuple[str, ...]]:
    head = (each.owner, each.stream, str(each.begin), str(each.contiguous), str(each.highest))
    lines = [
        (
            f"{gap.first}-{gap.last}",
            _time(gap.since),
            _time(gap.asked) if gap.asked else "not yet",
            str(gap.attempts),
        )
        for gap in each.gaps
    ]
    lines += [(f"{g.first}-{g.last}", _time(g.since), g.reason, "") for g in each.unavailable]
    lines = lines or [("-", "", "", "")]
    return [
        (*(head if number == 0 else ("",) * len(head)), *line) for number, line in enumerate(lines)
    ]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
