"""``vgigw contract``: the published files, written or held against the declarations."""

from __future__ import annotations

from pathlib import Path

import click

import vgigw
from vgigw.cli import FAILED
from vgigw.cli.options import json_option, print_json

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--out", type=_FOLDER, help="Write wsdl/, schemas/, examples/messages/ into this.")
@click.option("--docs", type=_FOLDER, help="Write the reference pages into this folder.")
@click.option("--check", is_flag=True, help="Write nothing; list the files that are not current.")
@json_option
def contract(out: Path | None, docs: Path | None, check: bool, as_json: bool) -> None:
    """Write or check the published contract: WSDL, XSD, JSON Schema, OpenAPI, example messages.

    With --check, the published files of this package (or those below --out, and the pages below
    --docs) are held against the declarations; the exit code is 1 if one differs. In a checkout
    that is all of what lies there. Without an option, the names of the published files are listed.
    Where compliance data lie beside the folder of --docs, docs/compliance.md and the matrix of
    clauses belong to the pages. A generated file that nothing generates any more is not current; it
    is taken away when the rest is written.
    """
    if check:
        if out is None and docs is None:
            out, docs = _checkout()
        names = _stale(out, docs)
    elif out is None and docs is None:
        names = _published()
    else:
        names = _write(out, docs)
    if as_json:
        print_json({"stale" if check else "files": names})
    else:
        for name in names:
            click.echo(name)
    if check:
        click.echo(f"{len(names)} not current" if names else "all current", err=True)
        if names:
            raise click.exceptions.Exit(FAILED)


def _checkout() -> tuple[Path | None, Path | None]:
    """Where contract and pages lie when this package is used from a checkout."""
    root = Path(vgigw.__file__).resolve().parents[1]
    docs = root / "docs" / "reference"
    return (root, docs) if (root / "setup.cfg").is_file() and docs.is_dir() else (None, None)


def _published() -> list[str]:
    from vgigw.codec import published  # noqa: PLC0415 - loads the contract compiler

    home = published.files()
    return sorted(p.relative_to(home).as_posix() for p in home.glob("*/*.*"))


def _stale(out: Path | None, docs: Path | None) -> list[str]:
    from vgigw.cli import generated  # noqa: PLC0415

    names = generated.stale_contract(out)
    return names if docs is None else names + generated.stale_pages(docs)


def _write(out: Path | None, docs: Path | None) -> list[str]:
    from vgigw.cli import generated  # noqa: PLC0415

    names = [] if out is None else generated.write_contract(out)
    return names if docs is None else names + generated.write_pages(docs)
