"""What a configuration names, at hand or by its place: suites, dialects, handlers, functions."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vgigw.codec.dialect_files import Dialects, shipped
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.suite import SUITES, AnySuite
from vgigw.errors import Misconfigured
from vgigw.platform_functions import plain
from vgigw.ports import Functions
from vgigw.server.config import Config


def dialects_of(config: Config) -> Dialects:
    """The dialects shipped and those in the files that the configuration names."""
    own = config.gateway.dialects
    return Dialects(config.folder / name for name in own) if own else shipped()


def suites_of(config: Config, passed: Iterable[AnySuite] = ()) -> dict[str, AnySuite]:
    """Every suite that peers may name: those at hand, ``passed`` ones, those named by place."""
    own = {suite.name: suite for suite in passed} | suites_named(config)
    return all_suites((section.suite for section in config.peers), own)


def all_suites(named: Iterable[str], own: Mapping[str, AnySuite]) -> dict[str, AnySuite]:
    """Those at hand, ``own``, and of the ring those that ``named`` names."""
    # One of the ring may be there twice over: a hardware module brings its own ``gm``.
    return {**SUITES, **ring_suites(name for name in named if name not in own), **own}


def suites_named(config: Config) -> dict[str, AnySuite]:
    """Suites that peers name as ``package.module:OBJECT``, by that name and by their own."""
    found: dict[str, AnySuite] = {}
    for section in config.peers:
        if ":" in section.suite:
            suite = _object_named(section.suite, f"peer {section.operator_id}: suite")
            found |= {section.suite: suite, suite.name: suite}
    return found


def handlers_named(name: str) -> tuple[Callable[..., object], ...]:
    """``builtin`` adds nothing; ``package.module:OBJECT`` is a sequence of marked functions."""
    if name == "builtin":
        return ()
    found = _object_named(name, "gateway.handlers")
    if not isinstance(found, Iterable):
        raise Misconfigured(f"gateway.handlers {name!r} is not a sequence of handlers")
    return tuple(found)


def functions_named(name: str) -> Functions:
    """``plain`` are those at hand; ``package.module:OBJECT`` is a ``Functions``."""
    if name == "plain":
        return plain()
    found = _object_named(name, "gateway.functions")
    if not isinstance(found, Functions):
        raise Misconfigured(f"gateway.functions {name!r} is not a vgigw.ports.Functions")
    return found


def _object_named(name: str, where: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as cause:
        why = type(cause).__name__
        raise Misconfigured(f"{where} {name!r} cannot be loaded ({why})") from cause
