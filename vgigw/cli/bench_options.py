"""Options that several measurements share, and how their findings end a command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from vgigw.cli import FAILED

F = TypeVar("F", bound=Callable[..., Any])


def count_option(name: str, most: int, default: int, what: str, least: int = 1) -> Callable[[F], F]:
    """A whole number from ``least`` to ``most``."""
    return click.option(
        name,
        type=click.IntRange(least, most),
        default=default,
        show_default=True,
        help=what,
    )


def rounds_option(default: int, least: int = 1) -> Callable[[F], F]:
    """``--rounds``: how often each side is measured."""
    what = "Of each side, by turns; medians are shown."
    return count_option("--rounds", 100, default, what, least)


def most_option(name: str, what: str, default: float | None = None) -> Callable[[F], F]:
    """A bound above which the command ends with 1."""
    return click.option(
        name,
        type=click.FloatRange(0, min_open=True),
        default=default,
        show_default=default is not None,
        help=f"Exit with 1 where {what} is above it.",
    )


def end(faults: Iterable[str]) -> None:
    """Tell each fault; where there is one the exit code is 1."""
    told = list(faults)
    for fault in told:
        click.echo(fault, err=True)
    if told:
        raise click.exceptions.Exit(FAILED)
