"""The reference page of an object: members, rules, enumerations, who carries it, an example."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from vgigw.codec import json
from vgigw.codec.example import example
from vgigw.codec.markdown import block, code, page, table
from vgigw.codec.reference_words import CONTRACT_WORDS, GENERATED, chinese, prose
from vgigw.codec.shape import Kind, Member, reachable, shape_of
from vgigw.codec.xsd_types import docstring, plain_number
from vgigw.objects import OBJECTS
from vgigw.objects.declaration import InformationObject
from vgigw.operations import PUBLISHED

Rules = Callable[[type[InformationObject]], Iterable[str]]
"""What an object must hold across its members, in words."""

_KINDS: Final = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.FLOAT: "float",
    Kind.BOOLEAN: "boolean",
    Kind.INSTANT: "instant",
    Kind.DAY: "date",
    Kind.MAP: "map of text to float",
}
_MEMBERS: Final = (
    "Member", "Type", "Unit", "Limits", "Required", "English", "中文", "Clause",
)  # fmt: skip


def object_page(cls: type[InformationObject], rules: Iterable[str]) -> str:
    """The page of ``cls``."""
    members = shape_of(cls).members
    held = [f"- {prose(rule.removeprefix('Raise '))}" for rule in rules]
    shown = json.encode(example(cls))
    return page(
        f"# {cls.__name__} {titled(cls)}".rstrip(),
        f"{docstring(cls)} Class {cls.grade}.",
        (
            f"{GENERATED} from `{cls.__module__.replace('.', '/')}.py`; do not edit.\n"
            f"{CONTRACT_WORDS}"
        ),
        "## Members 成员" if members else "It has no members 无成员.",
        table(_MEMBERS, map(_row, members)) if members else "",
        "## Rules across members 跨成员规则" if held else "",
        "\n".join(held),
        *_enumerations(members),
        "## Carried by 所在操作",
        _carriers(cls),
        "## Example 示例",
        block("json", msgspec.json.format(shown, indent=2).decode()),
    )


def titled(cls: type[InformationObject]) -> str:
    """The Chinese name of an object: the first Chinese words of its docstring."""
    return chinese(docstring(cls))


def _row(member: Member) -> Iterable[str]:
    secret = " (kept out of logs)" if member.described.sensitive else ""
    return (
        code(member.wire),
        _type(member),
        "" if member.unit in {None, "time", "date"} else str(member.unit),
        _limits(member),
        "yes" if member.required else "",
        member.described.en + secret,
        member.described.zh,
        member.described.clause,
    )


def _type(member: Member) -> str:
    name = _KINDS.get(member.kind, "")
    if member.of is not None:
        name = f"[{member.of.__name__}]({member.of.__name__}.md)"
    elif member.enumeration is not None:
        name = f"[{member.enumeration.__name__}](#{_anchor(member.enumeration)})"
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
        return f"{low} or more {what}"
    return f"{low} {what}" if low == high else f"{low} to {high} {what}"


def _enumerations(members: Iterable[Member]) -> Iterable[str]:
    kinds = dict.fromkeys(m.enumeration for m in members if m.enumeration is not None)
    if kinds:
        yield "## Enumerations 枚举"
    for kind in kinds:
        values = ((code(str(each.value)), _words(each)) for each in kind)
        yield f"### {kind.__name__} {chinese(docstring(kind))}".rstrip()
        yield docstring(kind)
        yield table(("Value", "Meaning"), values)


def _words(choice: enum.Enum) -> str:
    """What a value means: its name in words; a text says it itself."""
    return choice.name.replace("_", " ").lower() if isinstance(choice.value, int) else choice.value


def _anchor(kind: type[enum.Enum]) -> str:
    """The anchor of an enumeration's heading."""
    words = f"{kind.__name__} {chinese(docstring(kind))}".strip().lower().replace(" ", "-")
    return "".join(each for each in words if each.isalnum() or each == "-")


def _carriers(cls: type[InformationObject]) -> str:
    inside = [
        f"- part of [{other.__name__}]({other.__name__}.md) {titled(other)}".rstrip()
        for other in OBJECTS
        if any(member.of is cls for member in shape_of(other).members)
    ]
    carried = [
        f"- {how} of [{row.name}](../operations/{row.name}.md) {row.zh}"
        for row in PUBLISHED
        for how, root in (("request", row.request), ("response", row.response))
        if root is cls
    ]
    deeper = [
        f"[{row.name}](../operations/{row.name}.md)"
        for row in PUBLISHED
        if cls in set(reachable(row.request, row.response)) - {row.request, row.response}
    ]
    within = [f"- and, inside another object, by {', '.join(deeper)}"] if deeper else []
    nowhere = ["- no operation; it stands in envelopes and records 不在业务操作中"]
    return "\n".join([*carried, *inside, *within] or nowhere)
