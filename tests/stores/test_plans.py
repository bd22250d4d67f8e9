"""Each query that stands on a hot path is answered from an index, however large the table grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from vgigw.operations import Lane
from vgigw.ports import LetterState, View
from vgigw.rules.ranges import Range
from vgigw.stores import SqliteStore
from vgigw.testing.store_records import BIG, OWNER, after, document, letter, row

pytestmark = pytest.mark.own_store("SQLite's plans")

Query = Callable[[View], object]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path_factory.mktemp("plans") / "state.db")
    store.write(lambda tx: tx.put(document("A", 1)))
    store.write(lambda tx: tx.enqueue(letter("m")))
    store.write(lambda tx: tx.append(row(1, 1)))
    yield store
    store.close()


def plan(store: SqliteStore, query: Query) -> str:
    """What SQLite says it does for the statements of ``query``."""
    steps: list[str] = []

    def explain(view: View) -> None:
        statements: list[str] = []
        connection = view._connection  # type: ignore[attr-defined]
        connection.set_trace_callback(statements.append)
        query(view)
        connection.set_trace_callback(None)
        for statement in statements:
            found = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            steps.extend(step[3] for step in found)

    store.read(explain)
    return "\n".join(steps)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (lambda v: v.rows(owner=OWNER, stream="s1", seq_from=1, seq_to=9), "journal_sequence"),
        (lambda v: v.rows(stream="s1", seq_from=1, seq_to=9), "journal_sequence"),
        (lambda v: v.rows(owner=OWNER, time_from=after(0), time_to=after(9)), "journal_time"),
        (lambda v: v.rows(time_from=after(0), time_to=after(9)), "journal_time"),
        (lambda v: v.rows(owner=OWNER, after_id=5, limit=5), "INTEGER PRIMARY KEY"),
        (lambda v: v.document("station", OWNER, "A"), "document_current"),
        (lambda v: v.history("station", OWNER, "A", range(3, 9)), "version>? AND version<?"),
        (lambda v: v.documents("station", limit=10), "document_current"),
        (lambda v: v.documents("station", key="A"), "document_key"),
        (lambda v: v.documents("ack", group="g"), "document_group"),
        (lambda v: v.documents("ack", keys=("a", "b"), by_key=True), "document_key"),
        (lambda v: v.count_documents("ack", owner=OWNER, keys=("a", "b")), "document_current"),
        (
            lambda v: v.letters(destination=OWNER, state=LetterState.WAITING, due=after(0)),
            "letter_waiting (destination=?)",
        ),
        (
            lambda v: v.letters(
                destination=OWNER, state=LetterState.WAITING, lane=Lane.LIVE, after_id=5
            ),
            "letter_waiting (destination=? AND lane=? AND id>?)",
        ),
        (
            lambda v: v.letters(
                destination=OWNER, state=LetterState.WAITING, lane=Lane.STATE, up_to_id=5
            ),
            "letter_waiting (destination=? AND lane=? AND id<?)",
        ),
        (lambda v: v.letters(group="g"), "letter_group"),
        (lambda v: v.letters(state=LetterState.WAITING, after_id=5), "INTEGER PRIMARY KEY"),
        (lambda v: v.count_streams(OWNER), "PRIMARY KEY (owner=?)"),
        (lambda v: v.gaps(OWNER, after=("s1", 5), limit=9), "PRIMARY KEY (owner=? AND (stream,"),
        (lambda v: v.gaps(OWNER, "s1", within=Range(5, 9)), "(owner=? AND stream=? AND first>? "),
        (lambda v: v.seen(b"g"), "PRIMARY KEY"),
        (lambda v: v.answered(OWNER, "Op", "k"), "sqlite_autoindex_answer_1"),
    ],
)
def test_a_hot_query_searches_an_index(store: SqliteStore, query: Query, index: str) -> None:
    steps = plan(store, query)
    assert index in steps
    for table in ("journal", "j", "i", "document", "letter", "guard", "answer", "stream", "gap"):
        assert f"SCAN {table}\n" not in f"{steps}\n"


def test_due_letters_and_listed_documents_need_no_sort(store: SqliteStore) -> None:
    due = plan(store, lambda v: v.letters(destination=OWNER, state=LetterState.WAITING, limit=5))
    newest = plan(
        store,
        lambda v: v.letters(
            destination=OWNER,
            state=LetterState.WAITING,
            lane=Lane.LIVE,
            created_before=after(0),
            newest_first=True,
            limit=1,
        ),
    )
    newest += plan(
        store,
        lambda v: v.letters(
            destination=OWNER,
            state=LetterState.WAITING,
            lane=Lane.STATE,
            up_to_id=5,
            newest_first=True,
            limit=5,
        ),
    )
    listed = plan(store, lambda v: v.documents("station", limit=5))
    by_key = plan(store, lambda v: v.documents("station", by_key=True, limit=5))
    owned = plan(store, lambda v: v.documents("station", owner=OWNER, keys=("a", "b"), limit=5))
    assert "TEMP B-TREE" not in due + newest + listed + by_key + owned


def test_a_number_in_a_long_stream_is_found_without_reading_those_before(
    store: SqliteStore,
) -> None:
    def seek(view: View) -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        connection = view._connection  # type: ignore[attr-defined]
        connection.set_progress_handler(count, 1)
        view.rows(owner=OWNER, stream="long", seq_from=BIG - 1, seq_to=BIG)
        connection.set_progress_handler(None, 0)
        return steps

    def grow(first: int, last: int) -> None:
        def work(tx: object) -> None:
            for number in range(first, last):
                tx.append(row(number, number, stream="long"))  # type: ignore[attr-defined]

        store.write(work)

    grow(1, 10)
    short = store.read(seek)
    grow(10, 2000)
    assert store.read(seek) <= short + 20
