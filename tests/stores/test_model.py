"""Whatever is done to the store, it answers as a plain model in memory does."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.stores.fresh import store_at
from vgigw.errors import Conflict
from vgigw.ports import Document, Letter, LetterState, Row, Transaction
from vgigw.testing.store_records import after, document, letter, row

NUMBERS = st.integers(1, 40)
STREAMS = st.sampled_from(["s1", "s2"])
KEYS = st.sampled_from(["A", "B", "C"])
SECONDS = st.integers(0, 60)


class StoreMachine(RuleBasedStateMachine):
    """A store on disk beside lists and dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = store_at(self.folder / "state.db")
        self.rows: list[Row] = []
        self.documents: dict[tuple[str, int], Document] = {}
        self.letters: dict[int, Letter] = {}
        self.number = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(
        first=NUMBERS,
        count=NUMBERS,
        start=SECONDS,
        span=SECONDS,
        stream=STREAMS,
        sparse=st.booleans(),
    )
    def append(
        self, first: int, count: int, start: int, span: int, stream: str, sparse: bool
    ) -> None:
        new = row(
            first,
            first + count - 1,
            stream=stream,
            sparse=sparse,
            time_from=after(start),
            time_to=after(start + span),
        )
        if not sparse and any(clash(new, held) for held in self.rows):
            with pytest.raises(Conflict):
                self.store.write(lambda tx: tx.append(new))
            return
        number = self.store.write(lambda tx: tx.append(new))
        self.rows.append(msgspec.structs.replace(new, id=number))

    @rule(key=KEYS, version=st.integers(0, 3), group=st.sampled_from(["", "g"]), at=SECONDS)
    def put(self, key: str, version: int, group: str, at: int) -> None:
        new = document(key, version, group=group, at=after(at))
        self.store.write(lambda tx: tx.put(new))
        self.documents[key, version] = new

    @rule(lane=st.integers(0, 2), due=SECONDS)
    def enqueue(self, lane: int, due: int) -> None:
        new = letter("m", lane=lane, next_at=after(due))
        number = self.store.write(lambda tx: tx.enqueue(new))
        assert number not in self.letters
        self.letters[number] = msgspec.structs.replace(new, id=number)

    @rule(data=st.data(), state=st.sampled_from(list(LetterState)), due=SECONDS)
    def save_letter(self, data: st.DataObject, state: LetterState, due: int) -> None:
        if self.letters:
            number = data.draw(st.sampled_from(sorted(self.letters)))
            new = msgspec.structs.replace(self.letters[number], state=state, next_at=after(due))
            self.store.write(lambda tx: tx.save_letter(new))
            self.letters[number] = new

    @rule()
    def count(self) -> None:
        self.number += 1
        assert self.store.write(lambda tx: tx.next_number("n")) == self.number

    @rule(key=KEYS)
    def fail(self, key: str) -> None:
        def work(tx: Transaction) -> None:
            tx.put(document(key, 9))
            tx.next_number("n")
            tx.append(row(1000, 1000))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self.store.write(work)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = store_at(self.folder / "state.db")

    @rule(first=NUMBERS, count=NUMBERS, stream=STREAMS)
    def rows_by_sequence(self, first: int, count: int, stream: str) -> None:
        wanted = row(first, first + count - 1, stream=stream)
        found = self.store.read(
            lambda v: v.rows(
                owner=wanted.owner, stream=stream, seq_from=first, seq_to=wanted.seq_to
            )
        )
        assert found == [held for held in self.rows if touches(wanted, held)]

    @rule(start=SECONDS, length=SECONDS, stream=st.none() | STREAMS)
    def rows_by_time(self, start: int, length: int, stream: str | None) -> None:
        begin, end = after(start), after(start + length)
        found = self.store.read(lambda v: v.rows(stream=stream, time_from=begin, time_to=end))
        assert found == [
            held
            for held in self.rows
            if held.time_from < end and held.time_to >= begin and stream in {None, held.stream}
        ]

    @rule(now=SECONDS, state=st.none() | st.sampled_from(list(LetterState)))
    def letters_that_are_due(self, now: int, state: LetterState | None) -> None:
        found = self.store.read(lambda view: view.letters(state=state, due=after(now)))
        wanted = [
            held
            for held in self.letters.values()
            if held.next_at <= after(now) and state in {None, held.state}
        ]
        assert found == sorted(wanted, key=lambda held: (held.lane, held.id))

    @rule(group=st.sampled_from([None, "", "g"]), since=st.none() | SECONDS)
    def documents_by_filter(self, group: str | None, since: int | None) -> None:
        start = None if since is None else after(since)
        newest = {key: self.documents[key, version] for key, version in sorted(self.documents)}
        wanted = [
            held
            for _, held in sorted(newest.items())
            if group in {None, held.group} and (start is None or held.at >= start)
        ]
        found = self.store.read(lambda view: view.documents("station", group=group, since=start))
        assert found == wanted

    @invariant()
    def totals_agree(self) -> None:
        assert self.store.read(lambda view: view.counter("n")) == self.number
        newest = max((held.id for held in self.rows), default=0)
        assert self.store.read(lambda view: view.last_row_id()) == newest


def touches(left: Row, right: Row) -> bool:
    return (
        left.stream == right.stream
        and left.seq_from <= right.seq_to
        and right.seq_from <= left.seq_to
    )


def clash(new: Row, held: Row) -> bool:
    return not held.sparse and touches(new, held)


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=20, stateful_step_count=30)
