"""The reference page of an operation: parties, three spellings, errors, timing, examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from vgigw.codec import json
from vgigw.codec.example_exchange import party_of, request_of, response_of, roles_of
from vgigw.codec.markdown import block, code, page, table
from vgigw.codec.reference_objects import titled
from vgigw.codec.reference_words import (
    CODES_ZH,
    CONTRACT_WORDS,
    GENERATED,
    GRADES,
    ROLES_ZH,
    codes,
)
from vgigw.codec.shape import shape_of
from vgigw.objects.declaration import InformationObject
from vgigw.operations import CONTRACT, Direction, Operation, Role

_MESSAGES: Final = "../../../examples/messages"
_SPELLINGS: Final = (("SOAP", "soap.xml"), ("REST", "rest.http"), ("T/CEC 102", "cec102.json"))
_INSIDE: Final = "those of the operation inside 同所载操作"


def operation_page(row: Operation) -> str:
    """The page of ``row``."""
    caller, callee = roles_of(row)
    files = (
        (name, *(f"[{which}.{end}]({_MESSAGES}/{row.name}/{which}.{end})" for which in _WHICH))
        for name, end in _SPELLINGS[: 3 if row.cec102 else 2]
    )
    return page(
        f"# {row.name} {row.zh}",
        row.en,
        f"{GENERATED} from the table in `vgigw/operations/`; do not edit.\n{CONTRACT_WORDS}",
        table(("", ""), _facts(row)),
        "## Spellings 三种写法",
        table(("Door", "Where", "What it carries"), _spellings(row)),
        "## Errors 错误",
        _errors(row),
        "## Example 示例",
        (
            f"{_party(caller)} `{party_of(caller)}` calls {_party(callee)} `{party_of(callee)}`.\n"
            "The same message in every spelling, sealed with the example secrets:"
        ),
        table(("Door", "Request 请求", "Response 响应"), files),
        "Request, as a JSON object:",
        block("json", _shown(request_of(row))),
        "Response:",
        block("json", _shown(response_of(row))),
    )


def parties_in_words() -> Iterator[tuple[str, str]]:
    """Every role with its Chinese name."""
    for role in Role:
        yield code(role.value), ROLES_ZH[role]


_WHICH: Final = ("request", "response")


def _facts(row: Operation) -> Iterable[tuple[str, str]]:
    if row.carries:
        return (
            ("Request 请求", _link(row.request)),
            ("Response 响应", _link(row.response)),
            ("Everything else 其他", _INSIDE),
            ("Class 数据级别", f"up to {row.grade}"),
            ("Clause 条款", f"{row.clause} ([matrix](../matrix.md))"),
        )
    wires = {member.attribute: member.wire for member in shape_of(row.request).members}
    key = ", ".join(code(wires[name]) for name in row.key)
    return (
        ("Request 请求", _link(row.request)),
        ("Response 响应", _link(row.response)),
        ("Who calls whom 方向", "<br>".join(map(_direction, row.directions))),
        ("Class 数据级别", f"{row.grade} {GRADES[row.grade]}"),
        ("It writes 写操作", "yes" if row.writes else "no: it only reads"),
        ("A repeat is known by 幂等键", f"sender, {key}" if key else "nothing: each stands alone"),
        ("Token 令牌", "needed" if row.needs_token else "not needed"),
        ("Timing 时限", row.timing or "none of its own"),
        ("Outbox lane 发送队列", row.lane.name.lower()),
        ("After an outage 断线补发", _order(row, wires)),
        ("Clause 条款", f"{row.clause} ([matrix](../matrix.md))"),
    )


def _order(row: Operation, wires: Mapping[str, str]) -> str:
    if isinstance(row.state, bool):
        return "the newest first" if row.state else "the oldest first"
    member, value = row.state
    return f"the oldest first; with {code(wires[member])} {value} the newest first"


def _spellings(row: Operation) -> Iterator[tuple[str, str, str]]:
    faces = "<br>".join(code(f"POST /soap/{face}") for face in row.faces)
    elements = f"elements `{row.name}` and `{row.name}Response`"
    action = f"SOAPAction `{CONTRACT.namespace}/{row.name}`"
    yield "SOAP", faces, f"{elements}, {action}"
    paths = [row.rest, *([f"{row.method} {row.collection}"] if row.collection else [])]
    where = "<br>".join(code(path.replace(" ", f" {CONTRACT.path}")) for path in paths)
    yield "REST", where, "path and query" if row.bodiless else "the request as a JSON body"
    if not row.cec102:
        return
    names = "<br>".join(code(f"POST /evcs/v1/{name}") for name in row.cec102)
    wrapper = row.cec102_wrapper
    inside = "the request" if wrapper is None else f"the request below `{wrapper}`, or bare"
    yield "T/CEC 102", names, f"`Data`: {inside}"


def _errors(row: Operation) -> str:
    common = "The [common codes](../operations.md#return-codes-返回码) may come of any operation"
    if not row.errors:
        return f"{common}; it has none of its own."
    meanings = codes()
    rows = ((str(ret), meanings[ret], CODES_ZH[ret]) for ret in row.errors)
    return f"{common}; these are its own:\n\n{table(('Code', 'Meaning', '含义'), rows)}"


def _direction(direction: Direction) -> str:
    return f"{_parties(direction.callers)} → {_parties(direction.callees)}"


def _parties(roles: frozenset[Role]) -> str:
    every = "any party 各方"
    return every if roles == frozenset(Role) else ", ".join(map(_party, sorted(roles)))


def _party(role: Role) -> str:
    return f"{role.value} {ROLES_ZH[role]}"


def _link(cls: type[InformationObject]) -> str:
    return f"[{cls.__name__}](../objects/{cls.__name__}.md) {titled(cls)}"


def _shown(obj: InformationObject) -> str:
    return msgspec.json.format(json.encode(obj), indent=2).decode()
