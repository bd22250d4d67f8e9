"""Options that several commands share, and how a result is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

F = TypeVar("F", bound=Callable[..., Any])

_WIDTH_OF_A_FILE = 200


def config_option(function: F) -> F:
    """``-c vgigw.toml``."""
    option = click.option(
        "-c",
        "--config",
        "config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("vgigw.toml"),
        show_default=True,
        help="The configuration file.",
    )
    return option(function)


def json_option(function: F) -> F:
    """``--json``: the result for machines."""
    option = click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
    return option(function)


def print_json(value: Any) -> None:
    """One JSON document on stdout, indented."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    click.echo(text.decode())


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout; nothing in a cell is read as markup."""
    from rich.console import Console  # noqa: PLC0415 - not needed for --json
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    Console(file=sys.stdout, width=width).print(table)
