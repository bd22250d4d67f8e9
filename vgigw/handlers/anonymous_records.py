"""One vehicle made anonymous in one kind of record after the other, from where a step came to.

JES-6.4.1c, Q24.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.commands import CommandRecord
from vgigw.handlers.income import INCOMES
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.recall_plan import RecallPlan, note_dropped, plan_of
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
from vgigw.ports import Document, Letter, LetterState, Transaction
from vgigw.rules.anonymity import ERASED, anonymous

T = TypeVar("T", bound=InformationObject)

AT_ONCE: Final = 2000
"""Versions, rows or letters after which the others wait for the next tick."""
_DOCUMENTS: Final = 100
_ROWS: Final = 200
_LETTERS: Final = 200
OWN: Final = (ChargeStatus, ChargeOrder, AggregateResource, AlarmEvent, OutageRecord, EdgeSync)
"""Kept under the party that told them; the fact stays."""
OF_IT_ALONE: Final = (AdjustCapability, PlanCurve, TradingDay)
"""So, too, and they are of the vehicle or of another thing altogether: its own are erased."""
ISSUED: Final = (ControlCurve, Declaration, ClearingResult, AssessmentResult, SettlementStatement)
"""Kept under whoever issued or is told them."""
_STILL_SENT: Final = (*OWN, TelemetryBatch, RecallRequest, ReconcileRequest)
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


def each(
    kind: str, *, own: bool, visit: Callable[[list[Document], Left, Transaction], bool]
) -> Step:
    """``visit`` every document of a kind with its history; it says whether the document stays."""

    def step(left: Left, tx: Transaction) -> Part:
        owner = left.owner if own else None
        found = tx.documents(kind, owner=owner, offset=left.at, limit=_DOCUMENTS)
        at, looked_at = left.at, 0
        for document in found:
            if looked_at >= AT_ONCE:
                return Part(at, looked_at, done=False)
            versions = tx.history(kind, document.owner, document.key)
            looked_at += len(versions)
            at += visit(versions, left, tx)
        return Part(at, looked_at, done=len(found) < _DOCUMENTS)

    return step


def in_documents(cls: type[Any], *, own: bool) -> Step:
    """In all versions of the objects of a kind."""
    return each(cls.__name__, own=own, visit=partial(rewritten, cls))


def edge_answers(versions: list[Document], left: Left, tx: Transaction) -> bool:
    """Forget answers to edges that tell commands for the vehicle: one that asks again is told what
    holds now."""
    for document in versions:
        key = SYNC_EDGE.key_of(object_of(EdgeSync, document.payload))
        answer = tx.answered(left.owner, SYNC_EDGE.name, key)
        if answer is not None and left.spelled in answer.reply:
            tx.erase_answer(left.owner, SYNC_EDGE.name, key)
            tx.scrub()
    return True


def rewritten(cls: type[Any], versions: list[Document], left: Left, tx: Transaction) -> bool:
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
    if said is None or cls in OF_IT_ALONE:
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


def in_incomes(left: Left, tx: Transaction) -> Part:
    """What the user earned stays in the statements, and is kept for nobody to ask. JES-6.5.4c."""
    found = tx.documents(INCOMES.kind, owner=left.vehicle_id)
    for document in found:
        income = object_of(INCOMES.cls, document.payload)
        for _, statement in SETTLEMENTS.everywhere(tx, income.statement_id):
            if left.without(statement) is not statement:
                tx.erase(INCOMES.kind, document.owner, document.key)
                tx.scrub()
    return Part(0, len(found), done=True)


def in_journal(left: Left, tx: Transaction) -> Part:
    """In the telemetry of whoever the vehicle belongs to."""
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


def _may_go(letter: Letter) -> bool:
    """Whether a letter goes with other content. Its receiver may have what was tried, and its
    answer be lost: it takes no number twice with other content, and asks for what it lacks, which
    our journal has. PLT-7.6b."""
    tried = BY_NAME[letter.operation].request is TelemetryBatch and letter.attempts > 0
    return letter.state is LetterState.WAITING and not tried


def in_letters(state: LetterState) -> Step:
    """In letters: what still waits goes without the vehicle, where it is of more than that."""
    carried = (*_STILL_SENT, *OF_IT_ALONE, *ISSUED)

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
            goes = said if cls in _STILL_SENT and _may_go(letter) else None
            if cls is TelemetryBatch and goes is None and state is not LetterState.DELIVERED:
                note_dropped(letter, tx)
            tx.erase_letter(letter.id)
            tx.scrub()
            if goes is not None:
                tx.enqueue(replace(letter, payload=packed(goes)[0]))
        at = letters[-1].id if letters else left.at
        return Part(at, len(letters), done=len(letters) < _LETTERS)

    return step
