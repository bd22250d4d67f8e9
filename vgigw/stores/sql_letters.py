"""Letters in SQL: looked at, and written."""

# ruff: noqa: S608 - only column names and fixed terms are put into a text, never a value.

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from vgigw.codec.packing import pack
from vgigw.errors import StoreDamaged, StoreFailed
from vgigw.operations import Lane
from vgigw.ports import Letter, LetterState
from vgigw.stores import sql_records as records
from vgigw.stores.sql_statements import Reading, Writing, equal

_NOTHING = b"{}"


class LettersSeen(Reading):
    """The letters of a ``View``."""

    def letters(
        self,
        *,
        destination: str | None = None,
        state: LetterState | None = None,
        group: str | None = None,
        due: datetime | None = None,
        lane: Lane | None = None,
        created_before: datetime | None = None,
        after_id: int | None = None,
        up_to_id: int | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Letter]:
        where, arguments = _letters(destination, state, group)
        for term, value in (
            ("next_at <= ?", records.maybe_ms(due)),
            ("lane = ?", None if lane is None else int(lane)),
            ("created_at < ?", records.maybe_ms(created_before)),
            ("id > ?", after_id),
            ("id <= ?", up_to_id),
        ):
            if value is not None:
                where += f" AND {term}"
                arguments = (*arguments, value)
        order = "lane, id DESC" if newest_first else "lane, id" if after_id is None else "id"
        found = self._all(
            f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE {where} ORDER BY {order} LIMIT ?",
            (*arguments, records.ALL if limit is None else limit),
        )
        return [records.letter_of(columns) for columns in found]

    def letter(self, letter_id: int) -> Letter | None:
        found = self._one(f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE id = ?", (letter_id,))
        return records.letter_of(found) if found else None

    def count_letters(self, *, state: LetterState, group: str | None = None) -> int:
        where, arguments = _letters(None, state, group)
        return self._number(f"SELECT count(*) FROM letter WHERE {where}", arguments)


class LettersWritten(LettersSeen, Writing):
    """The letters of a ``Transaction``."""

    def enqueue(self, letter: Letter) -> int:
        self.bytes_written += len(letter.payload)
        names = records.LETTER_COLUMNS.split(", ")[1:]
        marks = ", ".join("?" * len(names))
        return self._insert(
            f"INSERT INTO letter ({', '.join(names)}) VALUES ({marks})",
            records.letter_columns(letter, letter.payload)[1:],
        )

    def save_letter(self, letter: Letter) -> None:
        """Raises ``StoreFailed`` when there is no letter of that id."""
        held = self.letter(letter.id)
        if held is None:
            raise StoreFailed("there is no such letter")
        now = replace(
            held,
            attempts=letter.attempts,
            next_at=letter.next_at,
            state=letter.state,
            last_error=letter.last_error,
            faults=letter.faults,
        )
        self._rewrite(records.letter_columns(now, held.payload))

    def lay_aside(self, letter_id: int) -> bool:
        columns = self._one(
            f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE id = ?", (letter_id,)
        )
        if columns is None:
            return False
        try:
            records.letter_of(columns)
        except StoreDamaged:
            self._rewrite(records.laid_aside(columns))
            return True
        return False

    def _rewrite(self, columns: tuple[Any, ...]) -> None:
        names = records.LETTER_COLUMNS.split(", ")[1:]
        terms = ", ".join(f"{name} = ?" for name in names)
        self._change(f"UPDATE letter SET {terms} WHERE id = ?", (*columns[1:], columns[0]))

    def drop_letter(self, letter_id: int) -> bool:
        return bool(
            self._change("DELETE FROM letter WHERE id = ? AND state = 'dead'", (letter_id,))
        )

    def erase_letter(self, letter_id: int) -> bool:
        """The row stays, since somebody may be delivering it just now. That it has no message id
        says that it was erased: ``Letter.is_erased``."""
        columns = self._one(
            f"SELECT {records.LETTER_COLUMNS} FROM letter WHERE id = ?", (letter_id,)
        )
        if columns is None:
            return False
        letter = records.letter_unchecked(columns)
        waits = letter.state is LetterState.WAITING
        erased = replace(
            letter,
            message_id="",
            last_error="erased",
            state=LetterState.DEAD if waits else letter.state,
        )
        self._rewrite(records.letter_columns(erased, pack(_NOTHING)))
        return True


def _letters(
    destination: str | None, state: LetterState | None, group: str | None
) -> tuple[str, tuple[Any, ...]]:
    where, arguments = equal({"destination": destination, "group_name": group})
    where += f" AND state = '{state.value}'" if state is not None else ""
    return where + (" AND group_name <> ''" if group else ""), arguments
