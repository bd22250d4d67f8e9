"""What msgspec learns of a struct at its first use, learned by one thread at a time.

While one thread learns a struct, its parts are half there, and another thread that decodes it ends
the process (a segmentation fault, seen with msgspec 0.22 when many peers came right after a start).
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator

import msgspec

_lock = threading.Lock()
_learned: weakref.WeakSet[type[msgspec.Struct]] = weakref.WeakSet()


def learn(cls: type[msgspec.Struct]) -> None:
    """Learn ``cls`` and all its parts, unless that was done."""
    if cls in _learned:
        return
    with _lock:
        # One that has parts which no message can carry is never decoded.
        with contextlib.suppress(TypeError):
            msgspec.json.Decoder(cls)
        _learned.add(cls)


def learn_all() -> None:
    """Learn every struct that there is now: before threads begin to decode."""
    for cls in set(_below(msgspec.Struct)):
        learn(cls)


def _below(cls: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)
