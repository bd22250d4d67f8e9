"""The clockwork: delivers and does chores by itself, goes on after a failure, and only once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.served import Served
from tests.trio import DISPATCH, NOW, OPERATOR, OTHER, PLATFORM, STREAM, batch, kept
from vgigw.cli.findings import State
from vgigw.cli.store_checks import store_of_gateway
from vgigw.errors import StoreDamaged, StoreFailed
from vgigw.handlers.links import link_of
from vgigw.objects import AlarmEvent, RecallRequest
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import LetterState
from vgigw.rules.lease import Lease
from vgigw.server.config import DATABASE, load
from vgigw.server.epoch_lock import FileLock
from vgigw.server.ticker import Ticker
from vgigw.server.turn import LEASE, LeasedTurn
from vgigw.stores import SqliteStore
from vgigw.testing.bench.gateway_process import write_config

PATIENCE_S = 8.0


def until(done: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def turn_in(served: Served, folder: Path) -> LeasedTurn:
    return LeasedTurn(served.store, FileLock(folder))


def put(served: Served, party: str) -> None:
    request = RecallRequest(
        recall_id=f"R{party}",
        requester_id="100000001",
        stream_id=STREAM,
        seq_from=1,
        seq_to=2,
        cause=RecallCause.MANUAL,
    )
    served.gateway.send(party, RECALL_DATA, request, NOW)


def states(served: Served) -> dict[str, LetterState]:
    letters = served.store.read(lambda view: view.letters())
    return {letter.destination: letter.state for letter in letters}


def test_letters_go_out_and_gaps_are_asked_for_without_a_host(tmp_path: Path) -> None:
    served = Served(tmp_path)
    served.trio.journal(OPERATOR, batch(2, 2))
    for seq in (1, 3):
        served.trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(seq, seq))
    served.trio.wait(3)
    ticker = Ticker(served.gateway, served.trio.clock)
    ticker.start()
    until(lambda: states(served) == {OPERATOR: LetterState.DELIVERED})
    ticker.stop()
    served.trio.operator.tick(served.trio.now)
    served.trio.operator.tick(served.trio.now)
    assert sorted(served.trio.records()) == [1, 2, 3]
    served.close()


def test_an_unreachable_peer_holds_up_its_own_letters_only(tmp_path: Path) -> None:
    served = Served(tmp_path)
    served.trio.net.cut.add(OPERATOR)
    put(served, OPERATOR)
    put(served, OTHER)
    ticker = Ticker(served.gateway, served.trio.clock)
    ticker.start()
    until(lambda: states(served)[OTHER] is LetterState.DELIVERED)
    ticker.stop()
    assert states(served)[OPERATOR] is LetterState.WAITING
    served.close()


def test_a_chore_that_fails_is_tried_again(tmp_path: Path) -> None:
    served = Served(tmp_path)
    calls: list[int] = []

    def failing(_: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise StoreFailed()
        if len(calls) == 2:
            raise RuntimeError("a library's")

    served.gateway.do_chores = failing  # type: ignore[method-assign, assignment]
    ticker = Ticker(served.gateway, served.trio.clock)
    ticker.start()
    until(lambda: len(calls) >= 3)
    ticker.stop()
    served.close()


def test_of_several_clockworks_on_one_folder_one_runs_and_the_next_takes_over(
    tmp_path: Path,
) -> None:
    served = Served(tmp_path)
    first = Ticker(served.gateway, served.trio.clock, turn_in(served, tmp_path))
    second = Ticker(served.gateway, served.trio.clock, turn_in(served, tmp_path))
    ran: list[str] = []
    first._chores = lambda: bool(ran.append("first"))  # type: ignore[method-assign, func-returns-value]
    second._chores = lambda: bool(ran.append("second"))  # type: ignore[method-assign, func-returns-value]
    first.start()
    until(lambda: "first" in ran)
    second.start()
    time.sleep(0.3)
    assert "second" not in ran
    first.stop()
    until(lambda: "second" in ran)
    second.stop()
    served.close()


def test_stop_ends_a_clockwork_that_waits_for_its_turn(tmp_path: Path) -> None:
    served = Served(tmp_path)
    turn = turn_in(served, tmp_path)
    first = Ticker(served.gateway, served.trio.clock, turn)
    second = Ticker(served.gateway, served.trio.clock, turn_in(served, tmp_path))
    first.start()
    until(lambda: turn.epoch == 1)
    second.start()
    began = time.monotonic()
    second.stop()
    assert time.monotonic() - began < 3
    first.stop()
    served.close()


def test_plt_9_4_a_served_gateway_beats_by_itself(tmp_path: Path) -> None:
    served = Served(tmp_path)
    ticker = Ticker(served.gateway, served.trio.clock)
    ticker.start()
    heard = served.trio.stores[DISPATCH]
    until(lambda: heard.read(lambda view: link_of(view, PLATFORM)) is not None)
    ticker.stop()
    served.close()


def test_f22_a_damaged_lease_stops_what_goes_out_and_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = Served(tmp_path)
    turn = turn_in(served, tmp_path)
    ticker = Ticker(served.gateway, served.trio.clock, turn)
    ticker.start()
    until(lambda: turn.epoch == 1)
    served.store.write(lambda tx: tx._change("UPDATE lease SET epoch = epoch + 4", ()))

    def told() -> bool:
        found = served.store.read(lambda view: view.documents("AlarmEvent", owner=PLATFORM))
        codes = [kept(AlarmEvent, each.payload).alarm_code for each in found]
        return codes == ["STORE_DAMAGED"]

    until(told)
    with pytest.raises(StoreDamaged):
        served.store.write(turn.check)
    ticker.stop()
    served.close()
    assert "turn.damaged" in capfd.readouterr().out


@pytest.mark.own_store("a file that is damaged")
def test_f22_the_doctor_says_what_to_do_with_a_damaged_store(tmp_path: Path) -> None:
    config = load(write_config(tmp_path, 1, "tcec102"))
    path = config.state_dir / DATABASE
    store = SqliteStore(path)
    store.write(lambda tx: tx.save_lease(LEASE, Lease(holder="a", epoch=1, at=NOW)))
    store.write(lambda tx: tx.next_number("n"))
    store.close()
    sound = list(store_of_gateway(config, verify=True))
    assert [each.state for each in sound] == [State.OK, State.OK]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE lease SET epoch = 5")
        connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'n'")
    found = {each.check: each for each in store_of_gateway(config, verify=True)}
    assert found["clockwork"].state is State.FAIL
    assert "DELETE FROM lease" in found["clockwork"].advice
    assert found["records"].state is State.FAIL
    assert found["records"].found in ("lease: 1 damaged", "counter: 1 damaged")
