"""A held stream holds up itself alone, and only behind what was refused. F63, F22, PLT-7.9d."""

from __future__ import annotations

from typing import Any, cast

import pytest
from msgspec.structs import replace

from tests.gateway.test_poison import (
    OTHER_STREAM,
    Refusing,
    came,
    dead,
    gaps,
    held,
    holding,
    sent,
    try_again,
)
from tests.trio import DISPATCH, OPERATOR, OTHER, PLATFORM, STREAM, Trio, batch, letters_of
from vgigw.errors import Busy, InvalidObject, UnknownObject
from vgigw.handlers import backlog_feeding
from vgigw.handlers.brought import told_by
from vgigw.handlers.poison import Poison
from vgigw.handlers.poison_numbers import declare, held_of, hold
from vgigw.handlers.recall_plan import plans_of
from vgigw.objects import RecallRequest, TelemetryBatch
from vgigw.objects.operating_enumerations import RecallCause
from vgigw.operations import BACKFILL_DATA, RECALL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Call, LetterState, OnPoison, Transaction
from vgigw.rules.ranges import Range, Ranges, without


def asked(recall_id: str, by: str, stream: str, first: int, last: int) -> RecallRequest:
    return RecallRequest(
        recall_id=recall_id,
        requester_id=by,
        stream_id=stream,
        seq_from=first,
        seq_to=last,
        cause=RecallCause.GAP,
    )


def test_f63_what_is_held_of_one_owner_holds_nothing_of_another() -> None:
    trio = Trio(platform_sees={DISPATCH: {"on_poison": OnPoison.HOLD}})
    handlers = cast(dict[str, Any], trio.dispatch._inbound._handlers)
    inner = handlers[BACKFILL_DATA.name]

    def refuse(call: Call, tx: Transaction) -> object:
        told: TelemetryBatch = call.request
        if told.source_id == OPERATOR and told.seq_from <= 5 <= told.seq_to:
            raise InvalidObject
        return inner(call, tx)

    handlers[BACKFILL_DATA.name] = refuse
    sent(trio, (1, 9))
    for first in (1, 11):
        told = batch(first, first + 9, source_id=OTHER, batch_id=f"o{first}")
        trio.gateways[OTHER].send(PLATFORM, UPLOAD_TELEMETRY, told, trio.now)
    trio.tick(3, step_s=1)
    trio.call(DISPATCH, RECALL_DATA, asked("R1", DISPATCH, STREAM, 1, 20))
    trio.tick(40, step_s=2)
    assert set(range(1, 21)) <= set(trio.records(DISPATCH, OTHER))
    left = trio.stores[PLATFORM].read(lambda view: held_of(view, DISPATCH))
    assert left == {(OPERATOR, STREAM): ((5, 5),)}, "also after the 5 of another was delivered"


def test_f63_jobs_of_a_held_stream_take_no_place_of_others() -> None:
    trio = holding()
    Refusing(trio, InvalidObject)
    sent(trio, (1, 3))
    trio.tick(1)
    for first in (10, 20, 30, 40, 50):
        trio.operator.keep(batch(first, first + 2), trio.now)
        sent(trio, (first + 3, first + 9))
    trio.tick(1)
    sent(trio, (4, 6))
    trio.tick(1)
    assert held(trio) == ((4, 6),)
    trio.operator.keep(batch(1, 3, stream_id=OTHER_STREAM, batch_id="x"), trio.now)
    sent(trio, (4, 6), stream=OTHER_STREAM)
    trio.tick(10, step_s=4)
    trio.call(PLATFORM, RECALL_DATA, asked("R", PLATFORM, OTHER_STREAM, 1, 3), to=OPERATOR)
    for _ in range(40):
        trio.tick(1, step_s=4)
        trio.operator.beat(PLATFORM, trio.now)
    assert came(trio, OTHER_STREAM) == [1, 2, 3, 4, 5, 6]
    assert len(gaps(trio)) > 4
    assert trio.stores[OPERATOR].read(lambda view: plans_of(view, open_only=True)) == []


