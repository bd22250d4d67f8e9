"""One statement of SQL and what comes of it: what each database does in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

Arguments = Sequence[Any] | Mapping[str, Any]


class Reading(ABC):
    """``failure`` is the first error that reaches further than the work itself; whoever commits
    looks at it, so that a work cannot swallow it.
    """

    failure: Exception | None = None

    @abstractmethod
    def _all(self, sql: str, arguments: Arguments = ()) -> list[tuple[Any, ...]]:
        """The rows found. Raises an error of ours."""

    def _number(self, sql: str, arguments: Arguments = ()) -> int:
        return int(self._all(sql, arguments)[0][0])

    def _one(self, sql: str, arguments: Arguments = ()) -> tuple[Any, ...] | None:
        found = self._all(sql, arguments)
        return found[0] if found else None


class Writing(Reading):
    """``bytes_written`` sums the payloads, so that a group can be kept from growing too large."""

    bytes_written = 0

    @abstractmethod
    def _change(self, sql: str, arguments: Arguments) -> int:
        """How many rows were changed. Raises an error of ours."""

    @abstractmethod
    def _insert(self, sql: str, arguments: Arguments) -> int:
        """The id of the new row. Raises an error of ours."""


def equal(wanted: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """A condition on those columns that are ``wanted``, and its arguments."""
    given = {column: value for column, value in wanted.items() if value is not None}
    terms = [f"{column} = ?" for column in given] or ["1 = 1"]
    return " AND ".join(terms), tuple(given.values())
