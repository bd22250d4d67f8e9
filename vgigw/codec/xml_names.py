"""Names and lexical rules of the XML form: namespace, element names, Beijing time. ACC-6.5."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from vgigw.codec.settle import BEIJING_OFFSET, FIRST_YEAR, LAST_YEAR
from vgigw.operations import CONTRACT

NAMESPACE = CONTRACT.namespace
"""Target namespace of the published contract; one per major version."""

ENTRY, KEY, VALUE = "Entry", "Name", "Value"
"""Elements of one entry of a map."""

BEIJING = timezone(BEIJING_OFFSET)

INSTANT_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3}0*)?"
    r"(Z|[+\-][0-9]{2}:[0-9]{2})?"
)
DAY_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def tag(name: str) -> str:
    """The element name ``name`` in Clark notation."""
    return f"{{{NAMESPACE}}}{name}"


def local(name: str) -> str:
    """The part of a Clark name after the namespace."""
    return name.rpartition("}")[2]


_END_OF_DAY = re.compile(r"T24:00:00(?:\.0+)?")


def instant_from_text(text: str) -> datetime:
    """An ``xs:dateTime`` as an aware UTC instant; without offset it is Beijing time.

    ``24:00:00`` is the start of the next day. Raises ``ValueError`` or ``OverflowError`` for a
    text that no schema-valid document holds, or an instant outside the calendar. 2.0(2)
    """
    if "T24" in text:
        start = datetime.fromisoformat(_END_OF_DAY.sub("T00:00:00", text, count=1))
        parsed = start + timedelta(days=1)
    else:
        parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=BEIJING)
    instant = parsed.astimezone(UTC)
    if instant.microsecond % 1000 or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError("finer than a millisecond, or outside the years of the contract")
    return instant


def instant_to_text(value: datetime) -> str:
    """``xs:dateTime`` with ``+08:00``; milliseconds only when they are not zero. 2.0(2)"""
    if value.tzinfo is UTC:  # a settled instant: adding is cheaper than converting
        spelt = (value + BEIJING_OFFSET).isoformat()
    else:
        spelt = value.astimezone(BEIJING).isoformat()
    return f"{spelt[:23] if spelt[19] == '.' else spelt[:19]}+08:00"
