"""The books of a simulated sender: what was acknowledged is compared with what a store holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from tests.stores.fresh import fresh_store
from vgigw.objects import TelemetryBatch, TelemetryReceipt
from vgigw.ports import own_row
from vgigw.testing.fleet import Fleet, batches
from vgigw.testing.simulators.account import Account, Comparison, compare

OWNER = "123456789"
NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)


def some_batches() -> list[TelemetryBatch]:
    records = Fleet(1, OWNER, 1, 9).records(NOW)
    return batches(records, "S1", 1, OWNER, NOW, 3)


def compared(account: Account, *stored: TelemetryBatch) -> Comparison:
    store = fresh_store()
    for batch in stored:
        store.write(lambda tx, batch=batch: tx.append(own_row(batch, OWNER, batch.send_time)))  # type: ignore[misc]
    return store.read(lambda view: compare(account, view, OWNER))


def acknowledged(*sent: TelemetryBatch) -> Account:
    account = Account()
    for batch in sent:
        account.journalled(batch)
        account.answered(batch)
    return account


def test_equal_books_hold() -> None:
    sent = some_batches()
    found = compared(acknowledged(*sent), *sent)
    assert found == Comparison(acknowledged=9, stored=9, lost=0, different=0, twice=0)
    assert found.holds


def test_nothing_acknowledged_proves_nothing() -> None:
    assert not compared(Account()).holds


def test_a_batch_that_was_acknowledged_and_is_not_stored_is_lost() -> None:
    first, *rest = some_batches()
    found = compared(acknowledged(first, *rest), *rest)
    assert found.lost == len(first.records)
    assert not found.holds


def test_a_record_that_is_stored_twice_is_seen() -> None:
    sent = some_batches()
    account = acknowledged(*sent)
    store = fresh_store()
    rows = [own_row(batch, OWNER, batch.send_time) for batch in sent]
    for row in (*rows, msgspec.structs.replace(rows[0], sparse=True)):
        store.write(lambda tx, row=row: tx.append(row))  # type: ignore[misc]
    found = store.read(lambda view: compare(account, view, OWNER))
    assert found.twice == len(sent[0].records)
    assert not found.holds


def test_a_record_that_is_stored_otherwise_than_it_was_sent_is_seen() -> None:
    first, *rest = some_batches()
    changed = msgspec.structs.replace(first.records[0], quality=1)
    other = msgspec.structs.replace(first, records=(changed, *first.records[1:]))
    found = compared(acknowledged(first, *rest), other, *rest)
    assert (found.different, found.holds) == (1, False)


def test_stored_without_an_answer_is_no_loss() -> None:
    first, *rest = some_batches()
    account = acknowledged(*rest)
    account.journalled(first)
    assert compared(account, first, *rest).holds
    assert not account.complete
    assert account.not_acknowledged() == [first]
    account.answered(first)
    assert account.complete


def test_the_first_answer_to_a_batch_is_kept() -> None:
    batch = some_batches()[0]
    account = Account()
    account.journalled(batch)
    for ack_seq in (3, 9):
        account.answered(batch, TelemetryReceipt(ack_seq=ack_seq))
    assert account.receipts[batch.batch_id] == TelemetryReceipt(ack_seq=3)
    assert account.acknowledged_live(5) == [batch]


def test_a_range_of_time_takes_its_start_and_leaves_its_end() -> None:
    account = acknowledged(*some_batches())
    second = timedelta(seconds=1)
    assert len(account.acknowledged_between(NOW, NOW + second)) == 9
    assert account.acknowledged_between(NOW - second, NOW) == []
