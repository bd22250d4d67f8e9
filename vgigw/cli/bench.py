"""``vgigw bench``: what the way in costs, how soon a gateway is back, how fast crypto is."""

from __future__ import annotations

from typing import Literal

import click

from vgigw.cli.bench_crypto import sm2, timing
from vgigw.cli.bench_options import count_option, end, most_option, rounds_option
from vgigw.cli.bench_recovery import recovery
from vgigw.cli.options import json_option, print_json, print_table

DOORS = ("cec102", "soap", "rest")
SUITES = ("tcec102", "gm-mac", "gm", "intl")


@click.group()
def bench() -> None:
    """Measure this machine. What counts is the ratio to bare libraries in the same run."""


@bench.command()
@click.option("--door", type=click.Choice(DOORS), default="cec102", show_default=True)
@click.option("--suite", type=click.Choice(SUITES), default="tcec102", show_default=True)
@count_option("--batch", 5000, 100, "Records a message.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.05, 600),
    default=3.0,
    show_default=True,
    help="Length of one window.",
)
@rounds_option(2, least=2)
@count_option("--connections", 256, 8, "That send, each one message at a time.")
@most_option("--max-ratio", "gateway : bare libraries")
@json_option
def ingest(
    door: Literal["cec102", "soap", "rest"],
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
    end(faults)


bench.add_command(recovery)
bench.add_command(timing)
bench.add_command(sm2)
