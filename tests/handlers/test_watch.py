"""Attacks and clocks that are off raise alarms of our own, bounded however many come. PLT-7.9c."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.gateway.test_order_of_safety import spoilt
from tests.links import link
from tests.trio import (
    BASES,
    DISPATCH,
    OPERATOR,
    PLATFORM,
    Trio,
    batch,
    kept,
    record,
    ret_of,
    secrets_of,
)
from vgigw.crypto.link_keys import KeyState
from vgigw.envelope.wire import WireRequest
from vgigw.errors import StoreFull
from vgigw.objects import AlarmEvent, AlarmObjectKind, AlarmState
from vgigw.operations import UPLOAD_TELEMETRY
from vgigw.ports import Strain

DOORS = list(BASES)
BACKFILL = {"cec102": "/evcs/v1/notification_backfill_data"}


def uploaded(trio: Trio, token: str, number: int = 1, **changes: Any) -> WireRequest:
    return trio.sealed(UPLOAD_TELEMETRY, batch(number, number, **changes), token)


def other_content(trio: Trio, token: str) -> WireRequest:
    """The batch of record 1 with another value."""
    return uploaded(trio, token, records=(record(1, active_power=99.0),))


def off(trio: Trio, token: str, seconds: float) -> WireRequest:
    at = trio.now + timedelta(seconds=seconds)
    return trio.sealed(UPLOAD_TELEMETRY, batch(1, 1), token, at=at)


def stranger(wire: WireRequest, name: str = "555555555") -> WireRequest:
    headers = {field: value.replace(OPERATOR, name) for field, value in wire.headers.items()}
    body = wire.body.replace(OPERATOR.encode(), name.encode())
    return replace(wire, headers=headers, body=body)


def look(trio: Trio, step_s: float = 6.0) -> None:
    """The watch writes what it has; long enough after the last time."""
    trio.wait(step_s)
    trio.platform.look_after(trio.now)


def alarms(trio: Trio, state: AlarmState | None = AlarmState.RAISED) -> list[AlarmEvent]:
    """The alarms of the platform's own."""
    found = trio.stores[PLATFORM].read(lambda v: v.documents(AlarmEvent.__name__, owner=PLATFORM))
    told = [kept(AlarmEvent, each.payload) for each in found]
    return [each for each in told if state in (None, each.alarm_state)]


ATTACKS: dict[str, tuple[int, Callable[[Trio, str], WireRequest], int]] = {
    "OTHER_CONTENT": (4202, other_content, 1),
    "CLOCK_OFF": (4102, lambda trio, token: off(trio, token, -412), 1),
    "FORGED": (4001, lambda trio, token: spoilt(uploaded(trio, token)), 5),
    "WRONG_TOKEN": (4002, lambda trio, token: uploaded(trio, "x" * 64), 5),
}


@pytest.mark.parametrize("code", ATTACKS)
@pytest.mark.parametrize("door", DOORS)
def test_plt_7_9c_an_attack_is_one_alarm_that_counts_and_ends_when_it_is_quiet(
    door: str, code: str
) -> None:
    ret, make, many = ATTACKS[code]
    trio = Trio(door)
    token = trio.token()
    assert ret_of(trio.give(uploaded(trio, token))) == 0
    for _ in range(many - 1):
        assert ret_of(trio.give(make(trio, token))) == ret
    look(trio)
    assert alarms(trio) == []
    assert ret_of(trio.give(make(trio, token))) == ret
    look(trio)
    (alarm,) = alarms(trio)
    assert (alarm.alarm_code, alarm.object_id) == (code, OPERATOR)
    assert alarm.object_kind is AlarmObjectKind.PARTY
    assert (alarm.repeat_count or 0) == many - 1
    for _ in range(3):
        trio.give(make(trio, token))
    look(trio)
    (again,) = alarms(trio)
    assert (again.alarm_id, again.repeat_count) == (alarm.alarm_id, many + 2)
    look(trio, 590)
    trio.platform.do_chores(trio.now)
    assert alarms(trio) == [again]
    look(trio, 11)
    trio.platform.do_chores(trio.now)
    assert alarms(trio) == []
    assert len(alarms(trio, AlarmState.CLEARED)) == 1


