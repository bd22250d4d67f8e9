"""A recall job whose letters were erased with a consent: what it says, and how it ends.

JES-6.4.1c, PLT-7.9d.
"""

from __future__ import annotations

from typing import Any, cast

from msgspec.structs import replace

from tests.handlers.test_recall import job, recall
from tests.trio import DISPATCH, OPERATOR, PLATFORM, STREAM, Trio, batch
from vgigw.errors import InvalidObject
from vgigw.handlers.anonymising import begin
from vgigw.handlers.anonymous_records import Left
from vgigw.objects import RecallReceipt
from vgigw.objects.enumerations import ObjectKind
from vgigw.objects.operating_enumerations import JobState, RecallCause
from vgigw.operations import BACKFILL_DATA, UPLOAD_TELEMETRY
from vgigw.ports import Call, LetterState, Transaction
from vgigw.rules.anonymity import ERASED

VEHICLE = "CAR1"


def begun(cause: RecallCause = RecallCause.PEER_RECALL) -> tuple[Trio, RecallReceipt]:
    """A platform with five records, one of the vehicle; a job for them, whose letter waits."""
    trio = Trio()
    told = batch(1, 5)
    named = replace(told.records[0], object_kind=ObjectKind.VEHICLE, object_id=VEHICLE)
    whole = replace(told, records=(named, *told.records[1:]))
    trio.call(OPERATOR, UPLOAD_TELEMETRY, whole)
    receipt = recall(trio, stream_id=STREAM, seq_from=1, seq_to=5, cause=cause)
    trio.platform.do_chores(trio.now)
    return trio, receipt


def withdraw(trio: Trio) -> None:
    left = Left(vehicle_id=VEHICLE, owner=OPERATOR)
    trio.stores[PLATFORM].write(lambda tx: begin("K1", left, tx, trio.now))


def dead(trio: Trio) -> list[bool]:
    """Of each dead letter of the platform, whether it was erased."""
    return [each.is_erased for each in trio.letters(PLATFORM) if each.state is LetterState.DEAD]


def test_plt_7_9d_a_job_whose_letter_another_took_the_place_of_is_done() -> None:
    trio, receipt = begun()
    withdraw(trio)
    assert dead(trio) == [True]
    assert job(trio, receipt).progress.acked == 0
    trio.tick(5, step_s=2)
    assert sorted(trio.records(DISPATCH)) == [1, 2, 3, 4, 5]
    told = job(trio, receipt)
    assert (told.state, told.progress.sent, told.progress.acked) == (JobState.DONE, 5, 5)


def test_plt_7_9d_what_was_tried_and_erased_is_not_acknowledged_and_is_asked_for_anew() -> None:
    trio, receipt = begun(RecallCause.GAP)
    trio.net.cut.add(DISPATCH)
    trio.platform.deliver(DISPATCH, trio.now)
    trio.net.cut.clear()
    withdraw(trio)
    trio.tick(5, step_s=2)
    told = job(trio, receipt)
    assert (told.state, told.progress.sent, told.progress.acked) == (JobState.PARTIAL, 5, 0)
    assert trio.records(DISPATCH) == {}

    again = recall(trio, "R2", stream_id=STREAM, seq_from=1, seq_to=5, cause=RecallCause.GAP)
    trio.tick(5, step_s=2)
    assert job(trio, again).state is JobState.DONE
    assert trio.records(DISPATCH)[1].object_id == ERASED


def test_plt_7_9d_what_was_refused_and_erased_counts_as_refused() -> None:
    trio, receipt = begun()
    handlers = cast(dict[str, Any], trio.dispatch._inbound._handlers)

    def refuse(_: Call, __: Transaction) -> object:
        raise InvalidObject

    handlers[BACKFILL_DATA.name] = handlers[UPLOAD_TELEMETRY.name] = refuse
    trio.platform.deliver(DISPATCH, trio.now)
    count = len(dead(trio))
    assert count > 0
    withdraw(trio)
    trio.tick(20, step_s=2)
    told = job(trio, receipt)
    assert (told.state, told.progress.acked) == (JobState.PARTIAL, len(trio.records(DISPATCH)))