def test_f63_what_was_tried_again_is_not_taken_back_and_a_letter_stays_to_act_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters_of(3, monkeypatch)
    trio = holding()
    refusing = Refusing(trio, UnknownObject)
    sent(trio, (1, 3))
    trio.tick(1)
    trio.net.cut.add(PLATFORM)
    sent(trio, *((first, first + 2) for first in range(4, 31, 3)))
    trio.operator.do_chores(trio.wait(120))
    trio.net.cut.clear()
    trio.tick(20, step_s=3)
    assert held(trio) == ((4, 6),)
    refusing.everything = True
    trio.call(PLATFORM, RECALL_DATA, asked("R", PLATFORM, STREAM, 1, 3), to=OPERATOR)
    trio.operator.do_chores(trio.now)
    try_again(trio, trio.now)
    trio.tick(6, step_s=2)
    left = cast(Ranges, held(trio))
    assert len(left) > 0
    for told in filter(None, map(told_by, dead(trio))):
        left = without(left, told.numbers)
    assert left == (), "each number that is held has its letter"
    refusing.active = False
    try_again(trio, trio.now)
    trio.tick(60, step_s=5)
    assert (sorted(trio.records()), held(trio)) == (list(range(1, 31)), ())


def test_f63_what_is_held_and_no_letter_brings_goes_again() -> None:
    trio = holding()
    refusing = Refusing(trio, InvalidObject)
    sent(trio, (1, 3), (4, 6), (7, 9))
    trio.tick(1)
    refusing.active = False
    trio.stores[OPERATOR].write(
        lambda tx: [tx.drop_letter(each.id) for each in tx.letters(state=LetterState.DEAD)]
    )
    for _ in range(40):
        trio.tick(1, step_s=10)
        trio.operator.beat(PLATFORM, trio.now)
    assert (held(trio), sorted(trio.records())) == ((), list(range(1, 10)))


def test_f63_what_is_older_than_what_is_held_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    letters_of(3, monkeypatch)
    monkeypatch.setattr("vgigw.handlers.poison.unbrought", lambda *_: [])
    trio = holding()
    sent(trio, (1, 3))
    trio.tick(1)
    trio.net.cut.add(PLATFORM)
    sent(trio, *((first, first + 2) for first in range(4, 61, 3)))
    trio.operator.do_chores(trio.wait(120))
    trio.net.cut.clear()

    def hold_newer(tx: Transaction) -> None:
        hold(tx, PLATFORM, OPERATOR, STREAM, Range(40, 42), trio.now)

    trio.stores[OPERATOR].write(hold_newer)
    trio.tick(40, step_s=5)
    assert sorted(trio.records()) == list(range(1, 40))


def test_f63_many_held_streams_starve_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_feeding, "_LOOKED_AT", 3)
    monkeypatch.setattr("vgigw.handlers.poison.unbrought", lambda *_: [])
    trio = holding()
    trio.net.cut.add(PLATFORM)
    names = [f"A{number}" for number in range(9)]
    for name in (*names, "Z"):
        sent(trio, (1, 3), stream=name)
    for _ in range(5):
        trio.operator.do_chores(trio.wait(30))

    def hold_all(tx: Transaction) -> None:
        for name in names:
            hold(tx, PLATFORM, OPERATOR, name, Range(1, 3), trio.now)

    trio.stores[OPERATOR].write(hold_all)
    trio.net.cut.clear()
    trio.tick(30, step_s=5)
    assert came(trio, "Z") == [1, 2, 3]


def test_f63_a_release_whose_commit_fails_is_made_again() -> None:
    trio = Trio()
    poison, store = Poison(trio.operator.identity), trio.stores[OPERATOR]
    store.write(lambda tx: hold(tx, PLATFORM, OPERATOR, STREAM, Range(4, 6), trio.now))

    def fails(tx: Transaction) -> None:
        poison.settle(tx, trio.now)
        raise Busy

    with pytest.raises(Busy):
        store.write(fails)
    assert held(trio) == ((4, 6),)
    store.write(lambda tx: poison.settle(tx, trio.now))
    assert held(trio) == ()


@pytest.mark.parametrize("kind", ["HeldNumbers", "DeclaredNumbers"])
def test_f22_numbers_that_cannot_be_read_hold_up_nothing(kind: str) -> None:
    trio = holding()

    def damage(tx: Transaction) -> None:
        hold(tx, PLATFORM, OPERATOR, STREAM, Range(4, 6), trio.now)
        declare(tx, PLATFORM, OPERATOR, STREAM, Range(4, 6), trio.now)
        (document,) = tx.documents(kind, owner=PLATFORM)
        tx.put(replace(document, payload=b"damaged"))

    trio.stores[OPERATOR].write(damage)
    sent(trio, (1, 3))
    sent(trio, (1, 3), stream=OTHER_STREAM)
    trio.tick(5, step_s=2)
    assert (sorted(trio.records()), came(trio, OTHER_STREAM)) == ([1, 2, 3], [1, 2, 3])
    left = trio.stores[OPERATOR].read(lambda view: view.documents(kind, owner=PLATFORM))
    assert left == [], "it is told, and forgotten"
