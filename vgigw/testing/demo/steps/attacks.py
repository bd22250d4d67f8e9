"""Step: messages that must not pass, on each door; each refused by its code, none stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta

import msgspec

from vgigw.crypto.suite import Secrets
from vgigw.handlers.archive import EVENTS_TAKEN
from vgigw.objects import ConnectorStatusInfo, TelemetryBatch
from vgigw.objects.enumerations import PolarityMode
from vgigw.objects.operating_enumerations import ConnectorStatus
from vgigw.operations import ISSUE_CONTROL, PUSH_DEVICE_STATE, UPLOAD_TELEMETRY
from vgigw.ports import Peer, View
from vgigw.testing.demo.findings import Outcome, Refused
from vgigw.testing.demo.parties import OPERATOR
from vgigw.testing.demo.stage import Stage
from vgigw.testing.demo.wire import PREFIXES, Sealed, Wire, with_body
from vgigw.testing.simulators.operator import now_ms

_STRANGER = "999999999"
_LATE = timedelta(hours=1)
Attack = tuple[str, int, Sealed]


def attack(stage: Stage) -> Outcome:
    """What the catalogue says of each attack is what the gateway answers."""
    token = stage.operator.ask_token().access_token
    own, stranger = Wire(stage, OPERATOR), Wire(stage, _STRANGER)
    try:
        before = stage.look(_size)
        attacks = [
            each for door in PREFIXES for each in _on_each_door(own, stranger, door, token, stage)
        ]
        for name, expected, message in attacks:
            code, _ = own.send(message)
            stage.figures.refusals.append(Refused(attack=name, expected=expected, code=code))
        unchanged = stage.look(_size) == before
        _repeats(stage, own, token)
    finally:
        own.close()
        stranger.close()
    wrong = [each for each in stage.figures.refusals if each.code != each.expected]
    found = f"{len(stage.figures.refusals) - len(wrong)} refused by their code; "
    found += "nothing stored" if unchanged else "something was stored"
    found += "".join(f"; {each.attack}: {each.code}" for each in wrong)
    return Outcome(
        passed=unchanged and not wrong,
        found=found,
        expected="; ".join(["nothing stored", *(f"{w.attack}: {w.expected}" for w in wrong)]),
    )


def _on_each_door(
    own: Wire, stranger: Wire, door: str, token: str | None, stage: Stage
) -> Iterator[Attack]:
    def event(name: str) -> ConnectorStatusInfo:
        return _event(f"attack-{name}-{door}", stage)

    push, late = PUSH_DEVICE_STATE, now_ms() - _LATE
    forged = own.seal(door, push, event("forged"), token, peer=_forger(own.peer(door)))
    yield f"forged signature, {door}", 4001, forged
    altered = own.seal(door, push, event("altered"), token)
    yield f"altered on the way, {door}", 4001, with_body(altered, _altered(altered))
    yield f"one hour late, {door}", 4102, own.seal(door, push, event("late"), token, now=late)
    unknown = stranger.seal(door, push, event("unknown"), token)
    yield f"unknown operator, {door}", 4001, unknown
    yield f"wrong token, {door}", 4002, own.seal(door, push, event("token"), "x" * 64)
    curve = stage.dispatch.curve_for(stage.operator.archives[0], PolarityMode.LOAD, 1.0)
    if door != "soap":
        # The face for operators has no such operation for them to call.
        yield f"command by an operator, {door}", 4301, own.seal(door, ISSUE_CONTROL, curve, token)


def _repeats(stage: Stage, wire: Wire, token: str | None) -> None:
    """A genuine message; then the same again, on another interface, and with other content."""
    (batch,) = stage.operator.measure_some("REPEAT", 1)
    message = wire.seal("cec102", UPLOAD_TELEMETRY, batch, token)
    reply = wire.open(message, wire.send(message)[1])
    stage.operator.account.answered(batch, reply)
    repeated = wire.open(message, wire.send(message)[1])
    stage.figures.duplicates += repeated == reply
    size = stage.look(_size)
    moved = with_body(message, message.wire.body, "/notification_backfill_data")
    other = wire.seal("cec102", UPLOAD_TELEMETRY, _with_other_content(batch), token)
    for name, expected, again in (
        ("same message on another interface", 4101, moved),
        ("same key, other content", 4202, other),
        ("exact repeat: the original answer", 0, message),
    ):
        code, _ = wire.send(again)
        if name.startswith("exact") and (repeated != reply or stage.look(_size) != size):
            code = -1
        stage.figures.refusals.append(Refused(attack=name, expected=expected, code=code))


def _event(event_id: str, stage: Stage) -> ConnectorStatusInfo:
    equipment = stage.operator.archives[0].equipment_infos[0]
    return ConnectorStatusInfo(
        event_id=event_id,
        connector_id=equipment.connector_infos[0].connector_id,
        status=ConnectorStatus.FAULT,
        fault_code="E0001",
        change_time=now_ms(),
    )


def _forger(peer: Peer) -> Peer:
    secrets = dict.fromkeys(Secrets.__dataclass_fields__, "0123456789abcdef")
    return msgspec.structs.replace(peer, outbound=Secrets.of(**secrets))


def _altered(message: Sealed) -> bytes:
    """One bit of the content turned over, the signature left as it was."""
    if message.door != "cec102":
        return message.wire.body.replace(b"altered", b"alteree")
    envelope = json.loads(message.wire.body)
    data = bytearray(base64.b64decode(envelope["Data"]))
    data[len(data) // 2] ^= 1
    envelope["Data"] = base64.b64encode(data).decode()
    return json.dumps(envelope).encode()


def _with_other_content(batch: TelemetryBatch) -> TelemetryBatch:
    first, *rest = batch.records
    changed = msgspec.structs.replace(first, quality=first.quality ^ 1)
    return msgspec.structs.replace(batch, records=(changed, *rest))


def _size(view: View) -> tuple[int, int]:
    """Rows of telemetry, and state events that were ever stored."""
    return view.last_row_id(), view.counter(EVENTS_TAKEN)
