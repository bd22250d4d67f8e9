"""Keys of a data file: one that no declaration knows is refused with the nearest known one."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from vgigw.errors import Misconfigured


def refuse_unknown(cls: type[Any], document: Any, where: str = "") -> None:
    """Raise ``Misconfigured`` for a key of ``document`` that the struct ``cls`` does not declare.

    ``where`` is what stands before the key, its dot included. Sections inside are looked into,
    one by one, in lists and in tables whose names are free. A field ``folder`` is not a key.
    """
    if not isinstance(document, dict):
        return
    hints = typing.get_type_hints(cls)
    known = [name for name in cls.__struct_fields__ if name != "folder"]
    for key, value in document.items():
        if key not in known:
            raise Misconfigured(f"unknown key {where}{key}; {nearest(key, known)}")
        section = _section(hints[key])
        if section is None:
            continue
        if _is_table(hints[key]) and isinstance(value, dict):
            for name, item in value.items():
                refuse_unknown(section, item, f"{where}{key}.{name}.")
        else:
            for item in value if isinstance(value, list) else [value]:
                refuse_unknown(section, item, f"{where}{key}.")


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice for whoever wrote ``name``: the one of ``known`` that is most like it."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"the nearest known one is {near[0]}" if near else "there is none"


def _is_table(hint: Any) -> bool:
    return typing.get_origin(hint) in (dict, Mapping)


def _section(hint: Any) -> type[Any] | None:
    """The section class inside a type hint, if there is one."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    if typing.get_origin(hint) in (tuple, dict, Mapping, types.UnionType, typing.Union):
        inner = (_section(argument) for argument in typing.get_args(hint))
        return next((found for found in inner if found is not None), None)
    return None
