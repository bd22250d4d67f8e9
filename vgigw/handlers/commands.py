"""Where each command stands: who issued it, who carries it out, in which state. ACC-7.4."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.handlers.keeping import packed
from vgigw.handlers.polarity import told
from vgigw.objects import CommandAck, ControlCurve, InformationObject, PolarityMode
from vgigw.objects.operating_enumerations import AckResult, CommandState, RefuseReason
from vgigw.operations import ACK_CONTROL, Operation
from vgigw.ports import Document, Identity, Transaction, View, letter_for
from vgigw.rules.command import CommandEvent, advance

COMMAND = ControlCurve.__name__
_KIND = "CommandRecord"
_AWAITED = "awaited"
"""Group of the commands that were delivered and not answered yet."""


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The life of one command; ``version`` is that of the curve in force."""

    command_id: str
    issuer: str
    carrier: str
    version: int
    ack_deadline: datetime
    state: CommandState


def record_of(view: View, command_id: str) -> CommandRecord | None:
    """The record of a command; identifiers are globally unique."""
    found = view.documents(_KIND, key=command_id)
    return msgspec.json.decode(unpack(found[0].payload), type=CommandRecord) if found else None


def save_record(tx: Transaction, record: CommandRecord, now: datetime) -> None:
    """Every change of state is a version of its own."""
    canonical = msgspec.json.encode(record)
    document = Document(
        kind=_KIND,
        owner=record.issuer,
        key=record.command_id,
        version=tx.next_number(f"command:{record.command_id}"),
        group=_AWAITED if record.state is CommandState.ISSUED else "",
        payload=pack(canonical),
        digest="",
        at=now,
    )
    tx.put(document)


def awaited(view: View) -> list[CommandRecord]:
    """Commands that were delivered and not answered yet."""
    found = view.documents(_KIND, group=_AWAITED)
    return [msgspec.json.decode(unpack(each.payload), type=CommandRecord) for each in found]


def give_up(
    identity: Identity, record: CommandRecord, event: CommandEvent, tx: Transaction, now: datetime
) -> None:
    """Close a command that came to nothing, and tell its issuer. PLT-8.8a."""
    expired = event is CommandEvent.EXPIRE
    state = advance(record.state, event)
    save_record(tx, msgspec.structs.replace(record, state=state), now)
    ack = CommandAck(
        command_id=record.command_id,
        ack_party=record.carrier,
        ack_result=AckResult.REFUSED,
        refuse_reason=RefuseReason.EXPIRED if expired else RefuseReason.OTHER,
        ack_time=now.replace(microsecond=now.microsecond // 1000 * 1000),
    )
    payload, digest = packed(ack)
    document = Document(
        kind=CommandAck.__name__,
        owner=record.carrier,
        key=f"{record.command_id}/{record.carrier}",
        version=tx.next_number("ack"),
        group=record.command_id,
        payload=payload,
        digest=digest,
        at=now,
    )
    tx.put(document)
    pass_on(identity, record.issuer, ACK_CONTROL, ack, tx, now)


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
    tx.enqueue(
        letter_for(
            destination,
            operation,
            request,
            now,
            message_id=message_id,
            valid_until=valid_until,
            group=command_id,
        )
    )