def test_f81_an_envelope_on_another_operation_raises_an_alarm() -> None:
    trio = Trio("cec102")
    token = trio.token()
    wire = uploaded(trio, token)
    trio.give(wire)
    assert ret_of(trio.give(replace(wire, path=BACKFILL["cec102"]))) == 4101
    look(trio)
    assert [(each.alarm_code, each.object_id) for each in alarms(trio)] == [("REPLAYED", OPERATOR)]


@pytest.mark.parametrize("door", DOORS)
def test_f83_a_key_that_is_out_of_use_raises_an_alarm(door: str) -> None:
    trio = Trio(door, suite="intl")
    token = trio.token()
    wire = uploaded(trio, token)
    shown = secrets_of(OPERATOR).operator_secret
    peers: Any = trio.platform.identity.peers
    revoked = link("intl", PLATFORM, OPERATOR, shown, state=KeyState.REVOKED)
    peers[OPERATOR] = replace(peers[OPERATOR], inbound=revoked)
    assert ret_of(trio.give(wire)) == 4104
    look(trio)
    (alarm,) = alarms(trio)
    assert (alarm.alarm_code, alarm.object_id) == ("KEY_OUT_OF_USE", OPERATOR)


@pytest.mark.parametrize("off_s", [-412, 412])
@pytest.mark.parametrize("door", DOORS)
def test_f57_the_alarm_of_a_clock_says_by_how_much_it_is_off(door: str, off_s: int) -> None:
    trio = Trio(door, platform_sees={OPERATOR: {"window_s": 400}})
    trio.give(off(trio, trio.token(), off_s))
    look(trio)
    (alarm,) = alarms(trio)
    assert (alarm.value, alarm.threshold) == (Decimal(off_s), Decimal(400))
    side = "ahead of" if off_s > 0 else "behind"
    assert f"the time stamp is 412 s {side} our clock; at most 400 s" in (alarm.detail or "")


@pytest.mark.parametrize("door", DOORS)
def test_f82_all_strangers_are_one_matter_however_many_names_they_have(door: str) -> None:
    trio = Trio(door)
    good = uploaded(trio, trio.token())
    for number in range(50):
        assert ret_of(trio.give(stranger(good, f"5555555{number:02d}"))) == 4001
    look(trio)
    (alarm,) = alarms(trio)
    assert (alarm.alarm_code, alarm.object_id) == ("FORGED", PLATFORM)
    assert alarm.object_kind is AlarmObjectKind.PLATFORM
    assert alarm.repeat_count == 49
    watch: Any = trio.platform._duties.watch
    assert len(watch._seen) == 1


def test_f82_an_attacker_causes_no_write_with_each_message() -> None:
    trio = Trio("rest")
    token = trio.token()
    bad = spoilt(uploaded(trio, token))
    writes = Counted(trio)
    for _ in range(20):
        for _ in range(10):
            trio.give(bad)
        look(trio, 1)
    assert writes.count <= 20 / 5 + 1
    (alarm,) = alarms(trio)
    assert (alarm.repeat_count or 0) >= 150


class Counted:
    """Counts what the platform writes."""

    def __init__(self, trio: Trio) -> None:
        self.count = 0
        store: Any = trio.platform.store
        write = store.write

        def counting(work: Any) -> Any:
            self.count += 1
            return write(work)

        store.write = counting


def test_plt_7_9c_what_is_counted_survives_a_store_that_cannot_be_written() -> None:
    trio = Trio("rest")
    token = trio.token()
    trio.give(uploaded(trio, token))
    trio.give(other_content(trio, token))
    store: Any = trio.platform.store
    write = store.write

    def full(work: Any) -> Any:
        raise StoreFull()

    store.write = full
    trio.wait(1)
    with pytest.raises(StoreFull):
        trio.platform.look_after(trio.now)
    store.write = write
    look(trio, 1)
    assert [each.alarm_code for each in alarms(trio)] == ["OTHER_CONTENT"]


