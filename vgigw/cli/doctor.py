"""``vgigw doctor``: every check of a gateway's surroundings, with advice. Exit code 1 on a fail."""

from __future__ import annotations

from pathlib import Path

import click

from vgigw.cli import FAILED
from vgigw.cli.checks import look_over
from vgigw.cli.findings import Finding, State
from vgigw.cli.options import config_option, json_option, print_json, print_table


@click.command()
@config_option
@click.option("--verify", is_flag=True, help="Read every record of the store, too.")
@json_option
def doctor(config: Path, verify: bool, as_json: bool) -> None:
    """Check configuration, secrets, state folder, store, port, peers, clocks and libraries.

    Each check is ok, warn or fail; the exit code is 1 if one fails.
    """
    findings = look_over(config, verify=verify)
    failed = any(each.state is State.FAIL for each in findings)
    if as_json:
        print_json({"ok": not failed, "checks": findings})
    else:
        columns = ("", "check", "found", "advice")
        print_table("vgigw doctor", columns, [_row(each) for each in findings])
    if failed:
        raise click.exceptions.Exit(FAILED)


def _row(each: Finding) -> tuple[str, ...]:
    return (each.state.value, each.check, each.found, each.advice)
