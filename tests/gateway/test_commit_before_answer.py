"""A success leaves only after its commit; a failure leaves nothing behind. PLT-7.6b."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import BASES, OPERATOR, PLATFORM, Trio, batch, door_for, ret_of, station
from vgigw.errors import Busy, PeerRefused, StoreFailed, VgigwError
from vgigw.objects import InformationObject
from vgigw.operations import PUSH_ARCHIVE, UPLOAD_TELEMETRY
from vgigw.ports import Call, Duties, Handler, Transaction, View

T = TypeVar("T")
TEXT_OF_A_LIBRARY = "no such table: secret_canary_table"


class Unsure:
    """A store whose commits fail after the work was done, while ``fault`` is set."""

    def __init__(self) -> None:
        self._sound = fresh_store()
        self.read, self.close = self._sound.read, self._sound.close
        self.fault: VgigwError | None = None
        self.works = 0

    def write(self, work: Callable[[Transaction], T]) -> T:
        def spoilt(tx: Transaction) -> T:
            result = work(tx)
            self.works += 1
            if self.fault is not None:
                raise self.fault
            return result

        return self._sound.write(spoilt)


@pytest.fixture(params=list(BASES))
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("fault", "code"), [(StoreFailed(), 500), (Busy(), -1)])
def test_a_commit_that_fails_is_never_a_success_and_the_next_try_is(
    door: str, fault: VgigwError, code: int
) -> None:
    store = Unsure()
    trio = Trio(door, stores={PLATFORM: store})
    token = trio.token()
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), token)
    store.fault, store.works = fault, 0
    refused = trio.give(wire)
    assert store.works == 1  # the work itself went well
    assert ret_of(refused) == code
    assert trio.records() == {}
    store.fault = None
    assert ret_of(trio.give(wire)) == 0
    assert sorted(trio.records()) == [1, 2]


def test_the_answer_is_made_after_the_work_was_committed() -> None:
    """When the handler's reply is on its way out, a reader of the store sees the rows."""
    trio = Trio()
    door_seen: list[list[int]] = []
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())

    door = door_for(trio.platform, wire)
    answer = door.answer

    def watched(*arguments: object) -> object:
        door_seen.append(sorted(trio.records()))
        return answer(*arguments)  # type: ignore[arg-type]

    door.answer = watched  # type: ignore[method-assign, assignment]
    assert ret_of(trio.platform.receive(door, wire, trio.now)) == 0
    assert door_seen == [[1, 2]]


def half_done(failures: list[Exception]) -> Callable[[Duties], Duties]:
    """Handlers that write, and then raise the next of ``failures`` while there are some."""

    def failing(handler: Handler) -> Handler:
        def run(call: Call, tx: Transaction) -> InformationObject:
            reply = handler(call, tx)
            if failures:
                raise failures.pop()
            return reply

        return run

    def wrapped(duties: Duties) -> Duties:
        upload = UPLOAD_TELEMETRY.name
        return replace(
            duties, handlers={**duties.handlers, upload: failing(duties.handlers[upload])}
        )

    return wrapped


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError(TEXT_OF_A_LIBRARY),
        KeyError(TEXT_OF_A_LIBRARY),
        PeerRefused(4201, TEXT_OF_A_LIBRARY),
        RecursionError(TEXT_OF_A_LIBRARY),
    ],
)
def test_a_handler_that_fails_gives_500_in_our_words_and_leaves_nothing(
    door: str, failure: Exception
) -> None:
    trio = Trio(door, wrap={PLATFORM: half_done([failure])})
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    before = everything(trio)
    answer = trio.give(wire)
    assert ret_of(answer) == 500
    assert b"canary" not in answer.body
    assert "canary" not in str(answer.headers)
    assert everything(trio) == before


def test_a_failed_first_attempt_does_not_block_the_good_second(door: str) -> None:
    trio = Trio(door, wrap={PLATFORM: half_done([RuntimeError("first")])})
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    assert ret_of(trio.give(wire)) == 500
    assert ret_of(trio.give(wire)) == 0
    assert sorted(trio.records()) == [1, 2]


def test_a_failure_is_told_to_the_observer_with_its_cause_and_not_to_the_peer(door: str) -> None:
    trio = Trio(door, wrap={PLATFORM: half_done([RuntimeError(TEXT_OF_A_LIBRARY)])})
    trio.give(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token()))
    event = next(facts for _, name, facts in trio.events if name == "message.failed")
    assert isinstance(event["cause"], RuntimeError)
    assert (event["peer"], event["operation"]) == (OPERATOR, "UploadTelemetry")


def test_a_closed_store_refuses_everything_and_acknowledges_nothing(door: str) -> None:
    trio = Trio(door)
    wire = trio.sealed(PUSH_ARCHIVE, station(), trio.token())
    trio.stores[PLATFORM].close()
    assert ret_of(trio.give(wire)) == 500


def everything(trio: Trio) -> object:
    """What an upload could have left behind."""

    def look(view: View) -> object:
        return view.last_row_id(), view.streams(), view.gaps()

    return trio.stores[PLATFORM].read(look)
