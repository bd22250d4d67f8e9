"""The audit: every accepted act of class SEN once, in a chain that shows what was changed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.worlds import NOW, OPERATOR, SUPERVISOR, World
from tests.handlers.test_services import key, manifest, refusal, scheme
from vgigw import operations as ops
from vgigw.codec import json
from vgigw.codec.packing import pack
from vgigw.errors import PeerRefused, StoreFull
from vgigw.handlers import shelf
from vgigw.handlers.audit import AUDIT, broken_link, hash_of
from vgigw.handlers.keeping import object_of
from vgigw.objects import AuditQuery, AuditRecord, IncomeQuery, InvoiceQuery
from vgigw.objects.security import KeyState


def entries(world: World, **wanted: Any) -> list[AuditRecord]:
    query = AuditQuery(page_size=1000, **wanted)
    page: Any = world.call("rest", SUPERVISOR, ops.QUERY_AUDIT, query)
    return list(page.audit_records)


def told(world: World, states: int = 3) -> None:
    for state in (KeyState.ACTIVE, KeyState.RETIRING, KeyState.REVOKED)[:states]:
        world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=state))


def test_an_act_of_class_sen_is_written_down_with_who_what_and_when_plt_7_10d() -> None:
    world = World()
    told(world, 1)

    found = entries(world, action=ops.NOTIFY_KEY_CHANGE.name)
    assert len(found) == 1
    assert (found[0].actor, found[0].actor_role, found[0].time) == (OPERATOR, "operator", NOW)
    assert found[0].result == 0
    assert found[0].object_ref == f"K1/{KeyState.ACTIVE.value}"


def test_what_is_no_act_of_class_sen_or_was_refused_is_not_in_it() -> None:
    world = World()
    world.call("rest", SUPERVISOR, ops.SUBMIT_SUPPLY_SCHEME, scheme())
    refusal(world, OPERATOR, ops.NOTIFY_FILE, manifest())
    refusal(world, SUPERVISOR, ops.NOTIFY_KEY_CHANGE, key())

    assert {each.action for each in entries(world)} <= {"QueryToken", "QueryAudit"}


@pytest.mark.parametrize("door", ["rest", "soap", "cec102"])
def test_a_read_that_was_refused_stands_with_its_code_plt_7_10d(door: str) -> None:
    world = World()
    with pytest.raises(PeerRefused):
        world.call(door, OPERATOR, ops.QUERY_INVOICE, InvoiceQuery(invoice_no="none"))
    world.call(door, OPERATOR, ops.QUERY_INCOME, IncomeQuery(party_id=OPERATOR))

    assert [each.result for each in entries(world, action=ops.QUERY_INVOICE.name)] == [4201]
    assert [each.result for each in entries(world, action=ops.QUERY_INCOME.name)] == [0]
    assert world.served.store.read(lambda v: broken_link(world.served.identity, v)) is None


@pytest.mark.parametrize("invoice_no", [None, "none"])
def test_a_read_whose_entry_cannot_be_written_is_not_answered_plt_7_10d(
    invoice_no: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is full from the moment on at which the read was looked up."""
    world = World()

    def ask() -> None:
        if invoice_no is None:
            world.call("rest", OPERATOR, ops.QUERY_INCOME, IncomeQuery(party_id=OPERATOR))
        else:
            world.call("rest", OPERATOR, ops.QUERY_INVOICE, InvoiceQuery(invoice_no=invoice_no))

    with suppress(PeerRefused):
        ask()
    store: Any = world.served.store
    read, write, full = store.read, store.write, [False]

    def looked_up(query: Any) -> Any:
        full[0] = True
        return read(query)

    def refusing(work: Any) -> Any:
        if full[0]:
            raise StoreFull()
        return write(work)

    monkeypatch.setattr(store, "read", looked_up)
    monkeypatch.setattr(store, "write", refusing)
    with pytest.raises(PeerRefused) as refused:
        ask()
    assert refused.value.code == StoreFull.ret


def test_a_repeat_is_one_act() -> None:
    world = World()
    for door in ("rest", "soap", "cec102"):
        world.call(door, OPERATOR, ops.NOTIFY_KEY_CHANGE, key())

    assert len(entries(world, action=ops.NOTIFY_KEY_CHANGE.name)) == 1


def test_entries_are_found_by_time_actor_and_object() -> None:
    world = World()
    told(world, 1)
    world.clock.move_to(NOW + timedelta(days=3))
    world.call("rest", OPERATOR, ops.NOTIFY_KEY_CHANGE, key(state=KeyState.RETIRING))

    later = entries(
        world,
        actor=OPERATOR,
        action=ops.NOTIFY_KEY_CHANGE.name,
        time_from=NOW + timedelta(days=2),
        time_to=NOW + timedelta(days=4),
    )
    assert [each.object_ref for each in later] == [f"K1/{KeyState.RETIRING.value}"]
    assert entries(world, object_ref="nobody's") == []
    assert entries(world, time_from=NOW + timedelta(days=9), time_to=NOW + timedelta(days=9)) == []


def test_a_long_time_costs_what_there_is_and_not_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    told(world)
    walks = []
    walk = AUDIT.walk

    def counted(*args: Any, **how: Any) -> Any:
        walks.append(how)
        return walk(*args, **how)

    monkeypatch.setattr(AUDIT, "walk", counted)
    always = {
        "time_from": datetime(1970, 1, 1, tzinfo=UTC),
        "time_to": datetime(2199, 12, 31, tzinfo=UTC),
    }
    found = entries(world, action=ops.NOTIFY_KEY_CHANGE.name, **always)
    assert len(found) == 3
    assert len(walks) == 1
    last_day = {"time_from": datetime(2199, 12, 30, tzinfo=UTC), "time_to": always["time_to"]}
    assert entries(world, **last_day) == []
    assert len(walks) == 3


def test_a_long_history_is_looked_through_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    told(world)
    before = entries(world)
    assert len(before) >= 3
    monkeypatch.setattr(shelf, "_MOST_LOOKED_AT", 1)
    monkeypatch.setattr(shelf, "_AT_A_TIME", 2)
    assert entries(world)[: len(before)] == before


def test_each_entry_holds_the_hash_of_the_one_before_plt_7_10d() -> None:
    world = World()
    told(world)

    found = entries(world)
    assert found[0].prev_hash == "0" * 64
    assert [each.prev_hash for each in found[1:]] == [each.hash for each in found[:-1]]
    assert all(each.hash == hash_of(each) for each in found)
    assert world.served.store.read(lambda v: broken_link(world.served.identity, v)) is None


@pytest.mark.parametrize("place", [0, 2, -1])
@pytest.mark.parametrize("how", ["changed", "removed"])
def test_what_was_changed_or_removed_is_noticed_plt_7_10d(how: str, place: int) -> None:
    world = World()
    told(world)
    store = world.served.store
    documents = store.read(lambda view: view.documents(AUDIT.kind))
    victim = documents[place]

    if how == "removed":
        store.write(lambda tx: tx.erase(victim.kind, victim.owner, victim.key))
    else:
        entry = replace(object_of(AuditRecord, victim.payload), actor="somebody else")
        forged = replace(victim, payload=pack(json.encode(entry)))
        store.write(lambda tx: tx.put(forged))

    assert store.read(lambda view: broken_link(world.served.identity, view)) is not None
