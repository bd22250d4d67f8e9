"""The reference, generated: a page for every object and every operation, in two languages."""

from __future__ import annotations

from typing import Final

from vgigw.codec.markdown import code, page, table
from vgigw.codec.reference_objects import Rules, object_page, titled
from vgigw.codec.reference_operations import operation_page, parties_in_words
from vgigw.codec.reference_words import CODES_ZH, CONTRACT_WORDS, GENERATED, GRADES, codes
from vgigw.codec.xsd_types import docstring
from vgigw.objects import OBJECTS
from vgigw.operations import PUBLISHED

__all__ = ["FOLDERS", "GENERATED", "reference"]

HOME: Final = "docs/reference"
FOLDERS: Final = ("objects", "operations")
"""Folders of the pages, below the folder of the reference."""


def reference(rules: Rules) -> dict[str, str]:
    """Markdown by path. ``rules`` tells what a class must hold across its members, in words."""
    pages = {f"{HOME}/objects.md": _objects(), f"{HOME}/operations.md": _operations()}
    for cls in OBJECTS:
        pages[f"{HOME}/objects/{cls.__name__}.md"] = object_page(cls, rules(cls))
    for row in PUBLISHED:
        pages[f"{HOME}/operations/{row.name}.md"] = operation_page(row)
    return pages


def _objects() -> str:
    rows = (
        (f"[{cls.__name__}](objects/{cls.__name__}.md)", titled(cls), docstring(cls), cls.grade)
        for cls in OBJECTS
    )
    return page(
        "# Information objects 信息对象",
        f"{GENERATED} from the declarations in `vgigw/objects/`; do not edit.\n{CONTRACT_WORDS}",
        (
            "A text is counted in characters; an instant has at most milliseconds; a decimal has\n"
            "at most the places that its limits name."
        ),
        table(("Object", "中文", "What it is", "Class"), rows),
        _toctree("objects"),
    )


def _operations() -> str:
    rows = (
        (
            f"[{row.name}](operations/{row.name}.md)",
            row.zh,
            row.en,
            code(row.rest),
            " ".join(map(code, row.cec102)),
            row.grade,
        )
        for row in PUBLISHED
    )
    return page(
        "# Operations 操作",
        f"{GENERATED} from the table in `vgigw/operations/`; do not edit.\n{CONTRACT_WORDS}",
        (
            "Each operation has three spellings, which mean the same: SOAP, REST below `/vgi/v1`,\n"
            "and T/CEC 102. Which clause it comes of says [the matrix](matrix.md)."
        ),
        table(("SOAP", "中文", "What it does", "REST", "T/CEC 102", "Class"), rows),
        "## Classes 数据级别",
        table(("Class", "Protection"), GRADES.items()),
        "## Return codes 返回码",
        (
            "The codes are the same on every door: `Ret` of T/CEC 102, of a problem document and\n"
            "of a SOAP fault's `Refusal`. 0 is success."
        ),
        table(
            ("Code", "Meaning", "含义"),
            ((str(ret), text, CODES_ZH[ret]) for ret, text in codes().items()),
        ),
        "## Parties 各方",
        table(("Role", "角色"), parties_in_words()),
        _toctree("operations"),
    )


def _toctree(folder: str) -> str:
    return f"```{{toctree}}\n:hidden:\n:glob:\n\n{folder}/*\n```"
