"""Generated files of a checkout: what they should hold, which are not current, which are left over.

Below the folder of ``--out`` lie the contract and the example messages, below that of ``--docs``
the reference pages. What is left over is a file of a generated name that nothing generates any
more; it is found by a check and removed by a write. Files of other names are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

REFERENCE: Final = "docs/reference/"


def stale_contract(out: Path | None) -> list[str]:
    """Paths below ``out`` that are not current; without it those of the installed package."""
    from vgigw.codec import published  # noqa: PLC0415 - loads the contract compiler

    names = published.check(out)
    if out is not None:
        messages = _messages()
        names += [n for n in messages if not _holds(out / n, messages[n])]
        names += [p.relative_to(out).as_posix() for p in _left_messages(out, messages)]
    return names


def write_contract(out: Path) -> list[str]:
    """Write contract and messages below ``out``, and take away what is left over of these."""
    from vgigw.codec import published  # noqa: PLC0415

    messages = _messages()
    names = [*published.write(out), *messages]
    for name, content in messages.items():
        _write(out / name, content)
    _remove(_left_messages(out, messages))
    return [str(out / name) for name in names]


def stale_pages(docs: Path) -> list[str]:
    """Reference pages below ``docs`` that are missing, differ or are left over."""
    pages = _pages(docs)
    names = [str(path) for path, text in pages.items() if not _holds(path, text)]
    return names + [str(path) for path in _left_pages(docs, pages)]


def write_pages(docs: Path) -> list[str]:
    """Write the reference pages below ``docs``, and take away those that are left over."""
    pages = _pages(docs)
    for path, text in pages.items():
        _write(path, text)
    _remove(_left_pages(docs, pages))
    return [str(path) for path in pages]


def _messages() -> dict[str, bytes]:
    from vgigw.testing.example_messages import example_messages  # noqa: PLC0415

    return example_messages()


def _pages(docs: Path) -> dict[Path, bytes]:
    """Content of each page by its path; ``docs`` is what is called docs/reference by others."""
    from vgigw.codec import compliance, compliance_page, matrix_page  # noqa: PLC0415
    from vgigw.codec.reference import reference  # noqa: PLC0415
    from vgigw.rules.checks import rules_of  # noqa: PLC0415

    pages, beside = reference(rules_of), {}
    root = docs.resolve().parent.parent
    if compliance.at_hand(root):
        pages |= matrix_page.matrix_page(root)
        beside = compliance_page.compliance_page(root)
    written = {docs / name.removeprefix(REFERENCE): text for name, text in pages.items()}
    written |= {docs.parent / Path(name).name: text for name, text in beside.items()}
    return {path: text.encode() for path, text in written.items()}


def _left_messages(out: Path, wanted: Mapping[str, bytes]) -> Iterator[Path]:
    from vgigw.testing.example_messages import FILES, FOLDER  # noqa: PLC0415

    for path in sorted((out / FOLDER).glob("*/*")):
        if path.name in FILES and path.relative_to(out).as_posix() not in wanted:
            yield path


def _left_pages(docs: Path, wanted: Mapping[Path, bytes]) -> Iterator[Path]:
    from vgigw.codec.reference import FOLDERS, GENERATED  # noqa: PLC0415

    for folder in FOLDERS:
        for path in sorted((docs / folder).glob("*.md")):
            if path not in wanted and GENERATED in path.read_text(encoding="utf-8"):
                yield path


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _remove(left: Iterator[Path]) -> None:
    for path in left:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
