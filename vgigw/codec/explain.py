"""Slow explain: every fault of a refused document, by path, in our own words."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

from vgigw.codec.convention_reading import more_places
from vgigw.codec.shape import Member, shape_of
from vgigw.errors import Detail, InvalidObject
from vgigw.objects.declaration import InformationObject

MOST_DETAILS = 100
_MOST_STRANGE = 8
"""Unknown members of an inner object that are looked at; of the outer one, as many as are told."""
_LONGEST_NAME = 40
_LONGEST_PATH = 256
_Path = tuple[int | str, ...]


def explain(cls: type[InformationObject], document: object) -> tuple[Detail, ...]:
    """All faults of ``document`` (dicts, lists, scalars by wire name), sorted by path, at most 100.

    Codes: required, unknown, type, null, too_short, too_long, too_few, too_many, out_of_range,
    not_in_enumeration, resolution, character, format. Empty if ``cls`` accepts the document.
    Serves every door, so it knows nothing of JSON or XML.
    """
    # Here and not above: who never refuses a message never pays for marshmallow.
    from marshmallow import ValidationError  # noqa: PLC0415

    try:
        _schema(cls, more_places()).load(_bounded(cls, document, MOST_DETAILS))
    except ValidationError as error:
        faults = list(_faults((), error.messages))
    else:
        return ()
    faults.sort(key=lambda fault: ([_rank(step) for step in fault[0]], fault[1]))
    details = (Detail(_pointer(path), code, message) for path, code, message in faults)
    return tuple(details)[:MOST_DETAILS]


def refused(cls: type[InformationObject], document: object) -> InvalidObject:
    """The error for a ``document`` that ``cls`` refuses; its list of details is never empty."""
    unexplained = (Detail("/", "type", f"is not a valid {cls.__name__}"),)
    return InvalidObject(details=explain(cls, document) or unexplained)


def _bounded(cls: type[InformationObject], document: object, most_strange: int) -> object:
    """``document`` without what is unknown beyond ``most_strange`` members of an object: each costs
    more to explain than hundreds of its bytes to read. F76"""
    if not isinstance(document, dict):
        return document
    members = {member.wire: member for member in shape_of(cls).members}
    strange = itertools.islice((name for name in document if name not in members), most_strange)
    kept = {name: document[name] for name in strange}
    for name, member in members.items():
        if name in document:
            kept[name] = _inner(member, document[name])
    return kept


def _inner(member: Member, value: object) -> object:
    if member.of is None:
        return value
    if isinstance(value, list) and member.many and len(value) <= (member.max_items or len(value)):
        return [_bounded(member.of, item, _MOST_STRANGE) for item in value]
    return _bounded(member.of, value, _MOST_STRANGE)


@functools.cache
def _schema(cls: type[InformationObject], more: int) -> Any:
    from vgigw.codec.marshmallow import schema_of  # noqa: PLC0415 - imported late, as above

    return schema_of(cls, more)() if more else schema_of(cls)()


def _faults(path: _Path, messages: Any) -> Iterator[tuple[_Path, str, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _faults(path if step == "_schema" else (*path, step), inner)
    else:
        for fault in messages:
            yield path, getattr(fault, "code", "type"), str(fault)


def _rank(step: int | str) -> tuple[int, int, str]:
    return (0, step, "") if isinstance(step, int) else (1, 0, step)


def _pointer(path: _Path) -> str:
    return ("/" + "/".join(_step(step) for step in path))[:_LONGEST_PATH]


def _step(step: int | str) -> str:
    """A name that a peer may have made up: short, printable, as in RFC 6901."""
    printable = "".join(c if c.isprintable() else "?" for c in str(step)[:_LONGEST_NAME])
    return printable.replace("~", "~0").replace("/", "~1")
