"""The command line: ``vgigw``. A command's module is imported when the command is called.

stdout holds the result and nothing else; what is told to a person goes to stderr. Exit codes: 0
done, 1 refused, failed or found wanting, 2 wrong use or wrong configuration.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

import vgigw
from vgigw.errors import Misconfigured, VgigwError

FAILED = 1
MISUSED = 2

COMMANDS = {
    "init": "Write a configuration to start from.",
    "doctor": "Say what is missing or weak, and what to do.",
    "serve": "Serve until SIGTERM.",
    "demo": "Show the three routes on this machine.",
    "contract": "Write or check the published contract.",
    "send": "Send one message to a peer.",
    "keys": "Make, exchange, rotate and revoke keys.",
    "peers": "Show where each party stands, and hold one.",
    "gaps": "Show what each stream lacks.",
    "backfills": "Show what is on its way of what waited, and when it will be over.",
    "recalls": "Show, start, cancel and resume recalls.",
    "outbox": "Show outbound messages.",
    "receipts": "Show who received and read what, and who never did.",
    "bench": "Measure.",
}
"""Name and one line of each command; the command ``x`` is the object ``x`` of ``vgigw.cli.x``."""

_EXTRAS = {
    "granian": "server",
    "spyne": "soap-contract",
    "zeep": "soap-client",
    "gmssl": "gm",
    "psutil": "bench",
}


class LazyGroup(click.Group):
    """Knows its commands by name, and turns every failure into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vgigw.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as cause:
            if ctx.params.get("debug"):
                raise
            ctx.exit(_told(cause))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(vgigw.__version__, prog_name="vgigw")
def main(debug: bool) -> None:
    """Gateway between dispatch systems and charging operators: SOAP, REST and T/CEC 102."""


def _told(cause: Exception) -> int:
    """Tell a person what went wrong, in our own words; the exit code."""
    missing = None
    if isinstance(cause, ModuleNotFoundError):
        missing = _EXTRAS.get((cause.name or "").partition(".")[0])
    if missing is not None:
        click.echo(f'vgigw: this needs an optional part: pip install "vgigw[{missing}]"', err=True)
        return MISUSED
    if not isinstance(cause, VgigwError):
        kind = type(cause).__name__
        click.echo(f"vgigw: internal error ({kind}); `vgigw --debug ...` shows where", err=True)
        return FAILED
    click.echo(f"vgigw: {cause.message}", err=True)
    for detail in cause.details:
        click.echo(f"  {detail.path}: {detail.message}", err=True)
    return MISUSED if isinstance(cause, Misconfigured) else FAILED
