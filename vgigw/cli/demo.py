"""``vgigw demo``: a gateway between an operator and a dispatch system, on this machine."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from vgigw.cli import FAILED
from vgigw.cli.options import json_option, print_json

_WIDTH_OF_A_FILE = 130


@click.command()
@click.option("--short", is_flag=True, help="A smaller load, done in about half the time.")
@json_option
def demo(short: bool, as_json: bool) -> None:
    """Show the three routes on this machine, and check that each promise holds.

    A gateway is started as a process of its own between a simulated charging operator (T/CEC 102)
    and a simulated dispatch system (a SOAP client made from the served WSDL). The exit code is 0
    only if every check holds.
    """
    from vgigw.server.log import configure  # noqa: PLC0415 - not needed for --help
    from vgigw.testing.demo import SHORT, Load, run  # noqa: PLC0415 - needs the extra "demo"

    configure("warning")  # what the simulators tell is not the result
    with _ending_cleanly(), _progress() as tell:
        report = run(SHORT if short else Load(), tell)
    if as_json:
        print_json(report.document())
    else:
        from rich.console import Console  # noqa: PLC0415

        from vgigw.testing.demo.table import show  # noqa: PLC0415

        width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
        show(report, Console(file=sys.stdout, width=width))
    if not report.ok:
        raise click.exceptions.Exit(FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on stderr; plain lines where stderr is no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    if not sys.stderr.isatty():
        yield lambda done, whole, name: click.echo(f"{done}/{whole} {name}", err=True)
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole, name: bar.update(
            task, completed=done, total=whole, description=name
        )


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """SIGTERM ends the demo the way Ctrl-C does: what it started ends, its folder goes."""

    def stop(*_: Any) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
