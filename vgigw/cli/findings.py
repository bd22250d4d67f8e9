"""What a check of ``vgigw doctor`` gives: a state, what was found, and what to do."""

from __future__ import annotations

import enum

import msgspec


class State(enum.StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One check, what was found, and what to do."""

    state: State
    check: str
    found: str
    advice: str = ""
