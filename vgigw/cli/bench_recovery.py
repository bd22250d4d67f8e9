"""``vgigw bench recovery``: how soon a gateway is ready after a kill, with a long journal."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vgigw.cli.bench_options import count_option, end, most_option, rounds_option
from vgigw.cli.options import json_option, print_json, print_table
from vgigw.errors import Misconfigured
from vgigw.server.config import SQLITE

if TYPE_CHECKING:
    from vgigw.testing.bench.recovery import Recovery

_MIB = 1024 * 1024


@click.command()
@count_option("--records", 100_000_000, 10_000_000, "In the journal.")
@count_option("--batch", 5000, 500, "Records a message.")
@rounds_option(3)
@count_option(
    "--log-mib",
    480,
    480,
    "Length of the log at one of the kills; 0 leaves it out.",
    least=0,
)
@click.option(
    "--store",
    default=SQLITE,
    show_default=True,
    help="Or postgresql://..., where two schemas are made and dropped.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder in which all stays; else it is made and deleted.",
)
@most_option("--max-ready-s", "a median of the seconds to ready")
@json_option
def recovery(
    records: int,
    batch: int,
    rounds: int,
    log_mib: int,
    store: str,
    keep: Path | None,
    max_ready_s: float | None,
    as_json: bool,
) -> None:
    """Seconds from start to ready, and to the first acknowledged message, after a kill under load.

    By turns with a gateway whose store is empty. Needs some 60 bytes of disk a record, and the log.
    """
    from vgigw.testing.bench.recovery import Plan, measure  # noqa: PLC0415 - heavy

    with (
        _folder(keep) as folder,
        _stores(store) as stores,
        click.progressbar(length=records, label="records", file=sys.stderr) as bar,
    ):
        plan = Plan(
            records=records,
            batch=batch,
            rounds=rounds,
            log_bytes=0 if stores else log_mib * _MIB,
            stores=stores,
        )
        report = measure(plan, folder, lambda told: click.echo(f"  {told}", err=True), bar.update)
    if as_json:
        print_json(report)
    else:
        _show(report)
    end(report.faults(max_ready_s))


def _stores(store: str) -> contextlib.AbstractContextManager[tuple[str, ...]]:
    if store == SQLITE:
        return contextlib.nullcontext(())
    try:
        from vgigw.stores.postgres_trial import shared_stores  # noqa: PLC0415 - an extra
    except ImportError as cause:
        raise Misconfigured('PostgreSQL needs a driver: pip install "vgigw[postgres]"') from cause
    return shared_stores(store)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="vgigw-recovery-") as folder:
            yield Path(folder)
    elif keep.exists() and any(keep.iterdir()):
        raise click.UsageError(f"{keep} is not empty")
    else:
        yield keep


def _show(report: Recovery) -> None:
    rows = [
        (
            each.kind,
            f"{each.ready_s:.2f}",
            f"{each.acknowledged_s:.2f}",
            f"{each.cpu_s:.2f}",
            f"{each.log_bytes / _MIB:.0f}",
            f"{each.busy:.1f}",
        )
        for each in report.starts
    ]
    for kind, ready_s in report.ready_s.items():
        ratio = f", {report.ratio[kind]:.2f} of empty" if kind in report.ratio else ""
        first_s = report.acknowledged_s[kind]
        rows.append((f"{kind}, median{ratio}", f"{ready_s:.2f}", f"{first_s:.2f}", "", "", ""))
    made = report.made
    title = (
        f"recovery: {made.records} records in {made.rows} rows, {made.letters} letters, "
        f"{made.documents} documents, {report.store_bytes / _MIB:.0f} MiB"
    )
    columns = (
        "store",
        "ready s",
        "first acknowledged s",
        "CPU s",
        "log MiB at the kill",
        "load average",
    )
    print_table(title, columns, rows)
