"""``vgigw gaps``: what each stream has, and what it lacks. PLT-7.9d."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec

from vgigw.cli.opened import looked_up
from vgigw.cli.options import config_option, json_option, print_json, print_table
from vgigw.ports import View
from vgigw.rules.gap import Gap


class OpenGap(msgspec.Struct, frozen=True):
    """One range that is missing, ``first`` to ``last`` inclusive."""

    first: int
    last: int
    since: datetime
    asked: datetime | None
    attempts: int


class StreamReport(msgspec.Struct, frozen=True):
    """One stream; all numbers up to ``contiguous`` came, ``highest`` is the highest that came."""

    owner: str
    stream: str
    begin: int
    contiguous: int
    highest: int
    gaps: tuple[OpenGap, ...]


@click.command()
@config_option
@json_option
def gaps(config: Path, as_json: bool) -> None:
    """Show each stream: how far it is complete, and its open gaps."""
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
        "asked",
        "n",
    )
    print_table(f"{len(found)} streams", columns, [row for each in found for row in _rows(each)])


def streams_of(view: View) -> list[StreamReport]:
    """Every stream of a store, with its open gaps by rising number."""
    open_gaps: dict[tuple[str, str], list[Gap]] = {}
    for owner, stream, gap in view.gaps():
        open_gaps.setdefault((owner, stream), []).append(gap)
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
        )
        for owner, stream, state in view.streams()
    ]


def _rows(each: StreamReport) -> list[tuple[str, ...]]:
    head = (each.owner, each.stream, str(each.begin), str(each.contiguous), str(each.highest))
    if not each.gaps:
        return [(*head, "-", "", "", "")]
    return [
        (
            *(head if number == 0 else ("",) * len(head)),
            f"{gap.first}-{gap.last}",
            _time(gap.since),
            _time(gap.asked) if gap.asked else "not yet",
            str(gap.attempts),
        )
        for number, gap in enumerate(each.gaps)
    ]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
