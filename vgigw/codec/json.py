"""JSON: the canonical form. Fast accept by msgspec; slow only for what it refuses."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

import msgspec

from vgigw.codec.explain import refused
from vgigw.codec.first_use import learn
from vgigw.codec.settle import settle, settle_text
from vgigw.codec.shape import Kind, Member, shape_of
from vgigw.codec.tolerance import tolerant
from vgigw.errors import Detail, InvalidObject, Malformed
from vgigw.objects.declaration import InformationObject

T = TypeVar("T", bound=InformationObject)

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError)
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_MOST_VALUES_ROUND_A_MESSAGE = 4_096
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def decode(cls: type[T], data: bytes) -> T:
    """The settled object in ``data``, UTF-8 JSON.

    Raises :class:`Malformed` for what is not JSON or names a member twice, and
    :class:`InvalidObject` with every fault. A name given twice is found only where msgspec
    refuses the message; otherwise the last one counts, as it does for the signature's bytes.
    """
    obj = decode_fast(cls, data)
    return accept(cls, parse(data)) if obj is None else obj


def decode_fast(cls: type[T], data: bytes) -> T | None:
    """The settled object if ``data`` needs no tolerance, None if it does or is not valid."""
    try:
        obj: T = _decoder(cls).decode(data)
    except _UNREADABLE:
        return None
    settle(obj)
    # JSON itself refuses raw control characters; only these bytes can bring what XML refuses.
    if b"\\" in data or (b"\xef" in data and (b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data)):
        settle_text(obj)
    return obj


def parse(data: bytes) -> Any:
    """Builtins of ``data``, fractions as ``Decimal`` so that no digit is lost; or Malformed."""
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_not_a_number,
            object_pairs_hook=_distinct,
        )
    except UnicodeDecodeError as error:
        raise Malformed("body is not UTF-8") from error
    except RecursionError as error:
        raise Malformed("body is nested too deep") from error
    except (ValueError, ArithmeticError) as error:
        raise Malformed("body is not JSON") from error


def crowded(data: bytes) -> bool:
    """Whether ``data`` may hold more values than what goes round a message ever has.

    Reading whatever there is makes objects of 20 to 30 times its bytes, which nobody may ask for
    before it is known who that is. F76
    """
    return sum(map(data.count, (b",", b"[", b"{"))) > _MOST_VALUES_ROUND_A_MESSAGE


def accept(cls: type[T], document: object) -> T:
    """The settled object of ``document`` (builtins by wire name), tolerances applied.

    Raises :class:`InvalidObject` with every fault.
    """
    if not isinstance(document, dict):
        raise InvalidObject(details=(Detail("/", "type", "must be an object"),))
    read = tolerant(cls, document)
    learn(cls)
    try:
        obj = msgspec.convert(read, cls)
    except _UNREADABLE as error:
        raise refused(cls, read) from error
    settle(obj)
    settle_text(obj)
    return obj


def encode(obj: InformationObject) -> bytes:
    """The canonical bytes of a settled object: equal objects give equal bytes.

    Members in declaration order, absent ones left out, decimals as numbers with all their
    places, instants in UTC with ``Z``, keys of maps sorted.
    """
    return _ENCODER.encode(obj)


def digest(data: bytes) -> str:
    """SHA-256 of ``data``, lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def validated(obj: T) -> T:
    """A settled copy of an object built in Python, checked as if it had come from a peer.

    Raises :class:`InvalidObject` with every fault.
    """
    cls = type(obj)
    try:
        document = msgspec.to_builtins(obj, builtin_types=(Decimal, datetime, date))
    except (TypeError, *_UNREADABLE) as error:
        fault = Detail("/", "type", "holds a value that no form can carry")
        raise InvalidObject(details=(fault,)) from error
    return accept(cls, document)


def decode_query(cls: type[T], params: Mapping[str, Sequence[str]]) -> T:
    """The settled object of a query string or path parameters: every value is text.

    A list is a repeated name, an item each, or one text with its items between commas; empty
    items do not count, so that a lone item with a comma can be told by an empty one. Raises
    :class:`InvalidObject` with every fault, unknown names and names given twice among them.
    """
    members = {member.wire: member for member in shape_of(cls).members}
    document: dict[str, Any] = {}
    for name, texts in params.items():
        member = members.get(name)
        if member is not None and member.many:
            parts = texts[0].split(",") if len(texts) == 1 else texts
            document[name] = [from_text(member, part) for part in parts if part]
        elif len(texts) == 1:
            document[name] = texts[0] if member is None else from_text(member, texts[0])
        elif texts:
            # A list where one value belongs: the explanation says what was wanted.
            document[name] = list(texts)
    return accept(cls, document)


def from_text(member: Member, text: str) -> Any:
    """The value of ``member`` that ``text`` spells; the text itself if it spells none."""
    match member.kind:
        case Kind.INTEGER | Kind.NUMBER_CHOICE if _WHOLE.fullmatch(text):
            return int(text)
        case Kind.FLOAT | Kind.DECIMAL if _NUMBER.fullmatch(text):
            return Decimal(text)
        case Kind.BOOLEAN:
            return _TRUTHS.get(text, text)
    return text


@functools.cache
def _decoder(cls: type[T]) -> msgspec.json.Decoder[T]:
    learn(cls)
    return msgspec.json.Decoder(cls)


def _not_a_number(_: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise Malformed("a member is named twice")
    return names
