"""One process has the clockwork: whoever takes over, whoever died or stood still. I5; F08-F10."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.served import Served
from tests.stores.postgres_server import Schemas, schemas
from tests.trio import DISPATCH, NOW, OPERATOR, STREAM
from vgigw.errors import TurnLost
from vgigw.handlers.recall_plan import PLAN
from vgigw.objects import RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA
from vgigw.ports import LetterState, Store, Transaction
from vgigw.rules.lease import HOLD_S, SILENT_S
from vgigw.server import turn as module
from vgigw.server.epoch_lock import EpochLock, FileLock
from vgigw.server.turn import LEASE, LeasedTurn
from vgigw.stores import SqliteStore

__all__ = ["schemas"]

pytestmark = pytest.mark.own_store("the turn on either kind")


class Hands:
    """Hands out turns of one store, each as a process of its own would have it; tells the time."""

    def __init__(self, stores: list[Store], locks: list[EpochLock]) -> None:
        self.stores = stores
        self.turns = [LeasedTurn(*pair) for pair in zip(stores, locks, strict=True)]
        self.now_s = 1000.0

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds

    def write(self, number: int) -> int:
        """A work of the clockwork."""
        turn = self.turns[number]

        def work(tx: Transaction) -> int:
            turn.check(tx)
            return tx.next_number("n")

        return self.stores[number].write(work)


@pytest.fixture(params=["sqlite", "postgres"])
def hands(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hands]:
    if request.param == "sqlite":
        stores: list[Store] = [SqliteStore(tmp_path / "state.db") for _ in range(2)]
        locks: list[EpochLock] = [FileLock(tmp_path) for _ in range(2)]
    else:
        url = request.getfixturevalue("schemas").url()
        from vgigw.stores.postgres import PostgresStore
        from vgigw.stores.postgres_lock import PostgresLock

        stores, locks = [PostgresStore(url) for _ in range(2)], [PostgresLock(url) for _ in "ab"]
    hands = Hands(stores, locks)
    monkeypatch.setattr(module, "now_s", lambda: hands.now_s)
    yield hands
    for turn, store in zip(hands.turns, stores, strict=True):
        turn.give_back()
        store.close()


def epochs(hands: Hands) -> list[int]:
    return [turn.epoch for turn in hands.turns]


def test_f10_of_two_that_begin_at_once_one_has_the_turn(hands: Hands) -> None:
    gate = threading.Barrier(2)

    def begin(turn: LeasedTurn) -> None:
        gate.wait()
        turn.keep()

    threads = [threading.Thread(target=begin, args=(turn,)) for turn in hands.turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(epochs(hands)) == [0, 1]


def test_f07_who_died_is_followed_at_once(hands: Hands) -> None:
    first, second = hands.turns
    first.keep()
    second.keep()
    assert epochs(hands) == [1, 0]
    first._lock.close()  # as the system does for a process that ended
    end = time.monotonic() + 10
    while second.epoch == 0 and time.monotonic() < end:
        second.keep()  # a database notices a little later
    assert second.epoch == 2
    with pytest.raises(TurnLost):
        hands.write(0)
    assert epochs(hands) == [0, 2]


def test_a_turn_that_was_given_back_is_taken_at_once(hands: Hands) -> None:
    first, second = hands.turns
    first.keep()
    first.give_back()
    second.keep()
    assert epochs(hands) == [0, 2]


def test_f08_who_stands_still_is_followed_after_a_while_and_then_changes_nothing(
    hands: Hands,
) -> None:
    first, second = hands.turns
    first.keep()
    assert hands.write(0) == 1
    for _ in range(3):
        second.keep()
        hands.pass_time(SILENT_S / 3)
        assert second.epoch == 0
    second.keep()
    assert second.epoch == 2
    for _ in range(2):
        with pytest.raises(TurnLost):
            hands.write(0)
    assert hands.write(1) == 2
    first.keep()
    assert epochs(hands) == [0, 2]


def test_f58_who_could_not_renew_rests_and_goes_on_where_nobody_took_over(hands: Hands) -> None:
    first = hands.turns[0]
    first.keep()
    with first.working() as ours:
        assert ours
    hands.pass_time(HOLD_S)
    with first.working() as ours:
        assert not ours
    first.keep()
    with first.working() as ours:
        assert ours
    assert first.epoch == 1


def test_who_renews_is_never_followed(hands: Hands) -> None:
    first, second = hands.turns
    for _ in range(8):
        first.keep()
        second.keep()
        hands.pass_time(SILENT_S / 2)
    assert epochs(hands) == [1, 0]


def test_nothing_is_taken_again_before_what_was_begun_has_ended(hands: Hands) -> None:
    first, second = hands.turns
    first.keep()
    with first.working() as ours:
        assert ours
        second.keep()
        hands.pass_time(SILENT_S)
        second.keep()
        second.give_back()
        with pytest.raises(TurnLost):
            hands.write(0)
        first.keep()
        assert first.epoch == 0
        with pytest.raises(TurnLost):
            hands.write(0)
    first.keep()
    assert first.epoch == 3


def test_a_lock_that_broke_with_its_connection_is_taken_again(schemas: Schemas) -> None:
    from vgigw.stores.postgres import PostgresStore
    from vgigw.stores.postgres_lock import PostgresLock

    url = schemas.url()
    store, other = PostgresStore(url), PostgresLock(url)
    turn = LeasedTurn(store, PostgresLock(url))
    turn.keep()
    schemas.cut()
    store.read(lambda view: view.lease(LEASE))
    turn.keep()
    assert turn.epoch == 1
    assert not other.free(1)
    turn.give_back()
    other.close()
    store.close()


def test_files_of_past_epochs_are_removed(tmp_path: Path) -> None:
    lock = FileLock(tmp_path)
    for epoch in range(1, 6):
        assert lock.take(epoch)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clockwork-4.lock",
        "clockwork-5.lock",
    ]
    lock.close()


def recalls(served: Served, *names: str) -> None:
    for name in names:
        request = RecallRequest(
            recall_id=name,
            requester_id="100000001",
            stream_id=STREAM,
            seq_from=1,
            seq_to=2,
            cause=RecallCause.MANUAL,
        )
        served.gateway.send(OPERATOR, RECALL_DATA, request, NOW)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Served, LeasedTurn, LeasedTurn]]:
    """A gateway behind a turn, and the turn of another process on its store."""
    found = Served(tmp_path)
    ours, theirs = (LeasedTurn(found.store, FileLock(tmp_path)) for _ in range(2))
    found.fence(ours)
    ours.keep()
    yield found, ours, theirs
    found.close()


def test_f08_who_lost_the_turn_sends_no_letter_and_does_no_chore(
    served: tuple[Served, LeasedTurn, LeasedTurn],
) -> None:
    gateway, ours, theirs = served[0].gateway, served[1], served[2]
    recalls(served[0], "R1", "R2")
    ours._lock.close()
    theirs.keep()
    heard = len(served[0].trio.net.exchanged)
    with pytest.raises(TurnLost):
        gateway.deliver(OPERATOR, NOW)
    with pytest.raises(TurnLost):
        gateway.do_chores(NOW)
    with pytest.raises(TurnLost):
        gateway.beat(DISPATCH, NOW)
    assert len(served[0].trio.net.exchanged) == heard
    assert {each.attempts for each in served[0].trio.letters("100000001")} == {0}
    recalls(served[0], "R3")  # what comes in is taken as ever


def test_the_fence_costs_no_commit(served: tuple[Served, LeasedTurn, LeasedTurn]) -> None:
    found, ours, _ = served
    made = {}
    for fence in (ours, None):
        found.fence(fence)
        recalls(found, *(f"{fence is None}{number}" for number in range(5)))
        before = found.store.commits
        assert found.gateway.deliver(OPERATOR, NOW) == 5
        made[fence] = found.store.commits - before
    assert made[ours] == made[None]


def test_f09_what_was_sent_as_the_turn_was_lost_is_sent_again_and_known(
    served: tuple[Served, LeasedTurn, LeasedTurn],
) -> None:
    """Frozen after the look at the epoch, before the send: the receiver knows the letter."""
    found, ours, theirs = served
    recalls(found, "R1")
    real = found.trio.net.exchange

    def exchange(*arguments: object) -> object:
        answer = real(*arguments)  # type: ignore[arg-type]
        if theirs.epoch == 0:
            ours._lock.close()
            theirs.keep()
        return answer

    found.trio.net.exchange = exchange  # type: ignore[method-assign, assignment]
    with pytest.raises(TurnLost):
        found.gateway.deliver(OPERATOR, NOW)
    (letter,) = found.trio.letters("100000001")
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 0)
    found.fence(theirs)
    assert found.gateway.deliver(OPERATOR, NOW) == 1
    assert found.trio.stores[OPERATOR].read(lambda view: view.count_documents(PLAN)) == 1


_PROCESS = """
import sys, pathlib
from vgigw.server.epoch_lock import FileLock
from vgigw.server.turn import LeasedTurn
from vgigw.stores import SqliteStore
folder = pathlib.Path(sys.argv[1])
turn = LeasedTurn(SqliteStore(folder / "state.db"), FileLock(folder))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    turn.keep()
print(turn.epoch, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("start", range(int(os.environ.get("VGIGW_STARTS", "1"))))
def test_f10_of_processes_that_start_at_once_one_has_the_turn(tmp_path: Path, start: int) -> None:
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(_process(tmp_path)) for _ in range(4)]
        for each in started:
            assert _line(each) == "ready"
        for each in started:
            _say(each)
        found = [int(_line(each)) for each in started]
        for each in started:
            _say(each)
    assert sorted(found) == [0, 0, 0, 1]


def _process(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROCESS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
