"""Structured logs: JSON lines for machines, colours on a terminal. PLT-7.9b.

Facts are our own words, identifiers and numbers; an exception's text stays out unless it is our own
fault, and then its type and place stand in the log and never in an answer.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import Any, Literal

import msgspec
import structlog

_LEVELS = {
    "message.accepted": "info",
    "letter.delivered": "info",
    "message.refused": "warning",
    "operation.unfilled": "warning",
    "key.not-followed": "warning",
    "key.not-told": "warning",
    "store.log_long": "warning",
}
_GRAVE = (".failed", ".dead", ".short", ".damaged")
_encode = msgspec.json.Encoder(enc_hook=str).encode
_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON lets stand, and a terminal or a reader of lines obeys."""


def configure(level: str = "info", form: Literal["auto", "json", "console"] = "auto") -> None:
    """Set the process's log up; once, by whoever owns the process."""
    colours = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    forms: list[Any] = [_visible, structlog.dev.ConsoleRenderer()] if colours else [_json_line]
    structlog.configure(
        processors=[*shared, *forms],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        if colours
        else structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json_line(_logger: object, _name: str, event: dict[str, Any]) -> bytes:
    line = _encode(event)
    if line.isascii() and b"\x7f" not in line:
        return line
    return _UNSEEN.sub(lambda one: f"\\u{ord(one[0]):04x}", line.decode()).encode()


def _visible(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """No name that a peer made up steers the terminal of who reads it."""
    return {key: _shown(value) if isinstance(value, str) else value for key, value in event.items()}


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def facts_of(cause: BaseException) -> dict[str, Any]:
    """Class and place of ``cause``, the innermost place last, without its text."""
    frames = traceback.extract_tb(cause.__traceback__)[-3:]
    place = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    return {"cause": type(cause).__name__, "place": place}


class LogObserver:
    """Tells the log what the gateway tells its observer."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def __call__(self, event: str, /, **facts: object) -> None:
        cause = facts.pop("cause", None)
        if isinstance(cause, BaseException):
            facts |= facts_of(cause)
        level = _LEVELS.get(event, "error" if event.endswith(_GRAVE) else "info")
        getattr(self._log, level)(event, **{k: v for k, v in facts.items() if v not in (None, [])})
