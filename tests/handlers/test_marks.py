"""Marked functions are found wherever a host writes them. CARD-8."""

from __future__ import annotations

from typing import Any

from vgigw.handlers.marks import HANDLES, chore, chores, handles, marked
from vgigw.operations import PUSH_ALARM, PUSH_ARCHIVE, QUERY_TIME, UPLOAD_TELEMETRY


@handles(PUSH_ALARM)
def by_itself(_call: Any, _tx: Any) -> str:
    return "function"


class Desk:
    asked = 0

    def __init__(self, says: str) -> None:
        self.says = says

    @property
    def looked_at(self) -> int:
        type(self).asked += 1
        return type(self).asked

    @handles(UPLOAD_TELEMETRY)
    def of_an_object(self, _call: Any, _tx: Any) -> str:
        return self.says

    @staticmethod
    @handles(PUSH_ARCHIVE)
    def of_nobody(_call: Any, _tx: Any) -> str:
        return "static"

    @classmethod
    @handles(QUERY_TIME)
    def of_the_class(cls, _call: Any, _tx: Any) -> str:
        return cls.__name__

    @chore
    def done(self, _tx: Any, _now: Any) -> str:
        return self.says


def test_card_8_marks_are_found_on_functions_and_methods_of_each_kind() -> None:
    one, two = Desk("one"), Desk("two")
    for desk in (one, two):
        found = marked([by_itself, desk], HANDLES)
        assert {name: handler(None, None) for name, handler in found.items()} == {
            PUSH_ALARM.name: "function",
            UPLOAD_TELEMETRY.name: desk.says,
            PUSH_ARCHIVE.name: "static",
            QUERY_TIME.name: "Desk",
        }
    assert [each(None, None) for each in chores([one, two])] == ["one", "two"]
    assert Desk.asked == 0, "to look for marks asks no property"
