"""Every regular expression of the package, how it is used, and texts dear to a bad one. F78."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _constants as opcode  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import vgigw

ROOT = Path(vgigw.__file__).parent
_ALPHABET = "a0A_ .-/:;,\"'=<>()\\\n\t!中&?#@*+"
_MANY = 64
_SEARCHING = ("search", "sub", "findall", "finditer", "split")
_USES = ("match", "fullmatch", *_SEARCHING)


class Found(NamedTuple):
    """A pattern, where it stands, and the methods by which it is used."""

    place: str
    pattern: re.Pattern[Any]
    uses: tuple[str, ...]


@cache
def sources() -> dict[str, str]:
    """Modules by name, and their text."""
    files = (each for each in ROOT.rglob("*.py") if each.name != "__main__.py")
    return {_module(each): each.read_text("utf-8") for each in files}


def _module(file: Path) -> str:
    parts = ("vgigw", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def found_in(module: str, text: str) -> Iterator[Found | str]:
    """The patterns of a module; the place alone of one that only its function can make."""
    for node in ast.walk(ast.parse(text)):
        for call in _made(node):
            place = f"{module}:{call.lineno}"
            names = importlib.import_module(module).__dict__
            try:
                expression = ast.Expression(call)
                made = eval(compile(expression, place, "eval"), dict(names))
            except NameError:
                yield place
                continue
            pattern = re.compile(made) if isinstance(made, str) else made
            yield Found(place, pattern, _uses(module, text, call))


def _made(node: ast.AST) -> Iterator[ast.expr]:
    """``re.compile(...)`` itself, and the text of ``re.sub("...", ...)`` or ``pattern="..."``."""
    if not isinstance(node, ast.Call):
        return
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        if function.value.id == "re" and function.attr == "compile":
            yield node
        elif function.value.id == "re" and function.attr in _USES:
            yield node.args[0]
    yield from (word.value for word in node.keywords if word.arg == "pattern")


def _uses(module: str, text: str, call: ast.expr) -> tuple[str, ...]:
    """By what methods of its name a pattern is used anywhere; both ways of matching if unknown."""
    name = next(
        (
            target.id
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Assign | ast.AnnAssign) and _holds(node.value, call)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        ),
        None,
    )
    if name is None:
        return _USES
    texts = [text] if name.startswith("_") else list(sources().values())
    uses = [use for use in _USES if any(f"{name}.{use}" in each for each in texts)]
    return tuple(uses) or ("match", "fullmatch")


def _holds(value: ast.AST | None, call: ast.expr) -> bool:
    return value is not None and any(
        isinstance(node, ast.Call | ast.Constant)
        and (node.lineno, node.col_offset) == (call.lineno, call.col_offset)
        for node in ast.walk(value)
    )


def dear(pattern: re.Pattern[Any]) -> list[Callable[[int], Any]]:
    """Texts by length, each of which goes round one loop of ``pattern`` again and again, and then
    does not fit."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = list(parser.parse(text, pattern.flags))
    whole = "".join(_sample(*node) for node in tree)
    heads = [("", whole)]
    for before, item in _loops(tree, ""):
        pumps = {_sample_of(item), *(c for c in _ALPHABET if _takes(item, c, pattern.flags))}
        heads += [(before, pump) for pump in pumps if pump]
        heads += [("", before + _sample_of(item))]
    octets = isinstance(source, bytes)
    return [
        _repeated(head, pump, end, octets=octets)
        for head, pump in dict.fromkeys(heads)
        for end in ("", "\x00", "!\n")
    ]


def _repeated(head: str, pump: str, end: str, *, octets: bool) -> Callable[[int], Any]:
    def at(length: int) -> Any:
        text = head + pump * (length // max(1, len(pump))) + end
        return text.encode("latin-1", "replace") if octets else text

    return at


def _loops(tree: Any, before: str) -> Iterator[tuple[str, Any]]:
    """What may be repeated many times, with a text that leads there."""
    for code, value in tree:
        for inner, head in _insides(code, value, before):
            yield from _loops(inner, head)
        if code in (opcode.MAX_REPEAT, opcode.MIN_REPEAT, opcode.POSSESSIVE_REPEAT):
            _, most, item = value
            if most is opcode.MAXREPEAT or most > _MANY:
                yield before, item
        before += _sample(code, value)


def _insides(code: Any, value: Any, before: str) -> list[tuple[Any, str]]:
    if code in (opcode.MAX_REPEAT, opcode.MIN_REPEAT, opcode.POSSESSIVE_REPEAT):
        return [(value[2], before)]
    if code is opcode.SUBPATTERN:
        return [(value[3], before)]
    if code is opcode.ATOMIC_GROUP:
        return [(value, before)]
    if code is opcode.BRANCH:
        return [(each, before) for each in value[1]]
    return []


def _takes(item: Any, character: str, flags: int) -> bool:
    compiler = importlib.import_module("re._compiler")
    state = parser.State()
    state.flags, state.str = flags & ~re.UNICODE, ""
    try:
        one = compiler.compile(_subpattern(item, state), flags & (re.DOTALL | re.IGNORECASE))
    except (ValueError, AttributeError, re.error, IndexError):
        return False
    return one.fullmatch(character) is not None


def _subpattern(item: Any, state: Any) -> Any:
    return parser.SubPattern(state, list(item))


def _sample_of(tree: Any) -> str:
    return "".join(_sample(*node) for node in tree)


def _sample(code: Any, value: Any) -> str:
    """A text that fits one node, nearly."""
    match code:
        case opcode.LITERAL:
            return chr(value)
        case opcode.NOT_LITERAL:
            return "a" if value != ord("a") else "b"
        case opcode.ANY:
            return "a"
        case opcode.IN:
            return _one_of(value)
        case opcode.MAX_REPEAT | opcode.MIN_REPEAT | opcode.POSSESSIVE_REPEAT:
            return _sample_of(value[2]) * max(1, int(value[0]))
        case opcode.SUBPATTERN:
            return _sample_of(value[3])
        case opcode.ATOMIC_GROUP:
            return _sample_of(value)
        case opcode.BRANCH:
            return _sample_of(value[1][0])
    return ""


def _one_of(choices: Any) -> str:
    if choices[0][0] is opcode.NEGATE:
        refused = {value for code, value in choices if code is opcode.LITERAL}
        return next(c for c in "ab0x中" if ord(c) not in refused)
    code, value = choices[0]
    if code is opcode.RANGE:
        return chr(value[0])
    if code is opcode.LITERAL:
        return chr(value)
    return {opcode.CATEGORY_DIGIT: "0", opcode.CATEGORY_SPACE: " "}.get(value, "a")
