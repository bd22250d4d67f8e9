"""The reference pages, generated: every object and every operation in two languages."""

from __future__ import annotations

import enum

from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.xsd_types import docstring, plain_number
from vgigw.objects import OBJECTS
from vgigw.objects.declaration import InformationObject
from vgigw.operations import OPERATIONS, Direction, Operation, Role

_NAMES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.FLOAT: "float",
    Kind.BOOLEAN: "boolean",
    Kind.INSTANT: "instant",
    Kind.DAY: "date",
    Kind.MAP: "map of text to float",
}


def reference() -> dict[str, str]:
    """Markdown by path: ``docs/reference/objects.md`` and ``docs/reference/operations.md``."""
    return {
        "docs/reference/objects.md": _objects_page(),
        "docs/reference/operations.md": _operations_page(),
    }


def _objects_page() -> str:
    parts = [
        "# Information objects 信息对象",
        (
            "Generated from the declarations in `vgigw/objects/`; do not edit.\n"
            "A text is counted in characters; an instant has at most milliseconds; a decimal has\n"
            "at most the places that its limits name. Required members are marked ●."
        ),
    ]
    parts += [_object(cls) for cls in OBJECTS]
    enumerations = {
        member.enumeration.__name__: member.enumeration
        for cls in OBJECTS
        for member in shape_of(cls).members
        if member.enumeration is not None
    }
    parts.append("# Enumerations 枚举")
    parts += [_enumeration(enumerations[name]) for name in sorted(enumerations)]
    return "\n\n".join(parts) + "\n"


def _object(cls: type[InformationObject]) -> str:
    lines = [
        f"## {cls.__name__}",
        "",
        f"{docstring(cls)} Class {cls.grade.value}.",
        "",
        "| Member | Type | Unit | Limits | Required | English | 中文 | Clause |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_member_row(member) for member in shape_of(cls).members]
    return "\n".join(lines)


def _member_row(member: Member) -> str:
    unit = "" if member.unit in {None, "time", "date"} else str(member.unit)
    secret = " (kept out of logs)" if member.described.sensitive else ""
    cells = (
        f"`{member.wire}`",
        _type(member),
        unit,
        _limits(member),
        "●" if member.required else "",
        member.described.en + secret,
        member.described.zh,
        member.described.clause,
    )
    return "| " + " | ".join(_cell(text) for text in cells) + " |"


def _type(member: Member) -> str:
    target = member.of or member.enumeration
    name = _NAMES.get(member.kind, "")
    if target is not None:
        name = f"[{target.__name__}](#{target.__name__.lower()})"
    return f"list of {name}" if member.many else name


def _limits(member: Member) -> str:
    found = []
    if member.many and (member.min_items or member.max_items is not None):
        found.append(_range(member.min_items, member.max_items, "items"))
    if member.min_length is not None or member.max_length is not None:
        found.append(_range(member.min_length or 0, member.max_length, "characters"))
    if member.gt is not None:
        found.append(f"> {plain_number(member.gt)}")
    if member.ge is not None:
        found.append(f"≥ {plain_number(member.ge)}")
    if member.le is not None:
        found.append(f"≤ {plain_number(member.le)}")
    if member.places is not None:
        found.append(f"{member.places} places")
    if member.default is not None and not member.many:
        found.append(f"default {member.default}")
    return ", ".join(found)


def _range(low: int, high: int | None, what: str) -> str:
    if high is None:
        return f"at least {low} {what}"
    return f"{low} {what}" if low == high else f"{low} to {high} {what}"


def _enumeration(cls: type[enum.Enum]) -> str:
    lines = [f"## {cls.__name__}", "", docstring(cls), "", "| Value | Name |", "|---|---|"]
    lines += [f"| `{_cell(str(choice.value))}` | {choice.name} |" for choice in cls]
    return "\n".join(lines)


def _operations_page() -> str:
    head = (
        "# Operations 操作\n\n"
        "Generated from the table in `vgigw/operations.py`; do not edit.\n"
        "Each operation has three spellings: SOAP, REST below `/vgi/v1`, and T/CEC 102."
    )
    lines = [
        "| SOAP | REST | T/CEC 102 | Class | Faces | 中文 |",
        "|---|---|---|---|---|---|",
    ]
    for row in OPERATIONS:
        cells = (
            f"[{row.name}](#{row.name.lower()})",
            f"`{row.rest}`",
            ", ".join(f"`{name}`" for name in row.cec102),
            row.grade.value,
            ", ".join(row.faces),
            row.zh,
        )
        lines.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    return "\n\n".join([head, "\n".join(lines), *map(_operation, OPERATIONS)]) + "\n"


def _operation(row: Operation) -> str:
    wires = {member.attribute: member.wire for member in shape_of(row.request).members}
    key = ", ".join(f"`{wires[name]}`" for name in row.key)
    facts = (
        ("Request", _link(row.request)),
        ("Response", _link(row.response)),
        ("SOAP", f"`{row.name}`, action `urn:vgigw:v1/{row.name}`"),
        ("REST", f"`{row.rest}`"),
        ("T/CEC 102", ", ".join(f"`{name}`" for name in row.cec102)),
        ("Callers and callees", "; ".join(map(_direction, row.directions))),
        ("Class", row.grade.value),
        ("A repeat is known by", f"sender, {key}" if key else "nothing: each request stands alone"),
        ("Token", "needed" if row.needs_token else "not needed"),
        ("Clause", row.clause),
    )
    lines = [f"## {row.name}", "", f"{row.en} {row.zh}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(text)} |" for name, text in facts]
    return "\n".join(lines)


def _direction(direction: Direction) -> str:
    return f"{_parties(direction.callers)} → {_parties(direction.callees)}"


def _parties(roles: frozenset[Role]) -> str:
    return "any" if roles == frozenset(Role) else ", ".join(sorted(role.value for role in roles))


def _link(cls: type[InformationObject]) -> str:
    return f"[{cls.__name__}](objects.md#{cls.__name__.lower()})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
