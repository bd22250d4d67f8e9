"""The header fields of a REST message that nobody signed, as the OpenAPI document describes them.

ACC-5.3, PLT-10.3a: a peer whose certificate vouches for it says by them who it is and gives
the message time and number; its answer names itself, and time and number of the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from vgigw.objects.values import OPERATOR_CODE

_UNSIGNED: Final = {
    "OperatorID": (OPERATOR_CODE.replace(r"\Z", "$"), "who sends it", "who answers"),
    "TimeStamp": ("^[0-9]{14}$", "yyyyMMddHHmmss, Beijing time", "that of the request"),
    "Seq": ("^[0-9]{4}$", "never twice with one TimeStamp", "that of the request"),
}
UNSIGNED: Final = tuple(_UNSIGNED)


def unsigned_parameters() -> dict[str, Any]:
    """Those of a request, by name; none is asked of who signs."""
    return {
        name: {
            "name": name,
            "in": "header",
            "required": False,
            "description": f"Of a message without a signature: {asked}. ACC-5.3.",
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, (pattern, asked, _) in _UNSIGNED.items()
    }


def unsigned_headers() -> dict[str, Any]:
    """Those of an answer, by name."""
    return {
        name: {
            "required": False,
            "description": f"Of an answer without a signature: {answered}. ACC-5.3.",
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, (pattern, _, answered) in _UNSIGNED.items()
    }


def answered_headers(names: Iterable[str]) -> dict[str, Any]:
    """The ``headers`` of a described answer; nothing for no ``names``."""
    found = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": found} if found else {}
