"""Under which identifier an alarm is told to dispatch: its own, unless another party took it first.

AlarmID is chosen by whoever raises; two parties may choose the same one, and neither may hide the
alarm of the other. PLT-6.8b, PLT-7.9c.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from vgigw.ports import Document, Transaction, View

_NAME = "AlarmName"
_LENGTH = 40


def told_as(owner: str, alarm_id: str, tx: Transaction, now: datetime) -> str:
    """The identifier of ``owner``'s alarm towards dispatch; the same one for ever."""
    given = tx.document(_NAME, owner, alarm_id)
    if given is not None:
        return given.group
    name = alarm_id
    if any(each.owner != owner for each in tx.documents(_NAME, group=alarm_id)):
        name = hashlib.sha256(f"{owner}/{alarm_id}".encode()).hexdigest()[:_LENGTH]
    document = Document(
        kind=_NAME,
        owner=owner,
        key=alarm_id,
        version=1,
        group=name,
        payload=b"",
        digest="",
        at=now,
    )
    tx.put(document)
    return name


def name_told(owner: str, alarm_id: str, view: View) -> str:
    """As :func:`told_as`, of an alarm that was told."""
    given = view.document(_NAME, owner, alarm_id)
    return alarm_id if given is None else given.group


def meant_by(name: str, view: View) -> tuple[str, str] | None:
    """Owner and own identifier of the alarm that is told to dispatch as ``name``."""
    for given in view.documents(_NAME, group=name, limit=1):
        return given.owner, given.key
    return None
