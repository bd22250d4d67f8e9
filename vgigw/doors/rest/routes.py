"""From method and path to a row of the operations table, and the parameters in the path."""

from __future__ import annotations

import re
from urllib.parse import unquote

from vgigw.errors import UnknownOperation
from vgigw.operations import Operation

_PARAMETER = re.compile(r"\{(\w+)\}")


class Routes:
    """Built once from the table."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self._fixed = {(row.method, row.path): row for row in operations if "{" not in row.path}
        self._patterns = [
            (row.method, re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", row.path) + r"\Z"), row)
            for row in operations
            if "{" in row.path
        ]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, list[str]]]:
        """The row, and each parameter as the items between its commas.

        Raises ``UnknownOperation`` when nothing of the table stands there.
        """
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        for wanted, pattern, row in self._patterns:
            match = pattern.match(path) if wanted == method else None
            if match is not None:
                return row, {name: _items(text) for name, text in match.groupdict().items()}
        raise UnknownOperation()


def _items(text: str) -> list[str]:
    # Split before decoding: a comma that belongs to an identifier travels as %2C.
    return [unquote(item) for item in text.split(",")]
