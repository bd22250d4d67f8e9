"""Whether a dialect can be meant: its operations, objects, members, paths and rules are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vgigw.codec.dialect import Dialect, ObjectRules, known_objects
from vgigw.codec.known_keys import nearest
from vgigw.codec.shape import shape_of
from vgigw.codec.stand_ins import RULES
from vgigw.errors import Misconfigured
from vgigw.objects.declaration import InformationObject
from vgigw.operations import BY_NAME

_PREFIX = re.compile(r"(/[A-Za-z0-9._-]+)*")
_NAME = re.compile(r"/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")


def check(dialect: Dialect, where: str) -> None:
    """Raise ``Misconfigured``, which begins with ``where``, for the first thing that is wrong."""
    for fault in _faults(dialect):
        raise Misconfigured(f"{where}: {fault}")


def _faults(dialect: Dialect) -> Iterator[str]:
    if dialect.effective < dialect.published:
        yield "effective is before published"
    if dialect.prefix is not None and not _PREFIX.fullmatch(dialect.prefix):
        yield f"prefix {dialect.prefix!r} is not a path such as /evcs/v1, nor empty"
    least, most = dialect.framing.seq_digits
    if least > most:
        yield "framing.seq_digits are the least and the most"
    if 0 < dialect.framing.base64_line < 4:
        yield "framing.base64_line is 0 or at least 4"
    yield from _unknown("names", dialect.names, BY_NAME)
    yield from _unknown("body.bare", dialect.body.bare, BY_NAME)
    yield from _names(dialect)
    given = {name for row in BY_NAME.values() for name in dialect.names_of(row)}
    yield from _unknown("interfaces", dialect.interfaces, given)
    yield from _objects("objects", dialect.objects)
    for name, interface in dialect.interfaces.items():
        yield from _objects(f"interfaces.{name}.objects", interface.objects)


def _names(dialect: Dialect) -> Iterator[str]:
    for named, names in dialect.names.items():
        if not names:
            yield f"names.{named} is empty"
        for name in names:
            if not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
                yield f"names.{named}: {name!r} is not a name such as query_token"
    taken: dict[str, str] = {}
    for path, operation, name in dialect.paths(dialect.prefix or "/own"):
        first = taken.setdefault(path, operation.name)
        if first != operation.name:
            yield f"names: {name} is both {first} and {operation.name}"


def _objects(where: str, objects: dict[str, ObjectRules]) -> Iterator[str]:
    classes = known_objects()
    yield from _unknown(where, objects, classes)
    for name, rules in objects.items():
        yield from _rules(f"{where}.{name}", classes[name], rules)


def _rules(where: str, cls: type[InformationObject], rules: ObjectRules) -> Iterator[str]:
    members = [member.wire for member in shape_of(cls).members]
    yield from _unknown(f"{where}.spellings", rules.spellings, members)
    yield from _unknown(f"{where}.stand_ins", rules.stand_ins, members)
    yield from _unknown(f"{where}.omitted", rules.omitted, members)
    yield from _unknown(f"{where}.texts", rules.texts, members)
    yield from _unknown(f"{where}.requires", rules.requires, (*members, *rules.ignored))
    for ours, spelled in rules.spellings.items():
        if not spelled:
            yield f"{where}.spellings.{ours} is empty"
    named = [theirs for spelled in rules.spellings.values() for theirs in spelled]
    named += [ours for ours in members if ours not in rules.spellings]
    twice = sorted({name for name in named if named.count(name) > 1} | {*named} & {*rules.ignored})
    if twice:
        yield f"{where}: {twice[0]} stands for two things"
    for told in rules.stand_ins.values():
        if isinstance(told, dict) and told.keys() != {"from"}:
            yield f"{where}.stand_ins: a rule is {{from = ...}}"
        elif isinstance(told, dict):
            yield from _unknown(f"{where}.stand_ins: rule", [str(told["from"])], RULES)
    for number, rule in enumerate(rules.values, start=1):
        place = f"{where}.values {number}"
        yield from _unknown(f"{place}: ours", [*rule.ours, *rule.written_for], members)
        if not rule.theirs or not (rule.ours or rule.written_for):
            yield f"{place}: theirs is needed, and ours or written_for"


def _unknown(where: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    held = set(known)
    for name in names:
        if name not in held:
            yield f"{where}: {name} is not known; {nearest(name, held)}"
