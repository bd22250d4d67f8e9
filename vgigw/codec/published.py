"""The published contract: which files there are, where they lie, whether they are current.

In a source checkout ``vgigw/published`` links to ``wsdl/`` and ``schemas/`` at the top; an
installed package carries the same files there. Nothing but :func:`generate` needs spyne.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from vgigw.codec.json_schema import json_schema
from vgigw.codec.openapi import openapi
from vgigw.codec.wsdl import placeholder, serialised, wsdl_document
from vgigw.codec.xsd import schema_document
from vgigw.objects import OBJECTS
from vgigw.operations import FACES

_HOME = Path(__file__).resolve().parent.parent / "published"


def files() -> Path:
    """The folder that holds ``wsdl/`` and ``schemas/``."""
    return _HOME


def generate() -> dict[str, bytes]:
    """Content of every published file by its path; the same bytes on every Python.

    Needs the extra ``soap-contract``; raises ``Misconfigured`` without it.
    """
    contents = {f"wsdl/{face}.wsdl": wsdl_document(face) for face in FACES}
    contents["schemas/vgigw.xsd"] = serialised(schema_document())
    contents["schemas/openapi.json"] = _dumped(openapi())
    for cls in OBJECTS:
        contents[f"schemas/{cls.__name__}.schema.json"] = _dumped(json_schema(cls))
    return contents


def check(folder: Path | None = None) -> list[str]:
    """Paths below ``folder`` that are missing, differ, or should not be there; empty if current."""
    home = files() if folder is None else folder
    wanted = generate()
    found = {
        path.relative_to(home).as_posix(): path.read_bytes()
        for name in ("wsdl", "schemas")
        for path in (home / name).glob("*.*")
    }
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def write(out: Path) -> list[str]:
    """Write every published file below ``out``; gives their paths."""
    contents = generate()
    for name, content in contents.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(contents)


def served_wsdl(face: str, address: str) -> bytes:
    """The published WSDL of ``face`` with ``address`` in both ports; ``KeyError`` for no face."""
    if face not in FACES:
        raise KeyError(face)
    published = (files() / "wsdl" / f"{face}.wsdl").read_bytes()
    written, wanted = f'location="{placeholder(face)}"', f"location={quoteattr(address)}"
    return published.replace(written.encode(), wanted.encode())


def _dumped(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
