"""``vgigw bench``: how much CPU the way in costs, against bare libraries that do the same."""

from __future__ import annotations

from typing import Literal

import click

from vgigw.cli import FAILED
from vgigw.cli.bench_crypto import sm2, timing
from vgigw.cli.options import json_option, print_json, print_table

DOORS = ("cec102", "soap")


@click.group()
def bench() -> None:
    """Measure this machine. What counts is the ratio to bare libraries in the same run."""


@bench.command()
@click.option("--door", type=click.Choice(DOORS), default="cec102", show_default=True)
@click.option("--suite", type=click.Choice(["tcec102"]), default="tcec102", show_default=True)
@click.option(
    "--batch",
    type=click.IntRange(1, 5000),
    default=100,
    show_default=True,
    help="Records a message.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.05, 600),
    default=3.0,
    show_default=True,
    help="Length of one window.",
)
@click.option(
    "--rounds",
    type=click.IntRange(2, 100),
    default=2,
    show_default=True,
    help="Windows of each side, by turns; medians are shown.",
)
@click.option("--connections", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option(
    "--max-ratio",
    type=click.FloatRange(0, min_open=True),
    help="Exit with 1 where gateway : bare libraries is above it.",
)
@json_option
def ingest(
    door: Literal["cec102", "soap"],
    suite: str,
    batch: int,
    seconds: float,
    rounds: int,
    connections: int,
    max_ratio: float | None,
    as_json: bool,
) -> None:
    """Sealed telemetry from the socket to the durable answer: CPU microseconds a record.

    A gateway and a bare WSGI application that does the same work with the same libraries are
    served on one CPU and measured by turns under the same load. The exit code is 1 where the
    counts do not agree: something was refused, or acknowledged and not stored.
    """
    # Named here so that an extra that is missing is told before anything starts.
    import granian  # noqa: F401, PLC0415
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    from vgigw.testing.bench.ingest import Plan, measure  # noqa: PLC0415
    from vgigw.testing.bench.report import rows  # noqa: PLC0415

    plan = Plan(
        door=door,
        suite=suite,
        batch=batch,
        seconds=seconds,
        rounds=rounds,
        connections=connections,
    )
    with Console(stderr=True).status("starting") as status:
        report = measure(plan, status.update)
    if as_json:
        print_json(report)
    else:
        print_table("vgigw bench ingest", ("", ""), rows(report))
    faults = report.faults
    if max_ratio is not None and report.ratio > max_ratio:
        faults.append(f"ratio {report.ratio:.2f} is above {max_ratio:g}")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.exceptions.Exit(FAILED)


bench.add_command(timing)
bench.add_command(sm2)
