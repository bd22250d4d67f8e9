"""What the shared store does when its server or its connections fail (F29): nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest

from tests.stores.postgres_server import OwnServer, Schemas, own_server, schemas
from vgigw.errors import Busy, Conflict, Misconfigured, StoreFailed, VgigwError
from vgigw.ports import Transaction, View
from vgigw.stores import postgres
from vgigw.stores.postgres import PostgresStore
from vgigw.stores.postgres_lock import PostgresLock
from vgigw.stores.sql_tables import SCHEMA_VERSION
from vgigw.testing.store_contract import in_threads
from vgigw.testing.store_records import OWNER, T0, row

__all__ = ["own_server", "schemas"]

pytestmark = pytest.mark.own_store("PostgreSQL itself")

PATIENCE_S = 30.0


class Load:
    """Writers that repeat what was answered busy, as a peer does, until it was acknowledged."""

    def __init__(self, store: PostgresStore, writers: int = 4) -> None:
        self._store = store
        self._stopping = threading.Event()
        self.acknowledged: set[tuple[str, int]] = set()
        self.repeated = 0
        self._threads = [
            threading.Thread(target=self._write, args=(f"w{n}",)) for n in range(writers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _write(self, stream: str) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            self._until_acknowledged(stream, number)

    def _until_acknowledged(self, stream: str, number: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                self._store.write(lambda tx: once(tx, stream, number))
            except Busy:
                self.repeated += 1
                time.sleep(0.02)
            else:
                self.acknowledged.add((stream, number))
                return


def once(tx: Transaction, stream: str, number: int) -> None:
    """A row, and the answer to its message, as the corridor keeps them."""
    key = f"{stream}/{number}"
    if tx.answered(OWNER, "Op", key) is None:
        tx.append(row(number, number, stream=stream))
        tx.keep_answer(OWNER, "Op", key, "d", b"{}", T0)
        tx.next_number("stored")


def check(store: PostgresStore, load: Load) -> None:
    """Acknowledged and missing 0, applied twice 0."""
    rows = store.read(lambda view: view.rows())
    found = [(each.stream, each.seq_from) for each in rows]
    assert len(found) == len(set(found)) == store.read(lambda view: view.counter("stored"))
    assert load.acknowledged <= set(found)
    assert len(load.acknowledged) > 20


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_f29_connections_that_are_cut_under_load_lose_nothing(schemas: Schemas) -> None:
    store = PostgresStore(schemas.url())
    load = Load(store)
    for _ in range(20):
        time.sleep(0.05)
        schemas.cut()
    until(lambda: load.repeated > 0 and len(load.acknowledged) > 20)
    load.stop()
    check(store, load)
    store.close()


def test_f29_a_server_that_is_killed_under_load_loses_nothing(own_server: OwnServer) -> None:
    own_server.start()
    store = PostgresStore(own_server.url)
    load = Load(store)
    for _ in range(3):
        time.sleep(0.3)
        own_server.stop("immediate")
        own_server.start()
    until(lambda: load.repeated > 0 and len(load.acknowledged) > 20)
    load.stop()
    check(store, load)
    store.close()


def test_f29_a_server_that_is_away_means_busy_and_it_goes_on_by_itself(
    own_server: OwnServer,
) -> None:
    own_server.start()
    store = PostgresStore(own_server.url, busy_wait_s=0.3)
    store.write(lambda tx: tx.next_number("n"))
    own_server.stop()
    with pytest.raises(Busy):
        store.write(lambda tx: tx.next_number("n"))
    with pytest.raises(Busy):
        store.read(lambda view: view.counter("n"))
    own_server.start()
    assert store.write(lambda tx: tx.next_number("n")) == 2
    until(lambda: store.read(lambda view: view.counter("n")) == 2)
    store.close()


def test_f26_a_gateway_that_stands_still_in_a_transaction_means_busy(schemas: Schemas) -> None:
    url = schemas.url()
    store, other = PostgresStore(url, busy_wait_s=0.2), PostgresStore(url)
    inside, go_on = threading.Event(), threading.Event()

    def stand_still(tx: Transaction) -> int:
        inside.set()
        go_on.wait(PATIENCE_S)
        return tx.next_number("n")

    still = threading.Thread(target=other.write, args=(stand_still,))
    still.start()
    inside.wait(PATIENCE_S)
    with pytest.raises(Busy):
        store.write(lambda tx: tx.next_number("n"))
    go_on.set()
    still.join()
    assert store.write(lambda tx: tx.next_number("n")) == 2
    store.close()
    other.close()


def test_two_gateways_write_one_after_the_other_and_lose_no_update(schemas: Schemas) -> None:
    url = schemas.url()
    stores = [PostgresStore(url) for _ in range(2)]
    numbers: list[int] = []

    def run(store: PostgresStore) -> None:
        numbers.extend(store.write(lambda tx: tx.next_number("n")) for _ in range(50))

    threads = [threading.Thread(target=run, args=(store,)) for store in stores for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 301))
    for store in stores:
        store.close()


def test_a_refused_key_spoils_nothing_else_of_its_work(schemas: Schemas) -> None:
    store = PostgresStore(schemas.url())

    def work(tx: Transaction) -> int:
        tx.keep_answer(OWNER, "Op", "k", "d", b"{}", T0)
        with pytest.raises(Conflict):
            tx.keep_answer(OWNER, "Op", "k", "other", b"{}", T0)
        return tx.next_number("n")

    assert store.write(work) == 1
    store.close()


def test_a_work_cannot_swallow_a_failed_statement(schemas: Schemas) -> None:
    store = PostgresStore(schemas.url())

    def work(tx: Transaction) -> str:
        with pytest.raises(VgigwError):
            tx._change("INSERT INTO nowhere VALUES (?)", (1,))  # type: ignore[attr-defined]
        return "stored"

    with pytest.raises(VgigwError):
        store.write(work)
    assert store.write(lambda tx: tx.next_number("n")) == 1
    store.close()


def test_a_read_cannot_write(schemas: Schemas) -> None:
    store = PostgresStore(schemas.url())
    with pytest.raises(VgigwError):
        store.read(lambda view: view._all("INSERT INTO counter VALUES (?, ?)", ("n", 1)))  # type: ignore[attr-defined]
    assert store.read(lambda view: view.counter("n")) == 0
    store.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_keep_what_it_confirms_is_refused(
    own_server: OwnServer, setting: str
) -> None:
    own_server.start(**{setting: "off"})
    with pytest.raises(Misconfigured, match=f"{setting} = off"):
        PostgresStore(own_server.url)


@pytest.mark.parametrize("default", ["off", "local", "remote_apply"])
def test_a_commit_is_synchronous_whatever_the_server_says(
    own_server: OwnServer, default: str
) -> None:
    own_server.start(synchronous_commit=default)
    store = PostgresStore(own_server.url)
    seen = store.write(lambda tx: tx._all("SHOW synchronous_commit"))  # type: ignore[attr-defined]
    assert seen == [("remote_apply" if default == "remote_apply" else "on",)]
    store.close()


def test_a_server_that_is_not_there_is_said_without_its_password(own_server: OwnServer) -> None:
    with pytest.raises(Misconfigured) as caught:
        PostgresStore(own_server.url)
    assert "a-secret" not in caught.value.message


def test_a_newer_schema_is_refused(schemas: Schemas) -> None:
    url = schemas.url()
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE vgigw_schema SET version = %s", (SCHEMA_VERSION + 1,))
    with pytest.raises(Misconfigured, match="newer vgigw"):
        PostgresStore(url)


def test_gateways_that_start_at_once_make_the_tables_once(schemas: Schemas) -> None:
    url = schemas.url()
    made: list[PostgresStore] = []
    threads = [threading.Thread(target=lambda: made.append(PostgresStore(url))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    for store in made:
        store.close()


def test_the_lock_of_an_epoch_is_held_until_its_connection_ends(schemas: Schemas) -> None:
    url = schemas.url()
    first, second = PostgresLock(url), PostgresLock(url)
    assert (first.take(1), first.take(1)) == (True, True)
    assert (second.take(1), second.free(1), second.free(2)) == (False, False, True)
    schemas.cut()
    until(lambda: second.take(1))  # the server notices a little later
    assert not first.take(1)
    assert second.take(2)
    assert first.free(1)
    assert not first.free(2)
    second.let_go()
    assert first.take(2)
    first.close()
    second.close()


def test_f08_whoever_stands_still_in_a_transaction_is_thrown_out(
    schemas: Schemas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_STILL_MS", 200)
    url = schemas.url()
    still, store = PostgresStore(url), PostgresStore(url)

    def stand_still(tx: Transaction) -> int:
        number = tx.next_number("n")
        time.sleep(0.8)
        return number

    refused: list[Exception] = []

    def write() -> None:
        with pytest.raises(Busy) as caught:
            still.write(stand_still)
        refused.append(caught.value)

    thread = threading.Thread(target=write)
    thread.start()
    until(lambda: store.write(lambda tx: tx.next_number("n")) > 0)
    thread.join()
    assert refused
    assert still.write(lambda tx: tx.next_number("n")) == 2
    still.close()
    store.close()


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
def test_i4_whatever_the_servers_default_isolation_a_number_has_one_content(
    schemas: Schemas, level: str
) -> None:
    """The second one waits for the first, and has to see what that committed."""
    more = quote(f" -cdefault_transaction_isolation={level.replace(' ', chr(92) + ' ')}")
    url = schemas.url().replace("&application_name", f"{more}&application_name")
    one, two = PostgresStore(url), PostgresStore(url)
    inside, refused = threading.Event(), list[Exception]()

    def slow(tx: Transaction) -> None:
        tx.append(row(1, 5))
        inside.set()
        time.sleep(0.3)

    def second() -> None:
        inside.wait(PATIENCE_S)
        try:
            two.write(lambda tx: tx.append(row(1, 5, payload=b"other")))
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=one.write, args=(slow,)), threading.Thread(target=second)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(PATIENCE_S)
    assert [each.payload for each in one.read(lambda view: view.rows())] == [b"1"]
    assert len(refused) == 1
    one.close()
    two.close()


def test_a_store_that_is_closed_refuses(schemas: Schemas) -> None:
    store = PostgresStore(schemas.url())
    store.close()
    with pytest.raises(StoreFailed):
        store.read(lambda view: view.counter("n"))


def test_any_number_of_threads_look_by_few_connections(schemas: Schemas) -> None:
    """A server takes a hundred by default, and several gateways share it."""
    store, counted = PostgresStore(schemas.url()), list[int]()

    def look(view: View) -> None:
        time.sleep(0.05)
        counted.append(schemas.connections())

    in_threads(40, lambda: store.read(look))
    assert len(counted) == 40
    assert max(counted) <= 17
    store.close()


def test_whoever_finds_every_connection_looking_for_long_is_told_to_try_again(
    schemas: Schemas,
) -> None:
    store, go = PostgresStore(schemas.url(), slow_wait_s=0.2), threading.Event()
    looks = [threading.Thread(target=store.read, args=(lambda _: go.wait(10),)) for _ in range(16)]
    for each in looks:
        each.start()
    until(lambda: len(store._readers._looking) == 16)
    with pytest.raises(Busy):
        store.read(lambda view: view.counter("n"))
    go.set()
    for each in looks:
        each.join()
    assert store.read(lambda view: view.counter("n")) == 0
    store.close()
