"""``python -m vgigw.testing.crash``: kill a gateway under load and say what was lost."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from vgigw.testing.crash.run import Report, Run, Settings, every_crash_point

_LARGEST_SEED = 2**31 - 1


@click.command()
@click.option("--kills", default=50, show_default=True, help="SIGKILLs at random moments.")
@click.option("--crash-points", default=2, show_default=True, help="Deaths at each crash point.")
@click.option("--seed", type=int, help="Draws moments and content; drawn itself if absent.")
@click.option("--lose", is_flag=True, help="Acknowledge before the commit: must fail.")
@click.option("--power-loss", is_flag=True, help="Lose what was not synced (needs a C compiler).")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def main(
    kills: int, crash_points: int, seed: int | None, lose: bool, power_loss: bool, as_json: bool
) -> None:
    """Kill a served gateway under load; exit 0 if nothing was lost or done twice, else 1."""
    settings = Settings(
        kills=kills,
        seed=random.SystemRandom().randrange(_LARGEST_SEED) if seed is None else seed,
        crash_points=every_crash_point(crash_points),
        lose=lose,
        power_loss=power_loss,
    )
    if not as_json:
        click.echo(f"seed {settings.seed}")
    report = _carry_out(settings, quiet=as_json)
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _tell(report)
    sys.exit(0 if report.passed else 1)


def _carry_out(settings: Settings, *, quiet: bool) -> Report:
    rounds = settings.kills + len(settings.crash_points)
    with (
        tempfile.TemporaryDirectory(prefix="vgigw-crash-") as folder,
        Run(settings, Path(folder)) as run,
        click.progressbar(length=rounds, label="kills", file=sys.stderr, hidden=quiet) as bar,
    ):
        return run.carry_out(bar.update)


def _tell(report: Report) -> None:
    for name, value in msgspec.to_builtins(report).items():
        if name != "found":
            click.echo(f"{name.replace('_', ' '):24}{value}")
    for kind, lines in report.found.items():
        for line in lines:
            click.echo(f"{kind}: {line}")


if __name__ == "__main__":
    main()
