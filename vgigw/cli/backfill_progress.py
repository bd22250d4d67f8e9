"""Backfills shown until they are over: bars on a terminal, else a line or a document each look."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click
import msgspec

from vgigw.handlers.backfills import Backfill

Look = Callable[[], list[Backfill]]
Told = Callable[[Backfill], str]


def follow(look: Look, every_s: float, title: Told, over: Told, *, as_json: bool) -> None:
    """Look every so many seconds until nothing is left, or somebody presses Ctrl-C."""
    try:
        if _is_terminal() and not as_json:
            _bars(look, every_s, title, over)
        else:
            _lines(look, every_s, title, over, as_json=as_json)
    except KeyboardInterrupt:
        return


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _lines(look: Look, every_s: float, title: Told, over: Told, *, as_json: bool) -> None:
    while found := look():
        if as_json:
            click.echo(msgspec.json.encode(found).decode())
        for each in () if as_json else found:
            click.echo(f"{title(each)}: {each.state}, {each.left} left, over {over(each)}")
        sys.stdout.flush()
        time.sleep(every_s)
    click.echo("[]" if as_json else "nothing is on its way")


def _bars(look: Look, every_s: float, title: Told, over: Told) -> None:
    from rich.progress import (  # noqa: PLC0415 - not needed for lines
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[over]}", markup=False),
    )
    with Progress(*columns, transient=False) as progress:
        bars: dict[tuple[str, str, str, str], tuple[TaskID, int]] = {}
        while found := look():
            seen = {(e.direction, e.peer, e.stream, e.job_id): e for e in found}
            for key, each in seen.items():
                if key not in bars:
                    total = each.left + (each.acknowledged or 0)
                    bars[key] = progress.add_task(title(each), total=total, over=""), total
                bar, total = bars[key]
                # What is added meanwhile makes it longer.
                total = max(total, each.left + (each.acknowledged or 0))
                progress.update(bar, total=total, completed=total - each.left, over=over(each))
                bars[key] = bar, total
            for key in bars.keys() - seen.keys():
                bar, total = bars[key]
                progress.update(bar, completed=total, over="over")
            time.sleep(every_s)
        for bar, total in bars.values():
            progress.update(bar, completed=total, over="over")