def test_plt_7_9c_dispatch_is_told_when_it_begins_and_when_it_is_over() -> None:
    trio = Trio("rest")
    token = trio.token()
    trio.give(off(trio, token, 1000))
    look(trio)
    trio.give(off(trio, token, 1000))
    look(trio)
    look(trio, 700)
    trio.platform.do_chores(trio.now)
    to_dispatch = [
        each.operation for each in trio.letters(PLATFORM) if each.destination == DISPATCH
    ]
    assert sorted(to_dispatch) == ["ClearAlarm", "PushAlarm"]


def test_one_process_ends_what_another_one_saw() -> None:
    """Each counts for itself; the store knows when the matter came up last."""
    trio = Trio("rest")
    token = trio.token()
    trio.give(off(trio, token, 1000))
    look(trio)
    trio.restart(PLATFORM)
    trio.wait(500)
    trio.platform.do_chores(trio.now)
    assert len(alarms(trio)) == 1
    trio.wait(200)
    trio.platform.do_chores(trio.now)
    assert alarms(trio) == []


class Gauged:
    def __init__(self) -> None:
        self.strain = Strain(free_bytes=10**12)

    def __call__(self) -> Strain:
        return self.strain


def test_f17_a_store_that_is_short_is_an_alarm_within_5_s_that_ends_by_itself() -> None:
    gauge = Gauged()
    trio = Trio("rest", gauge=gauge)
    gauge.strain = Strain(free_bytes=5 * 1024 * 1024)
    for _ in range(5):
        trio.platform.look_after(trio.wait(1))
    (alarm,) = alarms(trio)
    assert (alarm.alarm_code, alarm.value) == ("STORE_SHORT", Decimal(5))
    told = [facts for party, event, facts in trio.events if event == "store.short"]
    assert len(told) == 5
    gauge.strain = Strain(free_bytes=10**12)
    for _ in range(16):
        trio.platform.look_after(trio.wait(1))
        trio.platform.do_chores(trio.now)
    assert alarms(trio) == []


@pytest.mark.parametrize("door", DOORS)
def test_f82_the_watch_is_told_after_the_answer_was_made(door: str) -> None:
    """Nothing that it does can be seen in the answer."""
    trio = Trio(door)
    token = trio.token()
    bad = spoilt(uploaded(trio, token))
    before = trio.give(bad)
    watch: Any = trio.platform._duties.watch
    refused = watch.refused
    seen = []

    def spy(refusal: Any) -> None:
        seen.append(refusal)
        refused(refusal)
        raise ZeroDivisionError

    watch.refused = spy
    assert trio.give(bad) == before
    assert [(each.claimed, each.genuine, each.operation) for each in seen] == [
        (OPERATOR, False, "UploadTelemetry")
    ]


@pytest.mark.parametrize("door", DOORS)
def test_attack_nothing_of_what_a_stranger_sent_stays_in_memory(door: str) -> None:
    """Frames of the way that it went would hold body, tree and signed bytes till the next one."""
    trio = Trio(door)
    text = Text("of a stranger")
    mark = weakref.ref(text)
    wire = spoilt(uploaded(trio, trio.token()))
    trio.give(replace(wire, headers={**wire.headers, "x-mark": text}))
    del text, wire
    gc.collect()
    assert mark() is None


class Text(str):
    """One that can be asked whether it is still there."""

    __slots__ = ("__weakref__",)


def test_f84_refusals_are_counted_together_so_that_no_time_tells_whom_one_named() -> None:
    """One by one the tally of a peer would be met in other memory than that of all strangers."""
    trio = Trio("rest")
    good = uploaded(trio, trio.token())
    watch: Any = trio.platform._duties.watch
    for number in range(300):
        bad = spoilt(good) if number % 2 else stranger(good, f"5555555{number % 100:02d}")
        assert ret_of(trio.give(bad)) == 4001
        assert (len(watch._seen) > 0) is (number >= 255)
    assert len(watch._uncounted) == 300 - 256
    look(trio)
    assert {each.object_id for each in alarms(trio)} == {OPERATOR, PLATFORM}
    assert watch._uncounted == []
