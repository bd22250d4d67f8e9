"""While nothing can be stored, reads go on and are good for their own operation only. F17, F81."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.stores.fresh import store_at
from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    Wrap,
    batch,
    ret_of,
    station,
)
from vgigw.errors import PeerRefused, StoreFull
from vgigw.gateway import guards
from vgigw.objects import AlarmQuery, IncomeQuery, StationQuery
from vgigw.operations import (
    PUSH_ARCHIVE,
    QUERY_ALARMS,
    QUERY_INCOME,
    QUERY_STATIONS_INFO,
    UPLOAD_TELEMETRY,
)
from vgigw.ports import Call, Transaction

DOORS = list(BASES)


def full(trio: Trio) -> Callable[[], None]:
    """Nothing of the platform can be written any more; a function that ends it."""
    store: Any = trio.platform.store
    write = store.write

    def refuse(work: object) -> None:
        raise StoreFull()

    store.write = refuse

    def end() -> None:
        store.write = write

    return end


@pytest.mark.parametrize("door", DOORS)
def test_f17_reads_go_on_and_writes_are_told_to_wait(door: str) -> None:
    trio = Trio(door)
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    end = full(trio)
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    assert (refused.value.code, refused.value.retry_after_s) == (-1, 10.0)
    assert trio.call(OPERATOR, QUERY_STATIONS_INFO, StationQuery()).item_size == 1
    end()
    trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 1))
    assert sorted(trio.records()) == [1]


def test_f81_a_read_that_could_not_be_remembered_is_no_other_one_now_and_later() -> None:
    trio = Trio("cec102")
    wire = trio.sealed(QUERY_STATIONS_INFO, StationQuery(), trio.token())
    other = replace(wire, path="/evcs/v1/query_alarms")
    end = full(trio)
    assert ret_of(trio.give(wire)) == 0
    assert ret_of(trio.give(other)) == 4101
    end()
    assert ret_of(trio.give(other)) == 4101
    assert ret_of(trio.give(wire)) == 0


def test_f81_what_was_remembered_before_is_no_other_read_while_the_store_is_full() -> None:
    trio = Trio("cec102")
    wire = trio.sealed(QUERY_STATIONS_INFO, StationQuery(), trio.token())
    assert ret_of(trio.give(wire)) == 0
    full(trio)
    assert ret_of(trio.give(replace(wire, path="/evcs/v1/query_alarms"))) == 4101
    assert ret_of(trio.give(wire)) == 0


def test_f81_two_threads_take_one_guard_for_one_read_only(tmp_path: Path) -> None:
    """Both find it unknown, and only then both come to where it is remembered."""
    both_looked = threading.Barrier(2)
    waits = [False]

    def gate(call: Call, tx: Transaction) -> None:
        if waits[0]:
            both_looked.wait(20)

    store = store_at(tmp_path / "full.sqlite3")  # Two may read it at a time.
    gated: dict[str, Wrap] = {PLATFORM: lambda duties: replace(duties, admit=gate)}
    trio = Trio("cec102", stores={PLATFORM: store}, wrap=gated)
    wire = trio.sealed(QUERY_STATIONS_INFO, StationQuery(), trio.token())
    other = replace(wire, path="/evcs/v1/query_alarms")
    full(trio)
    waits[0] = True
    with ThreadPoolExecutor(2) as pool:
        told = sorted(ret_of(each) for each in pool.map(trio.give, (wire, other)))
    assert told == [0, 4101]
    store.close()


def test_f17_who_reads_what_is_secret_has_to_stand_in_the_audit() -> None:
    trio = Trio("rest")
    query = IncomeQuery(party_id=OPERATOR)
    trio.call(OPERATOR, QUERY_INCOME, query)
    end = full(trio)
    with pytest.raises(PeerRefused) as refused:
        trio.call(OPERATOR, QUERY_INCOME, query)
    assert refused.value.code == -1
    end()
    trio.call(OPERATOR, QUERY_INCOME, query)


def test_f17_a_process_remembers_no_more_than_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "MOST_UNKEPT_OF_A_PEER", 3)
    trio = Trio("rest")
    trio.call(DISPATCH, QUERY_ALARMS, AlarmQuery())
    full(trio)
    for _ in range(3):
        trio.call(DISPATCH, QUERY_ALARMS, AlarmQuery())
    with pytest.raises(PeerRefused) as refused:
        trio.call(DISPATCH, QUERY_ALARMS, AlarmQuery())
    assert refused.value.code == -1
    trio.wait(600)  # twice the window: none of them is fresh any more
    trio.call(DISPATCH, QUERY_ALARMS, AlarmQuery())


def test_f17_no_peer_takes_the_reads_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a process remembers is shared out to the three peers of the platform."""
    monkeypatch.setattr(guards, "MOST_UNKEPT", 7)
    trio = Trio("rest")
    parties = (DISPATCH, OPERATOR, OTHER)
    for party in parties:
        trio.call(party, QUERY_STATIONS_INFO, StationQuery())
    full(trio)
    for party in parties:
        for _ in range(2):
            trio.call(party, QUERY_STATIONS_INFO, StationQuery())
        for _ in range(9):
            with pytest.raises(PeerRefused) as refused:
                trio.call(party, QUERY_STATIONS_INFO, StationQuery())
            assert refused.value.code == -1


def test_f17_however_many_peers_there_are_each_has_one_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guards, "MOST_UNKEPT", 1)
    trio = Trio("rest")
    parties = (DISPATCH, OPERATOR, OTHER)
    for party in parties:
        trio.call(party, QUERY_STATIONS_INFO, StationQuery())
    full(trio)
    for party in parties:
        trio.call(party, QUERY_STATIONS_INFO, StationQuery())
        with pytest.raises(PeerRefused):
            trio.call(party, QUERY_STATIONS_INFO, StationQuery())


def test_f17_a_repeat_takes_no_more_of_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "MOST_UNKEPT_OF_A_PEER", 1)
    trio = Trio("cec102")
    wire = trio.sealed(QUERY_STATIONS_INFO, StationQuery(), trio.token())
    full(trio)
    assert [ret_of(trio.give(wire)) for _ in range(3)] == [0, 0, 0]
    other = trio.sealed(QUERY_STATIONS_INFO, StationQuery(), None)
    assert ret_of(trio.give(other)) != 0
