"""Where each command stands: who issued it, who carries it out, in which state. ACC-7.4."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.errors import UnknownObject
from vgigw.handlers.keeping import object_of, packed
from vgigw.handlers.names_told import NamesTold
from vgigw.handlers.polarity import told
from vgigw.objects import (
    CommandAck,
    CommandCancel,
    ControlCurve,
    ExecutionReport,
    InformationObject,
    PolarityMode,
)
from vgigw.objects.operating_enumerations import CommandState
from vgigw.operations import CANCEL_CONTROL, ISSUE_CONTROL, Operation
from vgigw.ports import (
    Document,
    Identity,
    LetterState,
    Transaction,
    View,
    letter_for,
    letter_groups,
)
from vgigw.rules.command import OVER, TURNED_DOWN

COMMAND = ControlCurve.__name__
ACK = CommandAck.__name__
REPORT = ExecutionReport.__name__
NAMES = NamesTold("CommandName")
"""A CommandID is chosen by whoever issues: two issuers may choose the same one. On a platform a
command is held, and told to the south, under a free one; its issuer hears of its own."""
_KIND = "CommandRecord"
_AWAITED = "awaited"
"""Group of the commands that nobody has decided on yet."""
_UNDECIDED = frozenset({CommandState.RECEIVED, CommandState.ISSUED})
_RUNNING = "CommandInForce"
"""Kind of an index of what is not over: by carrier and command, in groups by resource."""


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The life of one command; ``version`` is that of the curve in force.

    A command that was decomposed has ``parts``, each of which has it as its ``parent``. ``ack`` is
    the decision on this version, ``report`` what it came to, without its curve; ``progress`` counts
    the reports before. ``since`` is when this version took the place of an older one, None for the
    first.
    """

    command_id: str
    issuer: str
    carrier: str
    version: int
    ack_deadline: datetime
    state: CommandState
    resource_id: str = ""
    parent: str | None = None
    parts: tuple[str, ...] = ()
    ack: CommandAck | None = None
    report: ExecutionReport | None = None
    progress: int = 0
    since: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether anything may still come of it."""
        return self.state not in OVER and self.state not in TURNED_DOWN


def record_of(view: View, command_id: str) -> CommandRecord | None:
    """The record of a command, by the identifier under which it is told to the south."""
    found = view.documents(_KIND, key=command_id)
    return msgspec.json.decode(unpack(found[0].payload), type=CommandRecord) if found else None


def own_name(view: View, record: CommandRecord) -> str:
    """What the issuer of a command calls it."""
    given = NAMES.meant(record.command_id, view)
    return record.command_id if given is None or given[0] != record.issuer else given[1]


def known(view: View, command_id: str) -> CommandRecord:
    """As :func:`record_of`. Raises ``UnknownObject``."""
    record = record_of(view, command_id)
    if record is None:
        raise UnknownObject()
    return record


def save_record(tx: Transaction, record: CommandRecord, now: datetime) -> None:
    """Every change of state is a version of its own."""
    waits = record.state in _UNDECIDED and not record.parts
    document = Document(
        kind=_KIND,
        owner=record.issuer,
        key=record.command_id,
        version=tx.next_number(f"command:{record.command_id}"),
        group=_AWAITED if waits else "",
        payload=pack(msgspec.json.encode(record)),
        digest="",
        at=now,
    )
    tx.put(document)
    held = tx.document(_RUNNING, record.carrier, record.command_id)
    if not record.runs:
        tx.erase(_RUNNING, record.carrier, record.command_id)
    elif held is None:
        tx.put(
            msgspec.structs.replace(
                document,
                kind=_RUNNING,
                owner=record.carrier,
                version=1,
                group=record.resource_id,
                payload=pack(b"{}"),
            )
        )


def awaited(view: View) -> list[CommandRecord]:
    """Commands that nobody has decided on yet, delivered or on their way."""
    found = view.documents(_KIND, group=_AWAITED)
    return [msgspec.json.decode(unpack(each.payload), type=CommandRecord) for each in found]


def running(
    view: View, *, carrier: str | None = None, resource_id: str | None = None
) -> list[CommandRecord]:
    """Commands that are not over, of a carrier or for a resource."""
    found = view.documents(_RUNNING, owner=carrier, group=resource_id)
    return [known(view, each.key) for each in found]


def curve_of(view: View, record: CommandRecord) -> ControlCurve:
    """The curve in force. Raises ``UnknownObject`` for a command that was withdrawn unseen."""
    document = view.document(COMMAND, record.issuer, record.command_id)
    if document is None:
        raise UnknownObject()
    return object_of(ControlCurve, document.payload)


def keep(
    obj: InformationObject,
    owner: str,
    key: str,
    command_id: str,
    tx: Transaction,
    now: datetime,
    version: int | None = None,
) -> None:
    """Keep a curve or an answer of ours with its command; an answer counts up by itself."""
    payload, digest = packed(obj)
    kind = type(obj).__name__
    tx.put(
        Document(
            kind=kind,
            owner=owner,
            key=key,
            version=tx.next_number(kind) if version is None else version,
            group=command_id,
            payload=payload,
            digest=digest,
            at=now,
        )
    )


def stop_letters(tx: Transaction, command_id: str) -> None:
    """What still waits to issue a command is not delivered any more. PLT-8.5b."""
    group = letter_groups.of_command(command_id)
    for letter in tx.letters(state=LetterState.WAITING, group=group):
        if letter.operation == ISSUE_CONTROL.name:
            dead = {"state": LetterState.DEAD, "last_error": "withdrawn"}
            tx.save_letter(msgspec.structs.replace(letter, **dead))


def pass_on(
    identity: Identity,
    destination: str,
    operation: Operation,
    request: InformationObject,
    tx: Transaction,
    now: datetime,
    valid_until: datetime | None = None,
    *,
    held: PolarityMode | None = None,
) -> None:
    """Put what concerns a command into the outbox; a party that is not called gets nothing.

    ``held`` is the polarity of the command, for an answer that holds signed values.
    """
    peer = identity.peers.get(destination)
    if peer is None or not peer.paths:
        return
    if held is not None:
        request = told(request, held, peer)
    command_id = str(getattr(request, "command_id", ""))
    message_id = str(getattr(request, "report_id", command_id))
    # An answer names the command as its issuer does, which may be how another one is held here.
    group = letter_groups.of_command(command_id) if operation is ISSUE_CONTROL else ""
    tx.enqueue(
        letter_for(
            destination,
            operation,
            request,
            now,
            message_id=message_id,
            valid_until=valid_until,
            group=group,
        )
    )


def call_back(
    identity: Identity,
    record: CommandRecord,
    reason: str,
    tx: Transaction,
    now: datetime,
    version: int | None = None,
) -> None:
    """Tell whoever has a command that it is withdrawn; ``version`` is that of the withdrawal, the
    command's own where there is none. PLT-8.5b."""
    if record.carrier == identity.operator_id:
        return
    curve = curve_of(tx, record)
    cancel = CommandCancel(
        command_id=record.command_id,
        version=record.version if version is None else version,
        reason=reason,
        cancel_time=to_ms(now),
        issued_by=record.issuer,
    )
    until = max(curve.valid_until, curve.points[-1].end_time)
    pass_on(identity, record.carrier, CANCEL_CONTROL, cancel, tx, now, until)


def to_ms(now: datetime) -> datetime:
    """The present, as a message can tell it."""
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
