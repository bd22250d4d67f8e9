"""Dialect files: those shipped with vgigw and those of an integrator, by name, version and date."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vgigw.codec.dialect import Dialect
from vgigw.codec.dialect_check import check
from vgigw.codec.known_keys import nearest, refuse_unknown
from vgigw.codec.settle import BEIJING_OFFSET
from vgigw.errors import Misconfigured

_HOME = Path(__file__).resolve().parent / "dialects"
_OF_ITS_OWN = frozenset({"name", "version", "published", "effective", "confidence", "sources",
                         "title", "based_on"})  # fmt: skip


class _File(NamedTuple):
    path: Path
    document: dict[str, Any]


class Dialects:
    """The dialects shipped, and those in ``files``. Raises ``Misconfigured`` with what to do.

    A selector is ``name``, or ``name@pin`` where the pin is a version, or a day
    (``name@2027-01-31``) for the version that is in force on it, whatever comes later.
    """

    def __init__(self, files: Iterable[Path] = ()) -> None:
        found: dict[tuple[str, str], _File] = {}
        for path in (*sorted(_HOME.glob("*.toml")), *files):
            document = _read(path)
            key = str(document.get("name")), str(document.get("version"))
            if key in found:
                raise Misconfigured(f"{path}: {key[0]}@{key[1]} is in {found[key].path}, too")
            found[key] = _File(path, document)
        dialects = [_dialect(found, key) for key in found]
        by_date = sorted(dialects, key=lambda each: (each.effective, each.published, each.version))
        self._versions: dict[str, tuple[Dialect, ...]] = {}
        for dialect in by_date:
            self._versions[dialect.name] = (*self._versions.get(dialect.name, ()), dialect)
        self._selected: dict[str, tuple[Dialect, ...]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._versions))

    def versions(self, selector: str) -> tuple[Dialect, ...]:
        """Every version that ``selector`` may mean, in the order of their effective dates."""
        found = self._selected.get(selector)
        if found is None:
            found = self._selected[selector] = self._select(selector)
        return found

    def at(self, selector: str, moment: datetime) -> Dialect:
        """The version in force at an aware ``moment``; before the first one, the first. ACC-A.2."""
        versions = self.versions(selector)
        return versions[0] if len(versions) == 1 else _in_force(versions, _beijing_day(moment))

    def _select(self, selector: str) -> tuple[Dialect, ...]:
        name, _, pin = selector.partition("@")
        versions = self._versions.get(name)
        if versions is None:
            raise Misconfigured(f"dialect {name} is not known; {nearest(name, self.names)}")
        if "@" not in selector:
            return versions
        for dialect in versions:
            if dialect.version == pin:
                return (dialect,)
        try:
            return (_in_force(versions, date.fromisoformat(pin)),)
        except ValueError as cause:
            known = ", ".join(dialect.version for dialect in versions)
            raise Misconfigured(
                f"dialect {selector}: {pin!r} is neither a day nor a version; known are {known}"
            ) from cause


@functools.cache
def shipped() -> Dialects:
    """The dialects that come with vgigw."""
    return Dialects()


def _in_force(versions: tuple[Dialect, ...], day: date) -> Dialect:
    begun = [dialect for dialect in versions if dialect.effective <= day]
    return begun[-1] if begun else versions[0]


def _beijing_day(moment: datetime) -> date:
    return (moment.astimezone(UTC) + BEIJING_OFFSET).date()


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{path}: the dialect cannot be read") from cause
    except tomllib.TOMLDecodeError as cause:
        raise Misconfigured(f"{path}: not TOML: {cause}") from cause
    try:
        refuse_unknown(Dialect, document)
    except Misconfigured as refused:
        raise Misconfigured(f"{path}: {refused.message}") from refused
    return document


def _dialect(found: Mapping[tuple[str, str], _File], key: tuple[str, str]) -> Dialect:
    path = found[key].path
    document = _whole(found, key, ())
    _converted(document, path)
    rules = document.get("objects", {})
    for interface in document.get("interfaces", {}).values():
        interface["objects"] = _merged(rules, interface.get("objects", {}))
    dialect = _converted(document, path)
    check(dialect, str(path))
    return dialect


def _converted(document: dict[str, Any], path: Path) -> Dialect:
    try:
        return msgspec.convert(document, Dialect)
    except msgspec.ValidationError as cause:
        raise Misconfigured(f"{path}: {cause}") from cause


def _whole(
    found: Mapping[tuple[str, str], _File], key: tuple[str, str], below: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """A document on top of the one that it is based on. Raises ``Misconfigured`` for a circle."""
    path, document = found[key]
    base = document.get("based_on")
    if base is None:
        return _merged({}, document)
    name, _, version = str(base).partition("@")
    fitting = [known for known in found if known[0] == name and version in ("", known[1])]
    if len(fitting) != 1 or fitting[0] in (key, *below):
        known = ", ".join("@".join(each) for each in found)
        raise Misconfigured(f"{path}: based_on {base!r} must name one other of {known}")
    lower = _whole(found, fitting[0], (key, *below))
    kept = {name: value for name, value in lower.items() if name not in _OF_ITS_OWN}
    return _merged(kept, document)


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged, anything else of ``upper`` takes the place of what stood there."""
    merged = dict(lower)
    for name, value in upper.items():
        under = merged.get(name, {})
        tables = isinstance(value, dict) and isinstance(under, dict)
        merged[name] = _merged(under, value) if tables else value
    return merged
