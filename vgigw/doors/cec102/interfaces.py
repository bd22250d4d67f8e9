"""Which path leads to which operation, for the dialects of all peers and for that of one."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from vgigw.codec.dialect import DEFAULT, Dialect
from vgigw.codec.dialect_files import Dialects
from vgigw.errors import Misconfigured
from vgigw.operations import Operation


class Interfaces:
    """The interfaces of every version of the dialects that ``selectors`` may mean.

    The default dialect is always among them, at ``prefix``. A path is read before its sender is
    known, so that it must mean one operation; whether the sender's own dialect has it is asked
    with :meth:`name_in` afterwards. Raises ``Misconfigured`` where two dialects disagree.
    """

    def __init__(self, dialects: Dialects, prefix: str, selectors: frozenset[str]) -> None:
        named = selectors | {DEFAULT}
        spoken = {version for selector in named for version in dialects.versions(selector)}
        self._names = {dialect: _names(dialect, prefix) for dialect in spoken}
        self._operations = _operations(spoken, prefix)
        digits = [dialect.framing.seq_digits for dialect in spoken]
        self.seq_digits = min(least for least, _ in digits), max(most for _, most in digits)
        self.mounts = _mounts(self._operations, {prefix} | {d.prefix or prefix for d in spoken})

    def operation_at(self, path: str) -> Operation | None:
        """The operation that ``path`` leads to in some dialect."""
        return self._operations.get(path)

    def name_in(self, dialect: Dialect, path: str) -> str | None:
        """The wire name that ``path`` has in ``dialect``; None where it has none."""
        return self._names.get(dialect, _NOTHING).get(path)


_NOTHING: Mapping[str, str] = MappingProxyType({})


@functools.lru_cache(maxsize=64)
def interfaces_of(dialects: Dialects, prefix: str, selectors: frozenset[str]) -> Interfaces:
    """The same interfaces for each door of the same dialects."""
    return Interfaces(dialects, prefix, selectors)


def _names(dialect: Dialect, prefix: str) -> Mapping[str, str]:
    return {path: name for path, _, name in dialect.paths(prefix)}


def _operations(spoken: Iterable[Dialect], prefix: str) -> Mapping[str, Operation]:
    found: dict[str, Operation] = {}
    for dialect in spoken:
        for path, operation, _ in dialect.paths(prefix):
            first = found.setdefault(path, operation)
            if first is not operation:
                raise Misconfigured(
                    f"dialect {dialect.name}@{dialect.version}: {path} is {operation.name} there "
                    f"and {first.name} in the dialect of another peer"
                )
    return found


def _mounts(paths: Iterable[str], prefixes: Iterable[str]) -> tuple[str, ...]:
    """Where a server hands over: starts of paths, which end in a slash, and whole paths."""
    starts = tuple(sorted(f"{prefix}/" for prefix in prefixes if prefix))
    return (*starts, *sorted(path for path in paths if not path.startswith(starts)))
