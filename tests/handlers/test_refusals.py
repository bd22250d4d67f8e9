"""What is remembered of refused letters, where it cannot be read. F22, F63."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.stores.fresh import fresh_store
from vgigw.handlers.refusals import note_taken, refusals_of
from vgigw.ports import Document
from vgigw.rules.ranges import Range

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_f22_a_memory_of_refusals_that_is_damaged_keeps_no_letter_from_its_end() -> None:
    store = fresh_store()
    damaged = Document(
        kind="RefusedNumbers",
        owner="peer",
        key="S1",
        version=1,
        payload=b"damaged",
        digest="",
        at=NOW,
    )
    store.write(lambda tx: tx.put(damaged))
    store.write(lambda tx: note_taken(tx, "peer", "S1", "source", Range(1, 5), NOW))
    assert store.read(lambda view: refusals_of(view, "peer", "S1", "source")) == ()
