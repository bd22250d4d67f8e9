"""The receipt of a business document."""

from __future__ import annotations

from vgigw.objects import Receipt
from vgigw.objects.operating_enumerations import Success
from vgigw.ports import Call


def receipt(call: Call, object_id: str, version: int | None = None) -> Receipt:
    """What was taken, in which version, and when. PLT-8.6."""
    now = call.now.replace(microsecond=call.now.microsecond // 1000 * 1000)
    return Receipt(status=Success.OK, object_id=object_id, version=version, receive_time=now)
