"""A peer is there again: what waited for it does not wait for its own back-off. PLT-9.4, F48."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.stores.fresh import fresh_store
from tests.trio import BASES, NOW, PLATFORM, Trio, batch
from vgigw.gateway.unreached import UNREACHED, Unreached
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Letter, LetterState
from vgigw.rules.retry import HELD_BACK
from vgigw.testing.store_records import letter as letter_of


@pytest.mark.parametrize("minutes", [2, 5])
@pytest.mark.parametrize("door", BASES)
def test_plt_9_4_ten_seconds_after_its_peer_is_back_what_waited_goes_out(
    door: str, minutes: int
) -> None:
    trio = Trio(door)
    trio.net.cut.add(PLATFORM)
    for seq in range(1, 6):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(seq, seq), trio.now)
    for _ in range(minutes * 60):
        trio.operator.tick(trio.wait(1))
    trio.net.cut.clear()
    for seq in range(10, 24):
        trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(seq, seq), trio.now)
        trio.operator.tick(trio.wait(1))
    assert set(trio.records(PLATFORM)) >= {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("last_error", "state", "next_at", "due"),
    [
        (UNREACHED, LetterState.WAITING, NOW + timedelta(seconds=50), True),
        ("refused 4302", LetterState.WAITING, NOW + timedelta(seconds=50), False),
        ("cancelled", LetterState.WAITING, HELD_BACK, False),
        (UNREACHED, LetterState.DEAD, NOW + timedelta(seconds=50), False),
    ],
)
def test_plt_9_4_only_what_met_nobody_is_due_when_somebody_is_there(
    last_error: str, state: LetterState, next_at: datetime, due: bool
) -> None:
    """A wait that its peer asked for holds, and so does what somebody holds back."""
    store = fresh_store()
    unreached = Unreached(store)
    number = store.write(lambda tx: tx.enqueue(letter_of("m")))

    def held() -> Letter:
        found = store.read(lambda view: view.letter(number))
        assert found is not None
        return found

    unreached.note(held())
    changed = replace(held(), last_error=last_error, state=state, next_at=next_at)
    store.write(lambda tx: tx.save_letter(changed))
    unreached.reached(changed.destination, NOW)
    assert held() == (replace(changed, next_at=NOW) if due else changed)
    unreached.reached(changed.destination, NOW + timedelta(seconds=1))
    assert held() == (replace(changed, next_at=NOW) if due else changed)
