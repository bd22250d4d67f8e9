"""What passes by itself says when to try again, on every door; our couriers obey it. F39, F60."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.trio import BASES, NOW, PLATFORM, Trio, batch, door_for
from vgigw.errors import (
    Busy,
    Conflict,
    InvalidObject,
    NotGenuine,
    OverLimit,
    PeerAnswerInvalid,
    PeerRefused,
    StoreFailed,
    TooLarge,
    VgigwError,
)
from vgigw.objects import InformationObject
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Call, Duties, Handler, Transaction

DOORS = list(BASES)
GENUINE = {"rest": {OverLimit: 429, Busy: 503, StoreFailed: 503}}
"""HTTP status of a genuine message; T/CEC 102 has 200 for all, SOAP 1.1 has 500."""


def refusing(error: Callable[[], VgigwError]) -> Callable[[Duties], Duties]:
    def handler(call: Call, tx: Transaction) -> InformationObject:
        raise error()

    def wrap(duties: Duties) -> Duties:
        handlers: dict[str, Handler] = {**duties.handlers, UPLOAD_TELEMETRY.name: handler}
        return replace(duties, handlers=handlers)

    return wrap


def waiting(kind: type[VgigwError], wait_s: float | None) -> Callable[[], VgigwError]:
    def make() -> VgigwError:
        error = kind()
        error.retry_after_s = wait_s
        return error

    return make


@pytest.mark.parametrize(
    ("wait_s", "field", "read_s"), [(None, "1", 1.0), (0.2, "1", 1.0), (7.2, "8", 8.0)]
)
@pytest.mark.parametrize("kind", [OverLimit, Busy, StoreFailed])
@pytest.mark.parametrize("door", DOORS)
def test_f60_a_refusal_that_passes_says_when_and_the_courier_hears_it(
    door: str, kind: type[VgigwError], wait_s: float | None, field: str, read_s: float
) -> None:
    trio = Trio(door, wrap={PLATFORM: refusing(waiting(kind, wait_s))})
    with pytest.raises(PeerRefused) as refused:
        trio.operator.call(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    assert refused.value.code == kind.ret
    assert refused.value.retry_after_s == read_s
    answer = trio.net.exchanged[-1][1]
    assert answer.headers["retry-after"] == field
    usual = {"cec102": 200, "soap": 500}.get(door, 0)
    assert answer.status == GENUINE.get(door, {}).get(kind, usual)


@pytest.mark.parametrize("kind", [Conflict, InvalidObject, NotGenuine])
@pytest.mark.parametrize("door", DOORS)
def test_what_would_be_refused_again_asks_for_no_second_try(
    door: str, kind: type[VgigwError]
) -> None:
    trio = Trio(door, wrap={PLATFORM: refusing(kind)})
    with pytest.raises(PeerRefused) as refused:
        trio.operator.call(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    assert refused.value.retry_after_s is None


@pytest.mark.parametrize(("kind", "status"), [(Busy, 503), (TooLarge, 413)])
@pytest.mark.parametrize("door", DOORS)
def test_what_was_turned_away_unread_has_its_http_status_on_every_door(
    door: str, kind: type[VgigwError], status: int
) -> None:
    trio = Trio(door)
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    answer = door_for(trio.platform, wire).refuse(
        replace(wire, body=b""), None, None, waiting(kind, 3)(), NOW
    )
    assert answer.status == status
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize("door", DOORS)
def test_a_courier_obeys_an_answer_that_nobody_signed_in_its_retry_after_alone(door: str) -> None:
    """It was given before our message was read, so nothing of it counts but the wait."""
    trio = Trio(door)
    operator = trio.operator
    peer = operator.identity.peers[PLATFORM]
    courier = operator._exchanges._couriers[door]
    wire, sent = courier.seal(peer, peer.paths[0], UPLOAD_TELEMETRY, batch(1, 2), "t", NOW)
    unread = door_for(trio.platform, replace(wire, path=f"/{BASES[door]}{wire.path}")).refuse(
        wire, None, None, waiting(Busy, 9)(), NOW
    )
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, UPLOAD_TELEMETRY, sent, unread)
    trio.net.exchange = lambda base, request: unread  # type: ignore[method-assign]
    with pytest.raises(PeerAnswerInvalid) as invalid:
        operator.call(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), NOW)
    assert invalid.value.retry_after_s == 9.0
