"""Where each command stands: who issued it, who carries it out, in which state. ACC-7.4."""

from __future__ import annotations

from datetime import datetime

import msgspec

from vgigw.codec.packing import pack, unpack
from vgigw.objects import ControlCurve
from vgigw.objects.operating_enumerations import CommandState
from vgigw.ports import Document, Transaction, View

COMMAND = ControlCurve.__name__
_KIND = "CommandRecord"


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The life of one command; ``version`` is that of the curve in force."""

    command_id: str
    issuer: str
    carrier: str
    version: int
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
        group=record.command_id,
        payload=pack(canonical),
        digest="",
        at=now,
    )
    tx.put(document)
