"""``vgigw contract``: the published files, written or held against the declarations."""

from __future__ import annotations

from pathlib import Path

import click

from vgigw.cli import FAILED
from vgigw.cli.options import json_option, print_json

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--out", type=_FOLDER, help="Write wsdl/ and schemas/ into this folder.")
@click.option("--docs", type=_FOLDER, help="Write the reference pages into this folder.")
@click.option("--check", is_flag=True, help="Write nothing; list the files that are not current.")
@json_option
def contract(out: Path | None, docs: Path | None, check: bool, as_json: bool) -> None:
    """Write or check the published contract: WSDL, XSD, JSON Schema, OpenAPI.

    With --check, the published files of this package (or those below --out, and the pages below
    --docs) are held against the declarations; the exit code is 1 if one differs. Without an
    option, the names of the published files are listed. Where compliance data lie beside the
    folder of --docs, the page docs/compliance.md belongs to the pages.
    """
    if check:
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


def _published() -> list[str]:
    from vgigw.codec import published  # noqa: PLC0415 - loads the contract compiler

    home = published.files()
    return sorted(p.relative_to(home).as_posix() for p in home.glob("*/*.*"))


def _pages(docs: Path) -> dict[Path, bytes]:
    """Content of each page by its path; ``docs`` is what is called docs/reference by others."""
    from vgigw.codec import compliance, compliance_page  # noqa: PLC0415
    from vgigw.codec.reference import reference  # noqa: PLC0415

    pages = {docs / Path(name).name: text for name, text in reference().items()}
    root = docs.resolve().parent.parent
    if compliance.at_hand(root):
        written = compliance_page.compliance_page(root).items()
        pages |= {docs.parent / Path(name).name: text for name, text in written}
    return {path: text.encode() for path, text in pages.items()}


def _stale(out: Path | None, docs: Path | None) -> list[str]:
    from vgigw.codec import published  # noqa: PLC0415

    names = published.check(out)
    if docs is not None:
        pages = _pages(docs).items()
        names += [str(p) for p, text in pages if not p.exists() or p.read_bytes() != text]
    return names


def _write(out: Path | None, docs: Path | None) -> list[str]:
    from vgigw.codec import published  # noqa: PLC0415

    names = [] if out is None else [str(out / name) for name in published.write(out)]
    if docs is not None:
        docs.mkdir(parents=True, exist_ok=True)
        for path, text in _pages(docs).items():
            path.write_bytes(text)
            names.append(str(path))
    return names
