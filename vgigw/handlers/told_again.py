"""What is told again in a new envelope, where T/CEC 102 has no member that says so. 2.0(17).

What stands in for a member that the peer did not send is of the message, not of what it tells: two
messages that tell the same are compared without it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import unpack
from vgigw.handlers.keeping import call_with
from vgigw.ports import Call, Document

_VERSION = "/Version"


def tells(call: Call, held: Document) -> bool:
    """Whether ``call`` tells what is held, but for the members that were assumed of it."""
    if call.digest == held.digest:
        return True
    if not call.assumed:
        return False
    told = msgspec.json.decode(call.canonical)
    known = msgspec.json.decode(unpack(held.payload))
    for path in call.assumed:
        _drop(told, path)
        _drop(known, path)
    return bool(told == known)


def versioned(call: Call, held: Document | None) -> Call:
    """``call`` with the next version of what is held, where its own was assumed: the time of a
    message would be higher than all that a peer counts by itself. PLT-6.9."""
    if _VERSION not in call.assumed:
        return call
    version = held.version + 1 if held is not None else 1
    return call_with(call, replace(call.request, version=version))


def is_versioned(call: Call) -> bool:
    """Whether the peer says itself which version it tells."""
    return _VERSION not in call.assumed


def _drop(document: Any, path: str) -> None:
    """Take the member at ``path`` away; nothing where there is none."""
    *way, last = path.lstrip("/").split("/")
    for step in way:
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(step)
    if isinstance(document, dict):
        document.pop(last, None)
