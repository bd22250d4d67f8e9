"""``python -m vgigw.testing.key_rotation``: rotate and revoke keys under load."""

from __future__ import annotations

import sys

import click
import msgspec

from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.suite import SUITES
from vgigw.testing.key_rotation.run import Report, Run, Settings


@click.command()
@click.option("--seconds", type=click.FloatRange(1, 3600), default=30.0, show_default=True)
@click.option("--suite", type=click.Choice([*OF_SUITE, *SUITES]), default="gm", show_default=True)
@click.option(
    "--overlap-s",
    type=click.IntRange(1, 3600),
    help="8 where it is left out, and 45 for sets of secrets, which are brought over by hand.",
)
@click.option("--at-once", is_flag=True, help="Rotate without overlap: must fail.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def main(seconds: float, suite: str, overlap_s: int | None, at_once: bool, as_json: bool) -> None:
    """Rotate the keys of two served gateways under load; exit 0 if nothing was refused, lost or
    applied twice, and a revocation was in force within 60 s, else 1."""
    if overlap_s is None:
        overlap_s = 8 if suite in OF_SUITE else 45
    settings = Settings(seconds=seconds, suite=suite, overlap_s=overlap_s, at_once=at_once)
    report = Run(settings).carry_out()
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _tell(report)
    sys.exit(0 if report.passed else 1)


def _tell(report: Report) -> None:
    for name, value in msgspec.to_builtins(report).items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            click.echo(f"{words}:")
            for key, each in value.items():
                click.echo(f"  {key:32}{each}")
        else:
            click.echo(f"{words:34}{value}")


if __name__ == "__main__":
    main()
