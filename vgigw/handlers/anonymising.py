"""Makes a vehicle anonymous wherever else it is named, a part at a time. JES-6.4.1c, Q24.

Sessions, orders, commands, plans, resources, alarms, telemetry, logs of edges, trading, settlement,
and the letters that carry them. What is left to do is kept, so that it goes on after a restart;
when it is done, nothing says any more that there was such a vehicle.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.alarm_times import BY_TIME
from vgigw.handlers.commands import CommandRecord
from vgigw.handlers.income import INCOMES
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.marks import chore
from vgigw.handlers.recall_plan import RecallPlan, plan_of
from vgigw.handlers.settlements import SETTLEMENTS
from vgigw.handlers.trading_day import TradingDay
from vgigw.objects import (
    AdjustCapability,
    AggregateResource,
    AlarmEvent,
    AssessmentResult,
    ChargeOrder,
    ChargeStatus,
    ClearingResult,
    ControlCurve,
    Declaration,
    EdgeSync,
    InformationObject,
    OutageRecord,
    PlanCurve,
    RecallRequest,
    ReconcileRequest,
    SettlementStatement,
    TelemetryBatch,
)
from vgigw.operations import BY_NAME, SYNC_EDGE
from vgigw.ports import Document, Letter, LetterState, Transaction, View
from vgigw.rules.anonymity import ERASED, anonymous

T = TypeVar("T", bound=InformationObject)

_KIND: Final = "Anonymising"
_AT_ONCE: Final = 2000
"""Versions, rows or letters after which the others wait for the next tick."""
_DOCUMENTS: Final = 100
_ROWS: Final = 200
_LETTERS: Final = 200
_OWN: Final = (ChargeStatus, ChargeOrder, AggregateResource, AlarmEvent, OutageRecord, EdgeSync)
"""Kept under the party that told them; the fact stays."""
_OF_IT_ALONE: Final = (AdjustCapability, PlanCurve, TradingDay)
"""So, too, and they are of the vehicle or of another thing altogether: its own are erased."""
_ISSUED: Final = (ControlCurve, Declaration, ClearingResult, AssessmentResult, SettlementStatement)
"""Kept under whoever issued or is told them."""
_STILL_SENT: Final = (*_OWN, TelemetryBatch, RecallRequest, ReconcileRequest)
"""What is sent on without the vehicle; a command or a report of it alone is not."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Whose vehicle is looked for, whether also ``as_resource``, how many steps are done, and how
    far the next one came."""

    vehicle_id: str
    owner: str
    as_resource: bool = True
    done: int = 0
    at: int = 0

    @property
    def spelled(self) -> bytes:
        """The vehicle as a canonical object names it."""
        return msgspec.json.encode(self.vehicle_id)

    def without(self, obj: T) -> T | None:
        """As :func:`anonymous`."""
        return anonymous(obj, self.vehicle_id, self.owner, as_resource=self.as_resource)

    def named_in(self, payload: bytes) -> bool:
        """Whether a packed object may name the vehicle."""
        return self.spelled in unpack(payload)


class Part(NamedTuple):
    """How far a step came, how much it looked at, and whether it is done."""

    at: int
    looked_at: int
    done: bool


Step = Callable[[Left, Transaction], Part]


class Anonymising:
    """The chore that goes on with what a withdrawal began."""

    @chore
    def go_on(self, tx: Transaction, _: datetime) -> None:
        """Chore: the next part of the oldest withdrawal that is not done yet."""
        for document in tx.documents(_KIND, limit=1):
            _work(document, _left_of(document), tx)


def begin(consent_id: str, left: Left, tx: Transaction, now: datetime) -> None:
    """Do the first part now, which is all of it where there is little."""
    document = Document(
        kind=_KIND, owner=left.owner, key=consent_id, version=1, payload=b"", digest="", at=now
    )
    _work(document, left, tx)


def is_done(view: View) -> bool:
    """Whether nothing is left to be made anonymous."""
    return view.count_documents(_KIND) == 0


def is_held(letter: Letter, view: View) -> bool:
    """Whether a letter may name a vehicle of which not everything is anonymous yet: it is sent when
    that is done, without the vehicle or not at all."""
    return any(_left_of(each).named_in(letter.payload) for each in view.documents(_KIND))


def _left_of(document: Document) -> Left:
    return msgspec.json.decode(unpack(document.payload), type=Left)


def _work(document: Document, left: Left, tx: Transaction) -> None:
    looked_at = 0
    while looked_at < _AT_ONCE:
        if left.done == len(_STEPS):
            tx.erase(_KIND, document.owner, document.key)
            tx.scrub()
            return
        part = _STEPS[left.done](left, tx)
        looked_at += part.looked_at
        done = left.done + part.done
        left = replace(left, done=done, at=0 if part.done else part.at)
    tx.put(replace(document, payload=pack(msgspec.json.encode(left))))


def _each(
    kind: str, *, own: bool, visit: Callable[[list[Document], Left, Transaction], bool]
) -> Step:
    """``visit`` every document of a kind with its history; it says whether the document stays."""

    def step(left: Left, tx: Transaction) -> Part:
        owner = left.owner if own else None
        found = tx.documents(kind, owner=owner, offset=left.at, limit=_DOCUMENTS)
        at, looked_at = left.at, 0
        for document in found:
            if looked_at >= _AT_ONCE:
                return Part(at, looked_at, done=False)
            versions = tx.history(kind, document.owner, document.key)
            looked_at += len(versions)
            at += visit(versions, left, tx)
        return Part(at, looked_at, done=len(found) < _DOCUMENTS)

    return step


def _in_documents(cls: type[Any], *, own: bool) -> Step:
    return _each(cls.__name__, own=own, visit=partial(_rewritten, cls))


def _edge_answers(versions: list[Document], left: Left, tx: Transaction) -> bool:
    """Forget answers to edges that tell commands for the vehicle: one that asks again is told what
    holds now."""
    for document in versions:
        key = SYNC_EDGE.key_of(object_of(EdgeSync, document.payload))
        answer = tx.answered(left.owner, SYNC_EDGE.name, key)
        if answer is not None and left.spelled in answer.reply:
            tx.erase_answer(left.owner, SYNC_EDGE.name, key)
            tx.scrub()
    return True


def _rewritten(cls: type[Any], versions: list[Document], left: Left, tx: Transaction) -> bool:
    """Whether anything is left of a document; its versions keep their numbers."""
    if not any(left.named_in(each.payload) for each in versions):
        return True
    after = [_without(cls, each, left) for each in versions]
    if after == versions:
        return True
    tx.erase(versions[0].kind, versions[0].owner, versions[0].key)
    kept = [each for each in after if each is not None]
    for each in kept:
        tx.put(each)
    tx.scrub()
    return bool(kept)


def _without(cls: type[Any], document: Document, left: Left) -> Document | None:
    """One version without the vehicle; None where nothing is left of it."""
    if cls in (TradingDay, CommandRecord) and not left.as_resource:
        return document
    if cls is TradingDay:
        day = msgspec.json.decode(unpack(document.payload), type=TradingDay)
        return None if day.resource_id == left.vehicle_id else document
    if cls is RecallPlan:
        return _plan_without(document, left)
    if cls is CommandRecord:
        record = msgspec.json.decode(unpack(document.payload), type=CommandRecord)
        if (record.resource_id, record.carrier) != (left.vehicle_id, left.owner):
            return document
        blank = msgspec.json.encode(replace(record, resource_id=ERASED))
        return replace(document, payload=pack(blank))
    told = object_of(cls, document.payload)
    said = left.without(told)
    if said is told:
        return document
    if said is None or cls in _OF_IT_ALONE:
        return None
    payload, digest = packed(said)
    return replace(document, payload=payload, digest=digest)


def _plan_without(document: Document, left: Left) -> Document:
    """A job that goes on finds what the vehicle told under no name any more."""
    plan = plan_of(document)
    said = left.without(plan.request)
    if said is None or said is plan.request:
        return document
    return replace(document, payload=pack(msgspec.json.encode(replace(plan, request=said))))


def _in_incomes(left: Left, tx: Transaction) -> Part:
    """What the user earned stays in the statements, and is kept for nobody to ask. JES-6.5.4c."""
    found = tx.documents(INCOMES.kind, owner=left.vehicle_id)
    for document in found:
        income = object_of(INCOMES.cls, document.payload)
        for _, statement in SETTLEMENTS.everywhere(tx, income.statement_id):
            if left.without(statement) is not statement:
                tx.erase(INCOMES.kind, document.owner, document.key)
                tx.scrub()
    return Part(0, len(found), done=True)


def _in_journal(left: Left, tx: Transaction) -> Part:
    rows = tx.rows(owner=left.owner, after_id=left.at, limit=_ROWS)
    for row in rows:
        if not left.named_in(row.payload):
            continue
        batch = object_of(TelemetryBatch, row.payload)
        said = left.without(batch)
        if said is not None and said is not batch:
            payload, digest = packed(said)
            tx.save_row(replace(row, payload=payload, digest=digest))
            tx.scrub()
    return Part(rows[-1].id if rows else left.at, len(rows), done=len(rows) < _ROWS)


def _in_letters(state: LetterState) -> Step:
    carried = (*_STILL_SENT, *_OF_IT_ALONE, *_ISSUED)

    def step(left: Left, tx: Transaction) -> Part:
        letters = tx.letters(state=state, after_id=left.at, limit=_LETTERS)
        for letter in letters:
            cls = BY_NAME[letter.operation].request
            if cls not in carried or not left.named_in(letter.payload):
                continue
            told = object_of(cls, letter.payload)
            said = left.without(told)
            if said is told:
                continue
            tx.erase_letter(letter.id)
            tx.scrub()
            if said is not None and state is LetterState.WAITING and cls in _STILL_SENT:
                tx.enqueue(replace(letter, payload=packed(said)[0]))
        at = letters[-1].id if letters else left.at
        return Part(at, len(letters), done=len(letters) < _LETTERS)

    return step


_STEPS: Final = (
    *(_in_letters(state) for state in LetterState),
    _in_incomes,
    _each(EdgeSync.__name__, own=True, visit=_edge_answers),
    _each(BY_TIME, own=True, visit=partial(_rewritten, AlarmEvent)),
    *(_in_documents(cls, own=True) for cls in (*_OWN, *_OF_IT_ALONE)),
    *(_in_documents(cls, own=False) for cls in (*_ISSUED, CommandRecord, RecallPlan)),
    _in_journal,
    _in_letters(LetterState.WAITING),
)
"""Letters that were made meanwhile of what was not anonymous yet come last; all wait for that."""
