"""From method and path to a row of the operations table, and the parameters in the path."""

from __future__ import annotations

import re

from vgigw.errors import UnknownOperation
from vgigw.operations import Operation

_PARAMETER = re.compile(r"\{(\w+)\}")


class Routes:
    """Built once from the table."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self._fixed = {(row.method, row.path): row for row in operations if "{" not in row.path}
        self._fixed |= {(row.method, row.collection): row for row in operations if row.collection}
        self._patterns = [
            (row.method, _pattern(row.path), row)
            for row in sorted(operations, key=lambda row: -len(row.path))
            if "{" in row.path
        ]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The row and its parameters; a parameter may hold a slash, as the path came decoded.

        Raises ``UnknownOperation`` when nothing of the table stands there.
        """
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        for wanted, pattern, row in self._patterns:
            match = pattern.match(path) if wanted == method else None
            if match is not None:
                return row, match.groupdict()
        raise UnknownOperation()


def _pattern(path: str) -> re.Pattern[str]:
    # A parameter is any text, also one with a line end.
    return re.compile(_PARAMETER.sub(r"(?P<\1>.+)", path) + r"\Z", re.DOTALL)
