"""The outbox: a letter keeps its identity and content, and ends exactly once. PLT-7.6b."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store, store_at
from tests.trio import BASES, NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, door_for, ret_of, station
from vgigw.codec.packing import pack
from vgigw.crypto.suite import SUITES
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.errors import Busy, Conflict, InvalidObject, PeerUnreachable
from vgigw.gateway import Gateway
from vgigw.objects import Heartbeat, InformationObject
from vgigw.objects.operating_enumerations import ChannelRole
from vgigw.operations import BACKFILL_DATA, HEARTBEAT, PUSH_ALARM, PUSH_ARCHIVE, UPLOAD_TELEMETRY
from vgigw.ports import Duties, Letter, LetterState, Observer, Transaction
from vgigw.senders.cec102 import Cec102Courier


@pytest.fixture(params=list(BASES))
def trio(request: pytest.FixtureRequest) -> Trio:
    return Trio(request.param)


def letters(trio: Trio) -> list[Letter]:
    """Those of the operator; an alarm of its own is another matter."""
    return [each for each in trio.letters(OPERATOR) if each.operation != PUSH_ALARM.name]


def letter(trio: Trio) -> Letter:
    (found,) = letters(trio)
    return found


def send(trio: Trio, first: int = 1, last: int = 2) -> None:
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(first, last), trio.now)


def test_a_letter_survives_a_restart_on_the_same_file(tmp_path: Path) -> None:
    store = store_at(tmp_path / "o.sqlite3")
    trio = Trio(stores={OPERATOR: store})
    send(trio)
    before = letter(trio)
    store.close()
    trio.stores[OPERATOR] = store_at(tmp_path / "o.sqlite3")
    trio.restart(OPERATOR)
    assert letter(trio) == before
    trio.tick()
    assert sorted(trio.records()) == [1, 2]
    assert letter(trio).state is LetterState.DELIVERED
    trio.stores[OPERATOR].close()


def test_message_id_sequence_and_content_are_the_same_on_every_retry(trio: Trio) -> None:
    """What reached the platform is opened and compared; only the envelope is new each time."""
    trio.call(OPERATOR, PUSH_ARCHIVE, station())  # a token is there
    send(trio)
    sent = letter(trio)
    trio.net.lose_answers.add(PLATFORM)
    for _ in range(4):
        trio.operator.tick(trio.now)
        trio.wait(9)
        assert (letter(trio).message_id, letter(trio).payload) == (sent.message_id, sent.payload)
    arrived = [opened(trio, wire) for wire, _ in trio.net.exchanged]
    uploads = [(guard, request) for guard, name, request in arrived if name == "UploadTelemetry"]
    assert len(uploads) == 4
    assert len({guard for guard, _ in uploads}) == 4
    assert {request for _, request in uploads} == {batch(1, 2)}


def opened(trio: Trio, wire: WireRequest) -> tuple[bytes, str, InformationObject]:
    """What the platform reads from ``wire``: guard, operation, request."""
    door = door_for(trio.platform, wire)
    claim = door.read(wire)
    request = door.open(claim, trio.platform.identity.peers[OPERATOR], trio.now).request
    return claim.guard, claim.operation.name, request


def test_an_answer_that_is_lost_is_asked_for_again_and_the_effect_is_once(trio: Trio) -> None:
    trio.call(OPERATOR, PUSH_ARCHIVE, station())  # a token is there
    send(trio)
    trio.net.lose_answers.add(PLATFORM)
    trio.operator.tick(trio.now)
    assert sorted(trio.records()) == [1, 2]
    assert letter(trio).state is LetterState.WAITING
    trio.net.lose_answers.clear()
    trio.wait(1)
    trio.operator.tick(trio.now)
    assert letter(trio).state is LetterState.DELIVERED
    assert letter(trio).attempts == 2
    assert sorted(trio.records()) == [1, 2]


def test_the_wait_doubles_from_half_a_second_to_a_minute(trio: Trio) -> None:
    trio.net.cut.add(PLATFORM)
    trio.operator.send(PLATFORM, PUSH_ARCHIVE, station(), trio.now)
    waits = []
    for _ in range(10):
        trio.operator.tick(trio.now)
        due = letter(trio).next_at
        waits.append((due - trio.now).total_seconds())
        trio.clock.move_to(due)
    full = [min(0.5 * 2**n, 60.0) for n in range(10)]
    assert all(0.74 * most <= wait <= most for wait, most in zip(waits, full, strict=True))
    assert letter(trio).state is LetterState.WAITING


def test_a_letter_is_not_tried_before_it_is_due(trio: Trio) -> None:
    trio.net.cut.add(PLATFORM)
    send(trio)
    trio.operator.tick(trio.now)
    trio.net.cut.clear()
    trio.wait(0.3)
    trio.operator.tick(trio.now)
    assert letter(trio).attempts == 1
    trio.wait(0.2)
    trio.operator.tick(trio.now)
    assert letter(trio).state is LetterState.DELIVERED


@pytest.mark.parametrize("code", [4004, 4202, 4301])
def test_a_definite_refusal_ends_a_letter_with_its_reason_and_keeps_it(
    trio: Trio, code: int
) -> None:
    if code == 4004:
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2, actual_count=1), trio.now)
    elif code == 4202:
        trio.call(OPERATOR, UPLOAD_TELEMETRY, batch(1, 2, expected_count=9))
        send(trio)
    else:
        foreign = station(operator_id=OTHER, aggregator_id=None)
        trio.operator.send(PLATFORM, PUSH_ARCHIVE, foreign, trio.now)
    trio.tick()
    trio.tick(3, step_s=61)
    assert letter(trio).state is LetterState.DEAD
    assert letter(trio).last_error == f"refused {code}"
    assert letter(trio).attempts == 1


def test_a_dead_letter_does_not_hold_up_the_next(trio: Trio) -> None:
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2, actual_count=1), trio.now)
    send(trio, 3, 4)
    trio.tick()
    assert [found.state for found in letters(trio)] == [
        LetterState.DEAD,
        LetterState.DELIVERED,
    ]


def test_a_letter_that_no_longer_fits_the_contract_dies_and_holds_up_nobody(trio: Trio) -> None:
    """A letter of an older version, say. It is found out when it is opened for sending."""
    send(trio, 1, 2)
    good = letter(trio)
    spoilt = replace(good, payload=pack(b'{"NoSuch":1}'), message_id="old", id=0)
    trio.stores[OPERATOR].write(lambda tx: tx.enqueue(spoilt))
    send(trio, 3, 4)
    trio.tick()
    states = {found.id: found.state for found in letters(trio)}
    assert list(states.values()) == [
        LetterState.DELIVERED,
        LetterState.DEAD,
        LetterState.DELIVERED,
    ]


def test_an_expired_letter_is_not_sent(trio: Trio) -> None:
    trio.operator.send(
        PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW, valid_until=NOW + timedelta(seconds=10)
    )
    trio.wait(10)
    trio.operator.tick(trio.now)
    assert letter(trio).state is LetterState.DEAD
    assert letter(trio).last_error == "expired"
    assert trio.net.exchanged == []
    assert trio.records() == {}


def test_a_letter_is_sent_up_to_its_last_moment(trio: Trio) -> None:
    trio.operator.send(
        PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW, valid_until=NOW + timedelta(seconds=10)
    )
    trio.wait(9.999)
    trio.operator.tick(trio.now)
    assert letter(trio).state is LetterState.DELIVERED


def test_what_a_peer_would_refuse_is_refused_before_it_is_kept(trio: Trio) -> None:
    with pytest.raises(InvalidObject):
        send_broken(trio)
    assert trio.letters(OPERATOR) == []


def send_broken(trio: Trio) -> None:
    broken = replace(batch(1, 2), stream_id="x" * 33)
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, broken, trio.now)


def test_control_goes_before_live_and_live_before_bulk() -> None:
    trio = Trio("rest")
    beat = Heartbeat(link_id="L", seq=1, time=NOW, channel_role=ChannelRole.MAIN)
    trio.operator.send(PLATFORM, BACKFILL_DATA, batch(1, 1), NOW)
    send(trio, 2, 2)
    trio.operator.send(PLATFORM, HEARTBEAT, beat, NOW)
    trio.tick()
    paths = [wire.path for wire, answer in trio.net.exchanged if ret_of(answer) == 0]
    assert [path.rsplit("/", 1)[-1] for path in paths] == [
        "tokens",
        "heartbeats",
        "telemetry",
        "backfills",
    ]


def test_a_chore_that_fails_does_not_keep_the_others_from_their_work() -> None:
    done: list[datetime] = []

    def fails(tx: Transaction, now: datetime) -> None:
        raise Busy()

    identity = Trio().platform.identity
    gateway = Gateway(
        identity=identity,
        store=fresh_store(),
        duties=Duties(handlers={}, chores=(fails, lambda tx, now: done.append(now))),
        couriers={},
        sender=Trio().net,
    )

    with pytest.raises(Busy):
        gateway.do_chores(NOW)

    assert done == [NOW]


def _with(duties: Duties, observer: Observer) -> tuple[Trio, Gateway]:
    """An operator whose duties and observer are given, on the line of a trio."""
    trio = Trio()
    trio.call(OPERATOR, PUSH_ARCHIVE, station())
    gateway = Gateway(
        identity=trio.operator.identity,
        store=fresh_store(),
        duties=duties,
        couriers={"cec102": Cec102Courier(OPERATOR, SUITES)},
        sender=trio.net,
        observer=observer,
    )
    return trio, gateway


def test_a_follower_that_fails_holds_up_no_letter_of_another_operation() -> None:
    def fails(letter: Letter, reply: object, tx: Transaction, now: datetime) -> None:
        raise ValueError(letter.message_id)

    told: list[str] = []
    duties = Duties(handlers={}, followers={PUSH_ARCHIVE.name: fails})

    def hear(event: str, /, **facts: object) -> None:
        told.append(event)

    trio, gateway = _with(duties, hear)
    gateway.send(PLATFORM, PUSH_ARCHIVE, station(version=2), NOW)
    gateway.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)

    for _ in range(4):
        gateway.deliver(PLATFORM, trio.wait(0.1))

    states = {
        letter.operation: letter.state for letter in gateway.store.read(lambda view: view.letters())
    }
    assert states[UPLOAD_TELEMETRY.name] is LetterState.DELIVERED
    assert states[PUSH_ARCHIVE.name] is LetterState.WAITING
    assert told.count("letter.postponed") == 1  # it waits its time like any other


def test_an_observer_that_fails_costs_no_answer() -> None:
    def fails(event: str, /, **facts: object) -> None:
        raise OSError(28, event)

    _, gateway = _with(Duties(handlers={}), fails)
    gateway.send(PLATFORM, PUSH_ARCHIVE, station(version=2), NOW)

    assert gateway.deliver(PLATFORM, NOW) == 1


def test_one_batch_goes_to_two_peers_and_is_kept_once() -> None:
    trio = Trio()
    operator = trio.operator
    for _ in range(2):
        operator.keep(batch(1, 3), NOW)
        operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 3), NOW)

    assert len(operator.store.read(lambda view: view.rows())) == 1
    with pytest.raises(Conflict):
        operator.keep(batch(1, 2), NOW)


@pytest.mark.parametrize("answered", [True, False])
def test_what_is_withdrawn_while_others_are_sent_is_not_sent_any_more(
    trio: Trio, monkeypatch: pytest.MonkeyPatch, *, answered: bool
) -> None:
    """Two letters wait; both are withdrawn while the first is on its way."""
    trio.call(OPERATOR, PUSH_ARCHIVE, station())  # a token is there
    send(trio, 1, 2)
    send(trio, 3, 4)
    plain, sent = trio.net.exchange, []

    def withdraw(tx: Transaction) -> None:
        for each in tx.letters(state=LetterState.WAITING):
            tx.save_letter(replace(each, state=LetterState.DEAD, last_error="withdrawn"))

    def exchange(base: str, wire: WireRequest) -> WireAnswer:
        sent.append(wire)
        trio.stores[OPERATOR].write(withdraw)
        if not answered:
            raise PeerUnreachable()
        return plain(base, wire)

    monkeypatch.setattr(trio.net, "exchange", exchange)
    trio.operator.tick(trio.now)
    trio.operator.tick(trio.wait(120))

    assert len(sent) == 1
    first, second = trio.letters(OPERATOR)
    assert first.state is (LetterState.DELIVERED if answered else LetterState.DEAD)
    assert second.state is LetterState.DEAD
