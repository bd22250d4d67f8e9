"""An envelope that was taken once is good for its own operation only, and for its window. Q32."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.stores.fresh import store_at
from tests.trio import NOW, OPERATOR, PLATFORM, Trio, batch, door_for, ret_of
from vgigw.envelope.wire import WireRequest
from vgigw.operations import UPLOAD_TELEMETRY

BACKFILL = "/evcs/v1/notification_backfill_data"


def guard(trio: Trio, wire: WireRequest) -> bytes:
    return door_for(trio.platform, wire).read(wire).guard


def test_cec102_the_same_envelope_on_another_operation_is_4101() -> None:
    trio = Trio()
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    assert ret_of(trio.give(wire)) == 0
    assert ret_of(trio.give(replace(wire, path=BACKFILL))) == 4101
    assert ret_of(trio.give(wire)) == 0


def test_cec102_it_is_4101_after_a_restart_on_the_same_file(tmp_path: Path) -> None:
    store = store_at(tmp_path / "a.sqlite3")
    trio = Trio(stores={PLATFORM: store})
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    assert ret_of(trio.give(wire)) == 0
    store.close()
    trio.stores[PLATFORM] = store_at(tmp_path / "a.sqlite3")
    trio.restart(PLATFORM)
    assert ret_of(trio.give(replace(wire, path=BACKFILL))) == 4101
    trio.stores[PLATFORM].close()


def test_cec102_an_envelope_whose_token_is_not_signed_is_still_bound_to_its_sender() -> None:
    """A captured envelope with the thief's own token is refused: the token is of another peer."""
    trio = Trio()
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    stolen = {**wire.headers, "authorization": f"Bearer {trio.token('987654321')}"}
    assert ret_of(trio.give(replace(wire, headers=stolen))) == 4002


@pytest.mark.parametrize("ahead_s", [-300, 0, 300])
def test_a_guard_outlives_the_time_in_which_its_envelope_is_fresh(ahead_s: int) -> None:
    """Up to its last fresh instant an envelope is known; one instant later it is not fresh."""
    trio = Trio()
    token = trio.token()
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), token, at=NOW + timedelta(seconds=ahead_s))
    assert ret_of(trio.give(wire)) == 0
    trio.wait(300 + ahead_s)
    trio.platform.do_chores(trio.now)
    assert ret_of(trio.give(replace(wire, path=BACKFILL))) == 4101
    trio.wait(1)
    trio.platform.do_chores(trio.now)
    assert ret_of(trio.give(replace(wire, path=BACKFILL))) == 4102


def test_a_guard_is_forgotten_after_its_end() -> None:
    trio = Trio()
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    trio.give(wire)
    known = guard(trio, wire)

    def seen() -> bool:
        return trio.stores[PLATFORM].read(lambda view: view.seen(known)) is not None

    trio.wait(600)
    trio.platform.do_chores(trio.now)
    assert seen()
    trio.wait(0.001)
    trio.platform.do_chores(trio.now)
    assert not seen()


def test_a_refused_envelope_is_not_remembered() -> None:
    """Otherwise anyone who spoils a message on its way would block the good one."""
    trio = Trio()
    wire = trio.sealed(UPLOAD_TELEMETRY, replace(batch(1, 2), actual_count=1), trio.token())
    assert ret_of(trio.give(wire)) == 4004
    found = guard(trio, wire)
    assert trio.stores[PLATFORM].read(lambda view: view.seen(found)) is None
    assert OPERATOR in wire.body.decode()
